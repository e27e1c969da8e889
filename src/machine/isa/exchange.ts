/**
 * Exchanges: xchg, xadd and the cmpxchg family, which synchronise CPUs when they are locked. LOCK needs an empty store buffer, which the step
 * rule sees to; xchg with memory is locked without the prefix (SDM 3A 8.1.2.1).
 *
 * A failing cmpxchg writes the old value back (SDM 2A CMPXCHG: "the destination operand receives a write cycle without regard to the result").
 */
import { assert } from '../../lib/assert.ts'
import type { Instruction, MemoryOperand } from '../instruction.ts'
import { FLAG_ZF, FLAGS } from '../layout.ts'
import { type Machine, VECTOR_GP } from '../machine.ts'
import { ADD, SUB } from './alu.ts'
import { setFlags } from './flags.ts'
import {
  type Bits,
  bindAddress,
  bindOffset,
  bindRead,
  bindSegment,
  carryOut,
  checkStackAddress,
  loadToModify,
  operandAt,
  RAX,
  RBP,
  RBX,
  RCX,
  RDX,
  RSP,
  readRegister,
  type Size,
  sizeOf,
  writeRegister,
} from './operands.ts'
import type { Execute, InstructionRecord } from './record.ts'

/** Register operand `index` of the instruction. */
function registerAt(instruction: Instruction, index: number) {
  const operand = operandAt(instruction, index)
  assert(operand.kind === 'reg', instruction.code)
  const size = sizeOf(operand)
  return { read: readRegister(operand.index, size, operand.high), write: writeRegister(operand.index, size, operand.high) }
}

function loadFor(m: Machine, lock: boolean, lo: number, hi: number, size: Size): void {
  if (lock) m.lockedLoad(lo, hi, size)
  else loadToModify(m, lo, hi, size)
}

function storeFor(m: Machine, lock: boolean, lo: number, hi: number, size: Size, valueLo: number, valueHi: number): void {
  if (lock) m.lockedStore(lo, hi, size, valueLo, valueHi)
  else m.store(lo, hi, size, valueLo, valueHi)
}

function bindXchg(instruction: Instruction, bits: Bits): Execute | null {
  const first = operandAt(instruction, 0)
  const second = operandAt(instruction, 1)
  const size = sizeOf(first)
  if (first.kind === 'mem' || second.kind === 'mem') {
    const place = (first.kind === 'mem' ? first : second) as MemoryOperand
    const register = registerAt(instruction, first.kind === 'mem' ? 1 : 0)
    const address = bindAddress(place, instruction, bits, true)
    return (m) => {
      address(m)
      const addressLo = m.lo
      const addressHi = m.hi
      register.read(m)
      const { lo, hi } = m
      m.lockedLoad(addressLo, addressHi, size)
      const oldLo = m.lo
      const oldHi = m.hi
      m.lockedStore(addressLo, addressHi, size, lo, hi)
      register.write(m, oldLo, oldHi)
    }
  }
  const a = registerAt(instruction, 0)
  const b = registerAt(instruction, 1)
  return (m) => {
    a.read(m)
    const { lo, hi } = m
    b.read(m)
    a.write(m, m.lo, m.hi)
    b.write(m, lo, hi)
  }
}

/** destination, source = destination + source, destination. */
function bindXadd(instruction: Instruction, bits: Bits): Execute | null {
  const destination = operandAt(instruction, 0)
  const size = sizeOf(destination)
  const add = ADD[size]
  const source = registerAt(instruction, 1)
  if (destination.kind === 'reg') {
    const target = registerAt(instruction, 0)
    return (m) => {
      source.read(m)
      const { lo, hi } = m
      target.read(m)
      const oldLo = m.lo
      const oldHi = m.hi
      add(m, oldLo, oldHi, lo, hi)
      const sumLo = m.lo
      const sumHi = m.hi
      // In this order, so that a register added to itself ends as the sum.
      source.write(m, oldLo, oldHi)
      target.write(m, sumLo, sumHi)
    }
  }
  assert(destination.kind === 'mem', instruction.code)
  const address = bindAddress(destination, instruction, bits, true)
  const { lock } = instruction
  return (m) => {
    address(m)
    const addressLo = m.lo
    const addressHi = m.hi
    source.read(m)
    const { lo, hi } = m
    loadFor(m, lock, addressLo, addressHi, size)
    const oldLo = m.lo
    const oldHi = m.hi
    const at = m.c + FLAGS
    const before = m.w[at] as number
    add(m, oldLo, oldHi, lo, hi)
    const after = m.w[at] as number
    // Nothing may have changed should the store fault.
    m.w[at] = before
    storeFor(m, lock, addressLo, addressHi, size, m.lo, m.hi)
    m.w[at] = after
    source.write(m, oldLo, oldHi)
  }
}

/** If destination equals the accumulator, destination = source; else accumulator = destination. Flags as of accumulator minus destination. */
function bindCmpxchg(instruction: Instruction, bits: Bits): Execute | null {
  const destination = operandAt(instruction, 0)
  const size = sizeOf(destination)
  const subtract = SUB[size]
  const source = bindRead(operandAt(instruction, 1), instruction, bits)
  const readAccumulator = readRegister(RAX, size)
  const writeAccumulator = writeRegister(RAX, size)
  if (destination.kind === 'reg') {
    const target = registerAt(instruction, 0)
    return (m) => {
      target.read(m)
      const { lo, hi } = m
      readAccumulator(m)
      subtract(m, m.lo, m.hi, lo, hi)
      if ((m.lo | m.hi) === 0) {
        // A 32-bit success keeps the upper half of rax, a failure that of the destination.
        source(m)
        target.write(m, m.lo, m.hi)
      } else writeAccumulator(m, lo, hi)
    }
  }
  assert(destination.kind === 'mem', instruction.code)
  const address = bindAddress(destination, instruction, bits, true)
  const { lock } = instruction
  return (m) => {
    address(m)
    const addressLo = m.lo
    const addressHi = m.hi
    loadFor(m, lock, addressLo, addressHi, size)
    const oldLo = m.lo
    const oldHi = m.hi
    const at = m.c + FLAGS
    const before = m.w[at] as number
    readAccumulator(m)
    subtract(m, m.lo, m.hi, oldLo, oldHi)
    const equal = (m.lo | m.hi) === 0
    const after = m.w[at] as number
    m.w[at] = before
    if (equal) {
      source(m)
      storeFor(m, lock, addressLo, addressHi, size, m.lo, m.hi)
    } else {
      storeFor(m, lock, addressLo, addressHi, size, oldLo, oldHi)
      writeAccumulator(m, oldLo, oldHi)
    }
    m.w[at] = after
  }
}

/** cmpxchg8b: edx:eax against 8 bytes, ecx:ebx to store. Of the flags only ZF changes. */
function bindCmpxchg8b(instruction: Instruction, bits: Bits): Execute | null {
  const destination = operandAt(instruction, 0)
  if (destination.kind !== 'mem') return null
  const address = bindAddress(destination, instruction, bits, true)
  const { lock } = instruction
  const writeEax = writeRegister(RAX, 4)
  const writeEdx = writeRegister(RDX, 4)
  return (m) => {
    address(m)
    const addressLo = m.lo
    const addressHi = m.hi
    loadFor(m, lock, addressLo, addressHi, 8)
    const { w, c, lo, hi } = m
    const equal = lo === w[c + 2 * RAX] && hi === w[c + 2 * RDX]
    if (equal) storeFor(m, lock, addressLo, addressHi, 8, w[c + 2 * RBX] as number, w[c + 2 * RCX] as number)
    else {
      storeFor(m, lock, addressLo, addressHi, 8, lo, hi)
      writeEax(m, lo, 0)
      writeEdx(m, hi, 0)
    }
    setFlags(m, FLAG_ZF, equal ? FLAG_ZF : 0)
  }
}

/** cmpxchg16b: rdx:rax against 16 aligned bytes, rcx:rbx to store. */
function bindCmpxchg16b(instruction: Instruction, bits: Bits): Execute | null {
  const destination = operandAt(instruction, 0)
  if (destination.kind !== 'mem') return null
  // Alignment is checked before anything else about the address, so this one leaves out the check of stack references.
  const address = bindSegment({ ...destination, base: -1 }, bindOffset(destination, instruction.addressSize), bits, true)
  const onStack = (destination.base === RSP || destination.base === RBP) && destination.segment !== 'fs' && destination.segment !== 'gs'
  const { lock } = instruction
  const registers = { rax: 2 * RAX, rdx: 2 * RDX, rbx: 2 * RBX, rcx: 2 * RCX }
  return (m) => {
    address(m)
    const addressLo = m.lo
    const addressHi = m.hi
    if ((addressLo & 15) !== 0) m.raise(VECTOR_GP, 0)
    if (onStack) checkStackAddress(m, addressHi)
    const upperLo = (addressLo + 8) | 0
    const upperHi = (addressHi + carryOut(addressLo, 8, upperLo)) | 0
    m.checkWrite(addressLo, addressHi, 16)
    loadFor(m, lock, addressLo, addressHi, 8)
    const { lo, hi } = m
    loadFor(m, lock, upperLo, upperHi, 8)
    const { w, c, lo: upLo, hi: upHi } = m
    const { rax, rdx, rbx, rcx } = registers
    const equal = lo === w[c + rax] && hi === w[c + rax + 1] && upLo === w[c + rdx] && upHi === w[c + rdx + 1]
    if (equal) {
      storeFor(m, lock, addressLo, addressHi, 8, w[c + rbx] as number, w[c + rbx + 1] as number)
      storeFor(m, lock, upperLo, upperHi, 8, w[c + rcx] as number, w[c + rcx + 1] as number)
    } else {
      storeFor(m, lock, addressLo, addressHi, 8, lo, hi)
      storeFor(m, lock, upperLo, upperHi, 8, upLo, upHi)
      w[c + rax] = lo
      w[c + rax + 1] = hi
      w[c + rdx] = upLo
      w[c + rdx + 1] = upHi
    }
    setFlags(m, FLAG_ZF, equal ? FLAG_ZF : 0)
  }
}

export const exchangeRecords: readonly InstructionRecord[] = [
  { mnemonics: ['xchg'], meaning: 'Swaps; with memory always locked.', manual: 'SDM 2D XCHG', microOps: ['locked'], bind: bindXchg },
  { mnemonics: ['xadd'], meaning: 'Swaps and adds.', manual: 'SDM 2D XADD', microOps: ['load', 'compute', 'store'], bind: bindXadd },
  {
    mnemonics: ['cmpxchg'],
    meaning: 'Stores where the accumulator equals the destination; loads it otherwise.',
    manual: 'SDM 2A CMPXCHG',
    microOps: ['load', 'compute', 'store'],
    bind: bindCmpxchg,
  },
  {
    mnemonics: ['cmpxchg8b'],
    meaning: 'cmpxchg of 8 bytes with edx:eax and ecx:ebx.',
    manual: 'SDM 2A CMPXCHG8B/CMPXCHG16B',
    microOps: ['load', 'compute', 'store'],
    bind: bindCmpxchg8b,
  },
  {
    mnemonics: ['cmpxchg16b'],
    meaning: 'cmpxchg of 16 aligned bytes with rdx:rax and rcx:rbx.',
    manual: 'SDM 2A CMPXCHG8B/CMPXCHG16B',
    microOps: ['load', 'load', 'compute', 'store', 'store'],
    bind: bindCmpxchg16b,
  },
]
