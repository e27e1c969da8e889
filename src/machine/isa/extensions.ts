/**
 * Later additions to the integer instructions: BMI1, BMI2, ADX and CRC32. No kernel needs them, but compilers emit them where they are told
 * that the processor has them. All work on 32- or 64-bit operands.
 */
import { assert } from '../../lib/assert.ts'
import type { Instruction } from '../instruction.ts'
import { FLAG_CF, FLAG_OF, FLAG_SF, FLAG_ZF, FLAGS } from '../layout.ts'
import type { Machine } from '../machine.ts'
import { resultFlags, setFlags } from './flags.ts'
import { type Bits, bindRead, operandAt, RDX, type Read, readRegister, type Size, sizeOf, type Write, writeRegister } from './operands.ts'
import type { Execute, InstructionRecord, MicroOp } from './record.ts'
import { highOfProduct, multiply64, product } from './wide.ts'

const READ: readonly MicroOp[] = ['load', 'compute']
/** What these instructions write; AF and PF are undefined, here unchanged. */
const WRITTEN = FLAG_CF | FLAG_OF | FLAG_SF | FLAG_ZF

/** Leaves the result of two operands in m.lo, m.hi, with flags set. */
type Combine = (m: Machine, aLo: number, aHi: number, bLo: number, bHi: number, size: Size) => void

function target(instruction: Instruction, index = 0): { size: Size; write: Write } {
  const operand = operandAt(instruction, index)
  assert(operand.kind === 'reg', instruction.code)
  return { size: operand.size, write: writeRegister(operand.index, operand.size) }
}

/** Operand 0 = combine(operand `first`, operand `second`); a second operand of -1 is the first again. */
function bindCombine(combine: Combine, first: number, second: number) {
  return (instruction: Instruction, bits: Bits): Execute | null => {
    const { size, write } = target(instruction)
    const readFirst = bindRead(operandAt(instruction, first), instruction, bits)
    const readSecond: Read = second < 0 ? () => {} : bindRead(operandAt(instruction, second), instruction, bits)
    return (m) => {
      readFirst(m)
      const { lo, hi } = m
      readSecond(m)
      combine(m, lo, hi, m.lo, m.hi, size)
      write(m, m.lo, m.hi)
    }
  }
}

function setResult(m: Machine, lo: number, hi: number, size: Size, carry: boolean, flags = FLAG_SF | FLAG_ZF): void {
  m.lo = lo
  m.hi = hi
  setFlags(m, WRITTEN, (resultFlags(lo, hi, size) & flags) | (carry ? FLAG_CF : 0))
}

const andn: Combine = (m, aLo, aHi, bLo, bHi, size) => setResult(m, ~aLo & bLo, ~aHi & bHi, size, false)

/** The lowest one alone. */
const blsi: Combine = (m, lo, hi, _lo, _hi, size) => setResult(m, lo & -lo, lo === 0 ? hi & -hi : 0, size, (lo | hi) !== 0)

/** Ones up to and including the lowest one; ZF is always 0. */
const blsmsk: Combine = (m, lo, hi, _lo, _hi, size) => {
  const upper = size === 8 ? (lo === 0 ? hi ^ (hi - 1) : 0) : 0
  setResult(m, lo ^ (lo - 1), upper, size, (lo | hi) === 0, FLAG_SF)
}

/** Without the lowest one. */
const blsr: Combine = (m, lo, hi, _lo, _hi, size) => setResult(m, lo & (lo - 1), lo === 0 ? hi & (hi - 1) : hi, size, (lo | hi) === 0)

/** `count` low ones (at most 32) as a mask. */
function lowOnes(count: number): number {
  return count <= 0 ? 0 : count >= 32 ? -1 : (1 << count) - 1
}

/** Bits from the index in the low byte of b up become 0; CF says that the index was too large. */
const bzhi: Combine = (m, lo, hi, control, _hi, size) => {
  const index = control & 0xff
  setResult(m, lo & lowOnes(index), hi & lowOnes(index - 32), size, index > 8 * size - 1)
}

function shiftRight(m: Machine, lo: number, hi: number, count: number): void {
  if (count === 0 || count > 63) {
    m.lo = count === 0 ? lo : 0
    m.hi = count === 0 ? hi : 0
  } else if (count < 32) {
    m.lo = (lo >>> count) | (hi << (32 - count))
    m.hi = hi >>> count
  } else {
    m.lo = hi >>> (count - 32)
    m.hi = 0
  }
}

/** Length (bits 15:8 of b) bits from start (bits 7:0). */
const bextr: Combine = (m, lo, hi, control, _hi, size) => {
  const length = (control >>> 8) & 0xff
  shiftRight(m, lo, hi, control & 0xff)
  setResult(m, m.lo & lowOnes(length), m.hi & lowOnes(length - 32), size, false, FLAG_ZF)
}

/** Bits of a, lowest first, to the places where the mask b has ones. */
const pdep: Combine = (m, aLo, aHi, maskLo, maskHi) => {
  let from = 0
  m.lo = 0
  m.hi = 0
  for (let place = 0; place < 64; place++) {
    const mask = place < 32 ? maskLo : maskHi
    if (((mask >>> (place & 31)) & 1) === 0) continue
    const bit = ((from < 32 ? aLo : aHi) >>> (from & 31)) & 1
    if (place < 32) m.lo |= bit << place
    else m.hi |= bit << (place - 32)
    from++
  }
}

/** Bits of a where the mask b has ones, packed at the bottom. */
const pext: Combine = (m, aLo, aHi, maskLo, maskHi) => {
  let to = 0
  m.lo = 0
  m.hi = 0
  for (let place = 0; place < 64; place++) {
    if ((((place < 32 ? maskLo : maskHi) >>> (place & 31)) & 1) === 0) continue
    const bit = ((place < 32 ? aLo : aHi) >>> (place & 31)) & 1
    if (to < 32) m.lo |= bit << to
    else m.hi |= bit << (to - 32)
    to++
  }
}

const shrx: Combine = (m, lo, hi, count, _hi, size) => shiftRight(m, lo, hi, count & (8 * size - 1))

const shlx: Combine = (m, lo, hi, given, _hi, size) => {
  const count = given & (8 * size - 1)
  m.lo = count < 32 ? lo << count : 0
  m.hi = count < 32 ? (hi << count) | ((lo >>> 1) >>> (31 - count)) : lo << (count - 32)
}

const sarx: Combine = (m, lo, hi, given, _hi, size) => {
  const count = given & (8 * size - 1)
  if (size === 4) m.lo = lo >> count
  else {
    m.lo = count < 32 ? (lo >>> count) | ((hi << 1) << (31 - count)) : hi >> (count - 32)
    m.hi = count < 32 ? hi >> count : hi >> 31
  }
}

const rorx: Combine = (m, lo, hi, given, _hi, size) => {
  const count = given & (8 * size - 1)
  if (size === 4) m.lo = count === 0 ? lo : (lo >>> count) | (lo << (32 - count))
  else {
    const low = count < 32 ? lo : hi
    const high = count < 32 ? hi : lo
    const rest = count & 31
    m.lo = rest === 0 ? low : (low >>> rest) | (high << (32 - rest))
    m.hi = rest === 0 ? high : (high >>> rest) | (low << (32 - rest))
  }
}

/** rdx times the source, no flags; the upper half wins where both halves go to one register. */
function bindMulx(instruction: Instruction, bits: Bits): Execute | null {
  const upper = target(instruction)
  const lower = target(instruction, 1)
  const read = bindRead(operandAt(instruction, 2), instruction, bits)
  const readRdx = readRegister(RDX, upper.size)
  return (m) => {
    read(m)
    const { lo, hi } = m
    readRdx(m)
    if (upper.size === 4) {
      const a = m.lo
      lower.write(m, Math.imul(a, lo), 0)
      upper.write(m, highOfProduct(a, lo), 0)
      return
    }
    multiply64(m.lo, m.hi, lo, hi, false)
    lower.write(m, product[0] as number, product[1] as number)
    upper.write(m, product[2] as number, product[3] as number)
  }
}

/** Adds with a carry of its own, CF or OF, and touches no other flag: two chains of additions side by side. */
function bindAddWith(flag: number) {
  const combine: Combine = (m, aLo, aHi, bLo, bHi, size) => {
    const inward = ((m.w[m.c + FLAGS] as number) & flag) !== 0 ? 1 : 0
    const lo = (aLo >>> 0) + (bLo >>> 0) + inward
    const carry = lo > 0xffff_ffff ? 1 : 0
    const hi = (aHi >>> 0) + (bHi >>> 0) + carry
    m.lo = lo | 0
    m.hi = hi | 0
    setFlags(m, flag, (size === 8 ? hi > 0xffff_ffff : carry === 1) ? flag : 0)
  }
  return bindCombine(combine, 0, 1)
}

/** The Castagnoli polynomial, bits reversed. */
const CRC32C = 0x82f6_3b78

function bindCrc32(instruction: Instruction, bits: Bits): Execute | null {
  const { write } = target(instruction)
  const source = operandAt(instruction, 1)
  const count = sizeOf(source)
  const read = bindRead(source, instruction, bits)
  const destination = operandAt(instruction, 0)
  assert(destination.kind === 'reg', instruction.code)
  const readDestination = readRegister(destination.index, 4)
  return (m) => {
    read(m)
    const { lo, hi } = m
    readDestination(m)
    let crc = m.lo
    for (let i = 0; i < count; i++) {
      crc ^= ((i < 4 ? lo : hi) >>> (8 * (i & 3))) & 0xff
      for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) !== 0 ? CRC32C : 0)
    }
    write(m, crc | 0, 0)
  }
}

function record(mnemonic: string, meaning: string, bind: InstructionRecord['bind'], volume = '2'): InstructionRecord {
  return { mnemonics: [mnemonic], meaning, manual: `SDM ${volume} ${mnemonic.toUpperCase()}`, microOps: READ, bind }
}

export const extensionRecords: readonly InstructionRecord[] = [
  record('andn', 'The second operand without the bits of the first.', bindCombine(andn, 1, 2)),
  record('bextr', 'Extracts a run of bits.', bindCombine(bextr, 1, 2)),
  record('blsi', 'The lowest one alone.', bindCombine(blsi, 1, -1)),
  record('blsmsk', 'Ones up to the lowest one.', bindCombine(blsmsk, 1, -1)),
  record('blsr', 'Clears the lowest one.', bindCombine(blsr, 1, -1)),
  record('bzhi', 'Clears the bits from an index up.', bindCombine(bzhi, 1, 2)),
  record('pdep', 'Spreads low bits to the ones of a mask.', bindCombine(pdep, 1, 2)),
  record('pext', 'Gathers the bits under a mask.', bindCombine(pext, 1, 2)),
  record('shlx', 'Shifts left, leaves the flags.', bindCombine(shlx, 1, 2)),
  record('shrx', 'Shifts right, leaves the flags.', bindCombine(shrx, 1, 2)),
  record('sarx', 'Shifts the sign right, leaves the flags.', bindCombine(sarx, 1, 2)),
  record('rorx', 'Rotates right, leaves the flags.', bindCombine(rorx, 1, 2)),
  record('mulx', 'Unsigned product into two registers, leaves the flags.', bindMulx),
  record('adcx', 'Adds with CF, and changes nothing but CF.', bindAddWith(FLAG_CF)),
  record('adox', 'Adds with OF, and changes nothing but OF.', bindAddWith(FLAG_OF)),
  record('crc32', 'Carries a CRC-32C on by one operand.', bindCrc32),
]
