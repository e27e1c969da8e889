import { expect, test } from 'vitest'
import { moved } from './list-keys.ts'

test.each([
  ['ArrowDown', -1, 3, 0],
  ['ArrowDown', 2, 3, 2],
  ['ArrowUp', 1, 3, 0],
  ['ArrowUp', 0, 3, -1],
  ['ArrowUp', -1, 3, -1],
  ['PageDown', -1, 3, 2],
  ['PageUp', 12, 34, 2],
  ['Home', 1, 3, null],
  ['ArrowDown', -1, 0, null],
])('%s at %i of a list of %i leads to %s; -1 is the box above it', (key, at, length, to) => {
  expect(moved(key, at, length)).toBe(to)
})
