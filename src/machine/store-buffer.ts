/**
 * The store buffer of a CPU: x86-TSO (Owens, Sarkar, Sewell 2009; Intel SDM vol. 3A 8.2). A store waits in a FIFO that only its own CPU sees, byte by
 * byte youngest first, and becomes visible to all at once, with two exceptions:
 *   - one that crosses a line becomes visible in two pieces, in either order (8.1.1); what is visible already is no longer forwarded;
 *   - stores of one repeated string instruction may become visible out of order among themselves, not with others (8.2.4).
 * Left out: combining neighbours, and stores that wait because a load overlaps them in part (here such a load mixes bytes).
 */
import { joinHalves } from '../lib/u64.ts'
import { ModelStop } from './fault.ts'
import {
  FLAG_RF,
  FLAGS,
  STOP_UNSUPPORTED,
  STORE_COUNT,
  STORE_FENCED,
  STORE_LOWER,
  STORE_SIZE,
  STORE_STRING,
  STORE_STRING_START,
  STORE_UPPER,
  STORE_WORDS,
  STORES,
} from './layout.ts'
import type { Machine } from './machine.ts'

/** Bytes of this shared access that lie before the boundary at which it tears, or 0 where it is one access. */
export function splitAt(m: Machine, offset: number, size: number): number {
  const at = (m.map.lineOf[offset] as number) & (m.granule - 1)
  return at + size > m.granule ? m.granule - at : 0
}

/** Appends a store of `size` (1..8) bytes. */
export function bufferStore(m: Machine, offset: number, size: number, lo: number, hi: number): void {
  const { w, c } = m
  m.visible = true
  const count = w[c + STORE_COUNT] as number
  if (count >= m.layout.storeCapacity) throw new ModelStop(STOP_UNSUPPORTED, `more than ${m.layout.storeCapacity} buffered stores in one instruction`)
  const at = c + STORES + count * STORE_WORDS
  w[at] = offset
  w[at + 1] = size | (splitAt(m, offset, size) === 0 ? STORE_LOWER : STORE_LOWER | STORE_UPPER) | (m.stringStores ? stringMarks(m, count) : 0)
  w[at + 2] = size >= 4 ? lo : lo & ((1 << (8 * size)) - 1)
  w[at + 3] = size <= 4 ? 0 : size === 8 ? hi : hi & ((1 << (8 * (size - 4))) - 1)
  w[c + STORE_COUNT] = count + 1
  if (offset < m.map.hotBytes) m.config.fetch.ownStore?.(m, offset, size)
}

/**
 * Does this store go on with the string instruction of the store before it? RF is 1 between iterations (step.ts); where it is 1 at a first one, that
 * comes after an IRET, which has emptied the buffer.
 */
function stringMarks(m: Machine, count: number): number {
  const { w, c } = m
  if (count === 0) return STORE_STRING
  const before = w[c + STORES + (count - 1) * STORE_WORDS + 1] as number
  const goesOn = ((w[c + FLAGS] as number) & FLAG_RF) !== 0 && (before & STORE_STRING) !== 0
  return goesOn ? STORE_STRING : STORE_STRING | STORE_STRING_START
}

/**
 * Lists which buffered stores may become visible next, as variants for `drainVariant`: 2 * entry + piece. The oldest always may, in either
 * piece where it crosses a line; of a string instruction's stores at the head, any (no two of them overlap).
 */
export function drainVariants(m: Machine, into: number[]): void {
  const { w, c } = m
  const count = w[c + STORE_COUNT] as number
  for (let i = 0; i < count; i++) {
    const at = c + STORES + i * STORE_WORDS
    const marks = w[at + 1] as number
    if (i > 0) {
      const group = marks & (STORE_STRING | STORE_STRING_START)
      if (group !== STORE_STRING || ((w[c + STORES + 1] as number) & STORE_STRING) === 0) return
    }
    const offset = w[at] as number
    const size = marks & STORE_SIZE
    if (splitAt(m, offset, size) !== 0) {
      if ((marks & STORE_LOWER) !== 0) into.push(2 * i)
      if ((marks & STORE_UPPER) !== 0) into.push(2 * i + 1)
    } else {
      into.push(2 * i)
      // One store that is several to instruction fetch: which of its units does fetch see first?
      if (offset < m.map.hotBytes && m.config.fetch.orders?.(m, offset, size) === 2) into.push(2 * i + 1)
    }
  }
}

/** Makes a buffered store (or a piece of it) visible. */
export function drainVariant(m: Machine, variant: number): void {
  const { w, c } = m
  const at = c + STORES + (variant >> 1) * STORE_WORDS
  const piece = variant & 1
  const offset = w[at] as number
  const marks = w[at + 1] as number
  const size = marks & STORE_SIZE
  const lo = w[at + 2] as number
  const hi = w[at + 3] as number
  const split = splitAt(m, offset, size)
  if (split === 0) commit(m, offset, size, lo, hi, piece === 1 ? 'upper first' : 'lower first')
  else {
    if (piece === 0) commit(m, offset, split, lo, hi, 'lower first')
    else commit(m, offset + split, size - split, ...shiftRight(lo, hi, 8 * split), 'lower first')
    const left = marks & ~(piece === 0 ? STORE_LOWER : STORE_UPPER)
    if ((left & (STORE_LOWER | STORE_UPPER)) !== 0) {
      w[at + 1] = left
      return
    }
  }
  const count = (w[c + STORE_COUNT] as number) - 1
  const end = c + STORES + count * STORE_WORDS
  w.copyWithin(at, at + STORE_WORDS, end + STORE_WORDS)
  w.fill(0, end, end + STORE_WORDS)
  w[c + STORE_COUNT] = count
  // The next one may be the head now, which is the start of its string instruction in any case.
  if (count > 0) w[c + STORES + 1] = (w[c + STORES + 1] as number) & ~STORE_STRING_START
}

/** SFENCE: later x2APIC writes wait for what is buffered now (loads and stores keep their order anyway). */
export function fenceStores(m: Machine): void {
  const { w, c } = m
  const count = w[c + STORE_COUNT] as number
  if (count === 0) return
  const marks = c + STORES + (count - 1) * STORE_WORDS + 1
  w[marks] = (w[marks] as number) | STORE_FENCED
}

export function hasFencedStore(m: Machine): boolean {
  const { w, c } = m
  const count = w[c + STORE_COUNT] as number
  for (let i = 0; i < count; i++) if (((w[c + STORES + i * STORE_WORDS + 1] as number) & STORE_FENCED) !== 0) return true
  return false
}

/** How fetch sees a store that covers several of its units: one after another, or (locked) together. */
export type CommitOrder = 'lower first' | 'upper first' | 'together'

const old = new Uint8Array(8)

/** Makes bytes of shared memory visible to all; hot ones reach fetch too. */
export function commit(m: Machine, offset: number, size: number, lo: number, hi: number, order: CommitOrder): void {
  m.visible = true
  const at = m.layout.sharedMemory * 4 + offset
  const hot = offset < m.map.hotBytes
  if (hot) for (let i = 0; i < size; i++) old[i] = m.u8[at + i] as number
  writeBytes(m.u8, at, size, lo, hi)
  if (hot) m.config.fetch.commit(m, offset, size, old, order)
  if (m.listener !== null) {
    const value = joinHalves(lo, hi) & ((1n << BigInt(8 * size)) - 1n)
    m.listener({ kind: 'visible', cpu: m.cpu, address: m.addressOfShared(offset), size, value, hot })
  }
}

/** What this CPU sees of shared memory: its own buffered bytes, youngest first, else memory. Leaves it in m.lo, m.hi. */
export function readShared(m: Machine, offset: number, size: number): void {
  const { w } = m
  readBytes(m, m.u8, m.layout.sharedMemory * 4 + offset, size)
  const count = w[m.c + STORE_COUNT] as number
  for (let i = 0; i < count; i++) {
    const at = m.c + STORES + i * STORE_WORDS
    const start = w[at] as number
    const length = (w[at + 1] as number) & STORE_SIZE
    if (start >= offset + size || start + length <= offset) continue
    const from = firstBuffered(m, at)
    const end = endBuffered(m, at)
    for (let k = from; k < end; k++) {
      const target = start + k - offset
      if (target < 0 || target >= size) continue
      const byte = k < 4 ? ((w[at + 2] as number) >>> (8 * k)) & 0xff : ((w[at + 3] as number) >>> (8 * (k - 4))) & 0xff
      if (target < 4) m.lo = (m.lo & ~(0xff << (8 * target))) | (byte << (8 * target))
      else m.hi = (m.hi & ~(0xff << (8 * (target - 4)))) | (byte << (8 * (target - 4)))
    }
  }
}

/** The bytes of an entry that are not visible yet: all, or those of the piece that is left. */
function firstBuffered(m: Machine, at: number): number {
  const marks = m.w[at + 1] as number
  return (marks & STORE_LOWER) !== 0 ? 0 : splitAt(m, m.w[at] as number, marks & STORE_SIZE)
}

function endBuffered(m: Machine, at: number): number {
  const marks = m.w[at + 1] as number
  const size = marks & STORE_SIZE
  if ((marks & STORE_UPPER) !== 0) return size
  return splitAt(m, m.w[at] as number, size) || size
}

/** Puts this CPU's own buffered bytes over `bytes`, which hold shared memory from `offset` on: what a fetch sees that heeds own stores. */
export function overlayOwnStores(m: Machine, offset: number, bytes: Uint8Array): void {
  const { w } = m
  const count = w[m.c + STORE_COUNT] as number
  for (let i = 0; i < count; i++) {
    const at = m.c + STORES + i * STORE_WORDS
    const end = endBuffered(m, at)
    for (let k = firstBuffered(m, at); k < end; k++) {
      const target = (w[at] as number) + k - offset
      if (target < 0 || target >= bytes.length) continue
      bytes[target] = (k < 4 ? (w[at + 2] as number) >>> (8 * k) : (w[at + 3] as number) >>> (8 * (k - 4))) & 0xff
    }
  }
}

/** Leaves 1..8 bytes, zero-extended, in m.lo, m.hi. */
export function readBytes(m: Machine, from: Uint8Array, at: number, size: number): void {
  m.hi = 0
  if (size === 4) {
    m.lo = (from[at] as number) | ((from[at + 1] as number) << 8) | ((from[at + 2] as number) << 16) | ((from[at + 3] as number) << 24)
  } else if (size === 8) {
    m.lo = (from[at] as number) | ((from[at + 1] as number) << 8) | ((from[at + 2] as number) << 16) | ((from[at + 3] as number) << 24)
    m.hi = (from[at + 4] as number) | ((from[at + 5] as number) << 8) | ((from[at + 6] as number) << 16) | ((from[at + 7] as number) << 24)
  } else if (size === 1) {
    m.lo = from[at] as number
  } else {
    let lo = 0
    let hi = 0
    for (let i = 0; i < size; i++) {
      if (i < 4) lo |= (from[at + i] as number) << (8 * i)
      else hi |= (from[at + i] as number) << (8 * (i - 4))
    }
    m.lo = lo
    m.hi = hi
  }
}

export function writeBytes(into: Uint8Array, at: number, size: number, lo: number, hi: number): void {
  if (size === 4 || size === 8) {
    into[at] = lo
    into[at + 1] = lo >>> 8
    into[at + 2] = lo >>> 16
    into[at + 3] = lo >>> 24
    if (size === 4) return
    into[at + 4] = hi
    into[at + 5] = hi >>> 8
    into[at + 6] = hi >>> 16
    into[at + 7] = hi >>> 24
    return
  }
  for (let i = 0; i < size; i++) into[at + i] = i < 4 ? lo >>> (8 * i) : hi >>> (8 * (i - 4))
}

export function shiftRight(lo: number, hi: number, bits: number): [number, number] {
  if (bits === 0) return [lo, hi]
  if (bits >= 32) return [bits === 32 ? hi : hi >>> (bits - 32), 0]
  return [(lo >>> bits) | (hi << (32 - bits)), hi >>> bits]
}
