/**
 * A form and its operands → bytes, by iced's Encoder. The caller has chosen the form and checked that values fit; what iced still objects
 * to (a register that the encoding cannot express, say) comes back as null, and the caller tries its next form.
 */
import { Encoder, Instruction, OpCodeOperandKind, OpKind, Register } from 'iced-x86'
import type { Form } from './forms.ts'
import { assertLoaded } from './iced.ts'

export interface EncodeMemory {
  readonly kind: 'mem'
  /** iced's register numbers, 0 for none; rip with the absolute target as displacement. */
  readonly base: number
  readonly index: number
  readonly scale: number
  readonly displacement: bigint
  /** Bytes for the displacement: 0 none, 1, or the full width of the address size (2, 4; 8 in 64-bit addressing, where it takes 4 or, for moffs, 8). */
  readonly displacementSize: 0 | 1 | 2 | 4 | 8
}

export type EncodeOperand =
  | { readonly kind: 'reg'; readonly register: number }
  | EncodeMemory
  | { readonly kind: 'value'; readonly value: bigint }
  | { readonly kind: 'far'; readonly selector: number; readonly offset: number }
  /** The implied memory of string instructions, with 16, 32 or 64-bit addressing. */
  | { readonly kind: 'string'; readonly addressBits: number }

export interface EncodePrefixes {
  readonly lock: boolean
  readonly rep: boolean
  readonly repne: boolean
  /** iced's number of the segment register, 0 for none. */
  readonly segment: number
}

export type Encode = (form: Form, operands: readonly EncodeOperand[], prefixes: EncodePrefixes, address: bigint) => Uint8Array | null

const encoders = new Map<32 | 64, Encode>()

/** One encoder for each kind of code, kept for ever. */
export function encoderFor(bits: 32 | 64): Encode {
  let encode = encoders.get(bits)
  if (encode === undefined) {
    encode = createEncode(bits)
    encoders.set(bits, encode)
  }
  return encode
}

function createEncode(bits: 32 | 64): Encode {
  assertLoaded()
  const encoder = new Encoder(bits)
  return (form, operands, prefixes, address) => {
    const instruction = new Instruction()
    try {
      instruction.code = form.id
      for (let i = 0; i < operands.length; i++) setOperand(instruction, i, form.kinds[i] as OpCodeOperandKind, operands[i] as EncodeOperand, bits)
      if (prefixes.lock) instruction.hasLockPrefix = true
      if (prefixes.rep) instruction.hasRepPrefix = true
      if (prefixes.repne) instruction.hasRepnePrefix = true
      if (prefixes.segment !== 0) instruction.segmentPrefix = prefixes.segment
      encoder.encode(instruction, address)
      return orderPrefixes(encoder.takeBuffer())
    } catch {
      encoder.takeBuffer()
      return null
    } finally {
      instruction.free()
    }
  }
}

/** Segment, address size, operand size, then lock and rep. */
function prefixRank(byte: number | undefined): number {
  switch (byte) {
    case 0x26:
    case 0x2e:
    case 0x36:
    case 0x3e:
    case 0x64:
    case 0x65:
      return 1
    case 0x67:
      return 2
    case 0x66:
      return 3
    case 0xf0:
    case 0xf2:
    case 0xf3:
      return 4
    default:
      return 0
  }
}

/** The CPU does not care, but compilers write prefixes in one order and iced in another: code that came from a compiler shall come back. */
function orderPrefixes(bytes: Uint8Array): Uint8Array {
  let count = 0
  while (prefixRank(bytes[count]) > 0) count++
  if (count > 1) bytes.subarray(0, count).sort((a, b) => prefixRank(a) - prefixRank(b))
  return bytes
}

function setOperand(instruction: Instruction, i: number, kind: OpCodeOperandKind, operand: EncodeOperand, bits: 32 | 64): void {
  switch (operand.kind) {
    case 'reg':
      instruction.setOpKind(i, OpKind.Register)
      instruction.setOpRegister(i, operand.register)
      return
    case 'mem':
      instruction.setOpKind(i, OpKind.Memory)
      instruction.memoryBase = operand.base
      instruction.memoryIndex = operand.index
      instruction.memoryIndexScale = operand.scale
      instruction.memoryDisplacement = operand.displacement
      instruction.memoryDisplSize = operand.displacementSize
      return
    case 'value':
      setValue(instruction, i, kind, operand.value, bits)
      return
    case 'far':
      instruction.setOpKind(i, OpKind.FarBranch32)
      instruction.farBranch32 = operand.offset
      instruction.farBranchSelector = operand.selector
      return
    case 'string':
      setString(instruction, i, kind, operand.addressBits)
  }
}

const IMMEDIATES: Partial<Record<OpCodeOperandKind, OpKind>> = {
  [OpCodeOperandKind.imm8]: OpKind.Immediate8,
  [OpCodeOperandKind.imm8_const_1]: OpKind.Immediate8,
  [OpCodeOperandKind.imm8sex16]: OpKind.Immediate8to16,
  [OpCodeOperandKind.imm8sex32]: OpKind.Immediate8to32,
  [OpCodeOperandKind.imm8sex64]: OpKind.Immediate8to64,
  [OpCodeOperandKind.imm16]: OpKind.Immediate16,
  [OpCodeOperandKind.imm32]: OpKind.Immediate32,
  [OpCodeOperandKind.imm32sex64]: OpKind.Immediate32to64,
  [OpCodeOperandKind.imm64]: OpKind.Immediate64,
}

function setValue(instruction: Instruction, i: number, kind: OpCodeOperandKind, value: bigint, bits: 32 | 64): void {
  const immediate = IMMEDIATES[kind]
  if (immediate === undefined) {
    instruction.setOpKind(i, bits === 64 ? OpKind.NearBranch64 : OpKind.NearBranch32)
    if (bits === 64) instruction.nearBranch64 = BigInt.asUintN(64, value)
    else instruction.nearBranch32 = Number(BigInt.asUintN(32, value))
    return
  }
  // The second byte immediate (enter) has a place of its own.
  const second = i > 0 && immediate === OpKind.Immediate8 && instruction.opKind(i - 1) === OpKind.Immediate16
  instruction.setOpKind(i, second ? OpKind.Immediate8_2nd : immediate)
  instruction.setImmediateI64(i, BigInt.asIntN(64, value))
}

function setString(instruction: Instruction, i: number, kind: OpCodeOperandKind, addressBits: number): void {
  const choose = <T>(in16: T, in32: T, in64: T): T => (addressBits === 64 ? in64 : addressBits === 32 ? in32 : in16)
  if (kind === OpCodeOperandKind.seg_rSI) instruction.setOpKind(i, choose(OpKind.MemorySegSI, OpKind.MemorySegESI, OpKind.MemorySegRSI))
  else if (kind === OpCodeOperandKind.es_rDI) instruction.setOpKind(i, choose(OpKind.MemoryESDI, OpKind.MemoryESEDI, OpKind.MemoryESRDI))
  else {
    instruction.setOpKind(i, OpKind.Memory)
    instruction.memoryBase = choose(Register.BX, Register.EBX, Register.RBX)
    instruction.memoryIndex = Register.AL
  }
}
