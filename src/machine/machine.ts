/**
 * The machine as an instruction sees it: registers and memory of the CPU that moves, on a packed state (layout.ts).
 *
 * Data memory is x86-TSO (Owens, Sarkar, Sewell 2009; facts: Intel SDM vol. 3A ch. 8): a store to shared memory enters this CPU's FIFO store buffer,
 * a load takes the youngest own buffered byte or memory, a locked operation needs an empty buffer and goes straight to memory. Stores to
 * memory that only this CPU may touch take effect at once: nobody else can observe when.
 *
 * Values of 64 bits travel as two 32-bit halves; a load leaves them in `lo` and `hi` (zero-extended). An instruction that cannot complete
 * throws before it has changed anything: a `Fault`, or a `ModelStop` where the model ends (never a guess).
 */

import { hexOfHalves, joinHalves } from '../lib/u64.ts'
import type { EventListener } from './events.ts'
import type { FetchModel } from './fetch.ts'
import type { Decode } from './instruction.ts'
import {
  CR2,
  CS,
  FLAG_AC,
  FLAGS,
  GPR,
  type Layout,
  SEGMENTS,
  STOP_COLD_TEXT,
  STOP_DEAD_STACK,
  STOP_PRIVATE,
  STOP_UNSUPPORTED,
  STORE_COUNT,
  STORE_WORDS,
  STORES,
} from './layout.ts'
import { HOT, type MemoryMap, type Piece, PRIVATE, ROM } from './memory-map.ts'

const RSP = GPR + 8

/** An exception that the running instruction raises. Preallocated and reused: it carries no stack trace. */
export class Fault {
  vector = 0
  /** The error code, or -1 where the exception has none. */
  errorCode = -1
}

/** The run leaves what the model covers: this CPU stops, honestly. */
export class ModelStop {
  readonly reason: number
  readonly detail: string

  constructor(reason: number, detail: string) {
    this.reason = reason
    this.detail = detail
  }
}

export const VECTOR_DE = 0
export const VECTOR_DB = 1
export const VECTOR_NMI = 2
export const VECTOR_BP = 3
export const VECTOR_OF = 4
export const VECTOR_BR = 5
export const VECTOR_UD = 6
export const VECTOR_DF = 8
export const VECTOR_SS = 12
export const VECTOR_GP = 13
export const VECTOR_PF = 14
export const VECTOR_AC = 17

export interface Gate {
  readonly handlerLo: number
  readonly handlerHi: number
  readonly type: 'interrupt' | 'trap'
  /** 0 = stay on the stack; 1..7 = this CPU's IST entry (64-bit only). */
  readonly ist: number
  readonly dpl: number
}

export interface MachineConfig {
  readonly bits: 64 | 32
  readonly layout: Layout
  readonly map: MemoryMap
  /** By vector. A vector without an entry stops the CPU that needs it. */
  readonly gates: readonly (Gate | undefined)[]
  /** Stack tops IST1..IST7 of each CPU, as halves; and RSP0/ESP0 for a change to CPL 0. */
  readonly ist: readonly (readonly (readonly [number, number] | undefined)[])[]
  readonly rsp0: readonly (readonly [number, number] | undefined)[]
  readonly kernelCs: number
  readonly kernelSs: number
  readonly fetch: FetchModel
  readonly decode: Decode
}

let nextCodeVersion = 1

export class Machine {
  readonly config: MachineConfig
  readonly bits: 64 | 32
  readonly layout: Layout
  readonly map: MemoryMap
  /** The packed state, and the same bytes. */
  readonly w: Int32Array<ArrayBuffer>
  readonly u8: Uint8Array<ArrayBuffer>
  /** The CPU that moves, and the word offset of its part. */
  cpu = 0
  c = 0
  /** Result of the last load. */
  lo = 0
  hi = 0
  /** Result of the last effective-address computation (isa/operands.ts). */
  eaLo = 0
  eaHi = 0
  /** Where the running instruction continues; branches change it. */
  nextLo = 0
  nextHi = 0
  /** The running instruction set an interrupt shadow for the next boundary (a STATUS_* bit). */
  shadow = 0
  /** The running step did something that other CPUs can see or that depends on them: it ends a run of local steps (docs/search.md). */
  visible = false
  /** A repeated string instruction has iterations left: it stays at its address and has not retired. */
  repeating = false
  /** Is anything listening? Every emission is guarded by `listener !== null`. */
  listener: EventListener | null = null
  /** What the last ModelStop said, for messages; no part of the state. */
  stopDetail = ''
  readonly fault = new Fault()
  /** Bytes of this CPU's private memory that the fast loop has decoded (plain-run.ts), and a number that changes with every store into them. */
  codeFrom = 0
  codeTo = 0
  codeVersion = nextCodeVersion++
  private dataPiece: Piece | null = null
  /** A locked operation is loading: it does not tear. */
  private locked = false

  constructor(config: MachineConfig) {
    this.config = config
    this.bits = config.bits
    this.layout = config.layout
    this.map = config.map
    this.w = new Int32Array(config.layout.words)
    this.u8 = new Uint8Array(this.w.buffer)
  }

  /** Makes `cpu` the one that moves. */
  select(cpu: number): void {
    this.cpu = cpu
    this.c = this.layout.parts[cpu] as number
  }

  get cpl(): number {
    return (this.w[this.c + SEGMENTS + CS] as number) & 3
  }

  raise(vector: number, errorCode = -1): never {
    this.fault.vector = vector
    this.fault.errorCode = errorCode
    throw this.fault
  }

  unsupported(detail: string): never {
    throw new ModelStop(STOP_UNSUPPORTED, detail)
  }

  // ── memory ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The piece that maps this byte, or null. */
  find(lo: number, hi: number): Piece | null {
    const last = this.dataPiece
    if (last !== null && last.hi === hi && (lo - last.lo) >>> 0 < last.size) return last
    for (const piece of this.map.pieces) {
      if (piece.hi === hi && (lo - piece.lo) >>> 0 < piece.size) {
        this.dataPiece = piece
        return piece
      }
    }
    return null
  }

  /** Loads `size` (1, 2, 4, 8) bytes, zero-extended, into `lo`/`hi`. */
  load(lo: number, hi: number, size: number): void {
    const piece = this.find(lo, hi)
    const offset = piece === null ? 0 : (lo - piece.lo) >>> 0
    if (piece === null || offset + size > piece.size || !piece.read) {
      this.loadBytes(lo, hi, size)
    } else if (piece.kind === PRIVATE) {
      this.ownMemory(piece)
      if (piece.stack) this.checkLive(piece, lo, hi)
      this.read(this.u8, (this.c + this.layout.ownMemory) * 4 + piece.offset + offset, size)
    } else if (piece.kind === ROM) {
      this.read(this.map.rom, piece.offset + offset, size)
    } else {
      this.loadShared(piece.offset + offset, size)
    }
    if (this.listener !== null) this.tellLoad(lo, hi, size)
  }

  /** Stores the low `size` bytes of value. */
  store(lo: number, hi: number, size: number, valueLo: number, valueHi: number): void {
    const piece = this.find(lo, hi)
    const offset = piece === null ? 0 : (lo - piece.lo) >>> 0
    if (piece === null || offset + size > piece.size || !piece.write) {
      this.storeBytes(lo, hi, size, valueLo, valueHi, false)
      return
    }
    if (piece.kind === PRIVATE) {
      this.ownMemory(piece)
      this.writeOwn(piece.offset + offset, size, valueLo, valueHi)
    } else if (piece.kind === ROM) {
      this.coldText(lo, hi)
    } else {
      this.enqueue(piece.offset + offset, size, valueLo, valueHi)
    }
    if (this.listener !== null) this.tellStore(lo, hi, size, valueLo, valueHi, piece.kind !== PRIVATE, false, piece.kind === HOT)
  }

  /** The load half of a locked operation. The step rule has seen to it that the store buffer is empty. Faults as a store would. */
  lockedLoad(lo: number, hi: number, size: number): void {
    this.checkWrite(lo, hi, size)
    this.locked = true
    try {
      this.load(lo, hi, size)
    } finally {
      this.locked = false
    }
  }

  /** The store half of a locked operation: visible to all at once, at any alignment. */
  lockedStore(lo: number, hi: number, size: number, valueLo: number, valueHi: number): void {
    this.storeBytes(lo, hi, size, valueLo, valueHi, true)
  }

  /** Raises the #PF that a store of `size` bytes here would raise, and does nothing otherwise. `user`: the access is one of CPL 3. */
  checkWrite(lo: number, hi: number, size: number, user = this.cpl === 3): void {
    for (let i = 0; i < size; i++) {
      const at = (lo + i) | 0
      const carry = at >>> 0 < i ? 1 : 0
      const piece = this.find(at, (hi + carry) | 0)
      if (piece === null || !piece.write) this.pageFault(at, (hi + carry) | 0, piece !== null, 2, user)
    }
  }

  /** #PF (or #GP/#SS for an address that is not canonical). `access`: 0 read, 2 write, 16 fetch. */
  pageFault(lo: number, hi: number, present: boolean, access: number, user = this.cpl === 3): never {
    if (this.bits === 64 && hi >> 15 !== 0 && hi >> 15 !== -1) this.raise(VECTOR_GP, 0)
    this.w[this.c + CR2] = lo
    this.w[this.c + CR2 + 1] = hi
    this.raise(VECTOR_PF, (present ? 1 : 0) | access | (user ? 4 : 0))
  }

  /** No other CPU can see when private memory is touched; but handlers of this CPU can, so what is no stack ends a run of local steps (docs/search.md). */
  private ownMemory(piece: Piece): void {
    if (piece.owner !== this.cpu) this.foreign(piece)
    if (!piece.stack) this.visible = true
  }

  private foreign(piece: Piece): never {
    throw new ModelStop(STOP_PRIVATE, `CPU ${this.cpu} touches ${piece.region}, which the scenario declares private to CPU ${piece.owner}`)
  }

  /** What lies below the stack pointer is dead; while the stack pointer is elsewhere, nobody can tell what is. */
  private checkLive(piece: Piece, lo: number, hi: number): void {
    const spLo = this.w[this.c + RSP] as number
    const spHi = this.w[this.c + RSP + 1] as number
    const live = (spLo - piece.lo) >>> 0
    if (spHi === piece.hi && live <= piece.size && (lo - piece.lo) >>> 0 >= live) return
    throw new ModelStop(
      STOP_DEAD_STACK,
      `CPU ${this.cpu} reads its stack ${piece.region} at ${hexOfHalves(lo, hi)}, below or away from its stack pointer ${hexOfHalves(spLo, spHi)}`,
    )
  }

  private coldText(lo: number, hi: number): never {
    throw new ModelStop(STOP_COLD_TEXT, `CPU ${this.cpu} writes text at ${hexOfHalves(lo, hi)} that the scenario does not declare hot`)
  }

  private read(from: Uint8Array, at: number, size: number): void {
    this.hi = 0
    if (size === 4) {
      this.lo = (from[at] as number) | ((from[at + 1] as number) << 8) | ((from[at + 2] as number) << 16) | ((from[at + 3] as number) << 24)
    } else if (size === 8) {
      this.lo = (from[at] as number) | ((from[at + 1] as number) << 8) | ((from[at + 2] as number) << 16) | ((from[at + 3] as number) << 24)
      this.hi = (from[at + 4] as number) | ((from[at + 5] as number) << 8) | ((from[at + 6] as number) << 16) | ((from[at + 7] as number) << 24)
    } else if (size === 1) {
      this.lo = from[at] as number
    } else {
      this.lo = (from[at] as number) | ((from[at + 1] as number) << 8)
    }
  }

  private write(into: Uint8Array, at: number, size: number, lo: number, hi: number): void {
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

  private writeOwn(offset: number, size: number, lo: number, hi: number): void {
    if (offset < this.codeTo && offset + size > this.codeFrom) this.codeVersion = nextCodeVersion++
    this.write(this.u8, (this.c + this.layout.ownMemory) * 4 + offset, size, lo, hi)
  }

  /** Byte by byte: accesses that span regions, and those that fault. */
  private loadBytes(lo: number, hi: number, size: number): void {
    let resultLo = 0
    let resultHi = 0
    for (let i = 0; i < size; i++) {
      const at = (lo + i) | 0
      const atHi = (at >>> 0 < i ? hi + 1 : hi) | 0
      const piece = this.find(at, atHi)
      if (piece === null || !piece.read) this.pageFault(at, atHi, piece !== null, 0)
      const offset = (at - piece.lo) >>> 0
      if (piece.kind === PRIVATE) {
        this.ownMemory(piece)
        this.lo = this.u8[(this.c + this.layout.ownMemory) * 4 + piece.offset + offset] as number
      } else if (piece.kind === ROM) this.lo = this.map.rom[piece.offset + offset] as number
      else this.loadShared(piece.offset + offset, 1)
      if (i < 4) resultLo |= this.lo << (8 * i)
      else resultHi |= this.lo << (8 * (i - 4))
    }
    this.lo = resultLo
    this.hi = resultHi
  }

  private storeBytes(lo: number, hi: number, size: number, valueLo: number, valueHi: number, locked: boolean): void {
    this.checkWrite(lo, hi, size)
    let hot = false
    let shared = false
    for (let i = 0; i < size; i++) {
      const at = (lo + i) | 0
      const atHi = (at >>> 0 < i ? hi + 1 : hi) | 0
      const piece = this.find(at, atHi) as Piece
      if (piece.kind === ROM) this.coldText(at, atHi)
      if (piece.kind === PRIVATE) this.ownMemory(piece)
      hot ||= piece.kind === HOT
      shared ||= piece.kind !== PRIVATE
    }
    for (let i = 0; i < size; ) {
      const at = (lo + i) | 0
      const atHi = (at >>> 0 < i ? hi + 1 : hi) | 0
      const piece = this.find(at, atHi) as Piece
      const offset = piece.offset + ((at - piece.lo) >>> 0)
      const run = Math.min(size - i, piece.size - ((at - piece.lo) >>> 0))
      const [partLo, partHi] = shiftRight(valueLo, valueHi, 8 * i)
      if (piece.kind === PRIVATE) this.writeOwn(offset, run, partLo, partHi)
      else if (locked) this.commit(offset, run, partLo, partHi)
      else for (let k = 0; k < run; k++) this.enqueue(offset + k, 1, ...shiftRight(partLo, partHi, 8 * k))
      i += run
    }
    if (this.listener !== null) this.tellStore(lo, hi, size, valueLo, valueHi, shared && !locked, locked, hot)
  }

  // ── the store buffer ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

  get storeCount(): number {
    return this.w[this.c + STORE_COUNT] as number
  }

  private enqueue(offset: number, size: number, lo: number, hi: number): void {
    const { w } = this
    this.visible = true
    const count = w[this.c + STORE_COUNT] as number
    if (count >= this.layout.storeCapacity) this.unsupported(`more than ${this.layout.storeCapacity} buffered stores in one instruction`)
    const at = this.c + STORES + count * STORE_WORDS
    w[at] = offset
    // A store that crosses a 64-byte line commits in two pieces, in either order. Shared memory keeps the line offset of its addresses.
    w[at + 1] = size | ((this.splitAt(offset, size) === 0 ? 1 : 3) << 8)
    const mask = size === 8 ? -1 : size === 4 ? -1 : size === 2 ? 0xffff : 0xff
    w[at + 2] = lo & mask
    w[at + 3] = size === 8 ? hi : 0
    w[this.c + STORE_COUNT] = count + 1
  }

  /** Bytes of this shared access that lie before the next line boundary, or 0 where it lies inside one line. */
  splitAt(offset: number, size: number): number {
    const line = this.lineOffset(offset)
    return line + size > 64 ? 64 - line : 0
  }

  /** Offset of a shared byte within its 64-byte line. */
  private lineOffset(offset: number): number {
    for (const piece of this.map.pieces) {
      if ((piece.kind === HOT || piece.kind === 2) && offset >= piece.offset && offset < piece.offset + piece.size)
        return (piece.lo + offset - piece.offset) & 63
    }
    return 0
  }

  /** Commits the given piece of the oldest buffered store to memory. */
  drain(piece: number): void {
    const { w } = this
    const at = this.c + STORES
    const offset = w[at] as number
    const size = (w[at + 1] as number) & 0xff
    const pieces = (w[at + 1] as number) >> 8
    const lo = w[at + 2] as number
    const hi = w[at + 3] as number
    const split = this.splitAt(offset, size)
    if (split === 0) this.commit(offset, size, lo, hi)
    else if (piece === 0) this.commit(offset, split, lo, hi)
    else this.commit(offset + split, size - split, ...shiftRight(lo, hi, 8 * split))
    const left = split === 0 ? 0 : pieces & ~(1 << piece)
    if (left !== 0) {
      w[at + 1] = size | (left << 8)
      return
    }
    const count = (w[this.c + STORE_COUNT] as number) - 1
    w.copyWithin(at, at + STORE_WORDS, at + (count + 1) * STORE_WORDS)
    w.fill(0, at + count * STORE_WORDS, at + (count + 1) * STORE_WORDS)
    w[this.c + STORE_COUNT] = count
  }

  /** Commits everything buffered, in order (what a fault's delivery does in one go; the single drains are choices of their own). */
  drainAll(): void {
    while (this.storeCount > 0) {
      const pieces = (this.w[this.c + STORES + 1] as number) >> 8
      this.drain(pieces === 2 ? 1 : 0)
    }
  }

  /** Makes bytes of shared memory visible to all; hot ones reach every CPU's fetch state too. */
  private commit(offset: number, size: number, lo: number, hi: number): void {
    this.visible = true
    this.write(this.u8, this.layout.sharedMemory * 4 + offset, size, lo, hi)
    const hot = offset < this.map.hotBytes
    if (hot) this.config.fetch.commit(this, offset, size)
    if (this.listener !== null) {
      this.listener({
        kind: 'visible',
        cpu: this.cpu,
        address: this.addressOfShared(offset),
        size,
        value: joinHalves(lo, hi) & ((1n << BigInt(8 * size)) - 1n),
        hot,
      })
    }
  }

  private loadShared(offset: number, size: number): void {
    const { w } = this
    this.visible = true
    if (this.splitAt(offset, size) !== 0 && !this.locked) this.unsupported(`a plain load of ${size} bytes of shared memory that crosses a line`)
    this.read(this.u8, this.layout.sharedMemory * 4 + offset, size)
    const count = w[this.c + STORE_COUNT] as number
    for (let i = 0; i < count; i++) {
      const at = this.c + STORES + i * STORE_WORDS
      const start = w[at] as number
      const length = (w[at + 1] as number) & 0xff
      if (start >= offset + size || start + length <= offset) continue
      for (let k = 0; k < length; k++) {
        const target = start + k - offset
        if (target < 0 || target >= size) continue
        const byte = k < 4 ? ((w[at + 2] as number) >>> (8 * k)) & 0xff : ((w[at + 3] as number) >>> (8 * (k - 4))) & 0xff
        if (target < 4) this.lo = (this.lo & ~(0xff << (8 * target))) | (byte << (8 * target))
        else this.hi = (this.hi & ~(0xff << (8 * (target - 4)))) | (byte << (8 * (target - 4)))
      }
    }
  }

  /** The (first mapped) address of a byte of shared memory. */
  addressOfShared(offset: number): bigint {
    for (const piece of this.map.pieces) {
      if ((piece.kind === HOT || piece.kind === 2) && offset >= piece.offset && offset < piece.offset + piece.size) {
        return joinHalves((piece.lo + offset - piece.offset) | 0, piece.hi)
      }
    }
    return 0n
  }

  // ── telling ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  private tellLoad(lo: number, hi: number, size: number): void {
    this.listener?.({ kind: 'load', cpu: this.cpu, address: joinHalves(lo, hi), size, value: joinHalves(this.lo, this.hi), locked: this.locked })
  }

  private tellStore(lo: number, hi: number, size: number, valueLo: number, valueHi: number, buffered: boolean, locked: boolean, hot: boolean): void {
    const value = joinHalves(valueLo, valueHi) & ((1n << BigInt(8 * size)) - 1n)
    this.listener?.({ kind: 'store', cpu: this.cpu, address: joinHalves(lo, hi), size, value, buffered, locked, hot })
  }

  /** AC is checked only at CPL 3; kept here so that the flag has one reader. */
  get alignmentChecked(): boolean {
    return this.cpl === 3 && ((this.w[this.c + FLAGS] as number) & FLAG_AC) !== 0
  }
}

function shiftRight(lo: number, hi: number, bits: number): [number, number] {
  if (bits === 0) return [lo, hi]
  if (bits >= 32) return [bits === 32 ? hi : hi >>> (bits - 32), 0]
  return [(lo >>> bits) | (hi << (32 - bits)), hi >>> bits]
}
