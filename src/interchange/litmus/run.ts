/** Runs a litmus test exhaustively on the x86-TSO machine and writes the record that herd7 writes. */
import { fail, ok, type Result } from '../../lib/result.ts'
import type { Decode } from '../../machine/instruction.ts'
import { build } from '../../scenario/build.ts'
import { finalStates } from '../../scenario/final-states.ts'
import { conditionText, type Formula, holds, type Place, placeText } from './condition.ts'
import { type LitmusTest, parseLitmus } from './parse.ts'
import { litmusScenario, type Observed } from './scenario.ts'
import { locationName } from './translate.ts'

/** One final state: values in the order of `observed`. */
export interface LitmusResult {
  readonly test: LitmusTest
  readonly observed: readonly Observed[]
  readonly finals: readonly (readonly bigint[])[]
  readonly explored: number
  /** Locations' addresses, so that a register that points to one prints its name. */
  readonly addresses: ReadonlyMap<bigint, string>
}

const LIMITS = { maxStates: 20_000_000, maxBytes: 2e9 }

export function runLitmus(text: string, decode: Decode): Result<LitmusResult> {
  const parsed = parseLitmus(text)
  if (!parsed.ok) return parsed
  const made = litmusScenario(parsed.value)
  if (!made.ok) return made
  const built = build(made.value.scenario, {}, decode)
  if (!built.ok) return fail(built.error.join('; '))
  const found = finalStates(built.value, LIMITS)
  if (!found.ok) return fail(found.error.join('; '))
  const { observed } = made.value
  const finals = found.value.keys.map((key) => {
    const values = key.split(' ').map((term) => term.slice(term.lastIndexOf('=') + 1))
    return observed.map((place) => place.constant ?? shown(BigInt(values.shift() ?? '0'), place))
  })
  const addresses = new Map<bigint, string>()
  for (const entry of parsed.value.init) {
    const address = entry.cpu === null ? built.value.program.symbol(locationName(entry.name)) : null
    if (address !== null) addresses.set(address, entry.name)
  }
  return ok({ test: parsed.value, observed, finals, explored: found.value.states, addresses })
}

function shown(value: bigint, { bits, signed }: Observed): bigint {
  return signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)
}

const VERDICT = { exists: 'Allowed', '~exists': 'Forbidden', forall: 'Required' } as const

/** Lines as herd7 prints them; `Positive`, `Negative` and `Observation` count final states. */
export function litmusRecord({ test, observed, finals, addresses }: LitmusResult): string {
  const { condition } = test
  const sorted = [...finals].sort((a, b) => {
    for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return (a[i] as bigint) < (b[i] as bigint) ? -1 : 1
    return 0
  })
  const index = new Map(observed.map((row, i) => [key(row.place), i]))
  const names = new Map([...addresses].map(([address, name]) => [name, address]))
  const read = (final: readonly bigint[]) => (place: Place) => {
    const at = index.get(key(place))
    return at === undefined ? (names.get(place.name) ?? 0n) : (final[at] as bigint)
  }
  // A bare name on the right of "=" is an address.
  const formula = condition.formula
  const satisfying = sorted.filter((final) => holds(addressed(formula, names), read(final))).length
  const others = sorted.length - satisfying
  const met = condition.quantifier === 'exists' ? satisfying > 0 : condition.quantifier === 'forall' ? others === 0 : satisfying === 0
  const [positive, negative] = condition.quantifier === '~exists' ? [others, satisfying] : [satisfying, others]
  const observation = satisfying === 0 ? 'Never' : others === 0 ? 'Always' : 'Sometimes'
  const cell = (value: bigint, row: Observed) =>
    `${row.text}=${row.bits >= 32 && addresses.has(BigInt.asUintN(row.bits, value)) ? addresses.get(BigInt.asUintN(row.bits, value)) : value};`
  return [
    `Test ${test.name} ${VERDICT[condition.quantifier]}`,
    `States ${sorted.length}`,
    ...sorted.map((final) => final.map((value, i) => cell(value, observed[i] as Observed)).join(' ')),
    met ? 'Ok' : 'No',
    'Witnesses',
    `Positive: ${positive} Negative: ${negative}`,
    `Condition ${conditionText({ ...condition, formula: cased(formula, test.arch) })}`,
    `Observation ${test.name} ${observation} ${satisfying} ${others}`,
    '',
    '',
  ].join('\n')
}

function key(place: Place): string {
  return placeText(place).toLowerCase()
}

function addressed(formula: Formula, names: ReadonlyMap<string, bigint>): Formula {
  return mapAtoms(formula, (atom) =>
    typeof atom.value === 'bigint' || atom.value.cpu !== null ? atom : { ...atom, value: names.get(atom.value.name) ?? atom.value },
  )
}

function cased(formula: Formula, arch: LitmusTest['arch']): Formula {
  const register = (place: Place): Place =>
    place.cpu === null ? place : { ...place, name: arch === 'X86' ? place.name.toUpperCase() : place.name.toLowerCase() }
  return mapAtoms(formula, (atom) => ({
    ...atom,
    place: register(atom.place),
    value: typeof atom.value === 'bigint' ? atom.value : register(atom.value),
  }))
}

type Atom = Extract<Formula, { kind: 'atom' }>

function mapAtoms(formula: Formula, change: (atom: Atom) => Atom): Formula {
  switch (formula.kind) {
    case 'atom':
      return change(formula)
    case 'and':
    case 'or':
      return { ...formula, parts: formula.parts.map((part) => mapAtoms(part, change)) }
    case 'implies':
      return { ...formula, left: mapAtoms(formula.left, change), right: mapAtoms(formula.right, change) }
    case 'not':
      return { ...formula, inner: mapAtoms(formula.inner, change) }
    default:
      return formula
  }
}
