import { describe, expect, it } from 'vitest'
import { Random } from '../lib/random.ts'
import { HEADER, LENGTH, Memo, OUTCOME, WHO } from './memo.ts'
import { Memory } from './memory.ts'

/** What the outcomes of a pair are, by its numbers alone. */
function outcomesOf(agent: number, own: number, shared: number): number[][] {
  return Array.from({ length: (own * 7 + shared) % 5 }, (_, i) => [i, 1 + ((own + i) % 9), shared % 3, own + agent, shared + i])
}

function record(memo: Memo, agent: number, own: number, shared: number): number {
  memo.begin(agent, own, shared, own % 2 === 1)
  for (const [choice = 0, cost = 0, violations = 0, ownAfter = 0, sharedAfter = 0] of outcomesOf(agent, own, shared)) {
    memo.append(choice, cost, violations, ownAfter, sharedAfter)
  }
  return memo.commit()
}

function read(memo: Memo, at: number) {
  const outcomes: number[][] = []
  const end = at + HEADER + (memo.arena[at + LENGTH] as number)
  for (let from = at + HEADER; from < end; from += OUTCOME) outcomes.push([...memo.arena.subarray(from, from + OUTCOME)])
  return { outcomes, done: ((memo.arena[at + WHO] as number) & 1) === 1 }
}

describe('the memo of outcomes', () => {
  it.each([
    ['all it wants', 1e8, 1],
    ['a share that it must use again and again', 200_000, 2],
    ['hardly anything', 90_000, 3],
  ])('gives back what was recorded, with %s (share %i, seed %i)', (_, share, seed) => {
    const random = new Random(seed)
    const memory = new Memory(1e8)
    const memo = new Memo(memory, share)
    const recorded = new Set<string>()
    for (let i = 0; i < 30_000; i++) {
      const [agent, own, shared] = [random.below(3), random.below(60), random.below(60)]
      let at = memo.find(agent, own, shared)
      if (at >= 0 && !recorded.has(`${agent} ${own} ${shared}`)) expect.fail(`round ${i}: never recorded`)
      if (at < 0) at = record(memo, agent, own, shared)
      const { outcomes, done } = read(memo, at)
      if (outcomes.join(';') !== outcomesOf(agent, own, shared).join(';') || done !== (own % 2 === 1)) expect.fail(`round ${i}: ${outcomes}`)
      recorded.add(`${agent} ${own} ${shared}`)
      if (i % 5000 === 4999) memo.shrink()
    }
    expect(memo.bytes).toBe(memory.bytes)
    expect(memory.peak).toBeLessThanOrEqual(2 * share)
    expect(memo.hits + memo.misses).toBe(30_000)
    if (share > 1e6) expect(memo.cleared).toBe(6)
    else expect(memo.cleared).toBeGreaterThan(6)
  })

  it('never takes one pair for another, though hashes repeat among so many (seed 4)', () => {
    const random = new Random(4)
    const memo = new Memo(new Memory(1e9), 1e9)
    for (let i = 0; i < 300_000; i++) {
      const [own, shared] = [random.bits(), random.bits()]
      if (memo.find(0, own, shared) >= 0) expect.fail(`(${own}, ${shared}) was never recorded`)
      memo.begin(0, own, shared, false)
      memo.commit()
    }
  })

  it('keeps the list that is just being written when it has to shrink', () => {
    const memory = new Memory(1e8)
    const memo = new Memo(memory, 1e8)
    for (let i = 0; i < 20_000; i++) record(memo, 0, i, i)
    memo.begin(1, 2, 3, true)
    memo.append(4, 5, 6, 7, 8)
    const before = memory.bytes
    memo.shrink()
    expect(memory.bytes).toBeLessThan(before / 4)
    memo.append(9, 10, 11, 12, 13)
    const at = memo.commit()
    expect(memo.find(1, 2, 3)).toBe(at)
    expect(read(memo, at)).toEqual({
      done: true,
      outcomes: [
        [4, 5, 6, 7, 8],
        [9, 10, 11, 12, 13],
      ],
    })
  })

  it('holds a list longer than its share', () => {
    const memo = new Memo(new Memory(1e8), 0)
    record(memo, 0, 1, 1)
    memo.begin(0, 0, 0, false)
    for (let i = 0; i < 50_000; i++) memo.append(i, 1, 0, 0, 0)
    expect(read(memo, memo.commit()).outcomes.map(([choice]) => choice)).toEqual(Array.from({ length: 50_000 }, (_, i) => i))
  })
})
