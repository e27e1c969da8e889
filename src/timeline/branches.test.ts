import { expect, test } from 'vitest'
import { type BranchShape, forksOf, inCommon, stripsOf } from './branches.ts'
import { raceTimeline } from './fixtures/race.ts'
import { syntheticRun } from './fixtures/synthetic.ts'
import { indexTimeline } from './index.ts'
import { layOut, metricsFor } from './lanes.ts'
import { forkShapes, inevitableShapes, stripShapes } from './overlays.ts'
import { fitAll, xOf } from './viewport.ts'

const branch = (id: number, parent: number | null, forkedAt: number, length: number): BranchShape => ({
  id,
  name: `branch ${id}`,
  parent,
  forkedAt,
  length,
})

/**
 *     0  main      ──────────────────────── 80
 *     1            └ at 20 ──────────── 60
 *     2                  └ at 30 ── 45
 *     3            └ at 10 ───────────────── 90
 */
const TREE = [branch(0, null, 0, 80), branch(1, 0, 20, 60), branch(2, 1, 30, 45), branch(3, 0, 10, 90)]

test.each([
  [0, 1, 20],
  [0, 2, 20],
  [1, 2, 30],
  [2, 3, 10],
  [3, 1, 10],
  [2, 2, 45],
])('branches %i and %i have %i steps in common', (a, b, steps) => {
  expect(inCommon(TREE, a, b)).toBe(steps)
  expect(inCommon(TREE, b, a)).toBe(steps)
})

test('seen from any branch, the others leave where they do; what is only a beginning of it is no other', () => {
  expect(forksOf(TREE, 0).map((fork) => [fork.branch, fork.at])).toEqual([
    [2, 20],
    [1, 20],
    [3, 10],
  ])
  expect(forksOf(TREE, 2).map((fork) => [fork.branch, fork.at])).toEqual([
    [1, 30],
    [0, 20],
    [3, 10],
  ])
  expect(forksOf([branch(0, null, 0, 12), branch(1, 0, 12, 40)], 1)).toEqual([])
})

test('a strip shows what another branch did from where it left, and where it breaks', () => {
  const present = indexTimeline(syntheticRun(1, 3, 60))
  const other = indexTimeline(raceTimeline())
  const forks = [{ branch: 4, name: 'branch 4', at: 20, length: other.data.steps }]
  const layout = layOut(present, metricsFor(3), { branches: [4] })
  const view = fitAll(60, 1000)
  const [strip] = stripsOf(forks, new Map([[4, other]]), layout, view)
  const left = xOf(view, 20)
  expect(strip?.x).toBe(left)
  expect(strip?.bars.length).toBeGreaterThan(3)
  for (const bar of strip?.bars ?? []) {
    expect(bar.x + bar.width).toBeGreaterThan(left)
    expect(bar.y).toBeGreaterThanOrEqual(layout.strips[0]?.top ?? 0)
  }
  expect(strip?.violation?.x).toBeCloseTo(xOf(view, 40.5))
  const shapes = stripShapes(strip === undefined ? [] : [strip], layout, view)
  expect(shapes.filter((shape) => shape.shape === 'rect' && shape.opacity < 1).length).toBe(strip?.bars.length)
  expect(shapes.find((shape) => shape.shape === 'text')).toMatchObject({ text: expect.stringMatching(/^whole/), fill: 'violation' })
  expect(forkShapes(forks, layout, view)).toMatchObject([{ x: left }])
  // Without its picture, only that it is there and how long.
  expect(stripShapes(stripsOf(forks, new Map(), layout, view), layout, view).find((shape) => shape.shape === 'text')).toMatchObject({
    text: `branch 4: ${other.data.steps - 20} steps`,
  })
})

test('what was inevitable is marked from there to the violation, and said within the picture; out of view it is not', () => {
  const layout = layOut(indexTimeline(syntheticRun(1, 3, 100)), metricsFor(3))
  const view = fitAll(100, 1000)
  for (const from of [0, 20, 79, 95]) {
    const shapes = inevitableShapes(from, 96, layout, view)
    const box = shapes.find((shape) => shape.shape === 'rect' && shape.fill === 'violation-bg')
    expect(shapes.filter((shape) => shape.shape === 'text')).toMatchObject([{ text: 'from here on it was inevitable' }])
    expect(box?.shape === 'rect' && box.x >= 0 && box.x + box.width <= 1000).toBe(true)
  }
  expect(inevitableShapes(20, 30, layout, { from: 50, to: 60, width: 1000 })).toEqual([])
  expect(inevitableShapes(20, 70, layout, { from: 50, to: 60, width: 1000 }).some((shape) => shape.shape === 'text')).toBe(false)
})
