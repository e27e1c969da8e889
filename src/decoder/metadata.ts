/**
 * What iced-x86 knows about an instruction beyond its operands: the memory it accesses and the flags it touches. An opinion about our
 * instruction set that is not ours, for tests.
 */
import { Decoder, DecoderOptions, InstructionInfoFactory, OpAccess, RflagsBits } from 'iced-x86'
import { FLAG_AC, FLAG_AF, FLAG_CF, FLAG_DF, FLAG_IF, FLAG_OF, FLAG_PF, FLAG_SF, FLAG_ZF } from '../machine/layout.ts'
import { assertLoaded } from './iced.ts'

export interface Metadata {
  /** Memory operands (implicit ones too) that are read, written, or read and then written; "conditional" ones count. */
  readonly reads: number
  readonly writes: number
  readonly readWrites: number
  /** Flags as bits of the flags register. */
  readonly flagsRead: number
  /** Given a value: computed, cleared or set. */
  readonly flagsWritten: number
  readonly flagsCleared: number
  readonly flagsSet: number
  readonly flagsUndefined: number
}

/** iced's bits in the order of its own numbering, and ours. */
const FLAG_BITS: readonly (readonly [RflagsBits, number])[] = [
  [RflagsBits.OF, FLAG_OF],
  [RflagsBits.SF, FLAG_SF],
  [RflagsBits.ZF, FLAG_ZF],
  [RflagsBits.AF, FLAG_AF],
  [RflagsBits.CF, FLAG_CF],
  [RflagsBits.PF, FLAG_PF],
  [RflagsBits.DF, FLAG_DF],
  [RflagsBits.IF, FLAG_IF],
  [RflagsBits.AC, FLAG_AC],
]

function flagsOf(bits: RflagsBits): number {
  let flags = 0
  for (const [theirs, ours] of FLAG_BITS) if ((bits & theirs) !== 0) flags |= ours
  return flags
}

let factory: InstructionInfoFactory | undefined

/** The bytes must hold one whole instruction. */
export function metadataOf(bytes: Uint8Array, bits: 32 | 64): Metadata {
  assertLoaded()
  factory ??= new InstructionInfoFactory()
  const decoder = new Decoder(bits, bytes, DecoderOptions.None)
  const instruction = decoder.decode()
  decoder.free()
  const info = factory.info(instruction)
  const found = {
    reads: 0,
    writes: 0,
    readWrites: 0,
    flagsRead: flagsOf(instruction.rflagsRead),
    flagsWritten: flagsOf(instruction.rflagsWritten | instruction.rflagsCleared | instruction.rflagsSet),
    flagsCleared: flagsOf(instruction.rflagsCleared),
    flagsSet: flagsOf(instruction.rflagsSet),
    flagsUndefined: flagsOf(instruction.rflagsUndefined),
  }
  for (const memory of info.usedMemory()) {
    const { access } = memory
    if (access === OpAccess.Read || access === OpAccess.CondRead) found.reads++
    else if (access === OpAccess.Write || access === OpAccess.CondWrite) found.writes++
    else if (access === OpAccess.ReadWrite || access === OpAccess.ReadCondWrite) found.readWrites++
    memory.free()
  }
  info.free()
  instruction.free()
  return found
}
