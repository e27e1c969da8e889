/** Macros and repetitions: their definition, and the lines that a use of them turns into. */
import { SyntaxProblem } from './expression.ts'
import { type Token, tokenize } from './lexer.ts'
import { isReserved } from './operand.ts'
import type { Line, Span, Within } from './source.ts'

export interface Parameter {
  readonly name: string
  /** What stands for it where the use gives nothing; null where it must be given. */
  readonly fallback: readonly Token[] | null
}

export interface Macro {
  readonly name: string
  readonly parameters: readonly Parameter[]
  readonly body: readonly Line[]
}

export type Arguments = ReadonlyMap<string, readonly Token[]>

const isComma = (token: Token) => token.type === 'punct' && token.text === ','

/** `NAME a, b=8` (commas may be left out between names). */
export function parseHeader(keyword: Token, tokens: readonly Token[]): { name: Token; parameters: readonly Parameter[] } {
  const [name, ...rest] = tokens
  if (name?.type !== 'word') throw new SyntaxProblem(name ?? keyword, 'a macro has a name', 'macro NAME param, param=default …')
  const parameters: Parameter[] = []
  for (let i = 0; i < rest.length; i++) {
    const token = rest[i] as Token
    if (isComma(token)) continue
    if (token.type !== 'word' || !/^\w+$/.test(token.text))
      throw new SyntaxProblem(token, `\`${token.text}\` is no name for a parameter`, 'a plain name')
    if (parameters.some((parameter) => parameter.name === token.text))
      throw new SyntaxProblem(token, `the parameter \`${token.text}\` is given twice`)
    const equals = rest[i + 1]
    if (equals?.type !== 'punct' || equals.text !== '=') {
      parameters.push({ name: token.text, fallback: null })
      continue
    }
    const end = rest.findIndex((each, at) => at > i + 1 && isComma(each))
    const stop = end < 0 ? rest.length : end
    parameters.push({ name: token.text, fallback: rest.slice(i + 2, stop) })
    i = stop
  }
  return { name, parameters }
}

/** The arguments of a use, separated by commas outside brackets. */
export function bindArguments(macro: Macro, use: Token, tokens: readonly Token[]): Arguments {
  const given = splitArguments(tokens)
  const { parameters, name } = macro
  const signature =
    `${name} ${parameters.map((parameter) => (parameter.fallback === null ? parameter.name : `[${parameter.name}]`)).join(', ')}`.trim()
  if (given.length > parameters.length) {
    const extra = given[parameters.length]?.[0] ?? use
    throw new SyntaxProblem(
      extra,
      `macro \`${name}\` takes ${parameters.length} argument${parameters.length === 1 ? '' : 's'}, not ${given.length}`,
      signature,
    )
  }
  const bound = new Map<string, readonly Token[]>()
  for (const [i, { name: parameter, fallback }] of parameters.entries()) {
    const argument = given[i] !== undefined && given[i].length > 0 ? given[i] : fallback
    if (argument === null) throw new SyntaxProblem(use, `macro \`${name}\` needs an argument for \`${parameter}\``, signature)
    bound.set(parameter, argument)
  }
  return bound
}

function splitArguments(tokens: readonly Token[]): Token[][] {
  if (tokens.length === 0) return []
  const given: Token[][] = [[]]
  let depth = 0
  for (const token of tokens) {
    if (token.type === 'punct' && '(['.includes(token.text)) depth++
    if (token.type === 'punct' && ')]'.includes(token.text)) depth--
    if (depth === 0 && isComma(token)) given.push([])
    else given.at(-1)?.push(token)
  }
  return given
}

/** The body as it is read at a certain place, for all turns of a repetition. */
export function placeBody(body: readonly Line[], within: Within): readonly Line[] {
  return body.map((line) => ({ ...line, origin: { ...line.origin, within } }))
}

/** A placed body with arguments in place. `expansion` makes its %%names unique. */
export function expandBody(body: readonly Line[], bound: Arguments, expansion: number): readonly Line[] {
  return body.map(({ origin, text, tokens }) => ({
    origin,
    expansion,
    text: text.startsWith('|') && text.includes('{') ? replaceBraces(text, bound) : text,
    tokens: bound.size === 0 ? tokens : substitute(tokens, bound),
  }))
}

function substitute(tokens: readonly Token[], bound: Arguments): readonly Token[] {
  if (!tokens.some((token) => isAffected(token, bound))) return tokens
  const result: Token[] = []
  for (const token of tokens) {
    if (!isAffected(token, bound)) result.push(token)
    else if (token.type === 'string') result.push({ ...token, text: replaceBraces(token.text, bound) })
    else if (bound.has(token.text)) result.push(...asUnit(bound.get(token.text) as readonly Token[], token, tokens.length > 1))
    else result.push(...moveTo(token, tokenize(replaceBraces(token.text, bound), [])))
  }
  return result
}

function isAffected(token: Token, bound: Arguments): boolean {
  if (token.type !== 'word') return token.type === 'string' && token.text.includes('{')
  return bound.has(token.text) || token.text.includes('{')
}

/** `{name}` inside a longer word, a string or an annotation. */
function replaceBraces(text: string, bound: Arguments): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const argument = bound.get(name)
    return argument === undefined ? whole : argument.map((token) => token.text).join(' ')
  })
}

/** A sum stays a sum: `1+2` for n in `n*4` counts as `(1+2)*4`. Operands with registers, sizes or brackets are left as they are. */
function asUnit(argument: readonly Token[], at: Token, inContext: boolean): Token[] {
  const moved = moveTo(at, argument)
  const isSum =
    inContext &&
    argument.some((token) => token.type === 'punct') &&
    argument.every((token, i) => {
      if (token.type === 'punct') return !/^[[\],:=]$/.test(token.text)
      const besideOperator = i === 0 || argument[i - 1]?.type === 'punct'
      return besideOperator && !(token.type === 'word' && isReserved(token.text.toLowerCase()))
    })
  return isSum ? [punct('(', at), ...moved, punct(')', at)] : moved
}

function punct(text: string, { column, length }: Span): Token {
  return { type: 'punct', text, value: null, column, length }
}

/** Tokens of an argument count as standing where the parameter stood. */
function moveTo({ column, length }: Span, tokens: readonly Token[]): Token[] {
  return tokens.map((token) => ({ ...token, column, length }))
}

/** The number of a turn, as the token that stands for the counter. */
export function counterToken(turn: number, { column, length }: Span): Token {
  return { type: 'number', text: String(turn), value: BigInt(turn), column, length }
}
