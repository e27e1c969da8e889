/**
 * What iced's tables say about every way to write an instruction: for each mnemonic its forms, as plain data, for the assembler.
 *
 * Left out: x87, MMX, vector, mask, tile and bound registers, the EVEX, XOP and 3DNow! encodings, opcodes that only some discontinued CPU
 * knew, and branches with a 16-bit target (their 66 prefix truncates the instruction pointer).
 */
import { Code, CodeExt, MemorySizeExt, Mnemonic, type OpCodeInfo, OpCodeOperandKind } from 'iced-x86'
import { assertLoaded } from './iced.ts'
import { registerByName } from './registers.ts'

export type FormOperand =
  /** A register of this class, or memory as well. */
  | { readonly kind: 'reg'; readonly class: 'r8' | 'r16' | 'r32' | 'r64' | 'seg' | 'cr' | 'dr'; readonly memory: boolean }
  /** One register only, implied by the opcode. */
  | { readonly kind: 'fixed'; readonly register: number }
  | { readonly kind: 'mem' }
  /** An absolute address as wide as the address size (the accumulator's mov). */
  | { readonly kind: 'moffs' }
  /** `bytes` in the encoding, sign-extended to `bits` of the operation where that is wider. */
  | { readonly kind: 'imm'; readonly bytes: 1 | 2 | 4 | 8; readonly bits: 8 | 16 | 32 | 64 }
  /** The number 1, which is in the opcode. */
  | { readonly kind: 'one' }
  | { readonly kind: 'branch'; readonly bytes: 1 | 4 }
  | { readonly kind: 'far' }
  /** Memory at a register that the opcode implies; only rsi and rbx can have another segment. */
  | { readonly kind: 'string'; readonly at: 'rsi' | 'rdi' | 'rbx' }

export interface Form {
  /** iced's Code. */
  readonly id: number
  /** As in the manual: "CMPXCHG r/m32, r32". */
  readonly text: string
  readonly operands: readonly FormOperand[]
  /** iced's kinds of the same operands, for the encoder. */
  readonly kinds: readonly number[]
  /** Bytes that the memory operand (if there is one) covers; 0 where it is only an address. */
  readonly memoryBytes: number
  readonly operandBits: number
  readonly lock: boolean
  readonly rep: boolean
  readonly repne: boolean
  readonly notrack: boolean
  readonly bnd: boolean
  readonly in32: boolean
  readonly in64: boolean
}

let codesByMnemonic: ReadonlyMap<string, readonly Code[]> | undefined
const forms = new Map<string, readonly Form[]>()

/** The forms of a mnemonic (iced's name, lower case) in iced's order; empty where there is none. */
export function formsOf(mnemonic: string): readonly Form[] {
  let known = forms.get(mnemonic)
  if (known === undefined) {
    known = (codes().get(mnemonic) ?? []).flatMap(makeForm)
    forms.set(mnemonic, known)
  }
  return known
}

export function mnemonics(): readonly string[] {
  return [...codes().keys()]
}

const UNWANTED = /^(EVEX|XOP|D3NOW|MVEX|VEX_KNC)_|^Sal_|^Reservednop_|_F6r1|^(Declare|Zero_bytes|INVALID)/

function codes(): ReadonlyMap<string, readonly Code[]> {
  if (codesByMnemonic !== undefined) return codesByMnemonic
  assertLoaded()
  const made = new Map<string, Code[]>()
  for (let code = 0; Code[code] !== undefined; code++) {
    if (UNWANTED.test(Code[code] as string)) continue
    const opCode = CodeExt.opCode(code)
    const mnemonic = (Mnemonic[opCode.mnemonic] as string).toLowerCase()
    // A decoder option is needed only for what discontinued CPUs knew.
    if (opCode.decoderOption === 0) {
      const list = made.get(mnemonic)
      if (list === undefined) made.set(mnemonic, [code])
      else list.push(code)
    }
    opCode.free()
  }
  codesByMnemonic = made
  return made
}

function makeForm(code: Code): Form[] {
  const opCode = CodeExt.opCode(code)
  const made = describe(code, opCode)
  opCode.free()
  return made === null ? [] : [made]
}

function describe(code: Code, opCode: OpCodeInfo): Form | null {
  const kinds: number[] = []
  const operands: FormOperand[] = []
  for (let i = 0; i < opCode.opCount; i++) {
    const kind = opCode.opKind(i)
    const operand = OPERANDS[OpCodeOperandKind[kind] as string]
    if (operand === undefined) return null
    kinds.push(kind)
    operands.push(typeof operand === 'string' ? { kind: 'fixed', register: registerByName(operand)?.id ?? 0 } : operand)
  }
  return {
    id: code,
    text: opCode.instructionString,
    operands,
    kinds,
    memoryBytes: MemorySizeExt.size(opCode.memorySize),
    operandBits: opCode.operandSize,
    lock: opCode.canUseLockPrefix,
    rep: opCode.canUseRepPrefix,
    repne: opCode.canUseRepnePrefix,
    notrack: opCode.canUseNotrackPrefix,
    bnd: opCode.canUseBndPrefix,
    in32: opCode.mode32,
    in64: opCode.mode64,
  }
}

/** iced's operand kinds that are kept; a string names the one register of a fixed operand. */
const OPERANDS: Readonly<Record<string, FormOperand | string>> = {
  ...classes('r8', ['r8_reg', 'r8_opcode'], ['r8_or_mem']),
  ...classes('r16', ['r16_reg', 'r16_rm', 'r16_opcode', 'r16_reg_mem'], ['r16_or_mem']),
  ...classes('r32', ['r32_reg', 'r32_rm', 'r32_opcode', 'r32_vvvv', 'r32_reg_mem'], ['r32_or_mem']),
  ...classes('r64', ['r64_reg', 'r64_rm', 'r64_opcode', 'r64_vvvv', 'r64_reg_mem'], ['r64_or_mem']),
  ...classes('seg', ['seg_reg'], []),
  ...classes('cr', ['cr_reg'], []),
  ...classes('dr', ['dr_reg'], []),
  ...Object.fromEntries(['es', 'cs', 'ss', 'ds', 'fs', 'gs', 'al', 'cl', 'ax', 'dx', 'eax', 'rax'].map((name) => [name, name])),
  mem: { kind: 'mem' },
  mem_offs: { kind: 'moffs' },
  imm8: { kind: 'imm', bytes: 1, bits: 8 },
  imm8_const_1: { kind: 'one' },
  imm8sex16: { kind: 'imm', bytes: 1, bits: 16 },
  imm8sex32: { kind: 'imm', bytes: 1, bits: 32 },
  imm8sex64: { kind: 'imm', bytes: 1, bits: 64 },
  imm16: { kind: 'imm', bytes: 2, bits: 16 },
  imm32: { kind: 'imm', bytes: 4, bits: 32 },
  imm32sex64: { kind: 'imm', bytes: 4, bits: 64 },
  imm64: { kind: 'imm', bytes: 8, bits: 64 },
  br32_1: { kind: 'branch', bytes: 1 },
  br64_1: { kind: 'branch', bytes: 1 },
  br32_4: { kind: 'branch', bytes: 4 },
  br64_4: { kind: 'branch', bytes: 4 },
  xbegin_4: { kind: 'branch', bytes: 4 },
  farbr4_2: { kind: 'far' },
  seg_rSI: { kind: 'string', at: 'rsi' },
  es_rDI: { kind: 'string', at: 'rdi' },
  seg_rBX_al: { kind: 'string', at: 'rbx' },
}

function classes(name: 'r8' | 'r16' | 'r32' | 'r64' | 'seg' | 'cr' | 'dr', registers: string[], orMemory: string[]): Record<string, FormOperand> {
  return Object.fromEntries([
    ...registers.map((kind) => [kind, { kind: 'reg', class: name, memory: false }]),
    ...orMemory.map((kind) => [kind, { kind: 'reg', class: name, memory: true }]),
  ])
}
