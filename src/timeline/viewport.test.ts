import { expect, test } from 'vitest'
import { Random } from '../lib/random.ts'
import {
  between,
  clamp,
  domainEnd,
  FEWEST_STEPS,
  fitAll,
  follow,
  isFit,
  pan,
  scaleOf,
  stepAt,
  ticks,
  type Viewport,
  xOf,
  zoomAt,
} from './viewport.ts'

const SEEDS = [1, 2, 3, 4, 5]
const REPEATS = 200

function someView(random: Random, steps: number): Viewport {
  const width = 200 + random.below(2000)
  const from = random.below(steps + 1)
  return clamp({ from, to: from + 1 + random.below(steps + 1), width }, steps)
}

test('a trace seen whole starts at the left edge and ends within the width', () => {
  for (const steps of [0, 1, 7, 67, 1000, 1_000_000]) {
    const view = fitAll(steps, 1200)
    expect(xOf(view, 0)).toBe(0)
    expect(xOf(view, steps)).toBeLessThan(1200)
    if (steps > 100) expect(xOf(view, steps)).toBeGreaterThan(1000)
    expect(isFit(view, steps)).toBe(true)
  }
})

test('a growing trace seen whole stands still most of the time', () => {
  let jumps = 0
  for (let steps = 1; steps < 1000; steps++) if (domainEnd(steps) !== domainEnd(steps - 1)) jumps++
  expect(jumps).toBeLessThan(50)
})

test('the last steps can be brought to the middle of a narrow viewport, but not out of it', () => {
  const view = pan({ from: 0, to: 100, width: 1000 }, 1e9, 10_000)
  expect(view.to).toBeCloseTo(10_015)
  expect(view.to - view.from).toBe(100)
})

test.each(SEEDS)('steps and pixels are inverse, and clamping changes nothing twice (seed %i)', (seed) => {
  const random = new Random(seed)
  for (let i = 0; i < REPEATS; i++) {
    const steps = random.below(1_000_000)
    const view = someView(random, steps)
    const x = random.below(view.width)
    expect(xOf(view, stepAt(view, x))).toBeCloseTo(x, 4)
    expect(clamp(view, steps)).toEqual(view)
    expect(view.from).toBeGreaterThanOrEqual(0)
    expect(view.to).toBeLessThanOrEqual(domainEnd(steps) + 1e-6)
    expect(view.to - view.from).toBeGreaterThanOrEqual(Math.min(FEWEST_STEPS, domainEnd(steps)) - 1e-6)
  }
})

test.each(SEEDS)('zooming keeps the step under the pointer, unless an end of the trace is in the way (seed %i)', (seed) => {
  const random = new Random(seed)
  for (let i = 0; i < REPEATS; i++) {
    const steps = 1000 + random.below(1_000_000)
    const view = someView(random, steps)
    const x = random.below(view.width)
    const factor = 2 ** (random.below(9) - 4)
    const zoomed = zoomAt(view, x, factor, steps)
    const free = zoomed.from > 0 && zoomed.to < steps
    if (free) expect(stepAt(zoomed, x), `seed ${seed}, case ${i}`).toBeCloseTo(stepAt(view, x), 3)
    // Zooming in and out again comes back.
    if (factor > 1 && free && view.to < steps && (view.to - view.from) / factor >= FEWEST_STEPS) {
      const back = zoomAt(zoomed, x, 1 / factor, steps)
      expect(back.from).toBeCloseTo(view.from, 3)
      expect(back.to).toBeCloseTo(view.to, 3)
    }
  }
})

test.each(SEEDS)('panning keeps the scale, and moves content by as many pixels as asked (seed %i)', (seed) => {
  const random = new Random(seed)
  for (let i = 0; i < REPEATS; i++) {
    const steps = 1000 + random.below(100_000)
    const view = someView(random, steps)
    const pixels = random.below(400) - 200
    const panned = pan(view, pixels, steps)
    expect(scaleOf(panned)).toBeCloseTo(scaleOf(view), 6)
    if (panned.from > 0 && panned.to < steps) expect(xOf(view, panned.from)).toBeCloseTo(pixels, 3)
  }
})

test.each(SEEDS)('following brings the cursor into view, and leaves a viewport that shows it alone (seed %i)', (seed) => {
  const random = new Random(seed)
  for (let i = 0; i < REPEATS; i++) {
    const steps = 10 + random.below(100_000)
    const view = someView(random, steps)
    const cursor = random.below(steps + 1)
    const followed = follow(view, cursor, steps)
    expect(xOf(followed, cursor), `seed ${seed}, case ${i}`).toBeGreaterThanOrEqual(0)
    expect(xOf(followed, cursor)).toBeLessThanOrEqual(view.width + 1e-6)
    expect(follow(followed, cursor, steps)).toEqual(followed)
  }
})

test('a glide begins and ends where it should, and what both ends show stays in view', () => {
  const a = { from: 0, to: 1000, width: 500 }
  const b = { from: 400, to: 420, width: 500 }
  expect(between(a, b, 0)).toEqual(a)
  expect(between(a, b, 1)).toBe(b)
  for (const t of [0.1, 0.5, 0.9]) {
    const view = between(a, b, t)
    expect(view.from).toBeLessThanOrEqual(400)
    expect(view.to).toBeGreaterThanOrEqual(420)
  }
})

test('ticks are round numbers of steps, not too close', () => {
  expect(ticks({ from: 0, to: 100, width: 1000 }, 64, 100)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100])
  expect(ticks({ from: 3, to: 11, width: 1000 }, 64, 11)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11])
  expect(ticks({ from: 0, to: 1_000_000, width: 1000 }, 64, 1_000_000)[1]).toBe(100_000)
})
