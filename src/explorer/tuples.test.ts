import { describe, expect, it } from 'vitest'
import { Random } from '../lib/random.ts'
import { Memory } from './memory.ts'
import { ENDED, hashOfSum, NO_PARENT, sumOf, Tuples } from './tuples.ts'

function add(tuples: Tuples, tuple: Int32Array, distance = 0): number {
  const hash = hashOfSum(sumOf(tuple, tuple.length))
  if (tuples.find(tuple, hash) >= 0 || !tuples.reserve() || tuples.find(tuple, hash) >= 0) return -1
  return tuples.add(tuple, hash, distance, NO_PARENT, 0)
}

function find(tuples: Tuples, tuple: Int32Array): number {
  return tuples.find(tuple, hashOfSum(sumOf(tuple, tuple.length)))
}

describe('tuples', () => {
  it.each([1, 2, 3])('are found again exactly if they were added, through many growths (seed %i)', (seed) => {
    const random = new Random(seed)
    const width = 2 + random.below(4)
    const tuples = new Tuples(width, new Memory(1e8))
    const known = new Map<string, number>()
    for (let i = 0; i < 50_000; i++) {
      const tuple = Int32Array.from({ length: width }, () => random.below(13))
      const index = known.get(tuple.join())
      if (find(tuples, tuple) !== (index ?? -1)) expect.fail(`round ${i}: (${tuple.join()}) is not ${index}`)
      if (index === undefined) known.set(tuple.join(), add(tuples, tuple, i))
    }
    expect(tuples.count).toBe(known.size)
    const back = new Int32Array(width)
    for (const [key, index] of known) {
      tuples.load(index, back)
      if (back.join() !== key) expect.fail(`${index} is (${back.join()}), not (${key})`)
    }
  })

  it('are told apart even where their hashes are the same (seed 4)', () => {
    const random = new Random(4)
    const tuples = new Tuples(3, new Memory(1e8))
    const bySum = new Map<number, Int32Array>()
    let collisions = 0
    for (let i = 0; i < 200_000; i++) {
      const tuple = Int32Array.from({ length: 3 }, () => random.below(20_000))
      const state = add(tuples, tuple)
      const other = bySum.get(sumOf(tuple, 3))
      bySum.set(sumOf(tuple, 3), tuple)
      if (other === undefined || other.join() === tuple.join()) continue
      collisions++
      expect(state).toBeGreaterThan(find(tuples, other))
    }
    expect(collisions).toBeGreaterThan(0)
  })

  it('tell a state where a run ended from the same components elsewhere', () => {
    const tuples = new Tuples(2, new Memory(1e6))
    expect([add(tuples, Int32Array.of(3, 4)), add(tuples, Int32Array.of(3, 4 | ENDED))]).toEqual([0, 1])
    expect([tuples.isEnded(0), tuples.isEnded(1)]).toEqual([false, true])
  })

  it('keep the way by which a state was reached, beside the mark of final states', () => {
    const tuples = new Tuples(2, new Memory(1e6))
    add(tuples, Int32Array.of(0, 0))
    tuples.improve(0, 12, 7, 0x123)
    expect([tuples.distance(0), tuples.parent(0), tuples.edge(0), tuples.isFinal(0)]).toEqual([12, 7, 0x123, false])
    tuples.markFinal(0)
    expect([tuples.edge(0), tuples.isFinal(0)]).toEqual([0x123, true])
  })

  it('obey the cap even while they grow, and fill it well', () => {
    const memory = new Memory(1_000_000)
    const tuples = new Tuples(4, memory)
    const tuple = new Int32Array(4)
    for (tuple[0] = 0; add(tuples, tuple) >= 0; ) tuple[0] = (tuple[0] as number) + 1
    expect(memory.peak).toBeLessThanOrEqual(1_000_000)
    expect(tuples.bytes).toBe(memory.bytes)
    expect(tuples.count * (4 * 7 + 8)).toBeGreaterThan(400_000)
    for (let i = 0; i < tuples.count; i++) if (find(tuples, Int32Array.of(i, 0, 0, 0)) !== i) expect.fail(`${i} is lost`)
    const before = tuples.count
    memory.limit = 4_000_000
    expect(add(tuples, tuple)).toBe(before)
  })
})
