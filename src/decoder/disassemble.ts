/**
 * Bytes → one line of Intel-syntax text, the same dialect that the assembler reads: `call callee_a`, `mov eax, dword ptr [rel counter]`,
 * `nop dword ptr [rax+rax*1+0]`. Addresses that the instruction itself computes (branch targets, rip-relative and absolute operands) are
 * written as symbols where the resolver knows one, as absolute addresses otherwise.
 */
import {
  Decoder,
  DecoderError,
  DecoderOptions,
  Formatter,
  FormatterSyntax,
  Instruction as IcedInstruction,
  MemorySizeOptions,
  OpKind,
  Register,
} from 'iced-x86'
import { joinHalves } from '../lib/u64.ts'
import { assertLoaded } from './iced.ts'

/** The name of an address ("callee_a", "callee_a+5"), or null where it has none worth showing. */
export type SymbolAt = (address: bigint) => string | null

export type Disassemble = (bytes: Uint8Array, lo: number, hi: number, bits: 32 | 64, symbolAt?: SymbolAt) => string

/** What is shown for bytes that are no instruction (or not all of one). */
export const BAD = '(bad)'

const NO_SYMBOLS: SymbolAt = () => null

export function createDisassemble(): Disassemble {
  assertLoaded()
  const instruction = new IcedInstruction()
  const formatter = makeFormatter()
  return (bytes, lo, hi, bits, symbolAt = NO_SYMBOLS) => {
    const decoder = new Decoder(bits, bytes, DecoderOptions.None)
    decoder.ip = joinHalves(lo, hi)
    decoder.decodeOut(instruction)
    const error = decoder.lastError
    decoder.free()
    if (error !== DecoderError.None) return BAD
    return formatInstruction(formatter, instruction, symbolAt)
  }
}

function makeFormatter(): Formatter {
  const formatter = new Formatter(FormatterSyntax.Intel)
  formatter.hexPrefix = '0x'
  formatter.hexSuffix = ''
  formatter.uppercaseHex = false
  formatter.spaceAfterOperandSeparator = true
  formatter.memorySizeOptions = MemorySizeOptions.Always
  formatter.alwaysShowScale = true
  formatter.showZeroDisplacements = true
  formatter.showBranchSize = false
  formatter.branchLeadingZeros = false
  // Its 32-bit WebAssembly build takes 0xf00000002 for a small number and prints "2"; see `plainDigits`.
  formatter.smallHexNumbersInDecimal = false
  return formatter
}

function formatInstruction(formatter: Formatter, instruction: IcedInstruction, symbolAt: SymbolAt): string {
  // 83 c0 ff reads "add eax, -1", but mov rdi, 0xffffffff81000000 keeps its hexadecimal form.
  formatter.signedImmediateOperands = hasExtendedByte(instruction)
  const operands: string[] = []
  const count = formatter.operandCount(instruction)
  for (let i = 0; i < count; i++) operands.push(formatOperand(formatter, instruction, i, symbolAt))
  const mnemonic = formatter.formatMnemonic(instruction)
  return operands.length === 0 ? mnemonic : `${mnemonic} ${operands.join(', ')}`
}

function hasExtendedByte(instruction: IcedInstruction): boolean {
  for (let i = 0; i < instruction.opCount; i++) {
    const kind = instruction.opKind(i)
    if (kind === OpKind.Immediate8to16 || kind === OpKind.Immediate8to32 || kind === OpKind.Immediate8to64) return true
  }
  return false
}

/** 0 to 9 need no prefix. */
function plainDigits(text: string): string {
  return text.replace(/\b0x([0-9])\b/g, '$1')
}

function formatOperand(formatter: Formatter, instruction: IcedInstruction, operand: number, symbolAt: SymbolAt): string {
  const text = plainDigits(formatter.formatOperand(instruction, operand))
  const index = formatter.getInstructionOperand(instruction, operand)
  if (index === undefined) return text
  const kind = instruction.opKind(index)
  if (kind === OpKind.NearBranch64 || kind === OpKind.NearBranch32) return symbolAt(instruction.nearBranchTarget) ?? text
  if (kind !== OpKind.Memory) return text
  const base = instruction.memoryBase
  if (base === Register.RIP || base === Register.EIP)
    return text.replace(/\[(.*)\]/, (_, address) => `[rel ${symbolAt(instruction.memoryDisplacementU64) ?? address}]`)
  const perCpu = instruction.memorySegment === Register.FS || instruction.memorySegment === Register.GS
  if (base !== Register.None || instruction.memoryIndex !== Register.None || perCpu) return text
  return text.replace(/\[(.*)\]/, (_, address) => `[${symbolAt(instruction.memoryDisplacementU64) ?? address}]`)
}
