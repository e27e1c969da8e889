import { expect, test } from 'vitest'
import { Random } from '../lib/random.ts'
import { parseJson } from './json-text.ts'

test.each([
  ['', '1:1: this is no JSON: it ends too early'],
  ['abc', '1:1: this is no JSON: unexpected "a"'],
  ['{"a": 1,\n "b": }', '2:7: this is no JSON: unexpected "}"'],
  ['{"a": 1,\n', '2:1: this is no JSON: it ends too early'],
  ['[1, 2,]', '1:7: this is no JSON: unexpected "]"'],
  ['{"a" 1}', '1:6: this is no JSON: unexpected "1"'],
  ["{'a': 1}", '1:2: this is no JSON: unexpected "\'"'],
  ['{"a": "x\ny"}', '1:9: this is no JSON: unexpected "\\n"'],
  ['{"a": "\\q"}', '1:8: this is no JSON: unexpected "\\\\"'],
  ['[1] 2', '1:5: this is no JSON: unexpected "2"'],
  ['[01]', '1:3: this is no JSON: unexpected "1"'],
  ['{"a": "open', '1:12: this is no JSON: it ends too early'],
  ['[{"a": [}]', '1:9: this is no JSON: unexpected "}"'],
  ['[💥]', '1:2: this is no JSON: unexpected "💥"'],
])('%j is wrong at %s', (text, message) => {
  expect(parseJson(text)).toEqual({ ok: false, error: message })
})

test('any nesting is answered', () => {
  expect(parseJson(`${'['.repeat(200_000)}x`)).toEqual({ ok: false, error: '1:200001: this is no JSON: unexpected "x"' })
})

test('what is JSON is parsed, and whatever else is answered with a place in it (seed 51)', () => {
  const random = new Random(51)
  const text = JSON.stringify({ a: [1, -2.5e3, true, null, 'x"\\y', {}], b: { c: [], d: 'ü' } }, null, 1)
  expect(parseJson(text)).toEqual({ ok: true, value: JSON.parse(text) })
  for (let i = 0; i < 1000; i++) {
    const at = random.below(text.length)
    const broken = text.slice(0, at) + random.pick(['#', '"', '{', ']', ',', '1', '\n', '']) + text.slice(at + random.below(3))
    const parsed = parseJson(broken)
    if (parsed.ok) continue
    const place = /^(\d+):(\d+): this is no JSON: /.exec(parsed.error) ?? []
    const [, line, column] = [...place].map(Number) as [number, number, number]
    expect(column, broken).toBeLessThanOrEqual((broken.split('\n')[line - 1] as string).length + 1)
  }
})
