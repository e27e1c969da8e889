/** What stands in brackets → base, index, scale and displacement. */
import type { RegisterInfo } from '../decoder/registers.ts'
import { type Expr, SyntaxProblem } from './expression.ts'
import type { Span } from './source.ts'

export interface Address {
  readonly base: RegisterInfo | null
  readonly index: RegisterInfo | null
  readonly scale: 1 | 2 | 4 | 8
  readonly displacement: Expr | null
}

interface Term extends Span {
  readonly register: RegisterInfo
  /** Null where no `*` was written. */
  readonly scale: number | null
}

export function linearize(expr: Expr, bits: 32 | 64): Address {
  const terms: Term[] = []
  const displacement = split(expr, terms)
  for (const term of terms) checkAddressRegister(term, bits)
  if (terms.length > 2)
    throw new SyntaxProblem(terms[2] as Term, 'an address has at most a base and an index register', '[base + index*scale + displacement]')
  const { base, index } = assign(terms)
  const scale = index?.scale ?? 1
  if (index !== null && index.register.number === 4 && index.register.class !== 'r16') {
    throw new SyntaxProblem(index, `${index.register.name.toUpperCase()} cannot be an index register`, 'any other general register')
  }
  if (base !== null && index !== null && base.register.class !== index.register.class) {
    throw new SyntaxProblem(
      index,
      `${base.register.name.toUpperCase()} and ${index.register.name.toUpperCase()} differ in width`,
      'base and index of one width',
    )
  }
  return { base: base?.register ?? null, index: index?.register ?? null, scale: scale as 1 | 2 | 4 | 8, displacement }
}

/** Collects the registers; returns what is left of the sum. */
function split(expr: Expr, terms: Term[]): Expr | null {
  const span = { column: expr.column, length: expr.length }
  if (expr.kind === 'register') {
    terms.push({ register: expr.register, scale: null, ...span })
    return null
  }
  if (expr.kind !== 'binary') return expr
  if (expr.op === '+') {
    const left = split(expr.left, terms)
    const right = split(expr.right, terms)
    if (left === null || right === null) return left ?? right
    return left === expr.left && right === expr.right ? expr : { ...expr, left, right }
  }
  if (expr.op === '-') {
    const left = split(expr.left, terms)
    const before = terms.length
    const right = split(expr.right, terms)
    if (terms.length > before)
      throw new SyntaxProblem(terms[before] as Term, 'a register cannot be subtracted', '[base + index*scale + displacement]')
    if (right === null) return left
    return left === null ? { kind: 'unary', op: '-', of: right, ...span } : { ...expr, left, right }
  }
  if (expr.op === '*') {
    const register = expr.left.kind === 'register' ? expr.left : expr.right.kind === 'register' ? expr.right : null
    const factor = register === expr.left ? expr.right : expr.left
    if (register !== null) {
      if (factor.kind !== 'number' || ![1n, 2n, 4n, 8n].includes(factor.value)) throw new SyntaxProblem(factor, 'this is no scale', '1, 2, 4 or 8')
      terms.push({ register: register.register, scale: Number(factor.value), ...span })
      return null
    }
  }
  return expr
}

function checkAddressRegister(term: Term, bits: 32 | 64): void {
  const { register } = term
  const name = register.name.toUpperCase()
  if (bits === 32 && register.rex) throw new SyntaxProblem(term, `${name} exists in 64-bit code only`)
  const usable = register.class === 'r32' || (bits === 64 ? register.class === 'r64' || register.class === 'rip' : register.class === 'r16')
  if (!usable)
    throw new SyntaxProblem(term, `${name} cannot be part of an address`, bits === 64 ? '64-bit registers (or all 32-bit)' : '32-bit registers')
  if (register.class === 'rip' && term.scale !== null) throw new SyntaxProblem(term, `${name} cannot be an index register`, '[rip + symbol]')
}

/** What is scaled is the index; of two unscaled registers the first is the base, unless only the second can be. */
function assign(terms: readonly Term[]): { base: Term | null; index: Term | null } {
  const [first = null, second = null] = terms
  if (first === null) return { base: null, index: null }
  if (second === null) return first.scale === null ? { base: first, index: null } : { base: null, index: first }
  if (first.register.class === 'rip' || second.register.class === 'rip')
    throw new SyntaxProblem(second, 'RIP stands alone in an address', '[rip + symbol]')
  if (first.scale !== null && second.scale !== null) {
    if (second.scale === 1) return { base: second, index: first }
    if (first.scale === 1) return { base: first, index: second }
    throw new SyntaxProblem(second, 'only one register can be scaled', '[base + index*scale + displacement]')
  }
  if (first.scale !== null) return { base: second, index: first }
  const secondIsStack = second.scale === null && second.register.number === 4
  return secondIsStack ? { base: second, index: first } : { base: first, index: second }
}
