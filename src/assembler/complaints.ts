/** Why an instruction cannot be encoded, as precisely as can be told, and what would be right. */
import { type Form, formsOf, mnemonics } from '../decoder/forms.ts'
import { fits } from './encode.ts'
import { type Environment, evaluate } from './evaluate.ts'
import { accepts } from './match.ts'
import { isMnemonic } from './mnemonics.ts'
import type { Operand, RegisterOperand } from './operand.ts'
import type { Candidate, InstructionCode } from './program.ts'
import type { Span } from './source.ts'
import { nearest } from './suggest.ts'

export interface Complaint {
  readonly span: Span
  readonly message: string
  readonly expected?: string
}

export function unknownMnemonic(word: string, span: Span, otherNames: readonly string[]): Complaint {
  const lower = word.toLowerCase()
  if (mnemonics().includes(lower)) {
    return { span, message: `\`${word}\` belongs to an instruction set that is not supported`, expected: 'general-purpose and system instructions' }
  }
  const guess = nearest(lower, [...otherNames, ...mnemonics()], (name) => otherNames.includes(name) || isMnemonic(name))
  const message = `unknown mnemonic \`${word}\``
  return guess === null
    ? { span, message, expected: 'an instruction, a directive or a macro' }
    : { span, message: `${message}; did you mean ${guess}?`, expected: guess }
}

/** No form accepts the kinds of the operands. */
export function noForm(name: string, mnemonic: string, operands: readonly Operand[], span: Span, bits: 32 | 64): Complaint {
  const all = formsOf(mnemonic)
  const here = all.filter((form) => (bits === 32 ? form.in32 : form.in64))
  if (here.length === 0) return { span, message: `${name} exists in ${bits === 32 ? 64 : 32}-bit code only` }
  const counts = [...new Set(here.map((form) => form.operands.length))].sort()
  const expected = listForms(here, operands)
  if (!counts.includes(operands.length)) {
    const wanted = counts.length === 1 && counts[0] === 0 ? 'no operands' : `${counts.join(' or ')} operand${counts.join() === '1' ? '' : 's'}`
    return { span, message: `${name} takes ${wanted}, not ${operands.length}`, expected }
  }
  const differing = differingSizes(operands, here)
  if (differing !== null) return { ...differing, expected: 'operands of one size' }
  return { span, message: `no form of ${name} takes (${operands.map(describe).join(', ')})`, expected }
}

/** The forms that come nearest: those that agree with most operands. */
function listForms(forms: readonly Form[], operands: readonly Operand[]): string {
  const agreement = (form: Form) => {
    if (form.operands.length !== operands.length) return -1
    return form.operands.filter((wanted, i) => accepts(wanted, operands[i] as Operand, form)).length
  }
  const most = Math.max(...forms.map(agreement))
  const texts = [...new Set(forms.filter((form) => agreement(form) === most).map((form) => form.text))]
  return texts.length > 8 ? `${texts.slice(0, 8).join('; ')}; …` : texts.join('; ')
}

export function describe(operand: Operand): string {
  switch (operand.kind) {
    case 'reg': {
      const { register } = operand
      return register.class === 'seg' ? 'segment register' : register.class === 'cr' || register.class === 'dr' ? register.class : `r${register.bits}`
    }
    case 'mem':
      return operand.bytes === 0 ? 'mem' : `mem${operand.bytes * 8}`
    case 'imm':
      return operand.distance === null ? 'imm' : `${operand.distance} target`
    case 'far':
      return 'far pointer'
  }
}

/** Two general registers, or a register and sized memory, of different width where the instruction takes equal ones. */
function differingSizes(operands: readonly Operand[], forms: readonly Form[]): { span: Span; message: string } | null {
  const takesPairs = forms.some(({ operands: [a, b] }) => a?.kind === 'reg' && b?.kind === 'reg' && a.class === b.class)
  const [first, second] = operands
  if (!takesPairs || first === undefined || second === undefined) return null
  const [a, b] = [widthOf(first), widthOf(second)]
  if (a === 0 || b === 0 || a === b || (first.kind !== 'reg' && second.kind !== 'reg')) return null
  return { span: second, message: `the sizes differ: ${nameOf(first)} has ${a} bits, ${nameOf(second)} has ${b}` }
}

function widthOf(operand: Operand): number {
  if (operand.kind === 'mem') return operand.bytes * 8
  return operand.kind === 'reg' && /^r\d/.test(operand.register.class) ? operand.register.bits : 0
}

function nameOf(operand: Operand): string {
  return operand.kind === 'reg' ? operand.register.name.toUpperCase() : 'the memory operand'
}

/** A form accepts the operands, but not these values, or not together. */
export function noEncoding(code: InstructionCode, address: bigint, bits: 32 | 64, env: Environment): Complaint {
  return registerConflict(code) ?? wrongImmediate(code, env) ?? tooFar(code, address, env) ?? wrongDisplacement(code, bits, env) ?? hopeless(code)
}

function hopeless(code: InstructionCode): Complaint {
  return { span: code, message: `${code.name} cannot be encoded with these operands` }
}

function registerConflict(code: InstructionCode): Complaint | null {
  const high = code.operands.find((operand): operand is RegisterOperand => operand.kind === 'reg' && operand.register.high)
  if (high === undefined) return null
  const needsRex = code.operands.some((operand) =>
    operand.kind === 'reg' ? operand.register.rex : operand.kind === 'mem' && ((operand.base?.number ?? 0) >= 8 || (operand.index?.number ?? 0) >= 8),
  )
  if (!needsRex) return null
  const message = `${high.register.name.toUpperCase()} cannot stand beside a register that needs a REX prefix (R8…R15, SPL…DIL, 64-bit)`
  return { span: high, message, expected: 'AL, CL, DL or BL instead' }
}

function wrongImmediate(code: InstructionCode, env: Environment): Complaint | null {
  for (const [i, operand] of (code.candidates[0]?.operands ?? []).entries()) {
    if (operand.kind !== 'imm') continue
    const value = evaluate(operand.expr, env)
    const ranges = code.candidates.flatMap(({ form }) => {
      const wanted = form.operands[i]
      return wanted?.kind === 'imm' ? [wanted] : []
    })
    if (value === null || ranges.length === 0 || ranges.some((range) => fits(value, range.bytes, range.bits))) continue
    const widest = ranges.reduce((a, b) => (b.bytes > a.bytes ? b : a))
    return outOfRange(operand, value, widest.bytes * 8, widest.bits > widest.bytes * 8)
  }
  return null
}

/** `signedOnly` where the field is sign-extended: 0xff in a byte would mean -1. */
export function outOfRange(span: Span, value: bigint, bits: number, signedOnly: boolean): Complaint {
  const half = 1n << BigInt(bits - 1)
  const top = signedOnly ? half - 1n : 2n * half - 1n
  return {
    span,
    message: `${showValue(value)} does not fit in ${bits} bits`,
    expected: `a value from ${-half} to ${top}${signedOnly ? ' (it is sign-extended)' : ''}`,
  }
}

export function showValue(value: bigint): string {
  const signed = BigInt.asIntN(64, value)
  return signed > -0x10000n && signed < 0x10000n ? String(signed) : `0x${BigInt.asUintN(64, value).toString(16)}`
}

function tooFar(code: InstructionCode, address: bigint, env: Environment): Complaint | null {
  const branches = code.candidates.filter(({ form }) => form.operands[0]?.kind === 'branch')
  const target = branches[0]?.operands[0]
  const value = target?.kind === 'imm' ? evaluate(target.expr, env) : null
  if (target === undefined || value === null) return null
  const distance = BigInt.asIntN(64, value - address)
  const isShort = branches.every(({ form }) => form.operands[0]?.kind === 'branch' && form.operands[0].bytes === 1)
  const reach = isShort ? '-128…127 bytes from the next instruction' : '±2 GiB from the next instruction'
  return {
    span: target,
    message: `the target is ${distance} bytes away, too far for ${isShort ? 'a short' : 'any'} form of ${code.name}`,
    expected: reach,
  }
}

function wrongDisplacement(code: InstructionCode, bits: 32 | 64, env: Environment): Complaint | null {
  const memory = firstMemory(code.candidates)
  if (memory === null || memory.displacement === null) return null
  const value = evaluate(memory.displacement, env)
  if (value === null) return null
  if (memory.relative !== null)
    return { span: memory, message: `${showValue(value)} is more than 2 GiB away from this instruction`, expected: 'a nearer address' }
  const message = `the displacement ${showValue(value)} does not fit`
  if (memory.displacementBytes === 1) return { span: memory, message: `${message} in a byte`, expected: 'a value from -128 to 127' }
  const width = (memory.base ?? memory.index)?.bits ?? bits
  const expected = width === 64 ? 'a value that 32 bits sign-extended can hold; [rel symbol] reaches ±2 GiB' : `${width === 16 ? 16 : 32} bits`
  return { span: memory, message: `${message} in ${width === 16 ? 16 : 32} bits`, expected }
}

function firstMemory(candidates: readonly Candidate[]) {
  for (const { operands } of candidates) for (const operand of operands) if (operand.kind === 'mem') return operand
  return null
}
