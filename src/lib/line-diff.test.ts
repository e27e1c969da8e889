import { expect, test } from 'vitest'
import { diffLines } from './line-diff.ts'
import { Random } from './random.ts'

const words = (before: string, after: string) =>
  diffLines(before, after).map(({ kind, text }) => `${{ same: ' ', gone: '-', new: '+' }[kind]}${text}`)

test('a changed, a removed and an added line', () => {
  expect(words('a\nb\nc\nd', 'a\nB\nc\nd')).toEqual([' a', '-b', '+B', ' c', ' d'])
  expect(words('a\nb\nc', 'a\nc')).toEqual([' a', '-b', ' c'])
  expect(words('a\nc', 'a\nb\nc\nd')).toEqual([' a', '+b', ' c', '+d'])
  expect(diffLines('a\nb', 'b')).toEqual([
    { kind: 'gone', text: 'a', before: 1, after: null },
    { kind: 'same', text: 'b', before: 2, after: 1 },
  ])
})

test('both texts can be read from it (seed 7)', () => {
  const random = new Random(7)
  for (let turn = 0; turn < 200; turn++) {
    const text = () => Array.from({ length: random.below(12) }, () => 'abc'[random.below(3)]).join('\n')
    const [before, after] = [text(), text()]
    const diff = diffLines(before, after)
    const side = (kind: string) => diff.filter((line) => line.kind !== kind).map((line) => line.text)
    expect(side('new').join('\n')).toBe(before)
    expect(side('gone').join('\n')).toBe(after)
  }
})
