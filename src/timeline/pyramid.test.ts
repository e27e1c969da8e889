import { expect, test } from 'vitest'
import { Random } from '../lib/random.ts'
import { lowerBound, lowerBoundFrom, Pyramid, upperBound } from './pyramid.ts'

test.each([1, 2, 3, 4])('the highest rank of a stretch, and where it is first, are those that looking at each item finds (seed %i)', (seed) => {
  const random = new Random(seed)
  for (const length of [0, 1, 15, 16, 17, 255, 256, 257, 5000]) {
    // Rare high ranks, as in real traces.
    const ranks = Uint8Array.from({ length }, () => (random.below(200) === 0 ? 5 + random.below(5) : random.below(3)))
    const pyramid = new Pyramid(ranks)
    for (let i = 0; i < 100; i++) {
      const from = random.below(length + 1)
      const to = from + random.below(length - from + 1)
      const highest = ranks.subarray(from, to).reduce((high, rank) => Math.max(high, rank), 0)
      expect(pyramid.max(from, to), `seed ${seed}, ${length} items, [${from}, ${to})`).toBe(highest)
      const least = random.below(8)
      const found = ranks.subarray(from, to).findIndex((rank) => rank >= least)
      expect(pyramid.first(from, to, least), `seed ${seed}, ${length} items, [${from}, ${to}), rank ${least}`).toBe(found < 0 ? -1 : from + found)
    }
  }
})

test.each([1, 2, 3])('bounds are where a search from the start finds them (seed %i)', (seed) => {
  const random = new Random(seed)
  const values = Int32Array.from({ length: 300 }, () => random.below(200)).sort()
  for (let i = 0; i < 200; i++) {
    const value = random.below(220) - 10
    const from = random.below(values.length)
    const first = (holds: (each: number) => boolean, start = 0) => {
      const at = values.findIndex((each, k) => k >= start && holds(each))
      return at < 0 ? values.length : at
    }
    expect(lowerBound(values, value)).toBe(first((each) => each >= value))
    expect(upperBound(values, value)).toBe(first((each) => each > value))
    expect(lowerBoundFrom(values, from, value)).toBe(first((each) => each >= value, from))
  }
})
