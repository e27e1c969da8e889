import { expect, test } from 'vitest'
import { byteCount, utf8Bytes } from './bytes.ts'
import { Random } from './random.ts'

test.each([1, 2, 3])('UTF-8 is spelled as the platform spells it, lone surrogates too (seed %i)', (seed) => {
  const random = new Random(seed)
  for (let i = 0; i < 500; i++) {
    const units = Array.from({ length: random.below(12) }, () => random.below(random.pick([0x80, 0x800, 0x10000])))
    const text = String.fromCharCode(...units) + String.fromCodePoint(random.below(0x110000))
    expect(utf8Bytes(text), JSON.stringify(text)).toEqual(new TextEncoder().encode(text))
  }
})

test('one byte is no bytes', () => {
  expect([0, 1, 2].map(byteCount)).toEqual(['0 bytes', '1 byte', '2 bytes'])
})
