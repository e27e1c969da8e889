/**
 * Multiplication and division. Products set CF and OF where the upper half is more than an extension of the lower; their other flags, and
 * all flags of divisions, are undefined (undefined-flags.ts): here they stay as they were.
 */
import { assert } from '../../lib/assert.ts'
import { highHalf, joinHalves, lowHalf } from '../../lib/u64.ts'
import type { Instruction } from '../instruction.ts'
import { FLAG_CF, FLAG_OF } from '../layout.ts'
import { type Machine, VECTOR_DE } from '../machine.ts'
import { setFlags } from './flags.ts'
import { type Bits, bindRead, operandAt, RAX, RDX, sizeOf, writeRegister } from './operands.ts'
import type { Execute, InstructionRecord } from './record.ts'
import { divide32, highOfProduct, highOfSignedProduct, multiply64, product, remainder32 } from './wide.ts'

const A = 2 * RAX
const D = 2 * RDX

function overflowed(m: Machine, overflow: boolean): void {
  setFlags(m, FLAG_CF | FLAG_OF, overflow ? FLAG_CF | FLAG_OF : 0)
}

/** rdx:rax (or ax) = rax * operand. */
function bindWideMultiply(instruction: Instruction, bits: Bits, signed: boolean): Execute {
  const operand = operandAt(instruction, 0)
  const size = sizeOf(operand)
  const read = bindRead(operand, instruction, bits)
  if (size === 8) {
    return (m) => {
      read(m)
      const { w, c } = m
      multiply64(w[c + A] as number, w[c + A + 1] as number, m.lo, m.hi, signed)
      w[c + A] = product[0] as number
      w[c + A + 1] = product[1] as number
      w[c + D] = product[2] as number
      w[c + D + 1] = product[3] as number
      const extension = signed ? (product[1] as number) >> 31 : 0
      overflowed(m, product[2] !== extension || product[3] !== extension)
    }
  }
  if (size === 4) {
    return (m) => {
      read(m)
      const { w, c } = m
      const a = w[c + A] as number
      const low = Math.imul(a, m.lo)
      const high = signed ? highOfSignedProduct(a, m.lo) : highOfProduct(a, m.lo)
      w[c + A] = low
      w[c + A + 1] = 0
      w[c + D] = high
      w[c + D + 1] = 0
      overflowed(m, high !== (signed ? low >> 31 : 0))
    }
  }
  const spare = 32 - 8 * size
  const extend = (value: number) => (signed ? (value << spare) >> spare : (value << spare) >>> spare)
  const writeAx = writeRegister(RAX, 2)
  const writeDx = writeRegister(RDX, 2)
  return (m) => {
    read(m)
    const full = Math.imul(extend(m.w[m.c + A] as number), extend(m.lo))
    writeAx(m, full, 0)
    if (size === 2) writeDx(m, full >>> 16, 0)
    overflowed(m, extend(full) !== full)
  }
}

/** The two- and three-operand forms: the product cut to the size of its operands. */
function bindNarrowMultiply(instruction: Instruction, bits: Bits): Execute {
  const to = operandAt(instruction, 0)
  assert(to.kind === 'reg', instruction.code)
  const { size } = to
  const three = instruction.operands.length === 3
  const readFirst = bindRead(operandAt(instruction, three ? 1 : 0), instruction, bits, size)
  const readSecond = bindRead(operandAt(instruction, three ? 2 : 1), instruction, bits, size)
  const d = 2 * to.index
  if (size === 8) {
    return (m) => {
      readSecond(m)
      const { lo, hi } = m
      readFirst(m)
      multiply64(m.lo, m.hi, lo, hi, true)
      m.w[m.c + d] = product[0] as number
      m.w[m.c + d + 1] = product[1] as number
      const extension = (product[1] as number) >> 31
      overflowed(m, product[2] !== extension || product[3] !== extension)
    }
  }
  const spare = 32 - 8 * size
  const write = writeRegister(to.index, size)
  return (m) => {
    readSecond(m)
    const b = (m.lo << spare) >> spare
    readFirst(m)
    const a = (m.lo << spare) >> spare
    const low = Math.imul(a, b)
    write(m, low, 0)
    overflowed(m, size === 4 ? highOfSignedProduct(a, b) !== low >> 31 : (low << spare) >> spare !== low)
  }
}

function bindImul(instruction: Instruction, bits: Bits): Execute {
  return instruction.operands.length === 1 ? bindWideMultiply(instruction, bits, true) : bindNarrowMultiply(instruction, bits)
}

// ── division: #DE where the divisor is 0 or the quotient does not fit ──────────────────────────────────────────────────────────────────

function bindDivide(instruction: Instruction, bits: Bits, signed: boolean): Execute {
  const operand = operandAt(instruction, 0)
  const size = sizeOf(operand)
  const read = bindRead(operand, instruction, bits)
  if (size === 8) {
    return (m) => {
      read(m)
      if (signed) divideSigned64(m, m.lo, m.hi)
      else divideUnsigned64(m, m.lo, m.hi)
    }
  }
  if (size === 4) {
    return (m) => {
      read(m)
      if (signed) divideSigned32(m, m.lo)
      else divideUnsigned32(m, m.lo)
    }
  }
  return bindNarrowDivide(read, size, signed)
}

/** ax by a byte into al and ah, or dx:ax by a word into ax and dx. */
function bindNarrowDivide(read: Execute, size: 1 | 2, signed: boolean): Execute {
  const spare = 32 - 8 * size
  const extend = (value: number) => (signed ? (value << spare) >> spare : (value << spare) >>> spare)
  const writeQuotient = writeRegister(RAX, size)
  const writeRemainder = size === 1 ? writeRegister(RAX, 1, true) : writeRegister(RDX, 2)
  return (m) => {
    read(m)
    const divisor = extend(m.lo)
    const a = (m.w[m.c + A] as number) & 0xffff
    const bits32 = size === 1 ? a : ((m.w[m.c + D] as number) << 16) | a
    const dividend = size === 1 ? (signed ? (a << 16) >> 16 : a) : signed ? bits32 : bits32 >>> 0
    if (divisor === 0) m.raise(VECTOR_DE)
    const quotient = Math.trunc(dividend / divisor)
    if (extend(quotient) !== quotient) m.raise(VECTOR_DE)
    writeQuotient(m, quotient, 0)
    writeRemainder(m, dividend - quotient * divisor, 0)
  }
}

function divideUnsigned32(m: Machine, divisor: number): void {
  const { w, c } = m
  const high = w[c + D] as number
  if (high >>> 0 >= divisor >>> 0) m.raise(VECTOR_DE)
  w[c + A] = divide32(w[c + A] as number, high, divisor)
  w[c + A + 1] = 0
  w[c + D] = remainder32
  w[c + D + 1] = 0
}

function divideSigned32(m: Machine, divisor: number): void {
  const { w, c } = m
  const low = w[c + A] as number
  const high = w[c + D] as number
  const negative = high < 0
  // Magnitudes; that of the dividend is (~high : -low), with the carry of the negation.
  const magnitudeLow = negative ? -low | 0 : low
  const magnitudeHigh = negative ? (~high + (low === 0 ? 1 : 0)) | 0 : high
  const negativeDivisor = divisor < 0
  const magnitude = negativeDivisor ? -divisor | 0 : divisor
  if (magnitudeHigh >>> 0 >= magnitude >>> 0) m.raise(VECTOR_DE)
  const quotient = divide32(magnitudeLow, magnitudeHigh, magnitude) >>> 0
  const negativeQuotient = negative !== negativeDivisor
  if (quotient > (negativeQuotient ? 0x8000_0000 : 0x7fff_ffff)) m.raise(VECTOR_DE)
  w[c + A] = negativeQuotient ? -quotient : quotient
  w[c + A + 1] = 0
  w[c + D] = negative ? -remainder32 : remainder32
  w[c + D + 1] = 0
}

/** Doubles hold integers below 2^53 exactly, and there the floor of a rounded quotient is the quotient. */
const EXACT_HIGH = 0x20_0000

function divideUnsigned64(m: Machine, divisorLo: number, divisorHi: number): void {
  const { w, c } = m
  if ((divisorLo | divisorHi) === 0) m.raise(VECTOR_DE)
  const high = w[c + A + 1] as number
  if (((w[c + D] as number) | (w[c + D + 1] as number)) === 0 && high >>> 0 < EXACT_HIGH && divisorHi >>> 0 < EXACT_HIGH) {
    const dividend = high * 0x1_0000_0000 + ((w[c + A] as number) >>> 0)
    const divisor = divisorHi * 0x1_0000_0000 + (divisorLo >>> 0)
    const quotient = Math.floor(dividend / divisor)
    const rest = dividend - quotient * divisor
    w[c + A] = quotient
    w[c + A + 1] = quotient / 0x1_0000_0000
    w[c + D] = rest
    w[c + D + 1] = rest / 0x1_0000_0000
    return
  }
  const dividend = (joinHalves(w[c + D] as number, w[c + D + 1] as number) << 64n) | joinHalves(w[c + A] as number, high)
  const divisor = joinHalves(divisorLo, divisorHi)
  const quotient = dividend / divisor
  if (quotient >> 64n !== 0n) m.raise(VECTOR_DE)
  setResult64(m, quotient, dividend % divisor)
}

/** Is the number with this upper half exact as a double? */
function isExact(high: number): boolean {
  return high >= -EXACT_HIGH / 2 && high < EXACT_HIGH / 2
}

function divideSigned64(m: Machine, divisorLo: number, divisorHi: number): void {
  const { w, c } = m
  if ((divisorLo | divisorHi) === 0) m.raise(VECTOR_DE)
  const high = w[c + A + 1] as number
  const sign = high >> 31
  if (w[c + D] === sign && w[c + D + 1] === sign && isExact(high) && isExact(divisorHi)) {
    const dividend = high * 0x1_0000_0000 + ((w[c + A] as number) >>> 0)
    const divisor = divisorHi * 0x1_0000_0000 + (divisorLo >>> 0)
    const quotient = Math.trunc(dividend / divisor)
    const rest = dividend - quotient * divisor
    w[c + A] = quotient
    w[c + A + 1] = Math.floor(quotient / 0x1_0000_0000)
    w[c + D] = rest
    w[c + D + 1] = Math.floor(rest / 0x1_0000_0000)
    return
  }
  const dividend = BigInt.asIntN(
    128,
    (joinHalves(w[c + D] as number, w[c + D + 1] as number) << 64n) | joinHalves(w[c + A] as number, w[c + A + 1] as number),
  )
  const divisor = BigInt.asIntN(64, joinHalves(divisorLo, divisorHi))
  const quotient = dividend / divisor
  if (BigInt.asIntN(64, quotient) !== quotient) m.raise(VECTOR_DE)
  setResult64(m, quotient, dividend % divisor)
}

function setResult64(m: Machine, quotient: bigint, rest: bigint): void {
  const { w, c } = m
  w[c + A] = lowHalf(quotient)
  w[c + A + 1] = highHalf(quotient)
  w[c + D] = lowHalf(rest)
  w[c + D + 1] = highHalf(rest)
}

export const multiplyRecords: readonly InstructionRecord[] = [
  {
    mnemonics: ['mul'],
    meaning: 'Unsigned product, twice as wide as the operand.',
    manual: 'SDM 2B MUL',
    microOps: ['load', 'compute'],
    bind: (instruction, bits) => bindWideMultiply(instruction, bits, false),
  },
  {
    mnemonics: ['imul'],
    meaning: 'Signed product: twice as wide with one operand, cut to size with two or three.',
    manual: 'SDM 2A IMUL',
    microOps: ['load', 'compute'],
    bind: bindImul,
  },
  {
    mnemonics: ['div'],
    meaning: 'Unsigned quotient and remainder; #DE where the quotient does not fit.',
    manual: 'SDM 2A DIV',
    microOps: ['load', 'compute'],
    bind: (instruction, bits) => bindDivide(instruction, bits, false),
  },
  {
    mnemonics: ['idiv'],
    meaning: 'Signed quotient and remainder; #DE where the quotient does not fit.',
    manual: 'SDM 2A IDIV',
    microOps: ['load', 'compute'],
    bind: (instruction, bits) => bindDivide(instruction, bits, true),
  },
]
