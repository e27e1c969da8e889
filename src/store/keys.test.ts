import { expect, test } from 'vitest'
import { bindingFor, KEYS, type KeyPress, nameOf } from './keys.ts'

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  repeat: false,
  ...more,
})
const titleOf = (key: string, more: Partial<KeyPress> = {}) => bindingFor(press(key, more))?.binding.title ?? null

test('no stroke means two things', () => {
  const strokes = KEYS.flatMap(({ keys }) => keys.map((stroke) => nameOf(stroke).join('+')))
  expect(strokes.filter((stroke, i) => strokes.indexOf(stroke) !== i)).toEqual([])
})

test('every function key has a twin without one', () => {
  const lonely = KEYS.filter(({ keys }) => keys.every(({ key }) => /^f\d+$/.test(key)))
  expect(lonely).toEqual([])
})

test.each([
  ['ArrowRight', {}, 'Step'],
  ['F10', {}, 'Step'],
  ['F10', { shiftKey: true }, 'Step back'],
  ['ArrowRight', { shiftKey: true }, 'Run to where there is a choice'],
  ['?', { shiftKey: true }, 'This help'],
  ['z', { ctrlKey: true }, 'Undo a jump'],
  ['Z', { metaKey: true, shiftKey: true }, 'Redo a jump'],
  ['7', {}, 'Take choice 1 to 9'],
])('%s with %o is "%s"', (key, more, title) => {
  expect(titleOf(key, more)).toBe(title)
})

test.each([
  ['ArrowLeft', { altKey: true }],
  ['r', { ctrlKey: true }],
  ['f', { metaKey: true }],
  ['S', { shiftKey: true }],
  ['F5', {}],
  ['1', { ctrlKey: true }],
])('%s with %o belongs to the browser', (key, more) => {
  expect(titleOf(key, more)).toBeNull()
})

test('only stepping repeats while the key is held', () => {
  expect(titleOf('ArrowRight', { repeat: true })).toBe('Step')
  expect(titleOf('r', { repeat: true })).toBeNull()
})
