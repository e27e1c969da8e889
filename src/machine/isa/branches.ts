/**
 * Near transfers of control. Far ones, and those through the tables of the processor, are not user-level code that kernels or compilers
 * emit: they stay unsupported, but for what system.ts has.
 */
import type { BranchOperand, Instruction } from '../instruction.ts'
import { FLAG_ZF, FLAGS } from '../layout.ts'
import { type Machine, VECTOR_GP } from '../machine.ts'
import { conditionalMnemonics, conditionOf, isLess } from './conditions.ts'
import { type Bits, bindRead, isCanonical, operandAt, RCX, type Read, readRegister, type Size, writeRegister } from './operands.ts'
import type { Execute, InstructionRecord } from './record.ts'
import { bindPeek, bindStackAdjust, checkPush, pushBytes, pushSize } from './stack-pointer.ts'

function bindJump(instruction: Instruction, bits: Bits): Execute | null {
  const target = operandAt(instruction, 0)
  if (target.kind === 'branch') return goTo(target)
  const read = readTarget(instruction, bits)
  if (read === null) return null
  return (m) => {
    read(m)
    checkTarget(m, bits)
    m.nextLo = m.lo
    m.nextHi = m.hi
  }
}

function goTo({ lo, hi }: BranchOperand): Execute {
  return (m) => {
    m.nextLo = lo
    m.nextHi = hi
  }
}

/** The target of an indirect near branch; null for far ones. */
function readTarget(instruction: Instruction, bits: Bits): Read | null {
  const target = operandAt(instruction, 0)
  if (target.kind !== 'reg' && target.kind !== 'mem') return null
  if (target.size !== 2 && target.size !== 4 && target.size !== 8) return null
  // jmp m16:32 also shows a memory operand; iced's code name says that it is far.
  if (/_m\d+$/.test(instruction.code)) return null
  return bindRead(target, instruction, bits)
}

/** A branch to an address that is not canonical raises #GP, and has not happened. */
function checkTarget(m: Machine, bits: Bits): void {
  if (bits === 64 && !isCanonical(m.hi)) m.raise(VECTOR_GP, 0)
}

function bindCall(instruction: Instruction, bits: Bits): Execute | null {
  const target = operandAt(instruction, 0)
  const size = pushSize(instruction, bits)
  const push = pushBytes(size, bits)
  if (target.kind === 'branch') {
    const { lo, hi } = target
    return (m) => {
      push(m, m.nextLo, m.nextHi)
      m.nextLo = lo
      m.nextHi = hi
    }
  }
  const read = readTarget(instruction, bits)
  if (read === null) return null
  return (m) => {
    read(m)
    const { lo, hi } = m
    if (bits === 64 && !isCanonical(hi)) {
      // A stack that cannot be written comes first.
      checkPush(m, size, bits)
      m.raise(VECTOR_GP, 0)
    }
    push(m, m.nextLo, m.nextHi)
    m.nextLo = lo
    m.nextHi = hi
  }
}

function bindReturn(instruction: Instruction, bits: Bits): Execute | null {
  const extra = instruction.operands[0]
  const size = returnSize(instruction, bits)
  const peek = bindPeek(size, bits)
  const adjust = bindStackAdjust(bits)
  const bytes = extra?.kind === 'imm' ? extra.lo & 0xffff : 0
  return (m) => {
    peek(m)
    checkTarget(m, bits)
    m.nextLo = m.lo
    m.nextHi = m.hi
    adjust(m, size + bytes)
  }
}

function returnSize(instruction: Instruction, bits: Bits): Size {
  if (/^Retn?w/.test(instruction.code)) return 2
  return bits === 64 ? 8 : 4
}

function bindJcc(instruction: Instruction): Execute | null {
  const target = operandAt(instruction, 0)
  if (target.kind !== 'branch') return null
  const { lo, hi } = target
  const { shape, mask, wanted } = conditionOf(instruction.mnemonic, 'j')
  if (shape === 'any') {
    return (m) => {
      if ((((m.w[m.c + FLAGS] as number) & mask) !== 0) === wanted) {
        m.nextLo = lo
        m.nextHi = hi
      }
    }
  }
  return (m) => {
    if (isLess(m.w[m.c + FLAGS] as number, mask) === wanted) {
      m.nextLo = lo
      m.nextHi = hi
    }
  }
}

function branchIf(holds: (m: Machine) => boolean, { lo, hi }: BranchOperand): Execute {
  return (m) => {
    if (holds(m)) {
      m.nextLo = lo
      m.nextHi = hi
    }
  }
}

/** jcxz, jecxz, jrcxz. The counter is as wide as addresses are. */
function bindJumpIfCounterZero(instruction: Instruction): Execute | null {
  const target = operandAt(instruction, 0)
  const read = readRegister(RCX, instruction.mnemonic === 'jrcxz' ? 8 : instruction.mnemonic === 'jecxz' ? 4 : 2)
  const holds = (m: Machine) => {
    read(m)
    return (m.lo | m.hi) === 0
  }
  return target.kind === 'branch' ? branchIf(holds, target) : null
}

/** loop, loope, loopne: count down, leave the flags alone, and go on while the counter (and ZF) allow it. */
function bindLoop(instruction: Instruction): Execute | null {
  const target = operandAt(instruction, 0)
  const size = instruction.addressSize as Size
  const read = readRegister(RCX, size)
  const write = writeRegister(RCX, size)
  const mask = instruction.mnemonic === 'loop' ? 0 : FLAG_ZF
  const wanted = instruction.mnemonic === 'loope' ? FLAG_ZF : 0
  const holds = (m: Machine) => {
    read(m)
    const lo = size === 2 ? (m.lo - 1) & 0xffff : (m.lo - 1) | 0
    const hi = size === 8 ? (m.hi - (m.lo === 0 ? 1 : 0)) | 0 : 0
    write(m, lo, hi)
    return (lo | hi) !== 0 && ((m.w[m.c + FLAGS] as number) & mask) === wanted
  }
  return target.kind === 'branch' ? branchIf(holds, target) : null
}

export const branchRecords: readonly InstructionRecord[] = [
  { mnemonics: ['jmp'], meaning: 'Jumps to a near target.', manual: 'SDM 2A JMP', microOps: ['load', 'branch'], bind: bindJump },
  {
    mnemonics: ['call'],
    meaning: 'Pushes the return address and jumps.',
    manual: 'SDM 2A CALL',
    microOps: ['load', 'store', 'branch'],
    bind: bindCall,
  },
  { mnemonics: ['ret'], meaning: 'Pops the address to go to.', manual: 'SDM 2B RET', microOps: ['load', 'branch'], bind: bindReturn },
  { mnemonics: conditionalMnemonics('j'), meaning: 'Jumps where the condition holds.', manual: 'SDM 2A Jcc', microOps: ['branch'], bind: bindJcc },
  {
    mnemonics: ['jcxz', 'jecxz', 'jrcxz'],
    meaning: 'Jumps where the counter is 0.',
    manual: 'SDM 2A Jcc',
    microOps: ['branch'],
    bind: bindJumpIfCounterZero,
  },
  {
    mnemonics: ['loop', 'loope', 'loopne'],
    meaning: 'Counts down and jumps while the counter (and ZF) allow it.',
    manual: 'SDM 2A LOOP/LOOPcc',
    microOps: ['compute', 'branch'],
    bind: bindLoop,
  },
]
