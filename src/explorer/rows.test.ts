import { expect, it } from 'vitest'
import { Memory } from './memory.ts'
import { Rows } from './rows.ts'

it.each([1, 7, 250, 100_000, 300_000])('rows of %i words keep their place and content while there are more and more', (width) => {
  const memory = new Memory(2e8)
  const rows = new Rows(width, memory)
  const most = Math.min(400_000, Math.floor(8e6 / width))
  for (let row = 0; row < most; row++) {
    while (row >= rows.capacity) expect(rows.grow()).toBe(true)
    const chunk = rows.chunks[row >> rows.bits] as Int32Array
    chunk[(row & rows.mask) * width + width - 1] = row
  }
  for (let row = 0; row < most; row++) {
    const chunk = rows.chunks[row >> rows.bits] as Int32Array
    if (chunk[(row & rows.mask) * width + width - 1] !== row) expect.fail(`row ${row} is lost`)
  }
  expect(rows.bytes).toBe(memory.bytes)
})

it('rows fill a cap nearly to the brim', () => {
  const memory = new Memory(10_000_000)
  const rows = new Rows(7, memory)
  while (rows.grow());
  expect(memory.peak).toBeLessThanOrEqual(10_000_000)
  expect(rows.capacity * 28).toBeGreaterThan(9_000_000)
})

it('rows ask others to give way only when nothing else helps', () => {
  const memory = new Memory(3_000_000)
  let asked = 0
  const spare = memory.insist(250_000)
  memory.relieve = () => {
    if (++asked === 1) memory.free(spare)
  }
  const rows = new Rows(7, memory)
  while (asked === 0) expect(rows.grow()).toBe(true)
  expect(rows.bytes).toBeGreaterThan(1_500_000)
})
