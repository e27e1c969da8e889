/**
 * How an operation meets its operands: register or memory destination, any source, with and without LOCK.
 *
 * Flags are set by the operation, before a store that may fault; so a read-modify-write puts the old flags back until the store is done.
 */
import { assert } from '../../lib/assert.ts'
import type { Instruction, MemoryOperand, RegisterOperand } from '../instruction.ts'
import { FLAGS } from '../layout.ts'
import type { Operation, Operations } from './alu.ts'
import {
  type Bits,
  bindAddress,
  bindRead,
  immediateHalves,
  loadToModify,
  operandAt,
  type Read,
  readRegister,
  type Size,
  sizeOf,
  writeRegister,
} from './operands.ts'
import type { Execute } from './record.ts'

/** destination = operation(destination, source). */
export function bindBinary(instruction: Instruction, bits: Bits, operations: Operations): Execute {
  const destination = operandAt(instruction, 0)
  const size = sizeOf(destination)
  const operation = operations[size]
  if (destination.kind === 'mem') return modifyMemory(instruction, destination, size, bits, operation, readSource(instruction, size, bits))
  assert(destination.kind === 'reg', `${instruction.code} writes a ${destination.kind} operand`)
  const source = operandAt(instruction, 1)
  if (size >= 4 && source.kind !== 'mem') return modifyWide(instruction, destination, operation)
  return modifyRegister(destination, operation, readSource(instruction, size, bits))
}

/** operation(first, second) for its flags only: cmp and test. */
export function bindCompare(instruction: Instruction, bits: Bits, operations: Operations): Execute {
  const first = operandAt(instruction, 0)
  const second = operandAt(instruction, 1)
  const size = sizeOf(first)
  const operation = operations[size]
  if (first.kind === 'reg' && second.kind !== 'mem' && size >= 4) return compareWide(instruction, first, operation)
  if (first.kind === 'mem' && second.kind === 'imm')
    return compareConstant(bindAddress(first, instruction, bits), size, operation, immediateHalves(second, size))
  if (first.kind === 'reg' && second.kind === 'mem' && size >= 4)
    return compareMemory(2 * first.index, bindAddress(second, instruction, bits), size, operation)
  const readFirst = bindRead(first, instruction, bits)
  const readSecond = bindRead(second, instruction, bits, size)
  return (m) => {
    readSecond(m)
    const { lo, hi } = m
    readFirst(m)
    operation(m, m.lo, m.hi, lo, hi)
  }
}

/** destination = operation(destination). */
export function bindUnary(instruction: Instruction, bits: Bits, operations: Operations): Execute {
  const destination = operandAt(instruction, 0)
  const size = sizeOf(destination)
  const operation = operations[size]
  if (destination.kind === 'mem') return modifyMemory(instruction, destination, size, bits, operation, nothing)
  assert(destination.kind === 'reg', `${instruction.code} writes a ${destination.kind} operand`)
  if (size >= 4) {
    const d = 2 * destination.index
    return (m) => {
      const at = m.c + d
      operation(m, m.w[at] as number, m.w[at + 1] as number, 0, 0)
      m.w[at] = m.lo
      m.w[at + 1] = m.hi
    }
  }
  return modifyRegister(destination, operation, nothing)
}

function nothing(): void {}

function readSource(instruction: Instruction, size: Size, bits: Bits): Read {
  return bindRead(operandAt(instruction, 1), instruction, bits, size)
}

function modifyRegister(destination: RegisterOperand, operation: Operation, readSource: Read): Execute {
  const size = sizeOf(destination)
  const read = readRegister(destination.index, size, destination.high)
  const write = writeRegister(destination.index, size, destination.high)
  return (m) => {
    readSource(m)
    const { lo, hi } = m
    read(m)
    operation(m, m.lo, m.hi, lo, hi)
    write(m, m.lo, m.hi)
  }
}

/** The commonest form: a 32- or 64-bit register with a register or an immediate. 32-bit operations ignore high halves and leave 0 in m.hi. */
function modifyWide(instruction: Instruction, destination: RegisterOperand, operation: Operation): Execute {
  const d = 2 * destination.index
  const source = operandAt(instruction, 1)
  if (source.kind === 'reg') {
    const s = 2 * source.index
    return (m) => {
      const { w, c } = m
      operation(m, w[c + d] as number, w[c + d + 1] as number, w[c + s] as number, w[c + s + 1] as number)
      w[c + d] = m.lo
      w[c + d + 1] = m.hi
    }
  }
  assert(source.kind === 'imm', `${instruction.code} reads a ${source.kind} operand`)
  const [lo, hi] = immediateHalves(source, sizeOf(destination))
  return (m) => {
    const { w, c } = m
    operation(m, w[c + d] as number, w[c + d + 1] as number, lo, hi)
    w[c + d] = m.lo
    w[c + d + 1] = m.hi
  }
}

function compareWide(instruction: Instruction, first: RegisterOperand, operation: Operation): Execute {
  const d = 2 * first.index
  const second = operandAt(instruction, 1)
  if (second.kind === 'reg') {
    const s = 2 * second.index
    return (m) => {
      const { w, c } = m
      operation(m, w[c + d] as number, w[c + d + 1] as number, w[c + s] as number, w[c + s + 1] as number)
    }
  }
  assert(second.kind === 'imm', `${instruction.code} reads a ${second.kind} operand`)
  const [lo, hi] = immediateHalves(second, sizeOf(first))
  return (m) => operation(m, m.w[m.c + d] as number, m.w[m.c + d + 1] as number, lo, hi)
}

function compareConstant(address: Read, size: Size, operation: Operation, [lo, hi]: readonly [number, number]): Execute {
  return (m) => {
    address(m)
    m.load(m.lo, m.hi, size)
    operation(m, m.lo, m.hi, lo, hi)
  }
}

function compareMemory(d: number, address: Read, size: Size, operation: Operation): Execute {
  return (m) => {
    address(m)
    m.load(m.lo, m.hi, size)
    operation(m, m.w[m.c + d] as number, m.w[m.c + d + 1] as number, m.lo, m.hi)
  }
}

function modifyMemory(instruction: Instruction, destination: MemoryOperand, size: Size, bits: Bits, operation: Operation, readSource: Read): Execute {
  const address = bindAddress(destination, instruction, bits, true)
  if (instruction.lock) {
    return (m) => {
      readSource(m)
      const { lo, hi } = m
      address(m)
      const addressLo = m.lo
      const addressHi = m.hi
      m.lockedLoad(addressLo, addressHi, size)
      operation(m, m.lo, m.hi, lo, hi)
      m.lockedStore(addressLo, addressHi, size, m.lo, m.hi)
    }
  }
  return (m) => {
    readSource(m)
    const { lo, hi } = m
    address(m)
    const addressLo = m.lo
    const addressHi = m.hi
    loadToModify(m, addressLo, addressHi, size)
    const at = m.c + FLAGS
    const before = m.w[at] as number
    operation(m, m.lo, m.hi, lo, hi)
    const after = m.w[at] as number
    m.w[at] = before
    m.store(addressLo, addressHi, size, m.lo, m.hi)
    m.w[at] = after
  }
}
