import { expect, test } from 'vitest'
import { AS_THEY_ARE } from '../../timeline/arrangement.ts'
import { raceTimeline } from '../../timeline/fixtures/race.ts'
import { sceneOf } from '../../timeline/geometry.ts'
import { indexTimeline } from '../../timeline/index.ts'
import { layOut, ROOMY } from '../../timeline/lanes.ts'
import { fitAll, isFit, xOf, zoomAt } from '../../timeline/viewport.ts'
import type { KeyContext } from './keys.ts'
import { type MenuItem, menuOf, placeAt, placeOfCursor } from './menu.ts'

const index = indexTimeline(raceTimeline())
const { data } = index
const layout = layOut(index, ROOMY)
const view = fitAll(data.steps, 2400)
const scene = sceneOf(index, layout, view)
const context: KeyContext = { index, cursor: 20, cpu: 1, view, selection: null, chosen: { leaving: 0, arriving: 0 }, arrangement: AS_THEY_ARE }
const ALL = { run: true, link: true }

const markOf = (kind: string) => {
  const mark = scene.marks.find((each) => each.count === 1 && data.marks[each.item]?.kind === kind)
  if (mark === undefined) throw new Error(`no ${kind} is drawn alone`)
  return mark
}

/** The menu at a mark, without its groups. */
function menuAt(kind: string, more: Partial<KeyContext> = {}, can = ALL): readonly MenuItem[] {
  const there = { ...context, ...more }
  return menuOf(there, placeAt(there, scene, layout, markOf(kind)), can).flat()
}

const titled = (items: readonly MenuItem[], pattern: RegExp) => items.find(({ title }) => pattern.test(title))?.action

test('a place under the pointer is its step, its lane and what lies there', () => {
  const mark = markOf('torn')
  expect(placeAt(context, scene, layout, mark)).toMatchObject({ step: mark.to, cpu: 1, selection: { kind: 'mark', item: mark.item } })
  expect(placeAt(context, scene, layout, { x: 5000, y: 0 })).toMatchObject({ step: data.steps, cpu: 1, selection: null })
})

test('from torn bytes it leads to the store that was missed, to who wrote them, and back to the code', () => {
  const items = menuAt('torn')
  expect(titled(items, /^Go to step/)).toMatchObject({ kind: 'seek', step: markOf('torn').to })
  expect(titled(items, /^The store that was missed: CPU 0, step/)).toMatchObject({ kind: 'follow', forwards: false, selection: { cpu: 0 } })
  expect(titled(items, /^Who wrote these bytes/)).toMatchObject({ kind: 'look', selection: { kind: 'bytes' } })
  expect(titled(items, /^Run on until/)).toMatchObject({ kind: 'run', back: false })
  expect(titled(items, /^Copy link to step/)).toEqual({ kind: 'link', step: markOf('torn').to })
})

test('what the page cannot do is not offered, nor is going to where one stands', () => {
  const items = menuAt('torn', { cursor: markOf('torn').to }, { run: false, link: false })
  expect(items.map(({ action }) => action.kind)).not.toContain('run')
  expect(items.map(({ action }) => action.kind)).not.toContain('link')
  expect(titled(items, /^(Go to|Pick out)/)).toBeUndefined()
})

test('steps between the cursor and the place are picked out, from either side', () => {
  const { to } = markOf('torn')
  expect(titled(menuAt('torn'), /^Pick out/)).toMatchObject({ selection: { kind: 'area', from: Math.min(20, to), to: Math.max(20, to) } })
  expect(titled(menuAt('torn', { cursor: data.steps }), /^Pick out/)).toMatchObject({ selection: { from: to, to: data.steps } })
})

test('it zooms in where it was asked for, shows all again, and pins and folds the lane', () => {
  const zoom = titled(menuAt('torn'), /^Zoom in here/)
  if (zoom?.kind !== 'view') throw new Error('no zoom')
  const near = zoom.change(view)
  const { x } = markOf('torn')
  expect(xOf(near, ((x / view.width) * (view.to - view.from)) as number)).toBeCloseTo(x)
  expect(titled(menuAt('torn'), /^Show all/)).toBeUndefined()
  const all = titled(menuAt('torn', { view: zoomAt(view, x, 4, data.steps) }), /^Show all/)
  expect(all?.kind === 'view' && isFit(all.change(near), data.steps)).toBe(true)
  expect(titled(menuAt('torn'), /^Pin CPU 1/)).toMatchObject({ arrangement: { pinned: [1] } })
  expect(titled(menuAt('torn', { arrangement: { ...AS_THEY_ARE, collapsed: [1] } }), /^Unfold CPU 1/)).toMatchObject({
    arrangement: { collapsed: [] },
  })
})

test('by key it is the menu of what is selected, else of the step just taken, below its lane', () => {
  const place = placeOfCursor(context, layout)
  const lane = layout.lanes.find(({ cpu }) => cpu === place.cpu)
  expect(place).toMatchObject({ step: 20, selection: { kind: 'step', from: 19, to: 20 }, x: xOf(view, 20) })
  expect(place.y).toBe((lane?.top ?? 0) + (lane?.height ?? 0))
  expect(placeOfCursor({ ...context, cursor: 0 }, layout)).toMatchObject({ step: 0, selection: null, x: 0 })
})
