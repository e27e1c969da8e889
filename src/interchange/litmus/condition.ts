/** Conditions on final states: `exists (0:rax=0 /\ [x]=1)`, with /\, \/, =>, ~ or not, and parentheses. Printed as herd7 prints them. */
import { fail, ok, type Result } from '../../lib/result.ts'

export interface Condition {
  readonly quantifier: 'exists' | '~exists' | 'forall'
  readonly formula: Formula
}

export type Formula =
  | { readonly kind: 'atom'; readonly place: Place; readonly value: bigint | Place }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Formula[] }
  | { readonly kind: 'implies'; readonly left: Formula; readonly right: Formula }
  | { readonly kind: 'not'; readonly inner: Formula }
  | { readonly kind: 'constant'; readonly value: boolean }

/** A register of a processor, or a memory location (`cpu` null). */
export interface Place {
  readonly cpu: number | null
  readonly name: string
  readonly index: number | null
}

class Mistake extends Error {}

export function parseCondition(text: string): Result<Condition> {
  const head = /^\s*(~\s*exists|not\s+exists|exists|forall)\b/.exec(text)
  if (head === null) return fail('the condition does not start with exists, ~exists or forall')
  const quantifier = (head[1] as string).startsWith('exists') ? 'exists' : (head[1] as string).startsWith('forall') ? 'forall' : '~exists'
  const tokens =
    text
      .slice(head[0].length)
      .match(/\/\\|\\\/|=>|<>|!=|=|\(|\)|\[|\]|~|\bnot\b|\btrue\b|\bfalse\b|\d+\s*:\s*%?[A-Za-z_]\w*|-?0x[0-9a-fA-F]+|-?\d+|[A-Za-z_][\w.]*|\S/g) ??
    []
  const state = { tokens, at: 0 }
  try {
    const formula = implication(state)
    if (state.at < tokens.length) throw new Mistake(`unexpected "${tokens[state.at]}"`)
    return ok({ quantifier, formula })
  } catch (mistake) {
    if (mistake instanceof Mistake) return fail(`the condition: ${mistake.message}`)
    throw mistake
  }
}

interface State {
  readonly tokens: readonly string[]
  at: number
}

function implication(state: State): Formula {
  const left = disjunction(state)
  if (state.tokens[state.at] !== '=>') return left
  state.at++
  return { kind: 'implies', left, right: implication(state) }
}

function disjunction(state: State): Formula {
  return sequence(state, '\\/', 'or', (inner) => sequence(inner, '/\\', 'and', unary))
}

function sequence(state: State, operator: string, kind: 'and' | 'or', next: (state: State) => Formula): Formula {
  const parts = [next(state)]
  while (state.tokens[state.at] === operator) {
    state.at++
    parts.push(next(state))
  }
  return parts.length === 1 ? (parts[0] as Formula) : { kind, parts }
}

function unary(state: State): Formula {
  const token = state.tokens[state.at]
  if (token === '~' || token === 'not') {
    state.at++
    return { kind: 'not', inner: unary(state) }
  }
  if (token === 'true' || token === 'false') {
    state.at++
    return { kind: 'constant', value: token === 'true' }
  }
  if (token === '(') {
    state.at++
    const inner = implication(state)
    if (state.tokens[state.at++] !== ')') throw new Mistake('")" is missing')
    return inner
  }
  const left = place(state)
  const operator = state.tokens[state.at++]
  if (operator !== '=' && operator !== '!=' && operator !== '<>') throw new Mistake(`"=" expected after ${left.name}`)
  const literal = state.tokens[state.at] ?? ''
  let value: bigint | Place
  if (/^-?(0x[0-9a-f]+|\d+)$/i.test(literal)) {
    state.at++
    value = literal.startsWith('-') ? -BigInt(literal.slice(1)) : BigInt(literal)
  } else value = place(state)
  const atom: Formula = { kind: 'atom', place: left, value }
  return operator === '=' ? atom : { kind: 'not', inner: atom }
}

function place(state: State): Place {
  const token = state.tokens[state.at++]
  if (token === undefined) throw new Mistake('it ends where a register or location is expected')
  if (token === '[') {
    const name = state.tokens[state.at++] ?? ''
    if (state.tokens[state.at] !== ']') throw new Mistake('"]" is missing')
    state.at++
    return indexed(state, null, name)
  }
  const register = /^(\d+)\s*:\s*%?(\w+)$/.exec(token)
  if (register !== null) return { cpu: Number(register[1]), name: register[2] as string, index: null }
  if (!/^[A-Za-z_]/.test(token)) throw new Mistake(`"${token}" is no register or location`)
  return indexed(state, null, token)
}

function indexed(state: State, cpu: number | null, name: string): Place {
  const [open, index, close] = state.tokens.slice(state.at, state.at + 3)
  if (open === '[' && index !== undefined && /^\d+$/.test(index) && close === ']') {
    state.at += 3
    return { cpu, name, index: Number(index) }
  }
  return { cpu, name, index: null }
}

/** All places that a formula names, without repetition. */
export function placesOf(formula: Formula, into: Map<string, Place> = new Map()): Map<string, Place> {
  if (formula.kind === 'atom') {
    into.set(placeText(formula.place), formula.place)
    // A name on the right-hand side is an address, not something to print.
  } else if (formula.kind === 'and' || formula.kind === 'or') for (const part of formula.parts) placesOf(part, into)
  else if (formula.kind === 'implies') placesOf(formula.right, placesOf(formula.left, into))
  else if (formula.kind === 'not') placesOf(formula.inner, into)
  return into
}

/** "0:rax", "[x]", "t[1]". */
export function placeText(place: Place): string {
  if (place.cpu !== null) return `${place.cpu}:${place.name}`
  return place.index === null ? `[${place.name}]` : `${place.name}[${place.index}]`
}

export function holds(formula: Formula, read: (place: Place) => bigint): boolean {
  switch (formula.kind) {
    case 'atom': {
      const wanted = typeof formula.value === 'bigint' ? formula.value : read(formula.value)
      // Written values may be signed where the register is not, and the other way round.
      return BigInt.asUintN(64, read(formula.place)) === BigInt.asUintN(64, wanted)
    }
    case 'and':
      return formula.parts.every((part) => holds(part, read))
    case 'or':
      return formula.parts.some((part) => holds(part, read))
    case 'implies':
      return !holds(formula.left, read) || holds(formula.right, read)
    case 'not':
      return !holds(formula.inner, read)
    default:
      return formula.value
  }
}

export function conditionText({ quantifier, formula }: Condition): string {
  return `${quantifier} (${formulaText(formula)})`
}

function formulaText(formula: Formula): string {
  const inner = (part: Formula) =>
    part.kind === 'and' || part.kind === 'or' || part.kind === 'implies' ? `(${formulaText(part)})` : formulaText(part)
  switch (formula.kind) {
    case 'atom':
      return `${placeText(formula.place)}=${typeof formula.value === 'bigint' ? formula.value : placeText(formula.value)}`
    case 'and':
      return formula.parts.map((part) => (part.kind === 'or' || part.kind === 'implies' ? `(${formulaText(part)})` : formulaText(part))).join(' /\\ ')
    case 'or':
      return formula.parts.map((part) => (part.kind === 'implies' || part.kind === 'and' ? `${inner(part)}` : formulaText(part))).join(' \\/ ')
    case 'implies':
      return `${inner(formula.left)} => ${inner(formula.right)}`
    case 'not':
      return `not (${formulaText(formula.inner)})`
    default:
      return String(formula.value)
  }
}
