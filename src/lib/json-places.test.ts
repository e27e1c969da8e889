import { expect, test } from 'vitest'
import { lineColumn, placeOf, withoutMember } from './json-places.ts'

const TEXT = `{
  "id": "a, \\"b\\" }",
  "params": [{ "name": "lock", "values": ["on", "off"] }, { "name": "site" }],
  "cpus": [
    { "role": "x", "entry": 1 },
    {
      "role": "y"
    }
  ]
}`

const at = (...path: string[]) => {
  const { from, to } = placeOf(TEXT, path)
  return TEXT.slice(from, to)
}

test('a path leads to its member, a word to the element of that name', () => {
  expect(at('cpus', '0', 'entry')).toBe('"entry": 1')
  expect(at('params', '0', 'values', '1')).toBe('"off"')
  expect(at('params', 'site')).toBe('{ "name": "site" }')
  expect(lineColumn(TEXT, placeOf(TEXT, ['cpus', '1', 'role']).from)).toEqual({ line: 7, column: 7 })
})

test('of what is not there, the deepest part that is', () => {
  expect(at('cpus', '1', 'entry')).toBe('{')
  expect(at('params', 'lock', 'rare')).toBe('{ "name": "lock", "values": ["on", "off"] }')
  expect(at('nothing')).toBe('{')
})

test('a member is taken out of an object, the rest stays as it was written', () => {
  const text = '{\n  "a": 1,\n  "b": [{ "b": "]" }],\n  "c": 3\n}\n'
  expect(withoutMember(text, 'a')).toBe('{\n  "b": [{ "b": "]" }],\n  "c": 3\n}\n')
  expect(withoutMember(text, 'b')).toBe('{\n  "a": 1,\n  "c": 3\n}\n')
  expect(withoutMember(text, 'c')).toBe('{\n  "a": 1,\n  "b": [{ "b": "]" }]\n}\n')
  expect(withoutMember('{"a": 1}', 'a')).toBe('{}')
  expect(withoutMember(text, 'd')).toBe(text)
})
