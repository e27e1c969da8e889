import { expect, test } from 'vitest'
import { type Control, keeps } from './keyboard.ts'

const KEYS = ['ArrowRight', 'ArrowUp', 'Home', 'PageDown', ' ', 'Enter', 'j', '?', 'F8', 'Escape']

test.each<readonly [Control, readonly string[]]>([
  ['text', KEYS],
  ['list', ['ArrowRight', 'ArrowUp', 'Home', 'PageDown', ' ', 'j', '?']],
  ['slider', ['ArrowRight', 'ArrowUp', 'Home', 'PageDown']],
  ['radio', ['ArrowRight', 'ArrowUp', ' ', 'Enter']],
  ['tab', ['ArrowRight', 'ArrowUp', 'Home', ' ', 'Enter']],
  // A checkbox is one: after it was ticked, the arrows go on stepping.
  ['button', [' ', 'Enter']],
])('a focused %s keeps the keys that it uses, and no others', (control, kept) => {
  expect(KEYS.filter((key) => keeps(control, key))).toEqual(kept)
})
