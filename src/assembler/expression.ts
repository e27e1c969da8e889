/**
 * Expressions: how they are read. Operators and their precedence are C's. Numbers are 64 bits wide and wrap around; `/`, `%` and `>>` are
 * unsigned (so that an address in the upper half can be aligned), comparisons are signed (so that a distance can be negative).
 */
import { type RegisterInfo, registerByName } from '../decoder/registers.ts'
import type { Token } from './lexer.ts'
import { type Span, spanTo } from './source.ts'

export type Expr =
  | ({ readonly kind: 'number'; readonly value: bigint } & Span)
  | ({ readonly kind: 'symbol'; readonly name: string } & Span)
  | ({ readonly kind: 'register'; readonly register: RegisterInfo } & Span)
  /** `$`, the address of the statement, and `$$`, the start of its section. */
  | ({ readonly kind: 'here' | 'start' } & Span)
  | ({ readonly kind: 'defined'; readonly name: string } & Span)
  | ({ readonly kind: 'unary'; readonly op: string; readonly of: Expr } & Span)
  | ({ readonly kind: 'binary'; readonly op: string; readonly left: Expr; readonly right: Expr } & Span)

/** Thrown while one line is parsed and caught there: the only exception that the parser uses. */
export class SyntaxProblem extends Error {
  readonly span: Span
  readonly expected: string | undefined

  constructor(span: Span, message: string, expected?: string) {
    super(message)
    this.span = span
    this.expected = expected
  }
}

/** What names mean depends on where the line stands. */
export interface Scope {
  /** The last label that is not local, or ''. */
  readonly global: string
  /** Number of the macro expansion, or 0. */
  readonly expansion: number
}

/** Reads the tokens of one line from left to right. */
export class Cursor {
  private index = 0
  private depth = 0
  private readonly tokens: readonly Token[]
  readonly scope: Scope

  constructor(tokens: readonly Token[], scope: Scope) {
    this.tokens = tokens
    this.scope = scope
  }

  peek(ahead = 0): Token | undefined {
    return this.tokens[this.index + ahead]
  }

  next(): Token | undefined {
    return this.tokens[this.index++]
  }

  get atEnd(): boolean {
    return this.index >= this.tokens.length
  }

  /** The place of the next token, or just behind the last one. */
  get span(): Span {
    const token = this.peek()
    if (token !== undefined) return token
    const last = this.tokens.at(-1)
    return last === undefined ? { column: 1, length: 1 } : { column: last.column + last.length, length: 1 }
  }

  get previous(): Span {
    return this.tokens[this.index - 1] ?? this.span
  }

  isPunct(text: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token?.type === 'punct' && token.text === text
  }

  /** The next token as a lower-case keyword, or '' if it is no word. */
  word(ahead = 0): string {
    const token = this.peek(ahead)
    return token?.type === 'word' ? token.text.toLowerCase() : ''
  }

  take(punct: string): boolean {
    if (!this.isPunct(punct)) return false
    this.index++
    return true
  }

  expect(punct: string, why: string): void {
    if (!this.take(punct)) throw this.problem(`\`${punct}\` is missing`, why)
  }

  problem(message: string, expected?: string): SyntaxProblem {
    const token = this.peek()
    return new SyntaxProblem(this.span, token === undefined ? `${message} at the end of the line` : `${message} before \`${token.text}\``, expected)
  }

  expectEnd(after: string): void {
    const token = this.peek()
    if (token !== undefined) throw new SyntaxProblem(token, `unexpected \`${token.text}\` after ${after}`, 'the end of the line')
  }

  /** Guards the call stack against absurd nesting. */
  nested<T>(read: () => T): T {
    if (this.depth >= DEEPEST) throw new SyntaxProblem(this.span, 'the expression is nested too deeply', `at most ${DEEPEST} levels`)
    this.depth++
    const result = read()
    this.depth--
    return result
  }
}

const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '<=', '>', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
]
const LONGEST_CHAIN = 500
const DEEPEST = 50

export function parseExpression(cursor: Cursor, level = 0): Expr {
  const operators = LEVELS[level]
  if (operators === undefined) return parseUnary(cursor)
  let left = parseExpression(cursor, level + 1)
  for (let length = 0; ; length++) {
    const token = cursor.peek()
    if (token?.type !== 'punct' || !operators.includes(token.text)) return left
    if (length >= LONGEST_CHAIN) throw new SyntaxProblem(token, 'the expression is too long', `at most ${LONGEST_CHAIN} operators in a row`)
    cursor.next()
    const right = parseExpression(cursor, level + 1)
    left = { kind: 'binary', op: token.text, left, right, ...spanTo(left, right) }
  }
}

function parseUnary(cursor: Cursor): Expr {
  const token = cursor.peek()
  if (token?.type !== 'punct' || !['-', '+', '~', '!'].includes(token.text)) return parsePrimary(cursor)
  cursor.next()
  const of = cursor.nested(() => parseUnary(cursor))
  return token.text === '+' ? of : { kind: 'unary', op: token.text, of, ...spanTo(token, of) }
}

const OPERAND = 'a number, a symbol, $ or a parenthesis'

function parsePrimary(cursor: Cursor): Expr {
  const token = cursor.peek()
  if (token === undefined) throw cursor.problem('an expression is missing', OPERAND)
  const { column, length } = token
  if (token.type === 'punct') {
    if (cursor.take('(')) {
      const inner = cursor.nested(() => parseExpression(cursor))
      cursor.expect(')', 'a closing parenthesis')
      return inner
    }
    if (cursor.take('$')) return { kind: 'here', column, length }
    if (cursor.take('$$')) return { kind: 'start', column, length }
    throw cursor.problem('an expression is missing', OPERAND)
  }
  cursor.next()
  if (token.type === 'number') return { kind: 'number', value: token.value ?? 0n, column, length }
  if (token.type === 'string') {
    if (token.value === null) throw new SyntaxProblem(token, 'a string used as a number has 1 to 8 bytes', OPERAND)
    return { kind: 'number', value: token.value, column, length }
  }
  if (token.text === 'defined' && cursor.isPunct('(')) return parseDefined(cursor, token)
  const register = registerByName(token.text.toLowerCase())
  if (register !== undefined) return { kind: 'register', register, column, length }
  return { kind: 'symbol', name: resolveName(token, cursor.scope), column, length }
}

function parseDefined(cursor: Cursor, keyword: Token): Expr {
  cursor.expect('(', 'defined(NAME)')
  const name = cursor.next()
  if (name?.type !== 'word') throw new SyntaxProblem(name ?? cursor.span, 'defined() asks about a name', 'defined(NAME)')
  cursor.expect(')', 'a closing parenthesis')
  return { kind: 'defined', name: resolveName(name, cursor.scope), ...spanTo(keyword, cursor.previous) }
}

/** `.loop` belongs to the last label that is not local, `%%loop` to this expansion of the macro. */
export function resolveName(token: Token, scope: Scope): string {
  if (token.text.startsWith('%%')) {
    if (scope.expansion === 0) throw new SyntaxProblem(token, `\`${token.text}\` stands outside a macro`, 'a name without %%')
    return `${token.text.slice(2)}%${scope.expansion}`
  }
  if (!token.text.startsWith('.')) return token.text
  if (scope.global === '')
    throw new SyntaxProblem(token, `the local name \`${token.text}\` comes before any label it could belong to`, 'a label without a dot first')
  return scope.global + token.text
}

/** Calls `visit` for every part of an expression. Goes along long sums, which lean to the left, without going deeper. */
export function walk(expr: Expr, visit: (part: Expr) => void): void {
  let part = expr
  while (part.kind === 'binary') {
    visit(part)
    walk(part.right, visit)
    part = part.left
  }
  visit(part)
  if (part.kind === 'unary') walk(part.of, visit)
}
