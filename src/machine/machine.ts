/**
 * The machine as an instruction sees it: registers and memory of the CPU that moves, on a packed state (layout.ts).
 *
 * A store to shared memory enters this CPU's store buffer (store-buffer.ts), a load takes the youngest own buffered byte or memory, a locked operation
 * finds the buffer empty and goes straight to memory. Stores to memory that only this CPU may touch take effect at once: nobody else can
 * observe when.
 *
 * Values of 64 bits travel as two 32-bit halves; a load leaves them in `lo` and `hi` (zero-extended). An instruction that cannot complete
 * throws before it has changed anything: a `Fault`, a `ModelStop` where the model ends (never a guess), or a `Pause` between two reads of shared
 * memory, after which it starts over with what it has read (progress.ts).
 */
import { hexOfHalves, joinHalves } from '../lib/u64.ts'
import type { MachineConfig } from './config.ts'
import { fullBudget } from './environment.ts'
import type { EventListener } from './events.ts'
import { Fault, ModelStop, Pause, VECTOR_AC, VECTOR_GP, VECTOR_PF, VECTOR_SS } from './fault.ts'
import { CR2, CS, GPR, type Layout, SEGMENTS, STOP_COLD_TEXT, STOP_DEAD_STACK, STOP_PRIVATE, STOP_UNSUPPORTED, STORE_COUNT } from './layout.ts'
import { HOT, type MemoryMap, type Piece, PRIVATE, RECENT, ROM, SHARED } from './memory-map.ts'
import { loadInSteps } from './progress.ts'
import { bufferStore, commit, drainVariant, readBytes, readShared, shiftRight, splitAt, writeBytes } from './store-buffer.ts'

export type { Gate, MachineConfig } from './config.ts'
export * from './fault.ts'

const RSP = GPR + 8

let nextCodeVersion = 1

export class Machine {
  readonly config: MachineConfig
  readonly bits: 64 | 32
  readonly layout: Layout
  readonly map: MemoryMap
  /** Plain accesses that cross a multiple of this tear. */
  readonly granule: 64 | 8
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
  /** The running instruction delivered an event itself (INT n). */
  delivered = false
  /** The running instruction is a repeated string instruction. */
  stringStores = false
  /** Bytes of shared memory that the running instruction has read in earlier steps (they are in LATCH), and how many of them it has used again. */
  latched = 0
  consumed = 0
  /** Size and value of what it has read of shared memory in this step; 0 where nothing yet. */
  fresh = 0
  freshLo = 0
  freshHi = 0
  /** Buffered stores when the step began. */
  storesBefore = 0
  /** Which piece of a line-crossing load this step reads: 0 the lower, 1 the upper. */
  piece = 0
  /** Is anything listening? Every emission is guarded by `listener !== null`. */
  listener: EventListener | null = null
  /** The listener is not told what every instruction does (execute, load, store), only what is rare. */
  quiet = false
  /** The last load has been told already, or in pieces. */
  told = false
  /** What the last stop said, for messages; no part of the state. */
  stopDetail = ''
  readonly fault = new Fault()
  readonly pause = new Pause()
  /** Bytes of this CPU's private memory that the fast loop has decoded (plain-run.ts), and a number that changes with every store into them. */
  codeFrom = 0
  codeTo = 0
  codeVersion = nextCodeVersion++
  /** The piece that served the last fetch: most fetches stay in it. */
  codePiece: Piece | null = null
  private last: Piece | null = null
  /** A locked operation is loading: it does not tear. */
  private locked = false

  constructor(config: MachineConfig) {
    this.config = config
    this.bits = config.bits
    this.layout = config.layout
    this.map = config.map
    this.granule = config.tearing === 'amd' ? 8 : 64
    this.w = new Int32Array(config.layout.words)
    this.u8 = new Uint8Array(this.w.buffer)
    this.w[config.layout.environment] = fullBudget(config.environment)
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
    const { last } = this
    if (last !== null && last.hi === hi && (lo - last.lo) >>> 0 < last.size) return last
    const { recent } = this.map
    const slot = (lo >>> 6) & (RECENT - 1)
    let piece = recent[slot] as Piece | null
    if (piece === null || piece.hi !== hi || (lo - piece.lo) >>> 0 >= piece.size) {
      piece = search(this.map.sorted, lo >>> 0, hi >>> 0)
      if (piece === null) return null
      recent[slot] = piece
    }
    this.last = piece
    return piece
  }

  /** Loads `size` (1, 2, 4, 8) bytes, zero-extended, into `lo`/`hi`. */
  load(lo: number, hi: number, size: number): void {
    this.told = false
    const piece = this.find(lo, hi)
    const offset = piece === null ? 0 : (lo - piece.lo) >>> 0
    if (piece === null || offset + size > piece.size || !piece.read) {
      this.loadAcross(lo, hi, size)
    } else if (piece.kind === PRIVATE) {
      this.ownMemory(piece)
      if (piece.stack) this.checkLive(piece, lo, hi)
      readBytes(this, this.u8, (this.c + this.layout.ownMemory) * 4 + piece.offset + offset, size)
    } else if (piece.kind === ROM) {
      readBytes(this, this.map.rom, piece.offset + offset, size)
    } else if (this.locked) {
      // The step rule has seen to it that the store buffer is empty.
      this.visible = true
      readBytes(this, this.u8, this.layout.sharedMemory * 4 + piece.offset + offset, size)
    } else if (this.fresh === 0 && this.consumed === this.latched && splitAt(this, piece.offset + offset, size) === 0) {
      this.visible = true
      readShared(this, piece.offset + offset, size)
      this.fresh = size
      this.freshLo = this.lo
      this.freshHi = this.hi
    } else {
      loadInSteps(this, lo, hi, size)
    }
    if (this.listener !== null && !this.told && !this.quiet) this.tellLoad(lo, hi, size)
  }

  /** Stores the low `size` bytes of value. */
  store(lo: number, hi: number, size: number, valueLo: number, valueHi: number): void {
    const piece = this.find(lo, hi)
    const offset = piece === null ? 0 : (lo - piece.lo) >>> 0
    if (piece === null || offset + size > piece.size || !piece.write) {
      this.storeAcross(lo, hi, size, valueLo, valueHi, false)
      return
    }
    if (piece.kind === PRIVATE) {
      this.ownMemory(piece)
      this.writeOwn(piece.offset + offset, size, valueLo, valueHi)
    } else if (piece.kind === ROM || (piece.row !== null && isBeside(piece, piece.offset + offset, size))) {
      this.coldText(lo, hi)
    } else {
      bufferStore(this, piece.offset + offset, size, valueLo, valueHi)
    }
    if (this.listener !== null && !this.quiet) this.tellStore(lo, hi, size, valueLo, valueHi, piece.kind !== PRIVATE, false, piece.kind === HOT)
  }

  /** The load half of a locked operation: whole at any alignment. Faults as a store would. */
  lockedLoad(lo: number, hi: number, size: number): void {
    if (this.config.splitLock === 'fault' && (lo & 63) + size > 64) this.raise(VECTOR_AC, 0)
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
    this.storeAcross(lo, hi, size, valueLo, valueHi, true)
  }

  /** Raises the #PF that a store of `size` bytes here would raise, and does nothing otherwise. `user`: it is an access of CPL 3. */
  checkWrite(lo: number, hi: number, size: number, user: boolean = this.cpl === 3): void {
    const piece = this.find(lo, hi)
    if (piece?.write === true && ((lo - piece.lo) >>> 0) + size <= piece.size) return
    for (let i = 0; i < size; i++) {
      const at = (lo + i) | 0
      const atHi = (at >>> 0 < i ? hi + 1 : hi) | 0
      const found = this.find(at, atHi)
      if (found === null || !found.write) this.pageFault(at, atHi, found !== null, 2, user)
    }
  }

  /** #PF, or #GP for an address that is not canonical (stack accesses check that themselves: #SS). `access`: 0 read, 2 write, 16 fetch. */
  pageFault(lo: number, hi: number, present: boolean, access: number, user: boolean = this.cpl === 3): never {
    if (this.bits === 64 && hi >> 15 !== 0 && hi >> 15 !== -1) this.raise(VECTOR_GP, 0)
    this.w[this.c + CR2] = lo
    this.w[this.c + CR2 + 1] = hi
    this.raise(VECTOR_PF, (present ? 1 : 0) | access | (user ? 4 : 0))
  }

  /**
   * #SS where a stack access leaves the canonical addresses (any other access raises #GP there) or, in 32-bit mode, the flat segment's 4 GiB.
   * `errorCode`: 1 while an event is delivered.
   */
  checkStack(lo: number, hi: number, size: number, errorCode = 0): void {
    if (this.bits === 64 ? hi >> 15 !== 0 && hi >> 15 !== -1 : lo >>> 0 > 0x1_0000_0000 - size) this.raise(VECTOR_SS, errorCode)
  }

  /** One byte as this CPU sees it. The caller has checked that it may be read. */
  peek(lo: number, hi: number): number {
    const piece = this.find(lo, hi) as Piece
    const offset = piece.offset + ((lo - piece.lo) >>> 0)
    if (piece.kind === PRIVATE) return this.u8[(this.c + this.layout.ownMemory) * 4 + offset] as number
    if (piece.kind === ROM) return this.map.rom[offset] as number
    if (this.locked) return this.u8[this.layout.sharedMemory * 4 + offset] as number
    readShared(this, offset, 1)
    return this.lo
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

  private writeOwn(offset: number, size: number, lo: number, hi: number): void {
    if (offset < this.codeTo && offset + size > this.codeFrom) this.codeVersion = nextCodeVersion++
    writeBytes(this.u8, (this.c + this.layout.ownMemory) * 4 + offset, size, lo, hi)
  }

  /** A load that spans regions, or that faults. */
  private loadAcross(lo: number, hi: number, size: number): void {
    let shared = false
    for (let i = 0; i < size; i++) {
      const at = (lo + i) | 0
      const atHi = (at >>> 0 < i ? hi + 1 : hi) | 0
      const piece = this.find(at, atHi)
      if (piece === null || !piece.read) this.pageFault(at, atHi, piece !== null, 0)
      if (piece.kind === PRIVATE) this.ownMemory(piece)
      if (piece.stack) this.checkLive(piece, at, atHi)
      shared ||= piece.kind === SHARED || piece.kind === HOT
    }
    if (shared && !this.locked) {
      loadInSteps(this, lo, hi, size)
      return
    }
    if (shared) this.visible = true
    this.peekBytes(lo, hi, 0, size)
  }

  /** Leaves bytes `from` to `end` of an access, at their places in the value, in lo and hi. */
  peekBytes(lo: number, hi: number, from: number, end: number): void {
    let valueLo = 0
    let valueHi = 0
    for (let i = from; i < end; i++) {
      const at = (lo + i) | 0
      const byte = this.peek(at, (at >>> 0 < i ? hi + 1 : hi) | 0)
      if (i < 4) valueLo |= byte << (8 * i)
      else valueHi |= byte << (8 * (i - 4))
    }
    this.lo = valueLo
    this.hi = valueHi
  }

  /** A store that spans regions, that faults, or that is locked. One that spans regions is one store a region, lower first. */
  private storeAcross(lo: number, hi: number, size: number, valueLo: number, valueHi: number, locked: boolean): void {
    this.checkWrite(lo, hi, size)
    let hot = false
    let shared = false
    for (let i = 0; i < size; i++) {
      const at = (lo + i) | 0
      const atHi = (at >>> 0 < i ? hi + 1 : hi) | 0
      const piece = this.find(at, atHi) as Piece
      if (piece.kind === ROM || (piece.row !== null && isBeside(piece, piece.offset + ((at - piece.lo) >>> 0), 1))) this.coldText(at, atHi)
      if (piece.kind === PRIVATE) this.ownMemory(piece)
      hot ||= piece.kind === HOT
      shared ||= piece.kind !== PRIVATE
    }
    for (let i = 0; i < size; ) {
      const at = (lo + i) | 0
      const piece = this.find(at, (at >>> 0 < i ? hi + 1 : hi) | 0) as Piece
      const offset = piece.offset + ((at - piece.lo) >>> 0)
      const run = Math.min(size - i, piece.size - ((at - piece.lo) >>> 0))
      const [partLo, partHi] = shiftRight(valueLo, valueHi, 8 * i)
      if (piece.kind === PRIVATE) this.writeOwn(offset, run, partLo, partHi)
      else if (locked) commit(this, offset, run, partLo, partHi, 'together')
      else bufferStore(this, offset, run, partLo, partHi)
      i += run
    }
    if (this.listener !== null && !this.quiet) this.tellStore(lo, hi, size, valueLo, valueHi, shared && !locked, locked, hot)
  }

  // ── the store buffer ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

  get storeCount(): number {
    return this.w[this.c + STORE_COUNT] as number
  }

  /** Makes a buffered store visible: one of `drainVariants`. */
  drain(variant: number): void {
    drainVariant(this, variant)
  }

  /** The (first mapped) address of a byte of shared memory. */
  addressOfShared(offset: number): bigint {
    const piece = this.map.pieces[this.map.pieceOf[offset] as number]
    return piece === undefined ? 0n : joinHalves((piece.lo + offset - piece.offset) | 0, piece.hi)
  }

  // ── telling ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  tellLoad(lo: number, hi: number, size: number): void {
    this.listener?.({ kind: 'load', cpu: this.cpu, address: joinHalves(lo, hi), size, value: joinHalves(this.lo, this.hi), locked: this.locked })
  }

  private tellStore(lo: number, hi: number, size: number, valueLo: number, valueHi: number, buffered: boolean, locked: boolean, hot: boolean): void {
    const value = joinHalves(valueLo, valueHi) & ((1n << BigInt(8 * size)) - 1n)
    this.listener?.({ kind: 'store', cpu: this.cpu, address: joinHalves(lo, hi), size, value, buffered, locked, hot })
  }
}

/** Would this store touch text between the sites of a row? */
function isBeside({ row, rowStart }: Piece, offset: number, size: number): boolean {
  return row !== null && ((offset - rowStart) % row.stride) + size > row.used
}

/** The piece that maps address hi:lo (unsigned halves), by bisection. */
function search(sorted: readonly Piece[], lo: number, hi: number): Piece | null {
  let from = 0
  let end = sorted.length
  while (from < end) {
    const middle = (from + end) >> 1
    const piece = sorted[middle] as Piece
    const pieceHi = piece.hi >>> 0
    if (pieceHi < hi || (pieceHi === hi && piece.lo >>> 0 <= lo)) from = middle + 1
    else end = middle
  }
  const piece = sorted[from - 1]
  return piece !== undefined && piece.hi >>> 0 === hi && lo - (piece.lo >>> 0) < piece.size ? piece : null
}
