/** Parameters of a scenario: the chosen values, all the combinations there are, and the symbols that they become in the program. */
import { fail, ok, type Result } from '../lib/result.ts'
import { type ScenarioFile, symbolOf } from './format.ts'

export type Params = Readonly<Record<string, string>>

/** Checks parameter values and fills in defaults. */
export function chooseParams(file: ScenarioFile, chosen: Params): Result<Record<string, string>, string[]> {
  const params: Record<string, string> = {}
  const mistakes: string[] = []
  for (const parameter of file.params) {
    const value = Object.hasOwn(chosen, parameter.name) ? (chosen[parameter.name] as string) : parameter.default
    if (!parameter.values.includes(value)) mistakes.push(`${parameter.name}=${value}: expected one of ${parameter.values.join(', ')}`)
    params[parameter.name] = value
  }
  for (const key of Object.keys(chosen)) {
    if (!Object.hasOwn(params, key))
      mistakes.push(`${file.id} has no parameter "${key}"${file.params.length === 0 ? '' : `; it has ${file.params.map((p) => p.name).join(', ')}`}`)
  }
  return mistakes.length > 0 ? fail(mistakes) : ok(params)
}

/**
 * Every combination of parameter values that a scenario speaks of; the last parameter changes fastest. Parameters that are varied alone stand at their
 * default, and follow behind, each of their other values once. Rare values follow last, combined with the parameters that they name. Unsearched values are
 * in none.
 */
export function combinations(file: ScenarioFile): Params[] {
  return allCombinations({ ...file, params: file.params.map((param) => ({ ...param, values: searchedValues(param) })) })
}

/** The values of a parameter for which the scenario states verdicts. */
export function searchedValues({ values, unsearched }: ScenarioFile['params'][number]): string[] {
  return values.filter((value) => unsearched?.includes(value) !== true)
}

function allCombinations(file: ScenarioFile): Params[] {
  let all: Params[] = [{}]
  for (const { name, values, alone, rare, default: standard } of file.params) {
    const common = alone === true ? [standard] : values.filter((value) => rare?.values.includes(value) !== true)
    all = all.flatMap((params) => common.map((value) => ({ ...params, [name]: value })))
  }
  const defaults = Object.fromEntries(file.params.map((param) => [param.name, param.default]))
  for (const { name, values, alone, default: standard } of file.params) {
    if (alone === true) all.push(...values.filter((value) => value !== standard).map((value) => ({ ...defaults, [name]: value })))
  }
  for (const { name, rare } of file.params) {
    if (rare === undefined) continue
    let some: Params[] = [defaults]
    for (const other of file.params) {
      const choice = other.name === name ? rare.values : rare.with.includes(other.name) ? other.values : [other.default]
      some = some.flatMap((params) => choice.map((value) => ({ ...params, [other.name]: value })))
    }
    all.push(...some)
  }
  return all
}

/**
 * Parameters as assembler symbols: NAME is the chosen value, NAME_VALUE each possible one. on/off are 1/0, digits are themselves, other words their place in
 * the list.
 */
export function paramSymbols(file: ScenarioFile, params: Params): Record<string, bigint> {
  const symbols: Record<string, bigint> = {}
  for (const param of file.params) {
    const numberOf = (value: string) =>
      value === 'on' ? 1n : value === 'off' ? 0n : /^\d+$/.test(value) ? BigInt(value) : BigInt(param.values.indexOf(value))
    symbols[symbolOf(param.name)] = numberOf(params[param.name] as string)
    for (const value of param.values) symbols[symbolOf(param.name, value)] = numberOf(value)
  }
  return symbols
}
