import { describe, expect, test } from 'vitest'
import { Random } from '../lib/random.ts'
import { fitLayout } from './fitting.ts'
import { syntheticRun } from './fixtures/synthetic.ts'
import { indexTimeline } from './index.ts'
import { DENSE, LARGE, layOut, ROOMY } from './lanes.ts'

const indexOf = (cpus: number, steps = 200) => indexTimeline(syntheticRun(cpus, cpus, steps))

describe('the height of lanes', () => {
  test('without a room of its own a timeline has the lanes that it always had', () => {
    expect(fitLayout(indexOf(3), null)).toEqual(layOut(indexOf(3), ROOMY))
  })

  test('fills the room, up to a maximum', () => {
    const index = indexOf(3)
    const { height } = fitLayout(index, 300)
    expect(height).toBeLessThanOrEqual(300)
    expect(height).toBeGreaterThan(300 - 24)
    expect(fitLayout(index, 5000).metrics).toEqual(LARGE)
  })

  test('is the least where not all lanes fit', () => {
    expect(fitLayout(indexOf(8), 100).metrics).toEqual({ ...DENSE, leastRows: 1 })
  })

  test('stays the same while a trace grows into its second row', () => {
    const room = layOut(indexOf(3, 2), DENSE).height
    expect(fitLayout(indexOf(3, 2), room).metrics).toEqual(DENSE)
    expect(fitLayout(indexOf(3, 200), room).metrics.rowHeight).toBe(DENSE.rowHeight)
  })

  test.each([1, 2, 3])('is never more than the room where the least fits, and never less in more room (seed %d)', (seed) => {
    const random = new Random(seed)
    for (let i = 0; i < 40; i++) {
      const index = indexOf(1 + random.below(8), random.below(300))
      const room = 60 + random.below(700)
      const layout = fitLayout(index, room)
      const least = layOut(index, { ...DENSE, leastRows: 1 }).height
      if (least <= room) expect(layout.height).toBeLessThanOrEqual(room)
      else expect(layout.height).toBe(least)
      expect(fitLayout(index, room + random.below(100)).height).toBeGreaterThanOrEqual(layout.height)
      for (const box of layout.lanes) expect(box.marks).toBeGreaterThan((box.rows.at(-1) as number) + box.rowHeight)
    }
  })
})
