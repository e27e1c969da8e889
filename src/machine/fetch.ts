/**
 * Instruction fetch: which bytes does a CPU get when it executes at an address?
 *
 * Cold text is decoded once. Where hot bytes take part, the fetch model says what they may show (fetch-model.ts); every distinct byte string that
 * results is a variant of the CPU's step, in ascending order of the bytes. Code in private memory shows what its only writer wrote.
 * Facts: Intel SDM vol. 3A 8.1.3 and 11.6, AMD APM vol. 2 7.6.1.
 */
import { bytesToHex } from '../lib/bytes.ts'
import { ModelStop } from './fault.ts'
import { type FetchModel, type HotUnit, unitAt } from './fetch-model.ts'
import type { Instruction } from './instruction.ts'
import { type Bound, bind } from './isa/registry.ts'
import { STOP_PRIVATE } from './layout.ts'
import type { Machine } from './machine.ts'
import { HOT, type Piece, PRIVATE, ROM } from './memory-map.ts'

export { type FetchModel, type HotUnit, hotUnits, type UnitOption } from './fetch-model.ts'
export { coherent } from './fetch-models.ts'
export { worst } from './fetch-worst.ts'

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
  /** Set where fetching leaves the model: code in another CPU's private memory. */
  readonly stop?: ModelStop
}

/** A cached result carries the array that it is returned in, so that a hit allocates nothing. */
export interface CachedFetch extends Fetched {
  readonly single: readonly [Fetched]
}

/** A fetch at a hot address, with all that it depended on: what memory held of the window, and the fetch model's state. */
export interface RememberedFetch {
  readonly fetch: FetchModel
  readonly memory: Uint8Array
  readonly state: Uint8Array
  readonly variants: readonly Fetched[]
}

/** What the bytes at a hot address mean. */
export interface DecodedHot {
  readonly instruction: Instruction
  readonly bound: Bound | null
}

const WINDOW = 15
const window = new Uint8Array(WINDOW)
/** For each byte of the window: the hot unit whose value is still to be chosen, or null. */
const undecided: (HotUnit | null)[] = Array.from({ length: WINDOW }, () => null)
/** For each byte of the window: its index among the hot bytes, or -1. */
const hotIndex = new Int32Array(WINDOW)

/** All ways in which the selected CPU can execute at lo:hi; at least one. */
export function fetchVariants(m: Machine, lo: number, hi: number): readonly Fetched[] {
  const piece = findExec(m, lo, hi)
  if (piece === null) return [faulting(m, lo, hi)]
  const offset = (lo - piece.lo) >>> 0
  if (piece.kind === HOT) return fetchHot(m, piece, offset, lo, hi)
  const cached = piece.fetched[offset]
  if (piece.kind === ROM) {
    if (cached !== undefined) return cached.single
    return remember(piece, offset, fetchThrough(m, piece, lo, hi))
  }
  if (piece.owner !== m.cpu) return [{ ...EMPTY, stop: privateCode(m, piece) }]
  // Code in private memory: valid as long as its bytes are the same.
  if (cached !== undefined && same(m.u8, (m.c + m.layout.ownMemory) * 4 + piece.offset + offset, cached.bytes)) return cached.single
  return remember(piece, offset, fetchThrough(m, piece, lo, hi))
}

/** The instruction that these bytes are, at lo:hi; for one that has been fetched in an earlier step. */
export function decodeFetched(m: Machine, bytes: Uint8Array, lo: number, hi: number): Fetched {
  const instruction = m.config.decode(bytes, lo, hi, m.bits)
  return { instruction, bound: bind(instruction, m.bits), bytes, hot: true, token: -1, fault: null }
}

/** Fetches remembered for an address; a search goes to and fro between few situations. */
const REMEMBERED = 8

/** A fetch at a hot address: remembered, if nothing that it depends on has changed. */
function fetchHot(m: Machine, piece: Piece, offset: number, lo: number, hi: number): readonly Fetched[] {
  const { fetch } = m.config
  if (fetch.showsMemory?.(m) === true && offset + WINDOW <= piece.size) return fetchShown(m, piece, offset, lo, hi)
  const length = Math.min(WINDOW, piece.size - offset)
  // Only windows with a single stretch of hot bytes: the others are rare.
  const first = piece.offset + offset
  const range = isAlone(m, lo, hi, length)
    ? fetch.dependsOn?.(m, unitAt(m.map, fetch.unitSize, first), unitAt(m.map, fetch.unitSize, first + length - 1))
    : null
  if (range === null || range === undefined) return fetchThrough(m, piece, lo, hi)
  const [from, to] = range
  const memory = m.layout.sharedMemory * 4 + first
  let known = piece.remembered[offset]
  if (known === undefined) piece.remembered[offset] = known = []
  for (const entry of known) {
    if (entry.fetch === fetch && entry.state.length === to - from && same(m.u8, from, entry.state) && same(m.u8, memory, entry.memory))
      return entry.variants
  }
  const variants = fetchThrough(m, piece, lo, hi)
  if (known.length === REMEMBERED) known.shift()
  known.push({ fetch, memory: m.u8.slice(memory, memory + length), state: m.u8.slice(from, to), variants })
  return variants
}

/** The same where fetch shows what memory holds: an instruction is known by its own bytes. */
function fetchShown(m: Machine, piece: Piece, offset: number, lo: number, hi: number): readonly Fetched[] {
  const at = m.layout.sharedMemory * 4 + piece.offset + offset
  let known = piece.shown[offset]
  if (known === undefined) piece.shown[offset] = known = []
  for (const entry of known) if (same(m.u8, at, entry.bytes)) return entry.single
  const { instruction, bound } = decodeNow(m, m.u8.slice(at, at + WINDOW), lo, hi)
  const fetched = { instruction, bound, bytes: m.u8.slice(at, at + instruction.length), hot: true, token: 0, fault: null }
  const single: [Fetched] = [fetched]
  if (known.length === REMEMBERED) known.shift()
  known.push({ ...fetched, single })
  return single
}

/** Is all that follows these hot bytes in the window text that never changes? */
function isAlone(m: Machine, lo: number, hi: number, length: number): boolean {
  if (length === WINDOW) return true
  const next = (lo + length) | 0
  const behind = m.find(next, (next >>> 0 < length ? hi + 1 : hi) | 0)
  if (behind === null) return true
  if (behind.kind !== ROM || !behind.exec) return false
  return behind.size >= WINDOW - length
}

function findExec(m: Machine, lo: number, hi: number): Piece | null {
  const last = m.codePiece
  if (last !== null && last.hi === hi && (lo - last.lo) >>> 0 < last.size) return last
  const piece = m.find(lo, hi)
  if (piece?.exec !== true) return null
  m.codePiece = piece
  return piece
}

/** Keeps what does not depend on anything but the piece's own bytes. */
function remember(piece: Piece, offset: number, variants: readonly Fetched[]): readonly Fetched[] {
  const first = variants[0] as Fetched
  if (variants.length > 1 || first.hot || first.fault !== null || first.stop !== undefined || offset + first.bytes.length > piece.size)
    return variants
  const single: [Fetched] = [first]
  piece.fetched[offset] = { ...first, single }
  return single
}

function same(u8: Uint8Array, at: number, bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (u8[at + i] !== bytes[i]) return false
  return true
}

// ── reading the window ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Place {
  readonly lo: number
  readonly hi: number
  readonly piece: Piece
  /** Bytes that can be read before the fetch faults or leaves the model. */
  readonly length: number
  readonly fault: Fetched['fault']
  readonly stop: ModelStop | undefined
}

/** Reads the window byte by byte and enumerates what the hot units in it may show. */
function fetchThrough(m: Machine, piece: Piece, lo: number, hi: number): readonly Fetched[] {
  let length = 0
  let fault: Fetched['fault'] = null
  let stop: ModelStop | undefined
  for (; length < WINDOW; length++) {
    const at = (lo + length) | 0
    const atHi = (at >>> 0 < length ? hi + 1 : hi) | 0
    const found = findExec(m, at, atHi)
    if (found === null) {
      fault = { lo: at, hi: atHi, present: m.find(at, atHi) !== null }
      break
    }
    if (found.kind === PRIVATE && found.owner !== m.cpu) {
      stop = privateCode(m, found)
      break
    }
    const offset = found.offset + ((at - found.lo) >>> 0)
    const hot = found.kind === HOT
    hotIndex[length] = hot ? offset : -1
    undecided[length] = hot ? unitAt(m.map, m.config.fetch.unitSize, offset) : null
    window[length] = hot ? (m.u8[m.layout.sharedMemory * 4 + offset] as number) : m.peek(at, atHi)
  }
  const found = new Map<string, Fetched>()
  enumerate(m, { lo, hi, piece, length, fault, stop }, 0, -1, found)
  if (found.size === 1) return [...found.values()]
  return [...found.entries()].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map((entry) => entry[1])
}

/**
 * Chooses values for the hot units of the window from `from` on, left to right, but only as far as the instruction reaches: the decoder
 * reads bytes in order, so a decode whose length ends before the next undecided unit does not depend on it.
 */
function enumerate(m: Machine, place: Place, from: number, token: number, found: Map<string, Fetched>): void {
  const { length } = place
  let next = from
  while (next < length && undecided[next] === null) next++
  const { instruction, bound } = decodeWindow(m, place)
  const cut = instruction.invalid === 'no-more-bytes'
  const used = cut ? length : Math.min(instruction.length, length)
  if (next >= used) {
    const bytes = window.slice(0, used)
    const key = bytesToHex(bytes)
    if (found.has(key)) return
    const hot = hotIndex.subarray(0, used).some((index) => index >= 0)
    const fetched = { instruction, bound: cut ? null : bound, bytes, hot, token, fault: cut ? place.fault : null }
    found.set(key, cut && place.stop !== undefined ? { ...fetched, stop: place.stop } : fetched)
    return
  }
  const unit = undecided[next] as HotUnit
  const places: number[] = []
  for (let at = next; at < length; at++) if (undecided[at] === unit) places.push(at)
  const before = places.map((at) => window[at] as number)
  for (const at of places) undecided[at] = null
  for (const option of m.config.fetch.options(m, unit, token)) {
    for (const at of places) window[at] = option.bytes[(hotIndex[at] as number) - unit.first] as number
    enumerate(m, place, next + 1, option.token, found)
  }
  for (const [i, at] of places.entries()) {
    undecided[at] = unit
    window[at] = before[i] as number
  }
}

/** Decodes the window; at hot addresses the same few byte strings come again and again, so they are remembered. */
function decodeWindow(m: Machine, { lo, hi, piece, length }: Place): DecodedHot {
  const bytes = window.slice(0, length)
  if (piece.kind !== HOT) return decodeNow(m, bytes, lo, hi)
  const offset = (lo - piece.lo) >>> 0
  let known = piece.decoded[offset]
  if (known === undefined) piece.decoded[offset] = known = new Map()
  const key = bytesToHex(bytes)
  let decoded = known.get(key)
  if (decoded === undefined) known.set(key, (decoded = decodeNow(m, bytes, lo, hi)))
  return decoded
}

function decodeNow(m: Machine, bytes: Uint8Array, lo: number, hi: number): DecodedHot {
  const instruction = m.config.decode(bytes, lo, hi, m.bits)
  return { instruction, bound: bind(instruction, m.bits) }
}

// ── fetches that lead nowhere ───────────────────────────────────────────────────────────────────────────────────────────────────────

const NOTHING: Instruction = {
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

const EMPTY = { instruction: NOTHING, bound: null, bytes: new Uint8Array(0), hot: false, token: 0, fault: null }

/** Not a fetch at all: the CPU delivers the exception that has waited for its stores (progress.ts). */
export const WAITING_EVENT: Fetched = { ...EMPTY, instruction: { ...NOTHING, mnemonic: 'exception' } }

function faulting(m: Machine, lo: number, hi: number): Fetched {
  return { ...EMPTY, fault: { lo, hi, present: m.find(lo, hi) !== null } }
}

function privateCode(m: Machine, piece: Piece): ModelStop {
  return new ModelStop(STOP_PRIVATE, `CPU ${m.cpu} executes ${piece.region}, which the scenario declares private to CPU ${piece.owner}`)
}
