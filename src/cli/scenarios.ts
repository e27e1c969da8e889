/**
 * Finds the scenario that a user names: a bundled id, the path of a scenario file, or a share link, whose parameters and schedule are then as if they had been given.
 * Reads options. Shared by the verbs that take a scenario.
 */
import { atlas, bundledRecording, libraryText } from '../atlas/index.ts'
import { type DecodedLink, decodeLink } from '../interchange/link.ts'
import { parseJson } from '../lib/json-text.ts'
import { fail, ok, type Result } from '../lib/result.ts'
import { parseScenario, type Scenario, type ScenarioFile } from '../scenario/format.ts'
import type { Params } from '../scenario/params.ts'
import { readScenarioText, wholeText } from '../scenario/scenario-text.ts'
import { type CliIo, describeFileError } from './io.ts'

export function findScenario(name: string, io: CliIo): Result<Scenario> {
  const bundled = atlas.get(name)
  if (bundled !== undefined) return ok(bundled)
  if (isLink(name)) return linkedScenario(decodeLink(name))
  if (!name.endsWith('.json') && !name.includes('/')) {
    return fail(`there is no scenario "${name}" (bundled: ${[...atlas.keys()].join(', ')}; or give the path of a scenario file, or a share link)`)
  }
  const read = readText(name, io)
  if (!read.ok) return read
  const data = parseJson(read.value)
  if (!data.ok) return fail(`${name}:${data.error}`)
  const parsed = parseScenario(data.value)
  if (!parsed.ok) return fail(`${name}: ${oneLine(parsed.error)}`)
  const file = parsed.value
  const folder = name.includes('/') ? name.slice(0, name.lastIndexOf('/') + 1) : ''
  const sources: { name: string; text: string }[] = []
  for (const entry of file.program) {
    if (typeof entry !== 'string') {
      sources.push(entry)
      continue
    }
    const text = libraryText(entry) ?? readText(folder + entry, io)
    if (typeof text === 'string') sources.push({ name: entry, text })
    else if (text.ok) sources.push({ name: entry, text: text.value })
    else return fail(`${name}, program "${entry}": ${text.error}`)
  }
  let recording: unknown = null
  if (file.recording !== undefined) {
    recording = bundledRecording(file.recording.file)
    if (recording === null) {
      const text = readText(folder + file.recording.file, io)
      if (!text.ok) return fail(`${name}, recording: ${text.error}`)
      const parsedText = parseJson(text.value)
      if (!parsedText.ok) return fail(`${folder}${file.recording.file}:${parsedText.error}`)
      recording = parsedText.value
    }
  }
  const textOf = (entry: string) => sources.find((source) => source.name === entry)?.text ?? optional(() => io.readFile(folder + entry))
  const source = wholeText(data.value, textOf)
  return ok({ file, sources, recording, edited: { id: file.id, origin: file.id, source } })
}

/** An address or its fragment, as the page and the verbs give it. */
export function isLink(name: string): boolean {
  return /(?:^|#)v=\d/.test(name)
}

function linkedScenario({ link: { scenario: id = '', source }, problems }: DecodedLink): Result<Scenario> {
  const problem = problems.find(({ remark }) => remark === undefined)
  if (problem !== undefined) return fail(`the link is damaged: ${problem.message} (link decode says more)`)
  const bundled = atlas.get(id)
  if (source === undefined) return bundled === undefined ? fail(`the link is of "${id}", which is not bundled here`) : ok(bundled)
  const read = readScenarioText(source, { library: libraryText, recording: bundledRecording })
  return read.ok ? ok({ ...read.value, edited: { id, origin: id, source } }) : fail(`the scenario of the link: ${oneLine(read.error)}`)
}

function optional(read: () => string): string | null {
  try {
    return read()
  } catch {
    return null
  }
}

function readText(path: string, io: CliIo): Result<string> {
  try {
    return ok(io.readFile(path))
  } catch (error) {
    return fail(`${path}: ${describeFileError(error)}`)
  }
}

/** The first of several mistakes, and how many more there are: bad input is one line. */
export function oneLine(mistakes: readonly string[]): string {
  const more = mistakes.length - 1
  return `${mistakes[0]}${more > 0 ? ` (and ${more} more)` : ''}`
}

/** What `--strategy` and `--set` choose together; a strategy is a value of the parameter that the scenario names for it. */
export function chosenParams(scenario: Scenario, options: Options): Result<Params> {
  const wanted = options.values['--strategy']?.[0]
  if (wanted === undefined) return ok(options.set)
  const { id, strategies } = scenario.file
  if (strategies === undefined) {
    return fail(`--strategy: ${id} has no strategies to choose from; what can be varied is set with --set (see list)`)
  }
  if (!strategies.cards.some((card) => card.id === wanted)) {
    return fail(`--strategy ${wanted}: ${id} has ${strategies.cards.map((card) => card.id).join(', ')}`)
  }
  const { param } = strategies
  if (param === undefined) return ok(options.set)
  const set = options.set[param]
  return set === undefined || set === wanted
    ? ok({ ...options.set, [param]: wanted })
    : fail(`--strategy ${wanted} contradicts --set ${param}=${set}`)
}

/** The strategy that parameters choose; null where the scenario has none. */
export function strategyOf({ strategies }: ScenarioFile, params: Params): string | null {
  if (strategies === undefined) return null
  return strategies.param === undefined ? (strategies.cards[0]?.id ?? null) : (params[strategies.param] ?? null)
}

/** Options of a verb: `--set k=v` may repeat, the others take one value or none. */
export interface Options {
  readonly positional: readonly string[]
  readonly set: Readonly<Record<string, string>>
  readonly values: Readonly<Record<string, readonly string[]>>
  has(flag: string): boolean
}

/** `flags`: option → how many values it takes. An unknown option, a missing value or a malformed --set is said plainly. */
export function parseOptions(args: readonly string[], flags: Readonly<Record<string, number>>): Result<Options> {
  const positional: string[] = []
  const set: Record<string, string> = {}
  const values: Record<string, string[]> = {}
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string
    if (!arg.startsWith('--')) {
      positional.push(arg)
      continue
    }
    if (!(arg in flags)) return fail(`unknown option ${arg} (known: ${Object.keys(flags).join(', ')})`)
    const taken = args.slice(i + 1, i + 1 + (flags[arg] as number))
    if (taken.length < (flags[arg] as number)) return fail(`${arg} needs ${flags[arg] === 1 ? 'a value' : `${flags[arg]} values`}`)
    i += taken.length
    if (arg === '--set') {
      const pair = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(taken[0] as string)
      if (pair === null) return fail(`--set ${taken[0]}: expected name=value`)
      set[pair[1] as string] = pair[2] as string
    } else values[arg] = taken
  }
  const link = isLink(positional[0] ?? '') ? decodeLink(positional[0] as string).link : {}
  // Another schedule was asked for, or a seed that makes one.
  const isOther = '--schedule' in values || '--seed' in values || !('--schedule' in flags)
  const all = isOther || !link.schedule ? values : { ...values, '--schedule': [link.schedule] }
  return ok({ positional, set: { ...link.params, ...set }, values: all, has: (flag) => flag in all })
}

/** A positive number given to an option; the fallback where it is absent. */
export function numberOption(options: Options, flag: string, fallback: number): Result<number> {
  const text = options.values[flag]?.[0]
  if (text === undefined) return ok(fallback)
  const value = Number(text)
  return Number.isFinite(value) && value > 0 ? ok(value) : fail(`${flag} ${text}: expected a number above 0`)
}
