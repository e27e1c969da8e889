/**
 * Bytes → `Instruction`, by iced-x86. One Decoder a call (iced cannot point an existing one at other bytes), freed before returning:
 * objects of iced live in WebAssembly memory, which nobody collects.
 */
import {
  Code,
  CodeExt,
  Decoder,
  DecoderError,
  DecoderOptions,
  Instruction as IcedInstruction,
  InstructionInfoFactory,
  Mnemonic,
  OpAccess,
} from 'iced-x86'
import { joinHalves } from '../lib/u64.ts'
import type { Decode, Instruction, Operand } from '../machine/instruction.ts'
import { assertLoaded } from './iced.ts'
import { addressSizeOf, operandOf } from './operands.ts'
import { canBecomeValid } from './truncation.ts'

/** The longest instruction that a CPU accepts. */
export const MAX_LENGTH = 15

/** What holds for every instruction of one iced Code. */
interface CodeFacts {
  readonly mnemonic: string
  readonly name: string
  readonly lockable: boolean
  readonly privileged: boolean
  readonly serializingIntel: boolean
  readonly serializingAmd: boolean
  /** Address size that the opcode itself implies (jrcxz, loop), in bytes, or 0. */
  readonly addressSize: number
  /** For each operand, whether memory there is read or written (not so for lea, invlpg, nop). */
  readonly accessed: readonly boolean[]
}

export function createDecode(): Decode {
  assertLoaded()
  const instruction = new IcedInstruction()
  const infos = new InstructionInfoFactory()
  const facts = new Map<Code, CodeFacts>()

  function factsOf(code: Code): CodeFacts {
    let known = facts.get(code)
    if (known === undefined) {
      known = lookUp(code)
      facts.set(code, known)
    }
    return known
  }

  function lookUp(code: Code): CodeFacts {
    const opCode = CodeExt.opCode(code)
    const info = infos.info(instruction)
    const accessed: boolean[] = []
    for (let i = 0; i < instruction.opCount; i++) {
      const access = info.opAccess(i)
      accessed.push(access !== OpAccess.NoMemAccess && access !== OpAccess.None)
    }
    const known = {
      mnemonic: (Mnemonic[opCode.mnemonic] as string).toLowerCase(),
      name: Code[code] as string,
      lockable: opCode.canUseLockPrefix,
      privileged: opCode.mustBeCpl0,
      serializingIntel: opCode.isSerializingIntel,
      serializingAmd: opCode.isSerializingAmd,
      addressSize: opCode.addressSize / 8,
      accessed,
    }
    info.free()
    opCode.free()
    return known
  }

  return (given, lo, hi, bits) => {
    const bytes = given.length > MAX_LENGTH ? given.subarray(0, MAX_LENGTH) : given
    const decoder = new Decoder(bits, bytes, DecoderOptions.None)
    decoder.ip = joinHalves(lo, hi)
    decoder.decodeOut(instruction)
    const error = decoder.lastError
    decoder.free()
    if (error !== DecoderError.None) return invalid(bytes, error, instruction.length, bits)
    return valid(instruction, factsOf(instruction.code), bits)
  }
}

function valid(instruction: IcedInstruction, facts: CodeFacts, bits: 32 | 64): Instruction {
  const operands: Operand[] = []
  let addressSize = 0
  for (let i = 0; i < instruction.opCount; i++) {
    operands.push(operandOf(instruction, i, facts.accessed[i] === true))
    addressSize ||= addressSizeOf(instruction, instruction.opKind(i))
  }
  return {
    mnemonic: facts.mnemonic,
    code: facts.name,
    length: instruction.length,
    operands,
    lock: instruction.hasLockPrefix,
    rep: instruction.hasRepPrefix,
    repne: instruction.hasRepnePrefix,
    addressSize: addressSize || facts.addressSize || bits / 8,
    stackSize: Math.abs(instruction.stackPointerIncrement),
    lockable: facts.lockable,
    privileged: facts.privileged,
    serializingIntel: facts.serializingIntel,
    serializingAmd: facts.serializingAmd,
    invalid: null,
  }
}

/**
 * iced says "no more bytes" also for opcodes that no further byte can save (it reads a ModRM byte first), and "invalid" for instructions
 * that run past the 15th byte, so both answers are checked by trying continuations.
 */
function invalid(bytes: Uint8Array, error: DecoderError, length: number, bits: 32 | 64): Instruction {
  if (bytes.length === MAX_LENGTH) {
    // Only needless prefixes make an instruction so long. Without them there is room to see whether the rest is one.
    const shorter = withoutRepeatedPrefixes(bytes)
    if (shorter.length < MAX_LENGTH && canBecomeValid(shorter, bits)) return invalidInstruction('too-long', MAX_LENGTH, bits)
  } else if (error === DecoderError.NoMoreBytes && canBecomeValid(bytes, bits)) {
    return invalidInstruction('no-more-bytes', Math.max(1, bytes.length), bits)
  }
  return invalidInstruction('undefined', Math.max(1, length), bits)
}

const PREFIXES = new Set([0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3])

function withoutRepeatedPrefixes(bytes: Uint8Array): Uint8Array {
  const opcode = bytes.findIndex((byte) => !PREFIXES.has(byte))
  const prefixes = bytes.subarray(0, opcode < 0 ? bytes.length : opcode)
  return Uint8Array.of(...new Set(prefixes), ...bytes.subarray(prefixes.length))
}

function invalidInstruction(why: 'undefined' | 'too-long' | 'no-more-bytes', length: number, bits: 32 | 64): Instruction {
  return {
    mnemonic: 'invalid',
    code: 'INVALID',
    length,
    operands: [],
    lock: false,
    rep: false,
    repne: false,
    addressSize: bits / 8,
    stackSize: 0,
    lockable: false,
    privileged: false,
    serializingIntel: false,
    serializingAmd: false,
    invalid: why,
  }
}
