/**
 * iced's operands as the machine's plain ones. What the machine has no word for (x87, vector, mask, bound and test registers, far
 * pointers) becomes an operand of kind "other", which names it; no instruction with such an operand is in the supported set.
 *
 * Conventions beyond those of instruction.ts:
 * - `xlatb` arrives as memory at rbx without an index: adding AL is the instruction's own doing.
 * - A displacement is extended to the address size: with 32-bit addressing its upper half is zero.
 * - In 64-bit mode the prefixes es, cs, ss, ds are reported although the CPU ignores them.
 */
import { type Instruction as IcedInstruction, MemorySizeExt, OpKind, Register, RegisterExt } from 'iced-x86'
import { highHalf, lowHalf } from '../lib/u64.ts'
import type { ImmediateOperand, MemoryOperand, Operand, SegmentName } from '../machine/instruction.ts'

/** Operands that are registers, one shared object for each, by iced's number. */
let registers: Operand[] | undefined

export function registerOperand(register: Register): Operand {
  registers ??= makeRegisters()
  return registers[register] as Operand
}

function makeRegisters(): Operand[] {
  const made: Operand[] = []
  for (let register = 0; register < Register.DontUse0; register++) made.push(Object.freeze(makeRegister(register)))
  return made
}

function makeRegister(register: Register): Operand {
  if (RegisterExt.isGPR(register)) {
    const high = register >= Register.AH && register <= Register.BH
    return { kind: 'reg', index: registerNumber(register), size: RegisterExt.size(register) as 1 | 2 | 4 | 8, high }
  }
  if (RegisterExt.isSegmentRegister(register)) return { kind: 'seg', segment: segmentName(register) }
  if (RegisterExt.isCR(register)) return { kind: 'cr', index: RegisterExt.number(register) }
  if (RegisterExt.isDR(register)) return { kind: 'dr', index: RegisterExt.number(register) }
  return { kind: 'other', what: (Register[register] ?? '').toLowerCase() }
}

/** 0..15 for a general register, whatever its width; -1 for none. Among byte registers iced counts ah…bh before spl…dil. */
export function registerNumber(register: Register): number {
  if (register === Register.None) return -1
  const number = RegisterExt.number(register)
  return register >= Register.AH && register <= Register.R15L ? number - 4 : number
}

export function segmentName(register: Register): SegmentName {
  return Register[register]?.toLowerCase() as SegmentName
}

/** `accessed` is false where the instruction only computes with the address (lea, invlpg, multi-byte nop). */
export function operandOf(instruction: IcedInstruction, index: number, accessed: boolean): Operand {
  const kind = instruction.opKind(index)
  switch (kind) {
    case OpKind.Register:
      return registerOperand(instruction.opRegister(index))
    case OpKind.NearBranch16:
    case OpKind.NearBranch32:
    case OpKind.NearBranch64:
      return { kind: 'branch', lo: lowHalf(instruction.nearBranchTarget), hi: highHalf(instruction.nearBranchTarget) }
    case OpKind.FarBranch16:
    case OpKind.FarBranch32:
      return { kind: 'other', what: 'far pointer' }
    case OpKind.Immediate8:
    case OpKind.Immediate8_2nd:
      return immediate(instruction, index, 1)
    case OpKind.Immediate16:
    case OpKind.Immediate8to16:
      return immediate(instruction, index, 2)
    case OpKind.Immediate32:
    case OpKind.Immediate8to32:
      return immediate(instruction, index, 4)
    case OpKind.Immediate64:
    case OpKind.Immediate8to64:
    case OpKind.Immediate32to64:
      return immediate(instruction, index, 8)
    case OpKind.Memory:
      return memory(instruction, accessed)
    default:
      return stringMemory(instruction, kind)
  }
}

function immediate(instruction: IcedInstruction, index: number, size: 1 | 2 | 4 | 8): ImmediateOperand {
  // iced extends to 64 bits; the operation sees only its own size.
  const value = BigInt.asUintN(8 * size, instruction.immediate(index))
  return { kind: 'imm', lo: lowHalf(value), hi: highHalf(value), size }
}

function memory(instruction: IcedInstruction, accessed: boolean): MemoryOperand {
  const base = instruction.memoryBase
  const ripRelative = base === Register.RIP || base === Register.EIP
  const index = instruction.memoryIndex === Register.AL ? Register.None : instruction.memoryIndex
  const displacement = instruction.memoryDisplacementU64
  return {
    kind: 'mem',
    size: accessed ? MemorySizeExt.size(instruction.memorySize) : 0,
    base: ripRelative ? -1 : registerNumber(base),
    index: registerNumber(index),
    scale: instruction.memoryIndexScale as 1 | 2 | 4 | 8,
    dispLo: lowHalf(displacement),
    dispHi: highHalf(displacement),
    segment: segmentName(instruction.memorySegment),
    ripRelative,
  }
}

const RSI = 6
const RDI = 7

/** The implicit operands of string instructions: es:rdi, or rsi (maskmovq: rdi) in a segment that a prefix may choose. */
function stringMemory(instruction: IcedInstruction, kind: OpKind): MemoryOperand {
  const atSource = kind === OpKind.MemorySegSI || kind === OpKind.MemorySegESI || kind === OpKind.MemorySegRSI
  const inEs = kind === OpKind.MemoryESDI || kind === OpKind.MemoryESEDI || kind === OpKind.MemoryESRDI
  return {
    kind: 'mem',
    size: MemorySizeExt.size(instruction.memorySize),
    base: atSource ? RSI : RDI,
    index: -1,
    scale: 1,
    dispLo: 0,
    dispHi: 0,
    segment: inEs ? 'es' : segmentName(instruction.memorySegment),
    ripRelative: false,
  }
}

/** Address size in bytes that a memory operand of this kind implies, or 0 where the kind implies none. */
export function addressSizeOf(instruction: IcedInstruction, kind: OpKind): number {
  switch (kind) {
    case OpKind.MemorySegSI:
    case OpKind.MemorySegDI:
    case OpKind.MemoryESDI:
      return 2
    case OpKind.MemorySegESI:
    case OpKind.MemorySegEDI:
    case OpKind.MemoryESEDI:
      return 4
    case OpKind.MemorySegRSI:
    case OpKind.MemorySegRDI:
    case OpKind.MemoryESRDI:
      return 8
    case OpKind.Memory: {
      if (instruction.memoryBase !== Register.None) return RegisterExt.size(instruction.memoryBase)
      if (instruction.memoryIndex !== Register.None) return RegisterExt.size(instruction.memoryIndex)
      return instruction.memoryDisplSize
    }
    default:
      return 0
  }
}
