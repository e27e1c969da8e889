import { describe, expect, it } from 'vitest'
import { hashWords } from '../lib/hash.ts'
import { Random } from '../lib/random.ts'
import { Components } from './components.ts'
import { Memory } from './memory.ts'

describe('components', () => {
  it.each([1, 2, 3])('are the same index exactly if they are the same words (seed %i)', (seed) => {
    const random = new Random(seed)
    const width = 1 + random.below(9)
    const components = new Components(width, new Memory(1e8))
    const known = new Map<string, number>()
    const words = new Int32Array(width + 2)
    const back = new Int32Array(width + 2)
    for (let i = 0; i < 20_000; i++) {
      const offset = random.below(3)
      for (let j = 0; j < width; j++) words[offset + j] = random.below(6) << (5 * random.below(6))
      const key = words.slice(offset, offset + width).join()
      const index = components.intern(words, offset)
      components.load(index, back, 1)
      const right = index === (known.get(key) ?? known.size) && back.slice(1, 1 + width).join() === key && components.equals(index, words, offset)
      if (!right) expect.fail(`round ${i}: ${key} became ${index}`)
      known.set(key, index)
    }
    expect(components.count).toBe(known.size)
  })

  it('are told apart even where their hashes are the same (seed 4)', () => {
    const random = new Random(4)
    const components = new Components(2, new Memory(1e8))
    const byHash = new Map<number, Int32Array>()
    let collisions = 0
    for (let i = 0; i < 200_000; i++) {
      const words = Int32Array.of(random.bits(), random.bits())
      const index = components.intern(words, 0)
      const other = byHash.get(hashWords(words, 0, 2))
      byHash.set(hashWords(words, 0, 2), words)
      if (other === undefined || other.join() === words.join()) continue
      collisions++
      expect(components.intern(other, 0)).not.toBe(index)
    }
    expect(collisions).toBeGreaterThan(0)
  })

  it('of width 0 have one value', () => {
    const components = new Components(0, new Memory(1e6))
    expect([components.intern(new Int32Array(3), 1), components.intern(new Int32Array(3), 2)]).toEqual([0, 0])
  })

  it('are refused where the cap is met, without losing any', () => {
    const memory = new Memory(200_000)
    const components = new Components(4, memory)
    const words = new Int32Array(4)
    let count = 0
    for (;;) {
      words[0] = count
      if (components.intern(words, 0) < 0) break
      count++
    }
    expect(memory.peak).toBeLessThanOrEqual(200_000)
    expect(components.bytes).toBe(memory.bytes)
    expect(count).toBeGreaterThan(4000) // 16 bytes of words and 12 to 24 of table each
    for (let i = 0; i < count; i++) {
      words[0] = i
      if (components.intern(words, 0) !== i) expect.fail(`${i} is lost`)
    }
    memory.limit = 400_000
    words[0] = count
    expect(components.intern(words, 0)).toBe(count)
  })
})
