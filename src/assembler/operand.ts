/** Operands as written, and how they are read. */
import { type RegisterInfo, registerByName } from '../decoder/registers.ts'
import { type Cursor, type Expr, parseExpression, SyntaxProblem } from './expression.ts'
import { linearize } from './linear.ts'
import type { Span } from './source.ts'

export interface RegisterOperand extends Span {
  readonly kind: 'reg'
  readonly register: RegisterInfo
}

export interface MemoryOperand extends Span {
  readonly kind: 'mem'
  /** Size in bytes where one was written, or 0. */
  readonly bytes: number
  /** Written `far`: memory that holds a selector and an offset. */
  readonly far: boolean
  readonly segment: RegisterInfo | null
  readonly base: RegisterInfo | null
  readonly index: RegisterInfo | null
  readonly scale: 1 | 2 | 4 | 8
  readonly displacement: Expr | null
  /** `[rel x]`: the displacement is an address, to be reached from the instruction pointer. `[rip + x]`: decided by what x is. */
  readonly relative: null | 'rel' | 'rip'
  /** A displacement of this many bytes was asked for (`[byte rax + 4]`), or 0. */
  readonly displacementBytes: 0 | 1 | 4
  /** A literal zero stays as a byte: `[rax+rax*1+0]` is part of the 5-byte nop. */
  readonly keepZero: boolean
}

export interface ImmediateOperand extends Span {
  readonly kind: 'imm'
  readonly expr: Expr
  /** Size in bytes of its encoding where one was written, or 0. */
  readonly bytes: number
  /** What was written about a branch. */
  readonly distance: null | 'short' | 'near'
}

export interface FarOperand extends Span {
  readonly kind: 'far'
  readonly selector: Expr
  readonly offset: Expr
}

export type Operand = RegisterOperand | MemoryOperand | ImmediateOperand | FarOperand

/** Also the words that cannot be names. */
export const SIZES: Readonly<Record<string, number>> = {
  byte: 1,
  word: 2,
  dword: 4,
  qword: 8,
  fword: 6,
  tbyte: 10,
  oword: 16,
  xmmword: 16,
}

export const OPERAND_WORDS: readonly string[] = ['ptr', 'short', 'near', 'far', 'rel']

export function isReserved(word: string): boolean {
  return word in SIZES || OPERAND_WORDS.includes(word) || registerByName(word) !== undefined
}

/** Reads one operand; the cursor then stands at the comma or the end. */
export function parseOperand(cursor: Cursor, bits: 32 | 64): Operand {
  const start = cursor.span
  let bytes = 0
  let distance: 'short' | 'near' | null = null
  let far = false
  for (;;) {
    const word = cursor.word()
    const size = SIZES[word]
    if (size !== undefined) bytes = size
    else if (word === 'short' || word === 'near') distance = word
    else if (word === 'far') far = true
    else break
    cursor.next()
    if (cursor.word() === 'ptr') cursor.next()
  }
  const segment = parseSegment(cursor)
  const whole = <T extends object>(operand: T): T & Span => ({ ...operand, ...reach(start, cursor.previous) })
  if (cursor.isPunct('[')) return whole({ kind: 'mem', bytes, far, ...parseMemory(cursor, segment, bits) })
  if (segment !== null) return whole({ kind: 'mem', bytes, far, ...bareAddress(cursor, segment) })
  const register = registerByName(cursor.word())
  if (register !== undefined) {
    cursor.next()
    checkRegister(register, cursor.previous, bits)
    if (bytes !== 0 && bytes * 8 !== register.bits)
      throw new SyntaxProblem(cursor.previous, `${upper(register)} has ${register.bits} bits, not ${bytes * 8}`)
    return whole({ kind: 'reg', register })
  }
  const expr = parseExpression(cursor)
  if (cursor.take(':')) return whole({ kind: 'far', selector: expr, offset: parseExpression(cursor) })
  return whole({ kind: 'imm', expr, bytes, distance })
}

export function upper(register: RegisterInfo): string {
  return register.name.toUpperCase()
}

function reach(start: Span, end: Span): Span {
  return { column: start.column, length: Math.max(1, end.column + end.length - start.column) }
}

function checkRegister(register: RegisterInfo, span: Span, bits: 32 | 64): void {
  if (register.class === 'rip')
    throw new SyntaxProblem(span, `${upper(register)} is not an operand`, '[rip + symbol] for an address near the instruction')
  if (register.class === 'other') {
    throw new SyntaxProblem(
      span,
      `${upper(register)} belongs to an instruction set that is not supported`,
      'general, segment, control or debug registers',
    )
  }
  if (bits === 32 && register.rex) throw new SyntaxProblem(span, `${upper(register)} exists in 64-bit code only`)
}

/** `fs:` before a memory operand. */
function parseSegment(cursor: Cursor): RegisterInfo | null {
  const register = registerByName(cursor.word())
  if (register === undefined || !cursor.isPunct(':', 1)) return null
  if (register.class !== 'seg') throw new SyntaxProblem(cursor.span, `${upper(register)} is not a segment register`, 'es, cs, ss, ds, fs or gs')
  cursor.next()
  cursor.next()
  return register
}

/** `gs:0x28` without brackets. */
function bareAddress(cursor: Cursor, segment: RegisterInfo) {
  const displacement = parseExpression(cursor)
  return { segment, base: null, index: null, scale: 1, displacement, relative: null, displacementBytes: 0, keepZero: false } as const
}

function parseMemory(cursor: Cursor, outerSegment: RegisterInfo | null, bits: 32 | 64): Omit<MemoryOperand, 'kind' | 'bytes' | 'far' | keyof Span> {
  cursor.expect('[', 'a memory operand')
  const segment = parseSegment(cursor) ?? outerSegment
  let relative: MemoryOperand['relative'] = null
  let displacementBytes: 0 | 1 | 4 = 0
  if (cursor.word() === 'rel') {
    cursor.next()
    relative = 'rel'
  } else if (cursor.word() === 'byte' || cursor.word() === 'dword') {
    displacementBytes = cursor.word() === 'byte' ? 1 : 4
    cursor.next()
  }
  const expr = parseExpression(cursor)
  cursor.expect(']', 'a closing bracket')
  const address = linearize(expr, bits)
  if (relative === 'rel' && (address.base !== null || address.index !== null)) {
    throw new SyntaxProblem(expr, 'an address relative to the instruction has no registers', '[rel symbol]')
  }
  // 32-bit code has no such addressing; an absolute address says the same there.
  if (relative === 'rel' && bits === 32) relative = null
  if (address.base?.class === 'rip') relative = 'rip'
  const keepZero = address.displacement?.kind === 'number' && address.displacement.value === 0n
  return { segment, ...address, relative, displacementBytes, keepZero }
}
