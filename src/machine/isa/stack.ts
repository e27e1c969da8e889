/** push and pop in all forms, pusha/popa, enter and leave. Those of the flags: system.ts. */
import type { Instruction, SegmentName } from '../instruction.ts'
import { SEGMENTS } from '../layout.ts'
import type { Machine } from '../machine.ts'
import { type Bits, bindAddress, bindRead, operandAt, RBP, RDI, RSP, type Size, sizeOf, type Write, writeRegister } from './operands.ts'
import type { Execute, InstructionRecord } from './record.ts'
import { bindPop, bindPush, bindStackAdjust, checkStack, pushSize } from './stack-pointer.ts'
import { loadSegment, SEGMENT_INDEX } from './system.ts'

const SP = 2 * RSP
const BP = 2 * RBP

function bindPushOperand(instruction: Instruction, bits: Bits): Execute | null {
  const operand = operandAt(instruction, 0)
  if (operand.kind === 'seg') return pushSegment(operand.segment, bindPush(instruction, bits))
  if (operand.kind !== 'reg' && operand.kind !== 'mem' && operand.kind !== 'imm') return null
  if (operand.kind === 'reg' && operand.size >= 4) {
    const push = bindPush(instruction, bits)
    const s = 2 * operand.index
    return (m) => push(m, m.w[m.c + s] as number, m.w[m.c + s + 1] as number)
  }
  // An immediate is sign-extended to what the push moves. push rsp stores the old rsp: it is read before the pointer moves.
  const read = bindRead(operand, instruction, bits, operand.kind === 'imm' ? pushSize(instruction, bits) : sizeOf(operand))
  const push = bindPush(instruction, bits)
  return (m) => {
    read(m)
    push(m, m.lo, m.hi)
  }
}

function bindPopOperand(instruction: Instruction, bits: Bits): Execute | null {
  const operand = operandAt(instruction, 0)
  if (operand.kind === 'seg') return popSegment(operand.segment, pushSize(instruction, bits), bits)
  if (operand.kind === 'reg') {
    const size = sizeOf(operand)
    const pop = bindPop(size, bits)
    const write = writeRegister(operand.index, size)
    // pop rsp keeps the loaded value: it is written after the pointer moved.
    return (m) => {
      pop(m)
      write(m, m.lo, m.hi)
    }
  }
  if (operand.kind !== 'mem') return null
  const size = sizeOf(operand)
  // An address that uses rsp means the pointer after the pop, but nothing may move before the store is done: count the pop in here.
  const moved = operand.base === RSP ? { ...operand, dispLo: (operand.dispLo + size) | 0, dispHi: carried(operand, size) } : operand
  const address = bindAddress(moved, instruction, bits, true)
  const adjust = bindStackAdjust(bits)
  return (m) => {
    loadStack(m, m.w[m.c + SP] as number, m.w[m.c + SP + 1] as number, size, bits)
    const valueLo = m.lo
    const valueHi = m.hi
    address(m)
    m.store(m.lo, m.hi, size, valueLo, valueHi)
    adjust(m, size)
  }
}

/** A selector, zero-extended to what the push moves. */
function pushSegment(segment: SegmentName, push: Write): Execute {
  const at = SEGMENTS + SEGMENT_INDEX[segment]
  return (m) => push(m, m.w[m.c + at] as number, 0)
}

function popSegment(segment: SegmentName, size: Size, bits: Bits): Execute {
  const index = SEGMENT_INDEX[segment]
  const adjust = bindStackAdjust(bits)
  return (m) => {
    loadStack(m, m.w[m.c + SP] as number, m.w[m.c + SP + 1] as number, size, bits)
    loadSegment(m, index, m.lo & 0xffff)
    adjust(m, size)
  }
}

function carried({ dispLo, dispHi }: { dispLo: number; dispHi: number }, size: number): number {
  return (dispHi + (((dispLo + size) | 0) >>> 0 < size ? 1 : 0)) | 0
}

/** The eight registers in encoding order, esp as it was before the first push. Checked in that order, and as a whole, before the first store. */
function bindPushAll(instruction: Instruction, bits: Bits): Execute | null {
  const size = allSize(instruction)
  if (bits !== 32) return null
  return (m) => {
    const { w, c } = m
    const sp = w[c + SP] as number
    for (let index = 0; index < 8; index++) {
      const at = (sp - size * (index + 1)) | 0
      checkStack(m, at, 0, size, bits)
      m.checkWrite(at, 0, size)
    }
    for (let index = 0; index < 8; index++) m.store((sp - size * (index + 1)) | 0, 0, size, w[c + 2 * index] as number, 0)
    w[c + SP] = (sp - 8 * size) | 0
  }
}

/** Registers are loaded one after the other, esp moves at the end: a fault on the way leaves some loaded, and the instruction can start again. */
function bindPopAll(instruction: Instruction, bits: Bits): Execute | null {
  const size = allSize(instruction)
  if (bits !== 32) return null
  const writes = Array.from({ length: 8 }, (_, index) => writeRegister(index, size))
  return (m) => {
    const sp = m.w[m.c + SP] as number
    for (let index = RDI; index >= 0; index--) {
      // The slot of esp is read too (it may fault), and thrown away.
      loadStack(m, (sp + size * (RDI - index)) | 0, 0, size, bits)
      if (index !== RSP) writes[index]?.(m, m.lo, 0)
    }
    m.w[m.c + SP] = (sp + 8 * size) | 0
  }
}

function allSize(instruction: Instruction): Size {
  return /w$/.test(instruction.code) ? 2 : 4
}

/**
 * Builds a frame: pushes rbp, copies `level - 1` frame pointers of the enclosing procedures, pushes the new one, and makes room, whose last word
 * must be writable. Registers change at the end; a fault on the way leaves words below the stack pointer behind, as on real processors.
 */
function bindEnter(instruction: Instruction, bits: Bits): Execute | null {
  const room = operandAt(instruction, 0)
  const nesting = operandAt(instruction, 1)
  if (room.kind !== 'imm' || nesting.kind !== 'imm') return null
  const size: Size = /w_/.test(instruction.code) ? 2 : bits === 64 ? 8 : 4
  const level = nesting.lo & 31
  const bytes = room.lo & 0xffff
  const writeFramePointer = writeRegister(RBP, size)
  return (m) => {
    const { w, c } = m
    const bpLo = w[c + BP] as number
    const bpHi = w[c + BP + 1] as number
    const spLo = w[c + SP] as number
    const spHi = w[c + SP + 1] as number
    let pushed = 0
    const push = (lo: number, hi: number) => {
      pushed++
      const [atLo, atHi] = below(spLo, spHi, pushed * size, bits)
      checkStack(m, atLo, atHi, size, bits)
      m.store(atLo, atHi, size, lo, hi)
    }
    push(bpLo, bpHi)
    for (let i = 1; i < level; i++) {
      const [lo, hi] = below(bpLo, bpHi, i * size, bits)
      loadStack(m, lo, hi, size, bits)
      push(m.lo, m.hi)
    }
    const [frameLo, frameHi] = below(spLo, spHi, size, bits)
    if (level > 0) push(frameLo, frameHi)
    const [endLo, endHi] = below(spLo, spHi, pushed * size + bytes, bits)
    checkStack(m, endLo, endHi, size, bits)
    m.checkWrite(endLo, endHi, size)
    writeFramePointer(m, frameLo, frameHi)
    w[c + SP] = endLo
    w[c + SP + 1] = endHi
  }
}

function loadStack(m: Machine, lo: number, hi: number, size: Size, bits: Bits): void {
  checkStack(m, lo, hi, size, bits)
  m.load(lo, hi, size)
}

/** The address `bytes` below lo:hi. */
function below(lo: number, hi: number, bytes: number, bits: Bits): [number, number] {
  return [(lo - bytes) | 0, bits === 32 ? 0 : (hi - (lo >>> 0 < bytes ? 1 : 0)) | 0]
}

/** rsp = rbp, then pop rbp. */
function bindLeave(instruction: Instruction, bits: Bits): Execute | null {
  const size: Size = /w$/.test(instruction.code) ? 2 : bits === 64 ? 8 : 4
  const writeFramePointer = writeRegister(RBP, size)
  const adjust = bindStackAdjust(bits)
  return (m) => {
    const { w, c } = m
    const lo = w[c + BP] as number
    const hi = w[c + BP + 1] as number
    loadStack(m, lo, hi, size, bits)
    w[c + SP] = lo
    w[c + SP + 1] = hi
    adjust(m, size)
    writeFramePointer(m, m.lo, m.hi)
  }
}

export const stackRecords: readonly InstructionRecord[] = [
  {
    mnemonics: ['push'],
    meaning: 'Stores below the stack pointer and moves it.',
    manual: 'SDM 2B PUSH',
    microOps: ['load', 'store'],
    bind: bindPushOperand,
  },
  {
    mnemonics: ['pop'],
    meaning: 'Loads from the stack pointer and moves it.',
    manual: 'SDM 2B POP',
    microOps: ['load', 'store'],
    bind: bindPopOperand,
  },
  { mnemonics: ['pusha', 'pushad'], meaning: 'Pushes all eight registers.', manual: 'SDM 2B PUSHA/PUSHAD', microOps: ['store'], bind: bindPushAll },
  { mnemonics: ['popa', 'popad'], meaning: 'Pops all registers but esp.', manual: 'SDM 2B POPA/POPAD', microOps: ['load'], bind: bindPopAll },
  { mnemonics: ['enter'], meaning: 'Builds a stack frame.', manual: 'SDM 2A ENTER', microOps: ['load', 'store'], bind: bindEnter },
  { mnemonics: ['leave'], meaning: 'Takes a stack frame down.', manual: 'SDM 2A LEAVE', microOps: ['load'], bind: bindLeave },
]
