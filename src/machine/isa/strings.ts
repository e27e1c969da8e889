/**
 * String instructions. With a repeat prefix each execution performs one iteration and leaves the instruction at its address (m.repeating), so
 * that other CPUs and interrupts come in between, as they may (SDM 2B REP).
 *
 * Left out: ins and outs. The manual restores the flags of a repeated cmps or scas that faults to those before the instruction; here they
 * are those of the last whole iteration.
 */
import type { Instruction, MemoryOperand } from '../instruction.ts'
import { FLAG_DF, FLAG_ZF, FLAGS } from '../layout.ts'
import type { Machine } from '../machine.ts'
import { SUB } from './alu.ts'
import { type Bits, bindAddress, RAX, RCX, RDI, type Read, RSI, readRegister, type Size, sizeOf, writeRegister } from './operands.ts'
import type { Execute, InstructionRecord, MicroOp } from './record.ts'

/** The operand at rsi (whose segment a prefix may choose) or rdi (always es), as it was decoded. */
function memoryAt(instruction: Instruction, base: number): MemoryOperand | null {
  for (const operand of instruction.operands) if (operand.kind === 'mem' && operand.base === base) return operand
  return null
}

/** Moves an index register by one element, forwards or (DF) backwards, in the width of addresses. */
function bindAdvance(index: number, addressSize: Size, size: Size): Execute {
  const at = 2 * index
  if (addressSize === 8) {
    return (m) => {
      const { w, c } = m
      const lo = w[c + at] as number
      if (((w[c + FLAGS] as number) & FLAG_DF) === 0) {
        w[c + at] = lo + size
        if ((lo >>> 0) + size > 0xffff_ffff) w[c + at + 1] = (w[c + at + 1] as number) + 1
      } else {
        w[c + at] = lo - size
        if (lo >>> 0 < size) w[c + at + 1] = (w[c + at + 1] as number) - 1
      }
    }
  }
  const read = readRegister(index, addressSize)
  const write = writeRegister(index, addressSize)
  return (m) => {
    read(m)
    write(m, ((m.w[m.c + FLAGS] as number) & FLAG_DF) === 0 ? m.lo + size : m.lo - size, 0)
  }
}

/** `until`: for a comparing instruction, the value of ZF that ends the repetition. */
function repeated(instruction: Instruction, once: Execute, until: (() => number) | null): Execute {
  if (!instruction.rep && !instruction.repne) return once
  const size = instruction.addressSize as Size
  const read = readRegister(RCX, size)
  const write = writeRegister(RCX, size)
  const ending = until === null ? -1 : until()
  return (m) => {
    read(m)
    if ((m.lo | m.hi) === 0) return
    once(m)
    read(m)
    const lo = (m.lo - 1) | 0
    const hi = m.lo === 0 ? (m.hi - 1) | 0 : m.hi
    write(m, lo, hi)
    read(m)
    m.repeating = (m.lo | m.hi) !== 0 && ((m.w[m.c + FLAGS] as number) & FLAG_ZF) !== ending
  }
}

type BindOnce = (instruction: Instruction, bits: Bits, size: Size) => Execute | null

/** mnemonics end in b, w, d or q; `prefix` may also name something else (movsd of SSE): then there is no such memory operand. */
function bindString(bindOnce: BindOnce, compares = false) {
  return (instruction: Instruction, bits: Bits): Execute | null => {
    const given = instruction.operands.find((operand) => operand.kind === 'mem')
    if (given === undefined) return null
    const once = bindOnce(instruction, bits, sizeOf(given))
    if (once === null) return null
    // repe goes on while ZF is 1, repne while it is 0.
    return repeated(instruction, once, compares ? () => (instruction.repne ? FLAG_ZF : 0) : null)
  }
}

const bindMovs: BindOnce = (instruction, bits, size) => {
  const from = memoryAt(instruction, RSI)
  const to = memoryAt(instruction, RDI)
  if (from === null || to === null) return null
  const source = bindAddress(from, instruction, bits)
  const destination = bindAddress(to, instruction, bits)
  const advanceSource = bindAdvance(RSI, instruction.addressSize as Size, size)
  const advanceDestination = bindAdvance(RDI, instruction.addressSize as Size, size)
  return (m) => {
    source(m)
    m.load(m.lo, m.hi, size)
    const { lo, hi } = m
    destination(m)
    m.store(m.lo, m.hi, size, lo, hi)
    advanceSource(m)
    advanceDestination(m)
  }
}

const bindStos: BindOnce = (instruction, bits, size) => {
  const to = memoryAt(instruction, RDI)
  if (to === null) return null
  const destination = bindAddress(to, instruction, bits)
  const read = readRegister(RAX, size)
  const advance = bindAdvance(RDI, instruction.addressSize as Size, size)
  return (m) => {
    read(m)
    const { lo, hi } = m
    destination(m)
    m.store(m.lo, m.hi, size, lo, hi)
    advance(m)
  }
}

const bindLods: BindOnce = (instruction, bits, size) => {
  const from = memoryAt(instruction, RSI)
  if (from === null) return null
  const source = bindAddress(from, instruction, bits)
  const write = writeRegister(RAX, size)
  const advance = bindAdvance(RSI, instruction.addressSize as Size, size)
  return (m) => {
    source(m)
    m.load(m.lo, m.hi, size)
    write(m, m.lo, m.hi)
    advance(m)
  }
}

/** Flags of [rsi] minus [rdi]. */
const bindCmps: BindOnce = (instruction, bits, size) => {
  const first = memoryAt(instruction, RSI)
  const second = memoryAt(instruction, RDI)
  if (first === null || second === null) return null
  return compare(load(bindAddress(first, instruction, bits), size), load(bindAddress(second, instruction, bits), size), size, [
    bindAdvance(RSI, instruction.addressSize as Size, size),
    bindAdvance(RDI, instruction.addressSize as Size, size),
  ])
}

/** Flags of the accumulator minus [rdi]. */
const bindScas: BindOnce = (instruction, bits, size) => {
  const second = memoryAt(instruction, RDI)
  if (second === null) return null
  const advance = bindAdvance(RDI, instruction.addressSize as Size, size)
  return compare(readRegister(RAX, size), load(bindAddress(second, instruction, bits), size), size, [advance])
}

function load(address: Read, size: Size): Read {
  return (m) => {
    address(m)
    m.load(m.lo, m.hi, size)
  }
}

function compare(readFirst: Read, readSecond: Read, size: Size, advances: readonly Execute[]): Execute {
  const subtract = SUB[size]
  return (m: Machine) => {
    readFirst(m)
    const { lo, hi } = m
    readSecond(m)
    subtract(m, lo, hi, m.lo, m.hi)
    for (const advance of advances) advance(m)
  }
}

function sizes(stem: string): string[] {
  return ['b', 'w', 'd', 'q'].map((suffix) => stem + suffix)
}

function record(
  stem: string,
  meaning: string,
  manual: string,
  microOps: readonly MicroOp[],
  bindOnce: BindOnce,
  compares = false,
): InstructionRecord {
  return { mnemonics: sizes(stem), meaning, manual, microOps, bind: bindString(bindOnce, compares) }
}

export const stringRecords: readonly InstructionRecord[] = [
  record('movs', 'Copies [rsi] to [rdi] and moves both.', 'SDM 2B MOVS', ['load', 'store'], bindMovs),
  record('stos', 'Stores the accumulator at [rdi] and moves it.', 'SDM 2B STOS', ['store'], bindStos),
  record('lods', 'Loads the accumulator from [rsi] and moves it.', 'SDM 2A LODS', ['load'], bindLods),
  record('cmps', 'Compares [rsi] with [rdi] and moves both.', 'SDM 2A CMPS', ['load', 'load', 'compute'], bindCmps, true),
  record('scas', 'Compares the accumulator with [rdi] and moves it.', 'SDM 2B SCAS', ['load', 'compute'], bindScas, true),
]
