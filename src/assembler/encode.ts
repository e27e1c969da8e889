/**
 * One instruction at one address → bytes, with the values as they are now. Of all candidates and displacement sizes the shortest encoding
 * wins; at equal length the smaller immediate, then iced's order (which is the manual's). `atLeast` keeps layout from going back and forth.
 */
import { type EncodeMemory, type EncodeOperand, type EncodePrefixes, encoderFor } from '../decoder/encoder.ts'
import type { FormOperand } from '../decoder/forms.ts'
import { registerByName } from '../decoder/registers.ts'
import { addressCount, type Environment, evaluate } from './evaluate.ts'
import type { MemoryOperand, Operand } from './operand.ts'
import type { Candidate, InstructionCode } from './program.ts'

/** Bytes of an instruction, at most. */
const LONGEST = 15n

export interface EncodeContext {
  readonly bits: 32 | 64
  readonly env: Environment
  /** Does the name stand for an address (a label, or an `equ` of one)? */
  readonly isAddress: (name: string) => boolean
}

export function encodeInstruction(code: InstructionCode, address: bigint, atLeast: number, context: EncodeContext): Uint8Array | null {
  let best: Uint8Array | null = null
  let bestWeight = 0
  for (const candidate of code.candidates) {
    const bytes = encodeCandidate(candidate, code, address, atLeast, context)
    if (bytes === null) continue
    const weight = immediateBytes(candidate)
    const better = best === null || rank(bytes, atLeast) < rank(best, atLeast) || (bytes.length === best.length && weight < bestWeight)
    if (better) {
      best = bytes
      bestWeight = weight
    }
  }
  return best
}

/** Long enough and short is best; too short comes last. */
function rank(bytes: Uint8Array, atLeast: number): number {
  return bytes.length >= atLeast ? bytes.length : 100 - bytes.length
}

function immediateBytes({ form }: Candidate): number {
  let bytes = 0
  for (const operand of form.operands) if (operand.kind === 'imm') bytes += operand.bytes
  return bytes
}

function encodeCandidate(candidate: Candidate, code: InstructionCode, address: bigint, atLeast: number, context: EncodeContext): Uint8Array | null {
  const { operands } = candidate
  const prefixes = { ...code.prefixes, segment: code.prefixes.segment || segmentOf(operands) }
  let longest: Uint8Array | null = null
  // A second turn widens the displacement where the first came out shorter than the room that layout keeps.
  for (const wide of [false, true]) {
    const bytes = encodeAs(candidate, prefixes, address, wide, context)
    if (bytes === null) return longest
    longest = bytes
    if (bytes.length >= atLeast || !operands.some((operand) => operand.kind === 'mem' && operand.displacement !== null)) return bytes
  }
  return longest
}

function encodeAs(
  { form, operands }: Candidate,
  prefixes: EncodePrefixes,
  address: bigint,
  wide: boolean,
  context: EncodeContext,
): Uint8Array | null {
  const encode = encoderFor(context.bits)
  const ready: EncodeOperand[] = []
  let fromNext = -1
  for (let i = 0; i < form.operands.length; i++) {
    const made = encodeOperand(form.operands[i] as FormOperand, operands[i], operands, wide, context)
    if (made === null || isOutOfSight(form.operands[i] as FormOperand, made, address)) return null
    if (countsFromNext(operands[i], context)) fromNext = i
    ready.push(made)
  }
  if (fromNext < 0) return encode(form, ready, prefixes, address)
  // `[rip + 16]` counts from the next instruction, whose address is known once the length is.
  const memory = ready[fromNext] as EncodeMemory
  const at = (next: bigint) => ready.with(fromNext, { ...memory, displacement: memory.displacement + next })
  const length = encode(form, at(address), prefixes, address)?.length
  return length === undefined ? null : encode(form, at(address + BigInt(length)), prefixes, address)
}

/** Spares the encoder short branches that cannot reach by far: its refusals are slow. */
function isOutOfSight(wanted: FormOperand, made: EncodeOperand, address: bigint): boolean {
  if (wanted.kind !== 'branch' || wanted.bytes !== 1 || made.kind !== 'value') return false
  const distance = BigInt.asIntN(32, made.value - address)
  return distance < -128n || distance > 127n + LONGEST
}

function countsFromNext(operand: Operand | undefined, { isAddress }: EncodeContext): boolean {
  if (operand?.kind !== 'mem' || operand.relative !== 'rip') return false
  return operand.displacement === null || addressCount(operand.displacement, isAddress) === 0
}

function segmentOf(operands: readonly Operand[]): number {
  for (const operand of operands) if (operand.kind === 'mem' && operand.segment !== null && !isEs(operand)) return operand.segment.id
  return 0
}

/** es:[rdi] of a string instruction needs no prefix. */
function isEs(operand: MemoryOperand): boolean {
  return operand.segment?.name === 'es' && operand.base?.number === 7 && operand.index === null && operand.displacement === null
}

function encodeOperand(
  wanted: FormOperand,
  operand: Operand | undefined,
  all: readonly Operand[],
  wide: boolean,
  context: EncodeContext,
): EncodeOperand | null {
  if (wanted.kind === 'string') {
    const memory = all.find((each) => each.kind === 'mem')
    return { kind: 'string', addressBits: memory?.base?.bits ?? context.bits }
  }
  if (wanted.kind === 'fixed') return { kind: 'reg', register: wanted.register }
  if (operand === undefined) return null
  switch (operand.kind) {
    case 'reg':
      return { kind: 'reg', register: operand.register.id }
    case 'mem':
      return encodeMemory(operand, wide, wanted.kind === 'moffs', context)
    case 'imm': {
      const value = evaluate(operand.expr, context.env)
      return value === null || !fitsOperand(wanted, value) ? null : { kind: 'value', value }
    }
    case 'far': {
      const selector = evaluate(operand.selector, context.env)
      const offset = evaluate(operand.offset, context.env)
      if (selector === null || offset === null || selector > 0xffffn || !fits(offset, 4, 32)) return null
      return { kind: 'far', selector: Number(selector), offset: Number(BigInt.asUintN(32, offset)) }
    }
  }
}

function fitsOperand(wanted: FormOperand, value: bigint): boolean {
  if (wanted.kind === 'one') return value === 1n
  return wanted.kind !== 'imm' || fits(value, wanted.bytes, wanted.bits)
}

/** Can `bytes` hold the value, given that they are sign-extended to `bits`? Both -1 and 0xff are the byte ff. */
export function fits(value: bigint, bytes: number, bits: number): boolean {
  const width = bytes * 8
  const signed = BigInt.asIntN(64, value)
  if (width === 64 || BigInt.asIntN(width, signed) === signed) return true
  if (bits === width) return value < 1n << BigInt(width)
  // 0xffffff80 is -128 to a 32-bit operation.
  return bits < 64 && value < 1n << BigInt(bits) && BigInt.asIntN(width, value) === BigInt.asIntN(bits, value)
}

function encodeMemory(operand: MemoryOperand, wide: boolean, moffs: boolean, context: EncodeContext): EncodeMemory | null {
  const { base, index, scale } = operand
  const value = operand.displacement === null ? 0n : evaluate(operand.displacement, context.env)
  if (value === null) return null
  const common = { kind: 'mem', base: base?.id ?? 0, index: index?.id ?? 0, scale } as const
  if (operand.relative !== null) return { ...common, base: base?.id ?? RIP(), displacement: value, displacementSize: 8 }
  const addressBits = (base ?? index)?.bits ?? context.bits
  const full = (addressBits / 8) as 2 | 4 | 8
  if (!fits(value, moffs ? full : Math.min(full, 4), addressBits)) return null
  if (moffs) return { ...common, displacement: BigInt.asUintN(addressBits, value), displacementSize: full }
  const displacement = BigInt.asIntN(addressBits, value)
  if (operand.displacementBytes === 1 && BigInt.asIntN(8, displacement) !== displacement) return null
  return { ...common, displacement, displacementSize: displacementSize(operand, displacement, wide, full) }
}

function RIP(): number {
  return registerByName('rip')?.id ?? 0
}

function displacementSize(operand: MemoryOperand, value: bigint, wide: boolean, full: 2 | 4 | 8): 0 | 1 | 2 | 4 | 8 {
  if (operand.displacementBytes === 4 || (operand.base === null && full !== 2)) return full
  if (operand.displacementBytes === 1) return 1
  if (wide || BigInt.asIntN(8, value) !== value) return full
  return value === 0n && !operand.keepZero ? 0 : 1
}
