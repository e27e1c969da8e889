/** Known words against a reference that remembers for each byte who owns it. */
import { expect, test } from 'vitest'
import { Random } from '../lib/random.ts'
import { type StackEntry, StackWords } from './stack-words.ts'

const BASE = 0xffff_c900_0001_0000n
const entryOf = (label: string, size: number): StackEntry => ({
  label,
  kind: 'software',
  frame: 0,
  size,
  by: null,
  spent: false,
  altered: null,
  overwritten: false,
  under: null,
})

/** What each byte from BASE on belongs to. */
function owners(words: StackWords, bytes: number): (string | null)[] {
  const owned: (string | null)[] = Array.from({ length: bytes }, () => null)
  for (const [address, { label, size }] of words.between(BASE, BASE + BigInt(bytes)))
    for (let i = 0; i < size; i++) {
      const at = Number(address - BASE) + i
      expect(owned[at], 'two words at one byte').toBeNull()
      owned[at] = label
    }
  return owned
}

test.each([
  ['aligned words', 1, (random: Random) => [8 * random.below(8), 8] as const],
  ['words anywhere', 2, (random: Random) => [random.below(56), 8] as const],
  ['pieces anywhere', 3, (random: Random) => [random.below(56), 1 + random.below(8)] as const],
])('%s: what is put down covers what lay there, to the byte (seed %i)', (_, seed, draw) => {
  const random = new Random(seed)
  for (let round = 0; round < 40; round++) {
    let words = new StackWords(8)
    const owned: (string | null)[] = Array.from({ length: 72 }, () => null)
    for (let step = 0; step < 12; step++) {
      const [at, size] = draw(random)
      words.put(BASE + BigInt(at), entryOf(`${step}`, size))
      owned.fill(`${step}`, at, at + size)
      if (random.below(3) === 0) words = words.clone()
      expect(owners(words, 72), `seed ${seed}, round ${round}`).toEqual(owned)
      const [from, length] = draw(random)
      const expected = new Set(owned.slice(from, from + length).filter((label) => label !== null))
      expect(new Set(words.overlapping(BASE + BigInt(from), length).map(([, { label }]) => label))).toEqual(expected)
    }
  }
})
