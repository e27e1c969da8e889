import { expect, test } from 'vitest'
import { commonSubsequence } from './common-subsequence.ts'
import { Random } from './random.ts'

const codes = (text: string) => Array.from(text, (letter) => letter.charCodeAt(0))
const common = (a: string, b: string) =>
  commonSubsequence(codes(a), codes(b))
    .pairs.map(([x]) => a[x])
    .join('')

test('what both have is found, in order', () => {
  expect(common('', '')).toBe('')
  expect(common('abc', '')).toBe('')
  expect(common('abc', 'abc')).toBe('abc')
  expect(common('abcabba', 'cbabac')).toHaveLength(4)
  expect(common('prologue A epilogue', 'prologue BB epilogue')).toBe('prologue  epilogue')
  expect(common('abc', 'xyz')).toBe('')
})

/** By the textbook's table. */
function lengthOf(a: readonly number[], b: readonly number[]): number {
  let row = new Array<number>(b.length + 1).fill(0)
  for (const x of a) {
    const next = [0]
    for (let j = 0; j < b.length; j++) next.push(x === b[j] ? (row[j] as number) + 1 : Math.max(next[j] as number, row[j + 1] as number))
    row = next
  }
  return row[b.length] as number
}

test.each([1, 2, 3])('it is as long as the table says, and rises on both sides (seed %i)', (seed) => {
  const random = new Random(seed)
  for (let round = 0; round < 200; round++) {
    const [a, b] = [0, 1].map(() => Array.from({ length: random.below(30) }, () => random.below(4))) as [number[], number[]]
    const { pairs, whole } = commonSubsequence(a, b)
    expect(whole).toBe(true)
    expect(pairs.length, `seed ${seed}: ${a} | ${b}`).toBe(lengthOf(a, b))
    pairs.forEach(([x, y], i) => {
      expect(a[x]).toBe(b[y])
      const before = pairs[i - 1]
      if (before !== undefined) expect(before[0] < x && before[1] < y).toBe(true)
    })
  }
})

test('rows that differ too much are compared as far as the bound allows, and it is said', () => {
  const { pairs, whole } = commonSubsequence(codes('abcXXXXXdef'), codes('abcYYYYYdZf'), 3)
  expect(whole).toBe(false)
  expect(pairs.slice(0, 3)).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
  ])
  const random = new Random(4)
  for (let round = 0; round < 100; round++) {
    const [a, b] = [0, 1].map(() => Array.from({ length: 40 }, () => random.below(3))) as [number[], number[]]
    const bounded = commonSubsequence(a, b, random.below(20))
    bounded.pairs.forEach(([x, y], i) => {
      expect(a[x]).toBe(b[y])
      const before = bounded.pairs[i - 1]
      if (before !== undefined) expect(before[0] < x && before[1] < y).toBe(true)
    })
  }
})
