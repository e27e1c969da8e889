import { expect, it } from 'vitest'
import { mix } from '../lib/hash.ts'
import { Random } from '../lib/random.ts'
import { Memory } from './memory.ts'
import { enter, Segments, slotsOf } from './segments.ts'

/** Where an entry with this hash lies, or the vacant slot where it could. */
function look(table: Segments, hash: number, entry: number): { readonly segment: Int32Array; readonly slot: number; readonly found: boolean } {
  const segment = table.directory[hash >>> table.shift] as Int32Array
  const mask = slotsOf(segment) - 1
  for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
    if (segment[2 * slot] === 0) return { segment, slot, found: false }
    if (segment[2 * slot] === entry && segment[2 * slot + 1] === hash) return { segment, slot, found: true }
  }
}

function add(table: Segments, hash: number, entry: number): boolean {
  if (!table.reserve(hash)) return false
  const { segment, slot } = look(table, hash, entry)
  enter(segment, slot, entry, hash)
  return true
}

it.each([
  ['even hashes', (i: number) => mix(i)],
  ['hashes of which half begin alike', (i: number) => (i % 2 === 0 ? mix(i) : mix(i) >>> 14)],
  ['hashes of which many are the same', (i: number) => mix(i % 3 === 0 ? i : i % 50_000)],
] as const)('every entry is found again after 400,000 of %s', (_, hashOf) => {
  const memory = new Memory(1e9)
  const table = new Segments(memory)
  for (let i = 1; i <= 400_000; i++) if (!add(table, hashOf(i) | 0, i)) expect.fail(`no room for ${i}`)
  for (let i = 1; i <= 400_000; i++) if (!look(table, hashOf(i) | 0, i).found) expect.fail(`${i} is lost`)
  expect(table.bytes).toBe(memory.bytes)
  table.dispose()
  expect(memory.bytes).toBe(0)
})

it('more than one segment can hold of the very same hash', () => {
  const table = new Segments(new Memory(1e9))
  for (let i = 1; i <= 3000; i++) if (!add(table, 77, i)) expect.fail(`no room for ${i}`)
  for (let i = 1; i <= 3000; i++) if (!look(table, 77, i).found) expect.fail(`${i} is lost`)
})

it('no growth moves more than one segment of a bounded size (seed 5)', () => {
  const random = new Random(5)
  const memory = new Memory(1e9)
  const table = new Segments(memory)
  let most = 0
  for (let i = 1; i <= 600_000; i++) {
    const before = memory.bytes
    if (!add(table, random.bits() | 0, i)) expect.fail(`no room for ${i}`)
    most = Math.max(most, memory.bytes - before)
  }
  expect(table.bytes).toBeGreaterThan(4e6)
  expect(most).toBeLessThan(1.1e6)
})

it('a segment that may not grow takes entries until an eighth is left, and grows when the cap is raised', () => {
  const memory = new Memory(100_000)
  const table = new Segments(memory)
  let entry = 0
  while (add(table, mix(entry), entry + 1)) entry++
  expect(memory.peak).toBeLessThanOrEqual(100_000)
  expect(entry * 8).toBeGreaterThan(30_000)
  memory.limit = 1e6
  expect(add(table, mix(entry), entry + 1)).toBe(true)
  for (let i = 0; i <= entry; i++) if (!look(table, mix(i), i + 1).found) expect.fail(`${i} is lost`)
})
