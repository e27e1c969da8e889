/** Single bits (bt and its kin) and bit counts. */
import { assert } from '../../lib/assert.ts'
import type { Instruction, RegisterOperand } from '../instruction.ts'
import { FLAG_CF, FLAG_ZF } from '../layout.ts'
import type { Machine } from '../machine.ts'
import { setFlags, setStatus } from './flags.ts'
import { type Bits, bindOffset, bindRead, bindSegment, bindWrite, loadToModify, operandAt, type Read, type Size, sizeOf } from './operands.ts'
import type { Execute, InstructionRecord, MicroOp } from './record.ts'

// ── bt, bts, btr, btc: CF is the bit; OF, SF, AF and PF are undefined, here unchanged like ZF ──────────────────────────────────────────

/** What becomes of the word that holds the bit. */
type Change = (word: number, bit: number) => number

function bindBit(change: Change | null) {
  return (instruction: Instruction, bits: Bits): Execute | null => {
    const base = operandAt(instruction, 0)
    const index = operandAt(instruction, 1)
    const size = sizeOf(base)
    const readIndex = bindRead(index, instruction, bits, index.kind === 'imm' ? 1 : size)
    if (base.kind === 'reg') return bitOfRegister(base, change, readIndex)
    assert(base.kind === 'mem', instruction.code)
    const offset = bindOffset(base, instruction.addressSize)
    // A bit index in a register reaches beyond the operand; an immediate wraps.
    const placed = index.kind === 'imm' ? offset : beyond(offset, readIndex, size, instruction.addressSize)
    return bitOfMemory(instruction, bindSegment(base, placed, bits, change !== null), size, change, readIndex)
  }
}

function bitOfRegister(base: RegisterOperand, change: Change | null, readIndex: Read): Execute {
  const size = sizeOf(base)
  const at = 2 * base.index
  const mask = 8 * size - 1
  return (m) => {
    readIndex(m)
    const index = m.lo & mask
    const word = m.c + at + (index >> 5)
    const bit = 1 << (index & 31)
    const value = m.w[word] as number
    if (change !== null) m.w[word] = change(value, bit)
    // A 32-bit result clears the upper half.
    if (size === 4 && change !== null) m.w[word + 1] = 0
    setFlags(m, FLAG_CF, (value & bit) !== 0 ? FLAG_CF : 0)
  }
}

/** Adds the operands (of `size` bytes) by which a signed bit index lies away from the first. */
function beyond(offset: Read, readIndex: Read, size: Size, addressSize: number): Read {
  const shift = size === 8 ? 6 : size === 4 ? 5 : 4
  const scale = size === 8 ? 3 : size === 4 ? 2 : 1
  return (m) => {
    readIndex(m)
    const low = size === 2 ? (m.lo << 16) >> 16 : m.lo
    const high = size === 8 ? m.hi : low >> 31
    const operandsLo = (low >>> shift) | (high << (32 - shift))
    const bytesLo = operandsLo << scale
    const bytesHi = ((high >> shift) << scale) | (operandsLo >>> (32 - scale))
    offset(m)
    const { lo } = m
    const sum = (lo + bytesLo) | 0
    m.lo = addressSize === 2 ? sum & 0xffff : sum
    m.hi = addressSize === 8 ? (m.hi + bytesHi + (sum >>> 0 < lo >>> 0 ? 1 : 0)) | 0 : 0
  }
}

function bitOfMemory(instruction: Instruction, address: Read, size: Size, change: Change | null, readIndex: Read): Execute {
  const mask = 8 * size - 1
  const { lock } = instruction
  return (m) => {
    readIndex(m)
    const index = m.lo & mask
    const bit = 1 << (index & 31)
    address(m)
    const addressLo = m.lo
    const addressHi = m.hi
    if (lock) m.lockedLoad(addressLo, addressHi, size)
    else if (change !== null) loadToModify(m, addressLo, addressHi, size)
    else m.load(addressLo, addressHi, size)
    const { lo, hi } = m
    const old = index < 32 ? lo : hi
    if (change !== null) {
      const newLo = index < 32 ? change(lo, bit) : lo
      const newHi = index < 32 ? hi : change(hi, bit)
      if (lock) m.lockedStore(addressLo, addressHi, size, newLo, newHi)
      else m.store(addressLo, addressHi, size, newLo, newHi)
    }
    setFlags(m, FLAG_CF, (old & bit) !== 0 ? FLAG_CF : 0)
  }
}

// ── scans and counts ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

function trailingZeros(lo: number, hi: number): number {
  return lo !== 0 ? 31 - Math.clz32(lo & -lo) : 63 - Math.clz32(hi & -hi)
}

/** Zeros above the highest one in a 64-bit number. */
function leadingZeros(lo: number, hi: number): number {
  return hi !== 0 ? Math.clz32(hi) : 32 + Math.clz32(lo)
}

function ones(word: number): number {
  const pairs = word - ((word >>> 1) & 0x5555_5555)
  const nibbles = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333)
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
}

/** A result from the source in lo:hi, with flags set; or -1 to leave the destination as it is. */
type Count = (m: Machine, lo: number, hi: number, size: Size) => number

function bindCount(count: Count) {
  return (instruction: Instruction, bits: Bits): Execute | null => {
    const to = operandAt(instruction, 0)
    assert(to.kind === 'reg', instruction.code)
    const size = sizeOf(to)
    const read = bindRead(operandAt(instruction, 1), instruction, bits)
    const write = bindWrite(to, instruction, bits)
    return (m) => {
      read(m)
      const result = count(m, m.lo, m.hi, size)
      if (result >= 0) write(m, result, 0)
    }
  }
}

/** A source of 0 sets ZF and leaves the destination: so AMD documents it, and so processors behave. The other flags are undefined. */
const bsf: Count = (m, lo, hi) => {
  const zero = (lo | hi) === 0
  setFlags(m, FLAG_ZF, zero ? FLAG_ZF : 0)
  return zero ? -1 : trailingZeros(lo, hi)
}

const bsr: Count = (m, lo, hi) => {
  const zero = (lo | hi) === 0
  setFlags(m, FLAG_ZF, zero ? FLAG_ZF : 0)
  return zero ? -1 : 63 - leadingZeros(lo, hi)
}

/** CF: the source is 0; ZF: the result is 0. */
function countFlags(m: Machine, zeroSource: boolean, result: number): number {
  setFlags(m, FLAG_CF | FLAG_ZF, (zeroSource ? FLAG_CF : 0) | (result === 0 ? FLAG_ZF : 0))
  return result
}

const tzcnt: Count = (m, lo, hi, size) => {
  const zero = (lo | hi) === 0
  return countFlags(m, zero, zero ? 8 * size : trailingZeros(lo, hi))
}

const lzcnt: Count = (m, lo, hi, size) => countFlags(m, (lo | hi) === 0, leadingZeros(lo, hi) - (64 - 8 * size))

const popcnt: Count = (m, lo, hi) => {
  const result = ones(lo) + ones(hi)
  setStatus(m, result === 0 ? FLAG_ZF : 0)
  return result
}

const READ_MODIFY_WRITE: readonly MicroOp[] = ['load', 'compute', 'store']
const READ: readonly MicroOp[] = ['load', 'compute']

export const bitRecords: readonly InstructionRecord[] = [
  { mnemonics: ['bt'], meaning: 'CF = a bit.', manual: 'SDM 2A BT', microOps: READ, bind: bindBit(null) },
  {
    mnemonics: ['bts'],
    meaning: 'CF = a bit, then sets it.',
    manual: 'SDM 2A BTS',
    microOps: READ_MODIFY_WRITE,
    bind: bindBit((word, bit) => word | bit),
  },
  {
    mnemonics: ['btr'],
    meaning: 'CF = a bit, then clears it.',
    manual: 'SDM 2A BTR',
    microOps: READ_MODIFY_WRITE,
    bind: bindBit((word, bit) => word & ~bit),
  },
  {
    mnemonics: ['btc'],
    meaning: 'CF = a bit, then flips it.',
    manual: 'SDM 2A BTC',
    microOps: READ_MODIFY_WRITE,
    bind: bindBit((word, bit) => word ^ bit),
  },
  { mnemonics: ['bsf'], meaning: 'Index of the lowest one.', manual: 'SDM 2A BSF', microOps: READ, bind: bindCount(bsf) },
  { mnemonics: ['bsr'], meaning: 'Index of the highest one.', manual: 'SDM 2A BSR', microOps: READ, bind: bindCount(bsr) },
  { mnemonics: ['tzcnt'], meaning: 'Zeros below the lowest one.', manual: 'SDM 2B TZCNT', microOps: READ, bind: bindCount(tzcnt) },
  { mnemonics: ['lzcnt'], meaning: 'Zeros above the highest one.', manual: 'SDM 2A LZCNT', microOps: READ, bind: bindCount(lzcnt) },
  { mnemonics: ['popcnt'], meaning: 'Number of ones.', manual: 'SDM 2B POPCNT', microOps: READ, bind: bindCount(popcnt) },
]
