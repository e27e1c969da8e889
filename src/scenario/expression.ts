/**
 * Expressions of scenario files: conditions over parameters, properties over registers, memory and labels. Values are unsigned 64-bit numbers that wrap around;
 * comparisons are unsigned and give 0 or 1. A parameter's name stands for its value, and the bare words that are no symbols stand for parameter values
 * (so `site == across` reads as it should).
 *
 *   rax == OLD0 || rax == NEW0          registers (rax, eax, r12d, …), symbols, numbers
 *   u32[refs + 4] == 0                  memory: u8, u16, u32, u64
 *   callers == 2 && fetch != worst
 */
import { fail, ok, type Result } from '../lib/result.ts'

/** What an expression can ask for. Memory reads give null where nothing is mapped. */
export interface Scope {
  register(name: string): bigint | null
  symbol(name: string): bigint | string | null
  memory(address: bigint, size: number): bigint | null
}

export type Expression = (scope: Scope) => bigint | string

interface Token {
  readonly text: string
  readonly kind: 'number' | 'name' | 'operator'
  readonly at: number
}

const OPERATORS = ['||', '&&', '==', '!=', '<=', '>=', '<<', '>>', '<', '>', '+', '-', '*', '/', '%', '&', '|', '^', '~', '!', '(', ')', '[', ']']
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['==', '!='],
  ['<', '<=', '>', '>='],
  ['|'],
  ['^'],
  ['&'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
]
const SIZES: Readonly<Record<string, number>> = { u8: 1, u16: 2, u32: 4, u64: 8 }
const MASK = (1n << 64n) - 1n

class SyntaxMistake extends Error {}
/** An expression asked for something that is not there. */
export class EvaluationMistake extends Error {}

export function parseExpression(text: string): Result<Expression> {
  try {
    const tokens = tokenize(text)
    const state = { tokens, at: 0, text, depth: 0 }
    const expression = level(state, 0)
    const rest = tokens[state.at]
    if (rest !== undefined) throw new SyntaxMistake(`unexpected "${rest.text}" at character ${rest.at + 1}`)
    return ok(expression)
  } catch (mistake) {
    if (mistake instanceof SyntaxMistake) return fail(`"${text}": ${mistake.message}`)
    throw mistake
  }
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at)
    const space = /^\s+/.exec(rest)
    if (space !== null) {
      at += space[0].length
      continue
    }
    const number = /^(0x[0-9a-f_]+|\d[\d_]*)/i.exec(rest)
    const name = /^[A-Za-z_.][A-Za-z0-9_.-]*/.exec(rest)
    const operator = OPERATORS.find((candidate) => rest.startsWith(candidate))
    const found = number !== null ? number[0] : name !== null ? trimName(name[0]) : operator
    if (found === undefined) throw new SyntaxMistake(`unexpected "${rest[0]}" at character ${at + 1}`)
    tokens.push({ text: found, kind: number !== null ? 'number' : name !== null ? 'name' : 'operator', at })
    at += found.length
  }
  return tokens
}

/** Parameter values may hold hyphens (snoop-keep), but "a-b" with digits or spaces is a difference: a hyphen belongs to a name only before a letter. */
function trimName(text: string): string {
  return (/^[A-Za-z_.][A-Za-z0-9_.]*(?:-[a-z][A-Za-z0-9_.]*)*/.exec(text) as RegExpExecArray)[0]
}

interface Parser {
  readonly tokens: readonly Token[]
  at: number
  readonly text: string
  depth: number
}

function level(parser: Parser, index: number): Expression {
  const operators = LEVELS[index]
  if (operators === undefined) return unary(parser)
  let left = level(parser, index + 1)
  for (;;) {
    const token = parser.tokens[parser.at]
    if (token === undefined || token.kind !== 'operator' || !operators.includes(token.text)) return left
    parser.at++
    left = binary(token.text, left, level(parser, index + 1))
  }
}

function unary(parser: Parser): Expression {
  const token = parser.tokens[parser.at++]
  if (token === undefined) throw new SyntaxMistake('it ends where a value is expected')
  if (++parser.depth > 200) throw new SyntaxMistake('it is nested too deeply')
  try {
    if (token.text === '(') {
      const inner = level(parser, 0)
      expect(parser, ')')
      return inner
    }
    if (token.text === '-' || token.text === '~' || token.text === '!') {
      const operand = unary(parser)
      if (token.text === '-') return (scope) => -number(operand(scope)) & MASK
      if (token.text === '~') return (scope) => ~number(operand(scope)) & MASK
      return (scope) => (number(operand(scope)) === 0n ? 1n : 0n)
    }
    if (token.kind === 'number') {
      const value = BigInt(token.text.replaceAll('_', '')) & MASK
      return () => value
    }
    if (token.kind !== 'name') throw new SyntaxMistake(`unexpected "${token.text}" at character ${token.at + 1}`)
    const size = SIZES[token.text]
    if (size !== undefined && parser.tokens[parser.at]?.text === '[') {
      parser.at++
      const address = level(parser, 0)
      expect(parser, ']')
      return (scope) => {
        const at = number(address(scope))
        const value = scope.memory(at, size)
        if (value === null) throw new EvaluationMistake(`nothing is mapped at 0x${at.toString(16)}`)
        return value
      }
    }
    return (scope) => scope.register(token.text) ?? scope.symbol(token.text) ?? token.text
  } finally {
    parser.depth--
  }
}

function expect(parser: Parser, text: string): void {
  const token = parser.tokens[parser.at++]
  if (token?.text !== text) throw new SyntaxMistake(`"${text}" expected ${token === undefined ? 'at the end' : `at character ${token.at + 1}`}`)
}

function binary(operator: string, left: Expression, right: Expression): Expression {
  const bit = (truth: boolean) => (truth ? 1n : 0n)
  switch (operator) {
    case '||':
      return (s) => bit(number(left(s)) !== 0n || number(right(s)) !== 0n)
    case '&&':
      return (s) => bit(number(left(s)) !== 0n && number(right(s)) !== 0n)
    case '==':
      return (s) => bit(equal(left(s), right(s)))
    case '!=':
      return (s) => bit(!equal(left(s), right(s)))
    default:
      return (s) => arithmetic(operator, number(left(s)), number(right(s)))
  }
}

function arithmetic(operator: string, a: bigint, b: bigint): bigint {
  switch (operator) {
    case '<':
      return a < b ? 1n : 0n
    case '<=':
      return a <= b ? 1n : 0n
    case '>':
      return a > b ? 1n : 0n
    case '>=':
      return a >= b ? 1n : 0n
    case '|':
      return a | b
    case '^':
      return a ^ b
    case '&':
      return a & b
    case '<<':
      return b > 63n ? 0n : (a << b) & MASK
    case '>>':
      return b > 63n ? 0n : a >> b
    case '+':
      return (a + b) & MASK
    case '-':
      return (a - b) & MASK
    case '*':
      return (a * b) & MASK
    default:
      if (b === 0n) throw new EvaluationMistake('division by zero')
      return operator === '/' ? a / b : a % b
  }
}

/** A word compares equal to a parameter's value by text; a parameter whose value is a number compares by number too. */
function equal(a: bigint | string, b: bigint | string): boolean {
  if (typeof a === typeof b) return a === b
  const text = typeof a === 'string' ? a : (b as string)
  const value = typeof a === 'string' ? (b as bigint) : a
  return /^\d+$/.test(text) && BigInt(text) === value
}

function number(value: bigint | string): bigint {
  if (typeof value === 'bigint') return value
  if (/^\d+$/.test(value)) return BigInt(value)
  if (value === 'on') return 1n
  if (value === 'off') return 0n
  throw new EvaluationMistake(`"${value}" is no register, symbol or number`)
}

/** Evaluates to a number; a mistake becomes a Result. */
export function evaluate(expression: Expression, scope: Scope): Result<bigint> {
  try {
    return ok(number(expression(scope)))
  } catch (mistake) {
    if (mistake instanceof EvaluationMistake) return fail(mistake.message)
    throw mistake
  }
}
