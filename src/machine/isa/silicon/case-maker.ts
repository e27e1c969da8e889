/**
 * Random cases for the comparison with silicon: short instruction sequences with registers, flags and memory that make them interesting.
 * Addresses mostly hit the data pages, at every alignment and at their ends; values lie mostly at the corners of their range.
 */
import type { Random } from '../../../lib/random.ts'
import { STATUS_FLAGS } from '../flags.ts'
import { type Case, CODE, CODE_BYTES, DATA, DATA_BYTES, GS_BASE, PAGE, TABLE_BYTES } from './case.ts'
import { ENCODINGS, type Encoding } from './encodings.ts'

/** Prefixes that are part of an opcode. */
const MANDATORY = new Set([0x66, 0xf2, 0xf3])

const MASK64 = (1n << 64n) - 1n
const CORNERS: readonly bigint[] = [
  0n,
  1n,
  2n,
  0x7fn,
  0x80n,
  0xffn,
  0x7fffn,
  0x8000n,
  0xffffn,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x1_0000_0000n,
  0x7fff_ffff_ffff_ffffn,
  0x8000_0000_0000_0000n,
  MASK64,
]

const RAX = 0
const RCX = 1
const RDX = 2
const RBX = 3
const RSP = 4
const RBP = 5
const RSI = 6
const RDI = 7

/** Bit 1 and IF: so user code runs. TF, NT and AC stay clear: single steps and alignment checks are not modelled. */
const ALWAYS_SET = 0x202
const DIRECTION = 0x400

/** Makes one case after another from a seed. `pick` narrows the choice of encodings. */
export class CaseMaker {
  private readonly random: Random
  private readonly encodings: Readonly<Record<32 | 64, readonly Encoding[]>>
  private bits: 32 | 64 = 64
  private registers = new BigUint64Array(16)
  /** Registers whose value something relies on. */
  private pinned = new Set<number>()
  private patches: { offset: number; value: bigint }[] = []
  private bytes: number[] = []
  private codeOffset = 0
  private operandSize: 2 | 4 | 8 = 4
  private addressSize: 2 | 4 | 8 = 8
  private memoryAt: number | null = null

  constructor(random: Random, pick: (encoding: Encoding) => boolean = () => true) {
    this.random = random
    const chosen = ENCODINGS.filter(pick)
    this.encodings = { 64: chosen.filter(({ words }) => !words.has('only32')), 32: chosen.filter(({ words }) => !words.has('only64')) }
  }

  make(): Case {
    const { random } = this
    this.bits = this.encodings[32].length > 0 && (this.encodings[64].length === 0 || random.below(3) === 0) ? 32 : 64
    this.pinned = new Set([RSP])
    this.patches = []
    this.bytes = []
    for (let i = 0; i < 16; i++) this.registers[i] = this.corner()
    const slot = random.below(10) === 0 ? this.dataAddress() : DATA + 0x400 + 8 * random.below(0x300)
    this.registers[RSP] = BigInt(slot)
    const atPageEnd = random.below(25) === 0
    this.codeOffset = atPageEnd ? PAGE - 1 - random.below(24) : 0x800
    const about: string[] = []
    const count = random.below(5) < 3 ? 1 : 2 + random.below(3)
    for (let i = 0; i < count; i++) {
      const before = this.bytes.length
      const encoding = random.pick(this.encodings[this.bits])
      // At the end of a page, processors fetch all bytes before they call them undefined; the decoder needs fewer.
      if (atPageEnd && (encoding.words.has('undefined') || encoding.vex !== null)) continue
      this.emit(encoding, i === 0)
      if (this.bytes.length > CODE_BYTES) this.bytes.length = before
      else if (this.bytes.length > before) about.push(encoding.text)
    }
    const flags = (random.bits() & STATUS_FLAGS) | ALWAYS_SET | (random.below(5) === 0 ? DIRECTION : 0)
    return {
      bits: this.bits,
      codeOffset: this.codeOffset,
      code: Uint8Array.from(this.bytes.slice(0, PAGE - this.codeOffset)),
      tableOffset: random.below((TABLE_BYTES - DATA_BYTES) / 8) * 8,
      patches: this.patches,
      registers: this.bits === 64 ? this.registers.slice() : this.registers.map((value) => value & 0xffff_ffffn),
      flags,
      about: about.join('; '),
    }
  }

  // ── values ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  private corner(): bigint {
    const { random } = this
    const kind = random.below(8)
    if (kind < 3) return random.pick(CORNERS)
    if (kind === 3) return BigInt(random.below(64))
    if (kind === 4) return BigInt.asUintN(64, random.pick(CORNERS) + BigInt(random.below(5) - 2))
    if (kind === 5) return BigInt.asUintN(64, BigInt(random.bits()))
    return (BigInt(random.bits() >>> 0) << 32n) | BigInt(random.bits() >>> 0)
  }

  private byte(): number {
    const { random } = this
    return random.below(3) === 0 ? random.pick([0, 1, 2, 7, 8, 15, 16, 31, 32, 33, 63, 64, 0x7f, 0x80, 0x81, 0xff]) : random.below(256)
  }

  /** An address to access: mostly inside the writable pages, sometimes across a border between (or out of) pages. */
  private dataAddress(): number {
    const { random } = this
    const kind = random.below(20)
    const near = random.below(24) - 20
    if (kind < 13) return DATA + 64 + random.below(2 * PAGE - 128)
    if (kind < 15) return DATA + PAGE + near
    if (kind < 17) return DATA + 2 * PAGE + near
    if (kind === 17) return DATA + 3 * PAGE + near
    if (kind === 18) return DATA + near
    return random.below(2) === 0 ? DATA + 2 * PAGE + random.below(PAGE - 64) : CODE + random.below(PAGE)
  }

  /** Gives the register this value, unless something relies on what it has. */
  private set(register: number, value: bigint): void {
    if (this.pinned.has(register)) return
    this.registers[register] = BigInt.asUintN(64, value)
    this.pinned.add(register)
  }

  private stackIsWritable(): boolean {
    const rsp = Number(this.registers[RSP])
    return rsp >= DATA && rsp <= DATA + 2 * PAGE - 8
  }

  private patch(address: number, value: bigint): void {
    const offset = address - DATA
    if (offset >= 0 && offset <= DATA_BYTES - 8 && this.patches.length < 2) this.patches.push({ offset, value: BigInt.asUintN(64, value) })
  }

  // ── encoding ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  private emit(encoding: Encoding, first: boolean): void {
    const { random, bits } = this
    const { words } = encoding
    // popf takes its flags from where rsp points at the start: nothing before it may have moved it.
    if (words.has('flags') && !(first && this.stackIsWritable())) return
    const memory = encoding.modrm !== null && !words.has('reg') && (words.has('mem') || random.below(2) === 0)
    const branch = encoding.immediate === 'short' || encoding.immediate === 'near' || words.has('target') || words.has('return')
    // In 64-bit mode vendors disagree about 66 before a near branch.
    const narrow =
      random.below(6) === 0 &&
      encoding.vex === null &&
      encoding.opcode[0] !== 0x66 &&
      !words.has('no66') &&
      !words.has('plain') &&
      !(branch && bits === 64)
    const wide = bits === 64 && !words.has('plain') && random.below(5) < 2
    const shortAddress = random.below(16) === 0
    const rex = bits === 64 && !words.has('plain') && (wide || random.below(3) === 0) ? 0x40 | (wide ? 8 : 0) | random.below(8) : 0
    const { vex } = encoding
    const mandatory = encoding.opcode.length > 1 && MANDATORY.has(encoding.opcode[0] as number)
    this.operandSize = wide ? 8 : narrow ? 2 : 4
    this.addressSize = bits === 64 ? (shortAddress ? 4 : 8) : shortAddress ? 2 : 4
    const legacy: number[] = []
    if (narrow) legacy.push(0x66)
    if (shortAddress) legacy.push(0x67)
    const lockable = words.has('lock') && memory
    if (random.below(lockable ? 4 : 100) === 0 && !mandatory && (lockable || this.codeOffset === 0x800)) legacy.push(0xf0)
    if (words.has('string') && random.below(2) === 0) legacy.push(random.below(2) === 0 ? 0xf3 : 0xf2)
    const gs = bits === 64 && random.below(20) === 0
    if (gs) legacy.push(0x65)
    else if (random.below(30) === 0) legacy.push(random.pick([0x2e, 0x36, 0x3e, 0x26]))
    this.bytes.push(...shuffled(legacy, random))
    if (mandatory) this.bytes.push(encoding.opcode[0] as number)
    if (vex !== null) this.emitVex(vex, rex)
    else if (rex !== 0) this.bytes.push(rex)
    this.bytes.push(...encoding.opcode.slice(mandatory ? 1 : 0))
    if (encoding.plusRegister) this.bytes.push((this.bytes.pop() as number) + random.below(8))
    this.memoryAt = null
    const register = encoding.modrm === 'r' ? random.below(8) : (encoding.modrm ?? 0)
    let relative = -1
    if (encoding.modrm !== null) {
      if (memory) relative = this.emitMemory(register, rex, gs, words)
      else {
        const rm = random.below(8)
        this.bytes.push(0xc0 | (register << 3) | rm)
        if (words.has('target')) this.set(rm | ((rex & 1) << 3), BigInt(this.trapAddress()))
      }
    }
    this.emitImmediate(encoding)
    if (encoding.second === 'ib') this.bytes.push(random.below(4))
    if (relative >= 0) this.fixRelative(relative)
    this.prepare(encoding, register | ((rex & 4) << 1))
  }

  /** The three-byte form. The registers that it extends, and W, are those of a REX prefix; in 32-bit mode there are none. */
  private emitVex({ map, prefix }: { map: number; prefix: number }, rex: number): void {
    const { random } = this
    const source = this.bits === 64 ? random.below(16) : random.below(8)
    const wide = (rex & 8) !== 0 || (this.bits === 32 && random.below(4) === 0) ? 0x80 : 0
    this.bytes.push(0xc4, ((~rex & 7) << 5) | map, wide | ((~source & 15) << 3) | prefix)
  }

  private emitImmediate(encoding: Encoding): void {
    const { immediate } = encoding
    const { random, bytes } = this
    if (immediate === 'ib')
      bytes.push(encoding.words.has('double') && this.operandSize === 2 ? random.below(17) | (random.below(8) << 5) : this.byte())
    else if (immediate === 'iw')
      this.littleEndian(BigInt(encoding.words.has('return') || encoding.words.has('frame') ? random.below(300) : random.bits()), 2)
    else if (immediate === 'iz') this.littleEndian(this.corner(), this.operandSize === 2 ? 2 : 4)
    else if (immediate === 'iv') this.littleEndian(this.corner(), encoding.words.has('byte') ? 1 : this.operandSize)
    else if (immediate === 'o') this.littleEndian(BigInt(this.dataAddress()), this.addressSize)
    else if (immediate === 'short') bytes.push((this.trapAddress() - (CODE + this.codeOffset + bytes.length + 1)) & 0xff)
    else if (immediate === 'near') {
      const size = this.bits === 32 && this.operandSize === 2 ? 2 : 4
      this.littleEndian(BigInt(this.trapAddress() - (CODE + this.codeOffset + bytes.length + size)), size)
    }
  }

  private littleEndian(value: bigint, size: number): void {
    for (let i = 0; i < size; i++) this.bytes.push(Number((BigInt.asUintN(64, value) >> BigInt(8 * i)) & 0xffn))
  }

  /** An address within a short branch of the code where an int3 waits. */
  private trapAddress(): number {
    const { random } = this
    const after = CODE + this.codeOffset + CODE_BYTES + 1 + random.below(40)
    return random.below(2) === 0 || after >= CODE + PAGE ? CODE + this.codeOffset - 1 - random.below(60) : after
  }

  /** ModRM, SIB and displacement of a memory operand; returns where a rip-relative displacement stands, or -1. */
  private emitMemory(register: number, rex: number, gs: boolean, words: ReadonlySet<string>): number {
    const { random, bytes, addressSize } = this
    let target = this.dataAddress()
    if (words.has('pair') && random.below(5) > 0) target &= ~15
    this.memoryAt = target
    const start = BigInt(target - (gs ? GS_BASE : 0))
    const kind = random.below(8)
    if (addressSize === 2) {
      const mode = random.below(3)
      bytes.push((mode << 6) | (register << 3) | random.below(8))
      const rm = (bytes[bytes.length - 1] as number) & 7
      if (mode === 2 || (mode === 0 && rm === 6)) this.littleEndian(BigInt(random.bits()), 2)
      else if (mode === 1) bytes.push(random.below(256))
      this.memoryAt = null
      return -1
    }
    if (kind === 0) {
      // Without registers: rip-relative (in 32-bit mode absolute), or absolute by way of an empty SIB.
      const sib = random.below(2) === 0
      bytes.push((register << 3) | (sib ? 4 : 5))
      if (sib) bytes.push((random.below(4) << 6) | 0x25)
      if (sib && (rex & 2) !== 0) this.set(12, 0n)
      this.littleEndian(start, 4)
      return sib || this.bits === 32 ? -1 : bytes.length - 4
    }
    const mode = random.below(3)
    const displacement = mode === 0 ? 0n : mode === 1 ? BigInt(random.below(256) - 128) : BigInt(random.bits() >> random.below(28))
    const useSib = kind < 4
    let base = random.below(8)
    if (!useSib && base === 4) base = 3
    if (mode === 0 && base === 5) base = 6
    bytes.push((mode << 6) | (register << 3) | (useSib ? 4 : base))
    const fullBase = base | ((rex & 1) << 3)
    let rest = start - displacement
    if (useSib) {
      const index = random.below(8)
      const scale = random.below(4)
      bytes.push((scale << 6) | (index << 3) | base)
      const fullIndex = index | ((rex & 2) << 2)
      if (fullIndex !== 4) {
        if (fullIndex === fullBase) this.set(fullIndex, start / BigInt(1 + (1 << scale)))
        else this.set(fullIndex, random.below(3) === 0 ? this.corner() : BigInt(random.below(200) - 100))
        rest -= (this.registers[fullIndex] as bigint) << BigInt(scale)
      }
    }
    // With 32-bit addresses the upper half of the base does not count.
    const upper = addressSize === 4 && this.bits === 64 && random.below(2) === 0 ? this.corner() << 32n : 0n
    if (random.below(20) > 0) this.set(fullBase, (addressSize === 4 ? BigInt.asUintN(32, rest) : rest) + upper)
    if (mode === 1) bytes.push(Number(displacement & 0xffn))
    if (mode === 2) this.littleEndian(displacement, 4)
    return -1
  }

  /** A rip-relative displacement counts from the end of the instruction. */
  private fixRelative(at: number): void {
    const { bytes } = this
    let value = 0
    for (let i = 0; i < 4; i++) value |= (bytes[at + i] as number) << (8 * i)
    value = (value - (CODE + this.codeOffset + bytes.length)) | 0
    for (let i = 0; i < 4; i++) bytes[at + i] = (value >>> (8 * i)) & 0xff
  }

  /** Registers and memory that let the instruction do what it is for. */
  private prepare({ words, opcode }: Encoding, register: number): void {
    const { random } = this
    const rsp = Number(this.registers[RSP])
    const last = opcode[opcode.length - 1] as number
    if (words.has('count')) this.set(RCX, BigInt(words.has('double') && this.operandSize === 2 ? random.below(17) : this.byte()))
    if (words.has('divide')) this.prepareDivision(words.has('byte') ? 1 : this.operandSize)
    if (words.has('bit') && this.memoryAt !== null) this.set(register, BigInt(random.below(4000) - 2000))
    if (words.has('table')) this.set(RBX, BigInt(this.dataAddress()))
    if (words.has('counter')) this.set(RCX, random.below(2) === 0 ? BigInt(random.below(3)) : this.corner())
    if (words.has('compare') && this.memoryAt !== null && random.below(2) === 0) this.patch(this.memoryAt, this.registers[RAX] as bigint)
    if (words.has('pair') && this.memoryAt !== null && random.below(2) === 0) this.preparePair(this.memoryAt)
    if (words.has('string')) this.prepareString()
    if (words.has('frame') && last === 0xc9) this.set(RBP, BigInt(this.dataAddress()))
    if (words.has('frame') && last === 0xc8)
      this.set(RBP, BigInt(random.below(8) === 0 ? this.dataAddress() : DATA + 0x800 + 4 * random.below(0x200)))
    if (words.has('target') && this.memoryAt !== null) this.patch(this.memoryAt, BigInt(this.trapAddress()))
    if (words.has('return') && random.below(8) > 0) this.patch(rsp, BigInt(this.trapAddress()))
    // Status flags, DF, ID, and IF and IOPL, which user code cannot change; nothing that makes the processor trap.
    if (words.has('flags')) this.patch(rsp, BigInt(random.bits() & 0x20_3ed5))
  }

  private prepareDivision(size: number): void {
    const { random } = this
    const kind = random.below(4)
    if (kind === 0) return
    if (size === 1) {
      this.set(RAX, BigInt(random.below(0x400)))
      return
    }
    if (kind === 1) this.set(RDX, 0n)
    else if (kind === 2) this.set(RDX, BigInt.asIntN(8 * size, this.registers[RAX] as bigint) < 0n ? MASK64 : 0n)
    else this.set(RDX, BigInt(random.below(100)))
  }

  private preparePair(at: number): void {
    const wide = this.operandSize === 8
    this.patch(
      at,
      wide ? (this.registers[RAX] as bigint) : ((this.registers[RAX] as bigint) & 0xffff_ffffn) | ((this.registers[RDX] as bigint) << 32n),
    )
    if (wide) this.patch(at + 8, this.registers[RDX] as bigint)
  }

  private prepareString(): void {
    const { random } = this
    const upper = this.addressSize === 4 && random.below(2) === 0 ? this.corner() << 32n : 0n
    const to = this.dataAddress()
    this.set(RDI, BigInt(to) + upper)
    this.set(RSI, BigInt(random.below(4) === 0 ? to + random.below(9) - 4 : this.dataAddress()) + upper)
    this.set(RCX, (random.below(12) === 0 ? this.corner() : BigInt(random.pick([0, 1, 2, 3, 5, 17, 40]))) + upper)
  }
}

function shuffled(items: readonly number[], random: Random): number[] {
  const list = [...items]
  for (let i = list.length - 1; i > 0; i--) {
    const j = random.below(i + 1)
    const item = list[i] as number
    list[i] = list[j] as number
    list[j] = item
  }
  return list
}
