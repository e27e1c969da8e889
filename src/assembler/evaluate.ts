/** Expressions: what they are worth. */
import type { Expr } from './expression.ts'
import type { Span } from './source.ts'

/** Where an expression stands, and what its names mean there. */
export interface Environment {
  /** Null where nothing has an address yet. */
  readonly here: bigint | null
  readonly start: bigint | null
  /** Null for a name without a value (the environment has complained already, if that is worth a complaint). */
  lookup(name: string, span: Span): bigint | null
  isDefined(name: string): boolean
  complain(span: Span, message: string, expected?: string): void
}

/** What `if`, `rept`, `align` and attributes need. */
export const CONSTANT = 'numbers, parameters and constants that are defined above'

const truth = (value: boolean): bigint => (value ? 1n : 0n)
const wrap = (value: bigint): bigint => BigInt.asUintN(64, value)
const signed = (value: bigint): bigint => BigInt.asIntN(64, value)

/** An unsigned 64-bit number, or null where it has no value. */
export function evaluate(expr: Expr, env: Environment): bigint | null {
  switch (expr.kind) {
    case 'number':
      return expr.value
    case 'symbol':
      return env.lookup(expr.name, expr)
    case 'here':
    case 'start': {
      const address = expr.kind === 'here' ? env.here : env.start
      if (address === null) env.complain(expr, `\`${expr.kind === 'here' ? '$' : '$$'}\` has no value before layout`, CONSTANT)
      return address
    }
    case 'defined':
      return truth(env.isDefined(expr.name))
    case 'register':
      env.complain(expr, `the register ${expr.register.name.toUpperCase()} has no value here`, 'a constant expression')
      return null
    case 'unary': {
      const value = evaluate(expr.of, env)
      if (value === null) return null
      return expr.op === '-' ? wrap(-value) : expr.op === '~' ? wrap(~value) : truth(value === 0n)
    }
    case 'binary':
      return evaluateChain(expr, env)
  }
}

/** Long sums lean to the left: this goes along them without going deeper. */
function evaluateChain(expr: Expr & { kind: 'binary' }, env: Environment): bigint | null {
  const chain: (Expr & { kind: 'binary' })[] = []
  let first: Expr = expr
  while (first.kind === 'binary') {
    chain.push(first)
    first = first.left
  }
  let value = evaluate(first, env)
  for (let step = chain.pop(); step !== undefined; step = chain.pop()) {
    // The right side may have no value where the left side decides: `defined(N) && N > 2`.
    if (value === null) evaluate(step.right, env)
    else if (step.op === '&&' && value === 0n) continue
    else if (step.op === '||' && value !== 0n) value = 1n
    else {
      const right = evaluate(step.right, env)
      value = right === null ? null : binary(step.op, value, right, step, env)
    }
  }
  return value
}

function binary(op: string, left: bigint, right: bigint, span: Span, env: Environment): bigint | null {
  switch (op) {
    case '+':
      return wrap(left + right)
    case '-':
      return wrap(left - right)
    case '*':
      return wrap(left * right)
    case '/':
    case '%':
      if (right === 0n) {
        env.complain(span, 'division by zero')
        return null
      }
      return op === '/' ? left / right : left % right
    case '&':
      return left & right
    case '|':
      return left | right
    case '^':
      return left ^ right
    case '<<':
      return right > 63n ? 0n : wrap(left << right)
    case '>>':
      return right > 63n ? 0n : left >> right
    case '==':
      return truth(left === right)
    case '!=':
      return truth(left !== right)
    case '<':
      return truth(signed(left) < signed(right))
    case '<=':
      return truth(signed(left) <= signed(right))
    case '>':
      return truth(signed(left) > signed(right))
    case '>=':
      return truth(signed(left) >= signed(right))
    case '&&':
      return truth(left !== 0n && right !== 0n)
    default:
      return truth(left !== 0n || right !== 0n)
  }
}

/**
 * How many addresses an expression sums up: 1 for `label + 4`, 0 for `end - start` and for constants. Tells a target from a distance in
 * `[rip + …]`. Where an address goes through any other operator it counts as one.
 */
export function addressCount(expr: Expr, isAddress: (name: string) => boolean): number {
  switch (expr.kind) {
    case 'here':
    case 'start':
      return 1
    case 'symbol':
      return isAddress(expr.name) ? 1 : 0
    case 'unary': {
      const count = addressCount(expr.of, isAddress)
      return expr.op === '-' ? -count : count
    }
    case 'binary': {
      let rest: Expr = expr
      let sum = 0
      while (rest.kind === 'binary' && (rest.op === '+' || rest.op === '-')) {
        const right = addressCount(rest.right, isAddress)
        sum += rest.op === '+' ? right : -right
        rest = rest.left
      }
      if (rest.kind !== 'binary') return sum + addressCount(rest, isAddress)
      return sum + (addressCount(rest.left, isAddress) !== 0 || addressCount(rest.right, isAddress) !== 0 ? 1 : 0)
    }
    default:
      return 0
  }
}
