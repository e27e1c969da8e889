/** The text of an expression → tokens. */
import { fail, ok, type Result } from '../lib/result.ts'

export interface Token {
  readonly text: string
  readonly kind: 'number' | 'name' | 'operator'
  /** Of a number; null for anything else. */
  readonly value: bigint | null
  /** Where it starts, from 0. */
  readonly at: number
}

const OPERATORS = ['||', '&&', '==', '!=', '<=', '>=', '<<', '>>', '<', '>', '+', '-', '*', '/', '%', '&', '|', '^', '~', '!', '(', ')', '[', ']']
const BLANK = /\s*/y
const NUMBER = /\d\w*/y
/** A value of a parameter may hold hyphens (call-nop), but `a - b` and `a -8` are differences: a hyphen belongs to a name only between letters. */
const NAME = /[A-Za-z_.][A-Za-z0-9_.]*(?:-[a-z][A-Za-z0-9_.]*)*/y
const GOOD_NUMBER = /^(0x[0-9a-f][0-9a-f_]*|\d[\d_]*)$/i

export function tokenize(text: string): Result<Token[]> {
  const tokens: Token[] = []
  const match = (pattern: RegExp, at: number): string | null => {
    pattern.lastIndex = at
    return pattern.exec(text)?.[0] ?? null
  }
  for (let at = 0; ; ) {
    at += match(BLANK, at)?.length ?? 0
    if (at >= text.length) return ok(tokens)
    const digits = match(NUMBER, at)
    const name = match(NAME, at)
    const found = digits ?? name ?? OPERATORS.find((operator) => text.startsWith(operator, at))
    if (found === undefined) return fail(`unexpected "${text[at]}" at character ${at + 1}`)
    let value: bigint | null = null
    if (digits !== null) {
      value = GOOD_NUMBER.test(digits) ? BigInt(digits.replaceAll('_', '')) : null
      if (value === null || value >= 1n << 64n) return fail(`"${digits}" at character ${at + 1} is no number of at most 64 bits`)
    }
    tokens.push({ text: found, kind: digits !== null ? 'number' : name !== null ? 'name' : 'operator', value, at })
    at += found.length
  }
}
