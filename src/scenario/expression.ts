/**
 * Expressions of scenario files: conditions over parameters, properties over registers, memory and labels. Values are unsigned 64-bit numbers that wrap around;
 * comparisons are unsigned and give 0 or 1. A parameter's name stands for its value, and a bare word that is no symbol stands for a parameter's value
 * (so `site == across` reads as it should).
 *
 *   rax == OLD0 || rax == NEW0          registers (rax, eax, r12d, …), symbols, numbers
 *   u32[refs + 4] == 0                  memory: u8, u16, u32, u64
 *   callers == 2 && fetch != worst
 */
import { fail, ok, type Result } from '../lib/result.ts'
import { type Token, tokenize } from './expression-tokens.ts'

/** What an expression can ask for. Memory reads give null where nothing can be read. */
export interface Scope {
  register(name: string): bigint | null
  symbol(name: string): bigint | string | null
  memory(address: bigint, size: number): bigint | null
}

type Evaluate = (scope: Scope) => bigint | string

export interface Expression {
  readonly text: string
  /** Every name in it: registers, symbols, parameters and their values. */
  readonly names: ReadonlySet<string>
  readonly readsMemory: boolean
  readonly evaluate: Evaluate
}

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
const SIZES: ReadonlyMap<string, number> = new Map([
  ['u8', 1],
  ['u16', 2],
  ['u32', 4],
  ['u64', 8],
])
const MASK = (1n << 64n) - 1n
/** A chain of operators is evaluated by calls within calls; this bounds them. */
const LONGEST = 4000
const DEEPEST = 200

class SyntaxMistake extends Error {}
/** An expression asked for something that is not there. */
class EvaluationMistake extends Error {}

interface Parser {
  readonly tokens: readonly Token[]
  readonly names: Set<string>
  readsMemory: boolean
  at: number
  depth: number
}

export function parseExpression(text: string): Result<Expression> {
  if (text.length > LONGEST) return fail(`an expression of ${text.length} characters: at most ${LONGEST}`)
  const tokens = tokenize(text)
  if (!tokens.ok) return fail(`"${text}": ${tokens.error}`)
  const parser: Parser = { tokens: tokens.value, names: new Set(), readsMemory: false, at: 0, depth: 0 }
  try {
    const evaluate = level(parser, 0)
    const rest = parser.tokens[parser.at]
    if (rest !== undefined) throw new SyntaxMistake(`unexpected "${rest.text}" at character ${rest.at + 1}`)
    return ok({ text, names: parser.names, readsMemory: parser.readsMemory, evaluate })
  } catch (mistake) {
    if (mistake instanceof SyntaxMistake) return fail(`"${text}": ${mistake.message}`)
    throw mistake
  }
}

/** Evaluates to a number; a mistake becomes a Result. */
export function evaluate(expression: Expression, scope: Scope): Result<bigint> {
  try {
    return ok(number(expression.evaluate(scope)))
  } catch (mistake) {
    if (mistake instanceof EvaluationMistake) return fail(mistake.message)
    throw mistake
  }
}

/** What is wrong with a name that means nothing. */
export function unknownName(name: string): string {
  return `"${name}" is no register, symbol or parameter${name.includes('-') ? ' (a minus needs a space after it)' : ''}`
}

function level(parser: Parser, index: number): Evaluate {
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

function unary(parser: Parser): Evaluate {
  const token = parser.tokens[parser.at++]
  if (token === undefined) throw new SyntaxMistake('it ends where a value is expected')
  if (++parser.depth > DEEPEST) throw new SyntaxMistake('it is nested too deeply')
  const value = token.kind === 'operator' ? prefixed(parser, token) : operand(parser, token)
  parser.depth--
  return value
}

function prefixed(parser: Parser, token: Token): Evaluate {
  if (token.text === '(') {
    const inner = level(parser, 0)
    expect(parser, ')')
    return inner
  }
  if (token.text !== '-' && token.text !== '~' && token.text !== '!')
    throw new SyntaxMistake(`unexpected "${token.text}" at character ${token.at + 1}`)
  const of = unary(parser)
  if (token.text === '-') return (scope) => -number(of(scope)) & MASK
  if (token.text === '~') return (scope) => ~number(of(scope)) & MASK
  return (scope) => (number(of(scope)) === 0n ? 1n : 0n)
}

function operand(parser: Parser, { text, value }: Token): Evaluate {
  if (value !== null) return () => value
  const size = SIZES.get(text)
  if (size === undefined || parser.tokens[parser.at]?.text !== '[') {
    parser.names.add(text)
    return (scope) => scope.register(text) ?? scope.symbol(text) ?? text
  }
  parser.at++
  parser.readsMemory = true
  const address = level(parser, 0)
  expect(parser, ']')
  return (scope) => {
    const at = number(address(scope))
    const found = scope.memory(at, size)
    if (found === null) throw new EvaluationMistake(`nothing can be read at 0x${at.toString(16)}`)
    return found
  }
}

function expect(parser: Parser, text: string): void {
  const token = parser.tokens[parser.at++]
  if (token?.text !== text) throw new SyntaxMistake(`"${text}" expected ${token === undefined ? 'at the end' : `at character ${token.at + 1}`}`)
}

function binary(operator: string, left: Evaluate, right: Evaluate): Evaluate {
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

/** Two words compare by text; a word and a number by number, where the word (a parameter's value) is one. */
function equal(a: bigint | string, b: bigint | string): boolean {
  if (typeof a === typeof b) return a === b
  return wordNumber(a) === wordNumber(b)
}

function number(value: bigint | string): bigint {
  const found = wordNumber(value)
  if (found === null) throw new EvaluationMistake(unknownName(value as string))
  return found
}

/** A parameter's value as a number: digits are themselves, on is 1, off is 0. */
function wordNumber(value: bigint | string): bigint | null {
  if (typeof value === 'bigint') return value
  if (/^\d+$/.test(value)) return BigInt(value)
  return value === 'on' ? 1n : value === 'off' ? 0n : null
}
