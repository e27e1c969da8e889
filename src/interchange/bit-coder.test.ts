import { expect, test } from 'vitest'
import { Random } from '../lib/random.ts'
import { base64urlToBytes, bytesToBase64url } from './base64url.ts'
import { BitModel, BitReader, BitWriter, CERTAIN, EVEN } from './bit-coder.ts'

test.each([1, 2, 3, 4, 5])('bits of any probability are read back as they were written (seed %i)', (seed) => {
  const random = new Random(seed)
  for (let round = 0; round < 200; round++) {
    const bits = Array.from({ length: random.below(400) }, () => {
      const p = random.pick([1, 2, 100, EVEN, 60_000, CERTAIN - 2, CERTAIN - 1, 1 + random.below(CERTAIN - 1)])
      return { p, bit: random.below(CERTAIN) < p ? 1 : random.below(20) === 0 ? 1 : 0 }
    })
    const writer = new BitWriter()
    for (const { bit, p } of bits) writer.code(bit, p)
    const text = writer.finish()
    const reader = new BitReader(`?${text}`, 1)
    expect(bits.map(({ p }) => reader.code(0, p))).toEqual(bits.map(({ bit }) => bit))
    expect(reader.overrun).toBe(false)
    expect(reader.end).toBe(text.length + 1)
  }
})

test('1,000 even bits take a sixth of that in characters', () => {
  const random = new Random(9)
  const writer = new BitWriter()
  for (let i = 0; i < 1000; i++) writer.code(random.below(2), EVEN)
  expect(writer.finish().length).toBeLessThanOrEqual(168)
})

test('a reader that goes on behind the end knows it', () => {
  const writer = new BitWriter()
  for (let i = 0; i < 60; i++) writer.code(i % 2, EVEN)
  const reader = new BitReader(writer.finish(), 0)
  for (let i = 0; i < 60; i++) reader.code(0, EVEN)
  expect(reader.overrun).toBe(false)
  for (let i = 0; i < 60; i++) reader.code(0, EVEN)
  expect(reader.overrun).toBe(true)
})

test('an estimate approaches what it sees and never becomes certain', () => {
  const model = new BitModel(1)
  for (let i = 0; i < 100_000; i++) model.learn(0, 1)
  expect(model.at(0)).toBeGreaterThan(CERTAIN - 300)
  expect(model.at(0)).toBeLessThan(CERTAIN)
  for (let i = 0; i < 100_000; i++) model.learn(0, 0)
  expect(model.at(0)).toBeGreaterThan(0)
  expect(model.at(0)).toBeLessThan(300)
})

test('bytes go through base64url and back, as Node spells it (seed 3)', () => {
  const random = new Random(3)
  for (let length = 0; length < 100; length++) {
    const bytes = Uint8Array.from({ length }, () => random.below(256))
    const text = bytesToBase64url(bytes)
    expect(text).toBe(Buffer.from(bytes).toString('base64url'))
    expect(base64urlToBytes(text)).toEqual(bytes)
  }
  expect(base64urlToBytes('AAA!')).toEqual({ wrongAt: 3 })
  expect(base64urlToBytes('AAAAA')).toEqual({ wrongAt: 5 })
})
