/**
 * Instruction fetch: which bytes does a CPU get when it executes at an address? (docs/fetch-models.md)
 *
 * Cold text never changes and is decoded once. Only *hot* bytes (those that a patcher writes) carry fetch state, cut into units of U bytes that are
 * fetched whole. A fetch model says which values a unit may show to a CPU; every distinct byte string that results is a variant of the
 * CPU's step, in ascending order of the bytes. Facts: Intel SDM vol. 3A 8.1.3 and 11.6, AMD APM vol. 2 7.6.1.
 */
import { bytesToHex } from '../lib/bytes.ts'
import type { Instruction } from './instruction.ts'
import { type Bound, bind } from './isa/registry.ts'
import { BOX_FETCH, STOP_FETCH_SET } from './layout.ts'
import { type Machine, ModelStop } from './machine.ts'
import { HOT, type MemoryMap, type Piece, PRIVATE, ROM } from './memory-map.ts'

/** One way in which this CPU can execute the instruction at its RIP. */
export interface Fetched {
  readonly instruction: Instruction
  readonly bound: Bound | null
  /** The instruction's own bytes, as fetched. */
  readonly bytes: Uint8Array
  /** At least one of them is hot. */
  readonly hot: boolean
  /** What the fetch model has to note when this variant is taken. */
  readonly token: number
  /** Set where the fetch itself faults: the first byte that is not mapped executable. */
  readonly fault: { readonly lo: number; readonly hi: number; readonly present: boolean } | null
}

/** What a unit may show, with a token that the model passes on to the next unit of the same fetch (left to right). */
export interface UnitOption {
  readonly bytes: Uint8Array
  readonly token: number
}

export interface FetchModel {
  readonly name: string
  /** Bytes that are fetched whole: 1, 8, 16, 32 or 64. */
  readonly unitSize: number
  /** Words of fetch state a CPU needs. */
  words(units: readonly HotUnit[]): number
  /** Nothing is stale: at the start, and after a serialising event of the selected CPU. */
  refresh(m: Machine): void
  /** Bytes of hot memory have become visible: notes them for every CPU. */
  commit(m: Machine, offset: number, size: number): void
  /** The values that unit may show to the selected CPU. `token` is -1 for the first unit of a fetch. */
  options(m: Machine, unit: HotUnit, token: number): readonly UnitOption[]
  /** The selected CPU took a variant with this token. */
  consume(m: Machine, token: number): void
}

/** A run of hot bytes in one fetch unit. `first`: index of its first byte among all hot bytes. */
export interface HotUnit {
  readonly index: number
  readonly first: number
  readonly length: number
  /** Byte offset of the unit's state in a CPU's fetch state (model worst). */
  readonly stateAt: number
}

/** Values of one unit that `worst` can keep apart; more stop the CPU with a clear message. */
const SET_CAPACITY = 6

const unitsOf = new WeakMap<MemoryMap, Map<number, readonly HotUnit[]>>()

export function hotUnits(map: MemoryMap, unitSize: number): readonly HotUnit[] {
  let bySize = unitsOf.get(map)
  if (bySize === undefined) unitsOf.set(map, (bySize = new Map()))
  let units = bySize.get(unitSize)
  if (units === undefined) {
    const list: HotUnit[] = []
    let stateAt = 0
    for (const range of map.hot) {
      for (let at = 0; at < range.length; ) {
        const length = Math.min(range.length - at, unitSize - (((range.lo >>> 0) + at) % unitSize))
        list.push({ index: list.length, first: range.first + at, length, stateAt })
        stateAt += 1 + SET_CAPACITY * length
        at += length
      }
    }
    bySize.set(unitSize, (units = list))
  }
  return units
}

/** No staleness at all: every fetch sees memory as it is. Shows which hazards remain even then. */
export const coherent: FetchModel = {
  name: 'coherent',
  unitSize: 64,
  words: () => 0,
  refresh: () => {},
  commit: () => {},
  options: (m, unit) => [{ bytes: memoryOf(m, unit), token: 0 }],
  consume: () => {},
}

/**
 * What Intel's manual leaves open: each unit of a fetch shows, independently, its value when this CPU last serialised or any value committed since.
 * With U = 1 this is the strict reading; larger units are the fetch-block readings. Exception entry does not refresh, IRET does.
 */
export function worst(unitSize: number): FetchModel {
  const stateOf = (m: Machine, cpu: number, unit: HotUnit) => ((m.layout.boxes[cpu] as number) + BOX_FETCH) * 4 + unit.stateAt
  return {
    name: 'worst',
    unitSize,
    words: (units) => {
      const last = units[units.length - 1]
      return last === undefined ? 0 : (last.stateAt + 1 + SET_CAPACITY * last.length + 3) >> 2
    },
    refresh(m) {
      for (const unit of hotUnits(m.map, unitSize)) {
        const at = stateOf(m, m.cpu, unit)
        m.u8.fill(0, at, at + 1 + SET_CAPACITY * unit.length)
        m.u8[at] = 1
        m.u8.set(memoryOf(m, unit), at + 1)
      }
    },
    commit(m, offset, size) {
      for (const unit of hotUnits(m.map, unitSize)) {
        if (unit.first >= offset + size || unit.first + unit.length <= offset) continue
        const value = memoryOf(m, unit)
        for (let cpu = 0; cpu < m.layout.cpus; cpu++) insert(m.u8, stateOf(m, cpu, unit), unit.length, value)
      }
    },
    options(m, unit) {
      const at = stateOf(m, m.cpu, unit)
      return Array.from({ length: m.u8[at] as number }, (_, i) => ({
        bytes: m.u8.slice(at + 1 + i * unit.length, at + 1 + (i + 1) * unit.length),
        token: 0,
      }))
    },
    consume: () => {},
  }
}

/** Adds a value to a sorted set: [count, value, value, …]. */
function insert(u8: Uint8Array, at: number, length: number, value: Uint8Array): void {
  const count = u8[at] as number
  let place = at + 1
  for (let i = 0; i < count; i++, place += length) {
    const order = compare(u8, place, value)
    if (order === 0) return
    if (order > 0) break
  }
  if (count === SET_CAPACITY) throw new ModelStop(STOP_FETCH_SET, `more than ${SET_CAPACITY} values of one fetch unit since a CPU last serialised`)
  u8.copyWithin(place + length, place, at + 1 + count * length)
  u8.set(value, place)
  u8[at] = count + 1
}

function compare(u8: Uint8Array, at: number, value: Uint8Array): number {
  for (let i = 0; i < value.length; i++) {
    const difference = (u8[at + i] as number) - (value[i] as number)
    if (difference !== 0) return difference
  }
  return 0
}

function memoryOf(m: Machine, unit: HotUnit): Uint8Array {
  const at = m.layout.sharedMemory * 4 + unit.first
  return m.u8.slice(at, at + unit.length)
}

// ── fetching ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

const WINDOW = 15
const window = new Uint8Array(WINDOW)
/** For each byte of the window: index among the hot bytes, or -1. */
const hotIndex = new Int32Array(WINDOW)

function findExec(m: Machine, lo: number, hi: number): Piece | null {
  for (const piece of m.map.pieces) {
    if (piece.hi === hi && (lo - piece.lo) >>> 0 < piece.size) return piece.exec ? piece : null
  }
  return null
}

/** The code piece that served the last fetch of this map: most fetches stay in it. */
const lastPiece = new WeakMap<MemoryMap, Piece>()

/** All ways in which the selected CPU can execute at lo:hi; at least one. */
export function fetchVariants(m: Machine, lo: number, hi: number): readonly Fetched[] {
  let piece: Piece | null = lastPiece.get(m.map) ?? null
  if (piece === null || piece.hi !== hi || (lo - piece.lo) >>> 0 >= piece.size) {
    piece = findExec(m, lo, hi)
    if (piece === null) return [faulting(m, lo, hi)]
    lastPiece.set(m.map, piece)
  }
  const offset = (lo - piece.lo) >>> 0
  if (piece.kind === ROM) {
    const cached = piece.fetched[offset]
    if (cached !== undefined) return cached.single
    const variants = fetchThrough(m, lo, hi)
    const first = variants[0] as Fetched
    if (variants.length === 1 && !first.hot && first.fault === null && offset + first.bytes.length <= piece.size) piece.fetched[offset] = cache(first)
    return variants
  }
  if (piece.kind === HOT) return fetchThrough(m, lo, hi)
  // Code in writable memory: valid as long as its bytes are the same.
  const cached = piece.fetched[offset]
  const base = piece.kind === PRIVATE ? (m.c + m.layout.ownMemory) * 4 : m.layout.sharedMemory * 4
  if (cached !== undefined && same(m.u8, base + piece.offset + offset, cached.bytes)) return cached.single
  const variants = fetchThrough(m, lo, hi)
  const first = variants[0] as Fetched
  if (first.fault === null && offset + first.bytes.length <= piece.size) piece.fetched[offset] = cache(first)
  return variants
}

/** A cached result carries the array that it is returned in, so that a hit allocates nothing. */
export interface CachedFetch extends Fetched {
  readonly single: readonly [Fetched]
}

function cache(fetched: Fetched): CachedFetch {
  return { ...fetched, single: [fetched] }
}

function same(u8: Uint8Array, at: number, bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (u8[at + i] !== bytes[i]) return false
  return true
}

/** Reads the window byte by byte and enumerates what the hot units in it may show. */
function fetchThrough(m: Machine, lo: number, hi: number): readonly Fetched[] {
  let length = 0
  let fault: Fetched['fault'] = null
  for (; length < WINDOW; length++) {
    const at = (lo + length) | 0
    const atHi = (at >>> 0 < length ? hi + 1 : hi) | 0
    const piece = findExec(m, at, atHi)
    if (piece === null) {
      fault = { lo: at, hi: atHi, present: m.find(at, atHi) !== null }
      break
    }
    const offset = piece.offset + ((at - piece.lo) >>> 0)
    hotIndex[length] = piece.kind === HOT ? offset : -1
    window[length] = (
      piece.kind === ROM
        ? m.map.rom[offset]
        : piece.kind === PRIVATE
          ? m.u8[(m.c + m.layout.ownMemory) * 4 + offset]
          : m.u8[m.layout.sharedMemory * 4 + offset]
    ) as number
  }
  const found = new Map<string, Fetched>()
  enumerate(m, lo, hi, length, fault, 0, -1, found)
  return found.size === 1 ? [...found.values()] : [...found.entries()].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map((entry) => entry[1])
}

/**
 * Chooses values for the hot units of the window from `from` on, left to right, but only as far as the instruction reaches: the decoder
 * reads bytes in order, so a decode whose length ends before the next undecided unit does not depend on it.
 */
function enumerate(
  m: Machine,
  lo: number,
  hi: number,
  length: number,
  fault: Fetched['fault'],
  from: number,
  token: number,
  found: Map<string, Fetched>,
): void {
  let next = from
  while (next < length && (hotIndex[next] as number) < 0) next++
  const bytes = window.slice(0, length)
  const instruction = m.config.decode(bytes, lo, hi, m.bits)
  const cut = instruction.invalid === 'no-more-bytes'
  const used = cut ? length : Math.min(instruction.length, length)
  if (next >= used) {
    const own = bytes.slice(0, used)
    const hot = hotIndex.subarray(0, used).some((index) => index >= 0)
    const key = bytesToHex(own)
    if (!found.has(key)) {
      found.set(key, { instruction, bound: cut ? null : bind(instruction, m.bits), bytes: own, hot, token, fault: cut ? fault : null })
    }
    return
  }
  const index = hotIndex[next] as number
  const unit = hotUnits(m.map, m.config.fetch.unitSize).find(
    (candidate) => index >= candidate.first && index < candidate.first + candidate.length,
  ) as HotUnit
  for (const option of m.config.fetch.options(m, unit, token)) {
    let end = next
    for (let at = index - unit.first; at < unit.length && end < length && hotIndex[end] === unit.first + at; at++, end++)
      window[end] = option.bytes[at] as number
    enumerate(m, lo, hi, length, fault, end, option.token, found)
  }
}

function faulting(m: Machine, lo: number, hi: number): Fetched {
  const instruction: Instruction = {
    mnemonic: 'invalid',
    code: 'INVALID',
    length: 0,
    operands: [],
    lock: false,
    rep: false,
    repne: false,
    addressSize: 8,
    stackSize: 0,
    lockable: false,
    privileged: false,
    serializingIntel: false,
    serializingAmd: false,
    invalid: 'no-more-bytes',
  }
  return { instruction, bound: null, bytes: new Uint8Array(0), hot: false, token: 0, fault: { lo, hi, present: m.find(lo, hi) !== null } }
}
