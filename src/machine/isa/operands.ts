/**
 * Operands become closures once, when an instruction is bound: which register, which size and which address form are decided then, and
 * executing only follows them. Values pass through m.lo and m.hi, zero-extended to 64 bits.
 *
 * A CPU's general registers are the first 32 words of its part (layout.ts), so register `index` lies at m.c + 2 * index, low half first.
 * In 32-bit mode the high halves stay 0.
 */
import { assert } from '../../lib/assert.ts'
import type { ImmediateOperand, Instruction, MemoryOperand, Operand, RegisterOperand } from '../instruction.ts'
import { FS_BASE, GS_BASE } from '../layout.ts'
import { type Machine, VECTOR_GP, VECTOR_SS } from '../machine.ts'

export type Bits = 32 | 64
export type Size = 1 | 2 | 4 | 8

/** Leaves a value, or an address, in m.lo and m.hi. */
export type Read = (m: Machine) => void
export type Write = (m: Machine, lo: number, hi: number) => void

export const RAX = 0
export const RCX = 1
export const RDX = 2
export const RBX = 3
export const RSP = 4
export const RBP = 5
export const RSI = 6
export const RDI = 7

export function operandAt(instruction: Instruction, index: number): Operand {
  const operand = instruction.operands[index]
  assert(operand !== undefined, `${instruction.code} has no operand ${index}`)
  return operand
}

/** Width in bytes of a register, immediate or memory operand. */
export function sizeOf(operand: Operand): Size {
  assert(operand.kind === 'reg' || operand.kind === 'imm' || operand.kind === 'mem', `operand ${operand.kind} has no size`)
  assert(operand.size === 1 || operand.size === 2 || operand.size === 4 || operand.size === 8, `operand of ${operand.size} bytes`)
  return operand.size
}

/** Is this a value that the user-level instructions know: a general register, an immediate or memory? */
export function isGeneral(operand: Operand | undefined): boolean {
  return operand === undefined || operand.kind === 'reg' || operand.kind === 'imm' || operand.kind === 'mem'
}

// ── registers ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

export function readRegister(index: number, size: Size, high = false): Read {
  const at = 2 * index
  if (size === 8) {
    return (m) => {
      m.lo = m.w[m.c + at] as number
      m.hi = m.w[m.c + at + 1] as number
    }
  }
  if (size === 4) {
    return (m) => {
      m.lo = m.w[m.c + at] as number
      m.hi = 0
    }
  }
  const shift = high ? 8 : 0
  const mask = size === 2 ? 0xffff : 0xff
  return (m) => {
    m.lo = ((m.w[m.c + at] as number) >>> shift) & mask
    m.hi = 0
  }
}

/** 32-bit results clear the upper half; 8- and 16-bit results leave the other bits alone (SDM vol. 1 §3.4.1.1). */
export function writeRegister(index: number, size: Size, high = false): Write {
  const at = 2 * index
  if (size === 8) {
    return (m, lo, hi) => {
      m.w[m.c + at] = lo
      m.w[m.c + at + 1] = hi
    }
  }
  if (size === 4) {
    return (m, lo) => {
      m.w[m.c + at] = lo
      m.w[m.c + at + 1] = 0
    }
  }
  const shift = high ? 8 : 0
  const mask = size === 2 ? 0xffff : 0xff
  const rest = ~(mask << shift)
  return (m, lo) => {
    m.w[m.c + at] = ((m.w[m.c + at] as number) & rest) | ((lo & mask) << shift)
  }
}

// ── immediates ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The value cut to `size` bytes and zero-extended, as two halves. */
export function immediateHalves(operand: ImmediateOperand, size: Size): readonly [number, number] {
  if (size === 8) return [operand.lo | 0, operand.hi | 0]
  return [size === 4 ? operand.lo | 0 : operand.lo & (size === 2 ? 0xffff : 0xff), 0]
}

function readConstant(lo: number, hi: number): Read {
  return (m) => {
    m.lo = lo
    m.hi = hi
  }
}

// ── memory ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Carry out of a 32-bit sum: 0 or 1. */
export function carryOut(a: number, b: number, sum: number): number {
  return ((a & b) | ((a | b) & ~sum)) >>> 31
}

/** The effective address (offset within its segment) of a memory operand. */
export function bindOffset(operand: MemoryOperand, addressSize: number): Read {
  const { base, index, dispLo, dispHi } = operand
  const shift = operand.scale === 1 ? 0 : operand.scale === 2 ? 1 : operand.scale === 4 ? 2 : 3
  const b = 2 * base
  const x = 2 * index
  if (addressSize === 8) {
    if (base < 0 && index < 0) return readConstant(dispLo, dispHi)
    if (index < 0) {
      return (m) => {
        const lo = m.w[m.c + b] as number
        const sum = (lo + dispLo) | 0
        m.lo = sum
        m.hi = ((m.w[m.c + b + 1] as number) + dispHi + carryOut(lo, dispLo, sum)) | 0
      }
    }
    return (m) => {
      const { w, c } = m
      const low = w[c + x] as number
      const lo = low << shift
      // (low >>> 1) >>> (31 - shift) is low >>> (32 - shift) that also holds for a shift of 0.
      const hi = ((w[c + x + 1] as number) << shift) | ((low >>> 1) >>> (31 - shift))
      const middle = (lo + dispLo) | 0
      const middleHi = (hi + dispHi + carryOut(lo, dispLo, middle)) | 0
      if (base < 0) {
        m.lo = middle
        m.hi = middleHi
        return
      }
      const baseLo = w[c + b] as number
      const sum = (middle + baseLo) | 0
      m.lo = sum
      m.hi = (middleHi + (w[c + b + 1] as number) + carryOut(middle, baseLo, sum)) | 0
    }
  }
  const mask = addressSize === 2 ? 0xffff : -1
  return (m) => {
    const { w, c } = m
    let sum = dispLo
    if (base >= 0) sum = (sum + (w[c + b] as number)) | 0
    if (index >= 0) sum = (sum + ((w[c + x] as number) << shift)) | 0
    m.lo = sum & mask
    m.hi = 0
  }
}

/** Adds the segment's base to an offset (only fs and gs have one: the other segments are flat) and checks what the mode checks. */
export function bindSegment(operand: MemoryOperand, offset: Read, bits: Bits, writes = false): Read {
  const checked = bits === 32 ? withinSegment(operand, offset, writes) : offset
  if (operand.segment === 'fs' || operand.segment === 'gs') {
    const at = operand.segment === 'fs' ? FS_BASE : GS_BASE
    return (m) => {
      checked(m)
      const { lo } = m
      const start = m.w[m.c + at] as number
      m.lo = (lo + start) | 0
      m.hi = bits === 32 ? 0 : (m.hi + (m.w[m.c + at + 1] as number) + carryOut(lo, start, m.lo)) | 0
    }
  }
  if (bits === 32) return checked
  // 64-bit mode ignores es, cs, ss and ds prefixes: the base register alone says whether this is a reference to the stack segment.
  if (operand.base !== RSP && operand.base !== RBP) return offset
  return (m) => {
    offset(m)
    checkStackAddress(m, m.hi)
  }
}

/** A stack reference that is not canonical raises #SS, where any other raises #GP (SDM vol. 1 §5.3.1). */
export function checkStackAddress(m: Machine, hi: number): void {
  if (!isCanonical(hi)) m.raise(VECTOR_SS, 0)
}

/** Bits 63 to 47 of an address, with this upper half, are all alike. */
export function isCanonical(hi: number): boolean {
  const top = hi >> 15
  return top === 0 || top === -1
}

/** In 32-bit mode an access must not run past 4 GiB, the limit of a flat segment, and code segments are not writable (SDM 3A 5.3, 5.5). */
function withinSegment(operand: MemoryOperand, offset: Read, writes: boolean): Read {
  if (writes && operand.segment === 'cs') return (m) => m.raise(VECTOR_GP, 0)
  const last = 0x1_0000_0000 - Math.max(1, operand.size)
  const vector = operand.segment === 'ss' ? VECTOR_SS : VECTOR_GP
  return (m) => {
    offset(m)
    if (m.lo >>> 0 > last) m.raise(vector, 0)
  }
}

/** The linear address of a memory operand; `writes` where the instruction stores there. */
export function bindAddress(operand: MemoryOperand, instruction: Instruction, bits: Bits, writes = false): Read {
  const { addressSize } = instruction
  const plain = addressSize * 8 === bits && operand.base >= 0 && operand.index < 0 && operand.segment !== 'fs' && operand.segment !== 'gs'
  if (plain && operand.segment !== 'cs') return bits === 64 ? plainAddress64(operand) : plainAddress32(operand)
  return bindSegment(operand, bindOffset(operand, addressSize), bits, writes)
}

// The commonest addresses, a register and a displacement, in one closure each.

function plainAddress64(operand: MemoryOperand): Read {
  const { base, dispLo, dispHi } = operand
  if (base !== RSP && base !== RBP) return bindOffset(operand, 8)
  const b = 2 * base
  return (m) => {
    const lo = m.w[m.c + b] as number
    const sum = (lo + dispLo) | 0
    m.lo = sum
    m.hi = ((m.w[m.c + b + 1] as number) + dispHi + carryOut(lo, dispLo, sum)) | 0
    checkStackAddress(m, m.hi)
  }
}

function plainAddress32(operand: MemoryOperand): Read {
  const { base, dispLo } = operand
  const b = 2 * base
  const last = 0x1_0000_0000 - Math.max(1, operand.size)
  const vector = operand.segment === 'ss' ? VECTOR_SS : VECTOR_GP
  return (m) => {
    const sum = ((m.w[m.c + b] as number) + dispLo) | 0
    m.lo = sum
    m.hi = 0
    if (sum >>> 0 > last) m.raise(vector, 0)
  }
}

/** The load of a read-modify-write. It faults as a store would: the processor asks for the right to write at once. */
export function loadToModify(m: Machine, lo: number, hi: number, size: number): void {
  const piece = m.find(lo, hi)
  if (piece === null || !piece.write || ((lo - piece.lo) >>> 0) + size > piece.size) m.checkWrite(lo, hi, size)
  m.load(lo, hi, size)
}

// ── any operand ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Reads an operand; `size` (by default its own) cuts an immediate. */
export function bindRead(operand: Operand, instruction: Instruction, bits: Bits, size: Size = sizeOf(operand)): Read {
  if (operand.kind === 'reg') return readRegister(operand.index, size, operand.high)
  if (operand.kind === 'imm') return readConstant(...immediateHalves(operand, size))
  assert(operand.kind === 'mem', `cannot read a ${operand.kind} operand`)
  const address = bindAddress(operand, instruction, bits)
  return (m) => {
    address(m)
    m.load(m.lo, m.hi, size)
  }
}

export function bindWrite(operand: RegisterOperand | MemoryOperand, instruction: Instruction, bits: Bits): Write {
  const size = sizeOf(operand)
  if (operand.kind === 'reg') return writeRegister(operand.index, size, operand.high)
  const address = bindAddress(operand, instruction, bits, true)
  return (m, lo, hi) => {
    address(m)
    m.store(m.lo, m.hi, size, lo, hi)
  }
}

/** The linear address of a memory operand, worked out on the spot into m.eaLo, m.eaHi: for rare instructions that bind no closure. */
export function effectiveAddress(m: Machine, operand: MemoryOperand): void {
  bindSegment(operand, bindOffset(operand, m.bits / 8), m.bits)(m)
  m.eaLo = m.lo
  m.eaHi = m.hi
}
