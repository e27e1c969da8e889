import { expect, test } from 'vitest'
import { raceTimeline } from '../../timeline/fixtures/race.ts'
import { indexTimeline } from '../../timeline/index.ts'
import { fitAll, isFit, xOf, zoomAt } from '../../timeline/viewport.ts'
import { actionOf, type KeyAction, type KeyContext } from './keys.ts'

const index = indexTimeline(raceTimeline())
const { steps } = index.data
const whole = fitAll(steps, 1000)

function press(stroke: { code?: string; key?: string; shiftKey?: boolean }, context: Partial<KeyContext> = {}): KeyAction | null {
  return actionOf({ code: '', key: '', shiftKey: false, ...stroke }, { index, cursor: 20, cpu: 1, view: whole, ...context })
}

/** The viewport after a key that moves it. */
function moved(code: string, view = whole) {
  const action = press({ code, key: 'whatever the layout prints there' }, { view })
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

test('F shows what is around the cursor, and again everything', () => {
  const long = { ...index, data: { ...index.data, steps: 10_000 } }
  const all = fitAll(10_000, 1000)
  const focus = actionOf({ code: 'KeyF', key: 'f', shiftKey: false }, { index: long, cursor: 5000, cpu: 1, view: all })
  if (focus?.kind !== 'view') throw new Error('F does not move the view')
  const near = focus.change(all)
  expect(xOf(near, 5000)).toBeCloseTo(500)
  expect(near.to - near.from).toBeLessThan(200)
  expect(focus.change(near)).toEqual(all)
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
})

test('up and down choose the lane', () => {
  expect(press({ key: 'ArrowUp' })).toEqual({ kind: 'select', cpu: 0 })
  expect(press({ key: 'ArrowDown' })).toEqual({ kind: 'select', cpu: 2 })
  expect(press({ key: 'ArrowDown' }, { cpu: 2 })).toBeNull()
})

test('full stop and comma go to the next and previous mark of the lane, brackets along an arrow and back', () => {
  expect(press({ key: '.' })).toEqual({ kind: 'seek', step: 41 })
  expect(press({ key: ',' }, { cursor: steps })).toEqual({ kind: 'seek', step: 54 })
  const ipi = index.data.arrows.find((arrow) => arrow.kind === 'ipi' && arrow.toStep !== null)
  const sent = (ipi?.fromStep ?? 0) + 1
  const there = { kind: 'seek', step: (ipi?.toStep ?? 0) + 1, cpu: 2 }
  expect(press({ key: ']' }, { cpu: 0, cursor: sent })).toEqual(there)
  expect(press({ key: '[' }, { cpu: 2, cursor: there.step })).toEqual({ kind: 'seek', step: sent, cpu: 0 })
})
