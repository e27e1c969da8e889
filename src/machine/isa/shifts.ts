/**
 * Shifts and rotates. The count is masked to 5 bits (6 for 64-bit operands), and a count of 0 changes no flag. Rotates touch CF and OF only.
 *
 * OF is defined for a count of 1 only, and AF of shifts never: undefined-flags.ts. Here OF follows the same formula for every count, AF is 0.
 */
import { assert } from '../../lib/assert.ts'
import type { Instruction } from '../instruction.ts'
import { FLAG_CF, FLAG_OF } from '../layout.ts'
import type { Machine } from '../machine.ts'
import type { Operation, Operations } from './alu.ts'
import { carryIn, resultFlags, setFlags, setStatus } from './flags.ts'
import { bindBinary } from './forms.ts'
import { type Bits, operandAt, RCX, type Size } from './operands.ts'
import type { Execute, InstructionRecord, MicroOp } from './record.ts'

/** Shifts lo:hi by 1..63 into m.lo, m.hi. */
function shiftLeft64(m: Machine, lo: number, hi: number, count: number): void {
  m.lo = count < 32 ? lo << count : 0
  m.hi = count < 32 ? (hi << count) | ((lo >>> 1) >>> (31 - count)) : lo << (count - 32)
}

function shiftRight64(m: Machine, lo: number, hi: number, count: number): void {
  m.lo = count < 32 ? (lo >>> count) | ((hi << 1) << (31 - count)) : hi >>> (count - 32)
  m.hi = count < 32 ? hi >>> count : 0
}

/** Bit `index` of lo:hi. */
function bitOf(lo: number, hi: number, index: number): number {
  return ((index < 32 ? lo >>> index : hi >>> (index - 32)) & 1) as number
}

/** The top bit of the result in m.lo, m.hi. */
function topBit(m: Machine, size: Size): number {
  return bitOf(m.lo, m.hi, 8 * size - 1)
}

const MASKS = { 1: 0xff, 2: 0xffff, 4: -1 } as const

/** Shifts a value of `size` bytes, which is in m.lo, m.hi too, by a count of 1..63: the result replaces it there. Sets flags. */
type Shift = (m: Machine, lo: number, hi: number, size: Size, count: number) => void

const shl: Shift = (m, lo, hi, size, count) => {
  const width = 8 * size
  const carry = count <= width ? bitOf(lo, hi, width - count) : 0
  if (size === 8) shiftLeft64(m, lo, hi, count)
  else {
    m.lo = (lo << count) & MASKS[size]
    m.hi = 0
  }
  setStatus(m, resultFlags(m.lo, m.hi, size) | carry | ((topBit(m, size) ^ carry) * FLAG_OF))
}

const shr: Shift = (m, lo, hi, size, count) => {
  const carry = bitOf(lo, hi, count - 1)
  if (size === 8) shiftRight64(m, lo, hi, count)
  else {
    m.lo = size === 4 ? (lo >>> count) | 0 : lo >>> count
    m.hi = 0
  }
  setStatus(m, resultFlags(m.lo, m.hi, size) | carry | (bitOf(lo, hi, 8 * size - 1) * FLAG_OF))
}

const sar: Shift = (m, lo, hi, size, count) => {
  if (size === 8) {
    const carry = bitOf(lo, hi, count - 1)
    m.lo = count < 32 ? (lo >>> count) | ((hi << 1) << (31 - count)) : hi >> (count - 32)
    m.hi = count < 32 ? hi >> count : hi >> 31
    setStatus(m, resultFlags(m.lo, m.hi, size) | carry)
    return
  }
  const spare = 32 - 8 * size
  const value = (lo << spare) >> spare
  m.lo = (value >> count) & MASKS[size]
  m.hi = 0
  setStatus(m, resultFlags(m.lo, 0, size) | ((value >> (count - 1)) & 1))
}

const rol: Shift = (m, lo, hi, size, count) => {
  rotateLeft(m, lo, hi, size, count % (8 * size))
  const carry = m.lo & 1
  setFlags(m, FLAG_CF | FLAG_OF, carry | ((topBit(m, size) ^ carry) * FLAG_OF))
}

const ror: Shift = (m, lo, hi, size, count) => {
  const width = 8 * size
  rotateLeft(m, lo, hi, size, (width - (count % width)) % width)
  const carry = topBit(m, size)
  setFlags(m, FLAG_CF | FLAG_OF, carry | ((carry ^ bitOf(m.lo, m.hi, width - 2)) * FLAG_OF))
}

function rotateLeft(m: Machine, lo: number, hi: number, size: Size, count: number): void {
  if (count === 0) return
  if (size === 8) {
    shiftRight64(m, lo, hi, 64 - count)
    const lowPart = m.lo
    const highPart = m.hi
    shiftLeft64(m, lo, hi, count)
    m.lo |= lowPart
    m.hi |= highPart
  } else {
    m.lo = ((lo << count) | (lo >>> (8 * size - count))) & MASKS[size]
    m.hi = 0
  }
}

/** Through CF, one bit at a time: a rotation of width + 1 bits, of which a whole turn changes nothing. */
const rcl: Shift = (m, _lo, _hi, size, count) => {
  const turns = count % (8 * size + 1)
  if (turns === 0) return
  let carry = carryIn(m)
  for (let i = 0; i < turns; i++) {
    const out = topBit(m, size)
    if (size === 8) m.hi = (m.hi << 1) | (m.lo >>> 31)
    m.lo = size === 8 ? (m.lo << 1) | carry : ((m.lo << 1) | carry) & MASKS[size]
    carry = out
  }
  setFlags(m, FLAG_CF | FLAG_OF, carry | ((topBit(m, size) ^ carry) * FLAG_OF))
}

const rcr: Shift = (m, _lo, _hi, size, count) => {
  const turns = count % (8 * size + 1)
  if (turns === 0) return
  let carry = carryIn(m)
  for (let i = 0; i < turns; i++) {
    const out = m.lo & 1
    if (size === 8) {
      m.lo = (m.lo >>> 1) | (m.hi << 31)
      m.hi = (m.hi >>> 1) | (carry << 31)
    } else m.lo = (m.lo >>> 1) | (carry << (8 * size - 1))
    carry = out
  }
  setFlags(m, FLAG_CF | FLAG_OF, carry | ((topBit(m, size) ^ bitOf(m.lo, m.hi, 8 * size - 2)) * FLAG_OF))
}

/** As an operation whose second operand is the count. */
function bySize(shift: Shift): Operations {
  const of = (size: Size): Operation => {
    const mask = size === 8 ? 63 : 31
    return (m, lo, hi, given) => {
      const count = given & mask
      const upper = size === 8 ? hi : 0
      m.lo = lo
      m.hi = upper
      if (count !== 0) shift(m, lo, upper, size, count)
    }
  }
  return { 1: of(1), 2: of(2), 4: of(4), 8: of(8) }
}

// ── shld, shrd ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

type DoubleShift = (m: Machine, lo: number, hi: number, fromLo: number, fromHi: number, size: Size, count: number) => number

/** Shifts left, filling from the top of `from`; returns CF. A 16-bit count above 16 is undefined: here the pair rotates. */
const doubleLeft: DoubleShift = (m, lo, hi, fromLo, fromHi, size, count) => {
  if (size === 8) {
    shiftRight64(m, fromLo, fromHi, 64 - count)
    const fillLo = m.lo
    const fillHi = m.hi
    shiftLeft64(m, lo, hi, count)
    m.lo |= fillLo
    m.hi |= fillHi
    return bitOf(lo, hi, 64 - count)
  }
  m.hi = 0
  if (size === 4) {
    m.lo = (lo << count) | (fromLo >>> (32 - count))
    return (lo >>> (32 - count)) & 1
  }
  const pair = (lo << 16) | fromLo
  m.lo = ((pair << count) | (pair >>> (32 - count))) >>> 16
  return (pair >>> (32 - count)) & 1
}

const doubleRight: DoubleShift = (m, lo, hi, fromLo, fromHi, size, count) => {
  if (size === 8) {
    shiftLeft64(m, fromLo, fromHi, 64 - count)
    const fillLo = m.lo
    const fillHi = m.hi
    shiftRight64(m, lo, hi, count)
    m.lo |= fillLo
    m.hi |= fillHi
    return bitOf(lo, hi, count - 1)
  }
  m.hi = 0
  if (size === 4) {
    m.lo = (lo >>> count) | (fromLo << (32 - count))
    return (lo >>> (count - 1)) & 1
  }
  const pair = (fromLo << 16) | lo
  m.lo = ((pair >>> count) | (pair << (32 - count))) & 0xffff
  return (pair >>> (count - 1)) & 1
}

function bindDouble(shift: DoubleShift) {
  return (instruction: Instruction, bits: Bits): Execute | null => {
    const given = operandAt(instruction, 2)
    assert(given.kind === 'imm' || given.kind === 'reg', instruction.code)
    const fixed = given.kind === 'imm' ? given.lo : -1
    const of = (size: Size): Operation => {
      const mask = size === 8 ? 63 : 31
      return (m, lo, hi, fromLo, fromHi) => {
        const count = (fixed >= 0 ? fixed : (m.w[m.c + 2 * RCX] as number)) & mask
        if (count === 0) {
          m.lo = lo
          m.hi = size === 8 ? hi : 0
          return
        }
        const carry = shift(m, lo, hi, fromLo, fromHi, size, count)
        const signChanged = topBit(m, size) ^ bitOf(lo, hi, 8 * size - 1)
        setStatus(m, resultFlags(m.lo, m.hi, size) | carry | (signChanged * FLAG_OF))
      }
    }
    return bindBinary(instruction, bits, { 1: of(1), 2: of(2), 4: of(4), 8: of(8) })
  }
}

const MICRO_OPS: readonly MicroOp[] = ['load', 'compute', 'store']

function record(mnemonics: readonly string[], meaning: string, manual: string, shift: Shift): InstructionRecord {
  const operations = bySize(shift)
  return { mnemonics, meaning, manual, microOps: MICRO_OPS, bind: (instruction, bits) => bindBinary(instruction, bits, operations) }
}

export const shiftRecords: readonly InstructionRecord[] = [
  record(['shl', 'sal'], 'Shifts left.', 'SDM 2B SAL/SAR/SHL/SHR', shl),
  record(['shr'], 'Shifts right, filling with zeros.', 'SDM 2B SAL/SAR/SHL/SHR', shr),
  record(['sar'], 'Shifts right, filling with the sign.', 'SDM 2B SAL/SAR/SHL/SHR', sar),
  record(['rol'], 'Rotates left.', 'SDM 2B RCL/RCR/ROL/ROR', rol),
  record(['ror'], 'Rotates right.', 'SDM 2B RCL/RCR/ROL/ROR', ror),
  record(['rcl'], 'Rotates left through CF.', 'SDM 2B RCL/RCR/ROL/ROR', rcl),
  record(['rcr'], 'Rotates right through CF.', 'SDM 2B RCL/RCR/ROL/ROR', rcr),
  { mnemonics: ['shld'], meaning: 'Shifts left, filling from a register.', manual: 'SDM 2B SHLD', microOps: MICRO_OPS, bind: bindDouble(doubleLeft) },
  {
    mnemonics: ['shrd'],
    meaning: 'Shifts right, filling from a register.',
    manual: 'SDM 2B SHRD',
    microOps: MICRO_OPS,
    bind: bindDouble(doubleRight),
  },
]
