import { expect, test } from 'vitest'
import { AS_THEY_ARE } from '../../timeline/arrangement.ts'
import { raceTimeline } from '../../timeline/fixtures/race.ts'
import { indexTimeline } from '../../timeline/index.ts'
import { areaSelection, markSelection, spanSelection } from '../../timeline/selection.ts'
import { fitAll, isFit, xOf, zoomAt } from '../../timeline/viewport.ts'
import { actionOf, type KeyAction, type KeyContext, type KeyStroke, TIMELINE_KEYS } from './keys.ts'
import { actsAnywhere } from './use-keys-anywhere.ts'

const index = indexTimeline(raceTimeline())
const { data } = index
const { steps } = data
const whole = fitAll(steps, 1000)

const stroke = (more: Partial<KeyStroke>): KeyStroke => ({
  code: '',
  key: '',
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...more,
})

function press(more: Partial<KeyStroke>, context: Partial<KeyContext> = {}): KeyAction | null {
  const chosen = { leaving: 0, arriving: 0 }
  return actionOf(stroke(more), { index, cursor: 20, cpu: 1, view: whole, selection: null, chosen, arrangement: AS_THEY_ARE, ...context })
}

/** The viewport after a key that moves it. */
function moved(code: string, view = whole, context: Partial<KeyContext> = {}) {
  const action = press({ code, key: 'whatever the layout prints there' }, { view, ...context })
  if (action?.kind !== 'view') throw new Error(`${code} does not move the view`)
  return action.change(view)
}

test('W and S zoom at the cursor, by the place of the key', () => {
  const near = moved('KeyW')
  expect(near.to - near.from).toBeLessThan(whole.to - whole.from)
  expect(xOf(near, 20)).toBeCloseTo(xOf(whole, 20))
  expect(isFit(moved('KeyS', near), steps)).toBe(true)
})

test('A and D pan, as far as there is something', () => {
  const near = zoomAt(whole, 500, 4, steps)
  expect(moved('KeyA', near).from).toBeLessThan(near.from)
  expect(moved('KeyD', near).from).toBeGreaterThan(near.from)
  expect(moved('KeyA').from).toBe(0)
})

test('F shows what is around the cursor, and again everything; what is selected where something is', () => {
  const long = { ...index, data: { ...data, steps: 10_000 } }
  const all = fitAll(10_000, 1000)
  const near = moved('KeyF', all, { index: long, cursor: 5000 })
  expect(xOf(near, 5000)).toBeCloseTo(500)
  expect(near.to - near.from).toBeLessThan(200)
  expect(moved('KeyF', near, { index: long, cursor: 5000 })).toEqual(all)
  const selection = areaSelection(2000, 4000)
  const focused = moved('KeyF', all, { index: long, selection })
  expect([focused.from < 2000, focused.to > 4000, focused.to - focused.from < 3000]).toEqual([true, true, true])
  expect(moved('KeyF', focused, { index: long, selection })).toEqual(all)
})

test('arrows step, Home and End go to the ends, and what has nothing to do is left to the page', () => {
  expect(press({ key: 'ArrowLeft' })).toEqual({ kind: 'seek', step: 19 })
  expect(press({ key: 'ArrowRight' })).toEqual({ kind: 'seek', step: 21 })
  expect(press({ key: 'Home' })).toEqual({ kind: 'seek', step: 0 })
  expect(press({ key: 'End' })).toEqual({ kind: 'seek', step: steps })
  expect(press({ key: 'ArrowRight' }, { cursor: steps })).toBeNull()
  expect(press({ key: 'ArrowLeft' }, { cursor: 0 })).toBeNull()
  expect(press({ key: 'x' })).toBeNull()
  expect(press({ key: 'Tab' })).toBeNull()
  expect(press({ key: 'Escape' })).toBeNull()
  expect(press({ key: 'w', code: 'KeyW', ctrlKey: true })).toBeNull()
})

test('up and down choose the lane, as the lanes stand', () => {
  expect(press({ key: 'ArrowUp' })).toEqual({ kind: 'cpu', cpu: 0 })
  expect(press({ key: 'ArrowDown' })).toEqual({ kind: 'cpu', cpu: 2 })
  expect(press({ key: 'ArrowDown' }, { cpu: 2 })).toBeNull()
  expect(press({ key: 'ArrowUp' }, { arrangement: { order: [], pinned: [2], collapsed: [] } })).toEqual({ kind: 'cpu', cpu: 0 })
  expect(press({ key: 'ArrowUp' }, { cpu: 0, arrangement: { order: [], pinned: [2], collapsed: [] } })).toEqual({ kind: 'cpu', cpu: 2 })
})

test('Alt with an arrow moves the lane, Shift P pins it, Shift C folds it', () => {
  expect(press({ key: 'ArrowUp', altKey: true })).toEqual({ kind: 'arrange', arrangement: { order: [1, 0, 2], pinned: [], collapsed: [] } })
  expect(press({ key: 'P', code: 'KeyP', shiftKey: true })).toEqual({ kind: 'arrange', arrangement: { order: [], pinned: [1], collapsed: [] } })
  expect(press({ key: 'C', code: 'KeyC', shiftKey: true })).toEqual({ kind: 'arrange', arrangement: { order: [], pinned: [], collapsed: [1] } })
  expect(press({ key: 'ArrowLeft', altKey: true })).toBeNull()
})

test('full stop and comma go from mark to mark of the lane', () => {
  const next = press({ key: '.' })
  expect(next).toMatchObject({ kind: 'select', selection: { kind: 'mark', cpu: 1, to: 41 } })
  const after = press({ key: '.' }, { cursor: 41, selection: next?.kind === 'select' ? next.selection : null })
  expect(after).toMatchObject({ kind: 'select', selection: { kind: 'mark', cpu: 1, to: 41 } })
  expect(after).not.toEqual(next)
  expect(press({ key: ',' }, { cursor: steps })).toMatchObject({ kind: 'select', selection: { kind: 'mark', to: 54 } })
})

test('brackets follow an arrow and come back; with Ctrl they choose among several', () => {
  const [first, second] = data.arrows.flatMap((arrow, i) => (arrow.kind === 'ipi' ? [{ ...arrow, i }] : []))
  const sent = markSelection(
    data,
    data.marks.findIndex(({ kind, step }) => kind === 'ipi-sent' && step === second?.fromStep),
  )
  const there = press({ key: ']' }, { cpu: 0, cursor: sent.to as number, selection: sent })
  expect(there).toMatchObject({ kind: 'follow', arrow: second?.i, forwards: true, selection: { cpu: 2, from: second?.toStep } })
  if (there?.kind !== 'follow') return
  expect(press({ key: '[' }, { cpu: 2, selection: there.selection })).toMatchObject({ kind: 'follow', selection: sent, forwards: false })
  // From the cursor, where nothing is selected; the first interrupt is still on its way.
  expect(press({ key: ']' }, { cpu: 0, cursor: (first?.fromStep ?? 0) + 1 })).toBeNull()
  const span = spanSelection(
    data,
    data.spans.findIndex(({ cpu, kind }) => cpu === 2 && kind === 'irq'),
  )
  expect(press({ key: ']', ctrlKey: true }, { selection: span })).toMatchObject({ kind: 'choose', chosen: { arriving: 0 } })
  expect(press({ key: '[', ctrlKey: true }, { cursor: 3 })).toBeNull()
})

test('M marks, Shift M keeps, R makes an area of what is selected, Enter selects what is at the cursor, Esc lets go', () => {
  const mark = markSelection(
    data,
    data.marks.findIndex(({ kind }) => kind === 'torn'),
  )
  expect(press({ key: 'm', code: 'KeyM' })).toEqual({ kind: 'flag', kept: false })
  expect(press({ key: 'M', code: 'KeyM', shiftKey: true })).toEqual({ kind: 'flag', kept: true })
  expect(press({ key: 'r', code: 'KeyR' })).toBeNull()
  expect(press({ key: 'r', code: 'KeyR' }, { selection: mark })).toEqual({ kind: 'area', selection: areaSelection(40, 41) })
  expect(press({ key: 'Enter' }, { cursor: 41 })).toMatchObject({ kind: 'select', selection: { kind: 'mark', cpu: 1, to: 41 } })
  expect(press({ key: 'Enter' }, { cursor: 3, cpu: 0 })).toMatchObject({ kind: 'select', selection: { kind: 'step', address: '0x8000' } })
  expect(press({ key: 'Escape' }, { selection: mark })).toEqual({ kind: 'clear' })
  expect(press({ key: '/' })).toEqual({ kind: 'search' })
})

test('where nothing has the focus, only keys that print something act', () => {
  expect(['.', ']', '/', 'w'].map((key) => actsAnywhere(stroke({ key })))).toEqual([true, true, true, true])
  expect(['ArrowLeft', ' ', 'Escape', 'Enter'].map((key) => actsAnywhere(stroke({ key })))).toEqual([false, false, false, false])
})

test('the help sheet names each of the keys once', () => {
  const strokes = TIMELINE_KEYS.flatMap((row) => row.strokes.map((each) => `${each.join('+')}`)).filter((each) => !each.endsWith('Enter'))
  expect(strokes.filter((each, i) => strokes.indexOf(each) !== i)).toEqual([])
})
