import { expect, test } from 'vitest'
import { Random } from '../lib/random.ts'
import { lanesBeyond } from './beyond.ts'
import { raceTimeline } from './fixtures/race.ts'
import { syntheticRun } from './fixtures/synthetic.ts'
import { sceneOf } from './geometry.ts'
import { cursorShapes, phaseShapes } from './header.ts'
import { indexTimeline } from './index.ts'
import { DENSE, layOut, ROOMY } from './lanes.ts'
import { textWidth } from './text.ts'
import { clamp, fitAll } from './viewport.ts'

const race = raceTimeline()

test.each([1, 2, 3])('no phase is hidden by the flag of the cursor, wherever that stands (seed %i)', (seed) => {
  const random = new Random(seed)
  const index = indexTimeline(race)
  const layout = layOut(index, seed === 1 ? DENSE : ROOMY)
  let named = 0
  for (let round = 0; round < 200; round++) {
    const from = random.below(race.steps)
    const view =
      round === 0 ? fitAll(race.steps, 900) : clamp({ from, to: from + 5 + random.below(race.steps), width: 120 + random.below(1000) }, race.steps)
    const cursor = random.below(race.steps + 1)
    const scene = sceneOf(index, layout, view)
    const [pill] = cursorShapes(layout, view, cursor).pill
    const words = phaseShapes(scene, layout, race, view, cursor)
    const told = `seed ${seed}, round ${round}, cursor ${cursor}`
    for (const shape of words) {
      if (shape.shape !== 'text') throw new Error(told)
      const end = shape.x + textWidth(shape.text, shape.size)
      if (pill?.shape === 'rect') expect(shape.x >= pill.x + pill.width || end <= pill.x, told).toBe(true)
      expect(end, told).toBeLessThanOrEqual(view.width)
      const own = scene.phases.find(({ x, width }) => x <= shape.x && end <= x + width)
      expect(own, told).toBeDefined()
      named++
    }
    // What the flag does not touch stands where it stood.
    expect(phaseShapes(scene, layout, race, view, null).length).toBeGreaterThanOrEqual(words.length)
  }
  expect(named).toBeGreaterThan(100)
})

test('at the start and at the end, the phase stands beside the flag', () => {
  const index = indexTimeline(race)
  const layout = layOut(index, ROOMY)
  const view = fitAll(race.steps, 900)
  const words = (cursor: number) =>
    phaseShapes(sceneOf(index, layout, view), layout, race, view, cursor).map((shape) => (shape.shape === 'text' ? shape.text : ''))
  const all = race.phases.map(({ label }) => label)
  for (const cursor of [0, race.phases[1]?.start ?? 0, race.steps]) expect(words(cursor), `cursor ${cursor}`).toEqual(all)
})

test('lanes out of sight are counted on the side on which they lie', () => {
  const layout = layOut(indexTimeline(syntheticRun(1, 8, 100)), DENSE)
  const top = (lane: number) => layout.standing[lane]?.top as number
  // The first five are seen.
  const room = top(5) + layout.metrics.axis
  expect(lanesBeyond(layout, 0, layout.height)).toEqual({ above: 0, below: 0 })
  expect(lanesBeyond(layout, 0, room)).toEqual({ above: 0, below: 3 })
  expect(lanesBeyond(layout, top(1) - layout.metrics.header, room).above).toBe(1)
  const end = lanesBeyond(layout, layout.height - room, room)
  expect(end.below).toBe(0)
  expect(end.above).toBeGreaterThan(1)
})
