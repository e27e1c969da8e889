import { describe, expect, it } from 'vitest'
import { Random } from '../lib/random.ts'
import { BucketQueue } from './bucket-queue.ts'
import { Memory } from './memory.ts'

describe('the bucket queue', () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 15],
    [4, 100],
    [5, 5000],
  ])('gives entries by distance, first in first out among equals (seed %i, costs to %i)', (seed, maxCost) => {
    const random = new Random(seed)
    const memory = new Memory(1e8)
    const queue = new BucketQueue(memory)
    const expected = new Map<number, number[]>()
    let pushed = 0
    const push = (cost: number) => {
      if (!queue.reserve(cost)) expect.fail('no room')
      const distance = queue.distance + cost
      expected.set(distance, [...(expected.get(distance) ?? []), pushed])
      queue.push(distance, pushed++)
    }
    push(0)
    for (let popped = 0; queue.size > 0; popped++) {
      const entry = queue.peek()
      const nearest = Math.min(...expected.keys())
      if (queue.distance !== nearest || entry !== expected.get(nearest)?.[0]) expect.fail(`entry ${popped}: ${entry} at ${queue.distance}`)
      // What is pushed between looking and taking comes later.
      for (let more = popped < 3000 ? random.below(4) : 0; more > 0; more--) push(1 + random.below(maxCost))
      queue.pop()
      expected.get(nearest)?.shift()
      if (expected.get(nearest)?.length === 0) expected.delete(nearest)
    }
    expect(queue.peek()).toBe(-1)
    expect(expected.size).toBe(0)
    expect(queue.bytes).toBe(memory.bytes)
  })

  it('uses its blocks again', () => {
    const memory = new Memory(1e8)
    const queue = new BucketQueue(memory)
    for (let i = 0; i < 100_000; i++) {
      if (!queue.reserve(3)) expect.fail('no room')
      queue.push(queue.distance + 1 + (i % 3), i)
      if (i > 500) {
        queue.peek()
        queue.pop()
      }
    }
    expect(memory.bytes).toBeLessThan(20_000)
  })

  it('refuses room that the cap does not allow, and goes on when it does', () => {
    const memory = new Memory(5000)
    const queue = new BucketQueue(memory)
    let count = 0
    while (queue.reserve(1)) queue.push(1, count++)
    expect(count).toBeGreaterThan(200)
    expect(memory.peak).toBeLessThanOrEqual(5000)
    memory.limit = 50_000
    expect(queue.reserve(1)).toBe(true)
    queue.push(1, count)
    for (let i = 0; i <= count; i++) {
      expect(queue.peek()).toBe(i)
      queue.pop()
    }
  })
})
