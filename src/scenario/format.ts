/**
 * The scenario format, version 1: what a scenario file may say (docs/scenario-format.md explains it, public/scenario.schema.json is the JSON Schema).
 * A file is data: it never holds code of ours. Reading returns a Result with the place of each mistake.
 */
import * as v from 'valibot'
import { fail, ok, type Result } from '../lib/result.ts'

const identifier = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, 'lower-case letters, digits, dots and hyphens'))
const name = v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'a name: letters, digits, underscore'))
/** An expression over symbols, parameters and numbers, or a number. */
const expression = v.union([v.string(), v.number()])

const source = v.strictObject({ kind: v.picklist(['mail', 'commit', 'manual', 'page']), title: v.string(), ref: v.string() })

const param = v.strictObject({
  name,
  title: v.string(),
  values: v.pipe(v.array(v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,31}$/))), v.minLength(1), v.maxLength(16)),
  default: v.string(),
  help: v.optional(v.string()),
})

const program = v.union([v.string(), v.strictObject({ name: v.string(), text: v.string() })])

const cpu = v.strictObject({
  role: v.string(),
  entry: expression,
  /** Only present where this condition over the parameters holds. */
  when: v.optional(v.string()),
  registers: v.optional(v.record(v.string(), expression)),
  flags: v.optional(expression),
  gsBase: v.optional(expression),
  fsBase: v.optional(expression),
  ist: v.optional(v.record(v.string(), expression)),
  rsp0: v.optional(expression),
})

const gate = v.strictObject({
  vector: v.union([v.number(), v.string()]),
  handler: expression,
  type: v.optional(v.picklist(['interrupt', 'trap']), 'interrupt'),
  ist: v.optional(v.number(), 0),
  dpl: v.optional(v.number(), 0),
  /** How the timeline names it. */
  name: v.optional(v.string()),
})

const site = v.strictObject({
  label: v.string(),
  length: expression,
  /** Where the new bytes stand in the program image. */
  new: v.string(),
  when: v.optional(v.string()),
})

const alias = v.strictObject({ name: v.string(), of: v.string(), at: expression, when: v.optional(v.string()) })

const property = v.variant('kind', [
  v.strictObject({ kind: v.literal('whole-instruction'), id: v.optional(v.string(), 'whole-instruction'), title: v.optional(v.string()) }),
  v.strictObject({
    kind: v.literal('assert'),
    id: v.string(),
    title: v.string(),
    at: v.string(),
    holds: v.string(),
    roles: v.optional(v.array(v.string())),
  }),
  v.strictObject({ kind: v.literal('never'), id: v.string(), title: v.string(), at: v.array(v.string()), stops: v.optional(v.boolean(), true) }),
  v.strictObject({ kind: v.literal('no-deadlock'), id: v.optional(v.string(), 'no-deadlock'), title: v.optional(v.string()) }),
])

const expected = v.strictObject({
  when: v.record(v.string(), v.string()),
  verdict: v.picklist(['violated', 'exhausted']),
  states: v.number(),
  violates: v.optional(v.array(v.string()), []),
})

const schema = v.strictObject({
  $schema: v.optional(v.string()),
  format: v.literal(1),
  id: identifier,
  title: v.string(),
  family: v.optional(v.string(), 'my scenarios'),
  summary: v.optional(v.string(), ''),
  story: v.optional(v.string(), ''),
  bits: v.optional(v.picklist([64, 32]), 64),
  sources: v.optional(v.array(source), []),
  params: v.optional(v.array(param), []),
  /** A recording of a real kernel that a parameter chooses batches from; it becomes BATCH… symbols of the program. */
  recording: v.optional(v.strictObject({ param: name, file: v.string(), batches: v.record(v.string(), v.number()) })),
  program: v.pipe(v.array(program), v.minLength(1)),
  machine: v.optional(
    v.strictObject({
      fetch: v.optional(v.string(), 'coherent'),
      fetchUnit: v.optional(expression, 1),
      storeBuffer: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(56)), 8),
      cs: v.optional(expression),
      ss: v.optional(expression),
    }),
  ),
  cpus: v.pipe(v.array(cpu), v.minLength(1), v.maxLength(8)),
  idt: v.optional(v.array(gate), []),
  sites: v.optional(v.array(site), []),
  aliases: v.optional(v.array(alias), []),
  properties: v.optional(v.array(property), []),
  /** Labelled shared words that the page lists: label and size in bytes. */
  watch: v.optional(
    v.array(v.strictObject({ label: v.string(), size: v.number(), title: v.optional(v.string()), when: v.optional(v.string()) })),
    [],
  ),
  /** Registers (of the given role) and watched words that make up an outcome. */
  outcome: v.optional(v.array(v.string()), []),
  expected: v.optional(v.array(expected), []),
})

export type ScenarioFile = v.InferOutput<typeof schema>
export type PropertySpec = ScenarioFile['properties'][number]

/** Checks the shape of a scenario; every mistake is named with its path. */
export function parseScenario(data: unknown): Result<ScenarioFile, string[]> {
  const parsed = v.safeParse(schema, data)
  if (!parsed.success) {
    return fail(parsed.issues.map((issue) => `${v.getDotPath(issue) ?? 'scenario'}: ${issue.message}`))
  }
  const mistakes: string[] = []
  for (const parameter of parsed.output.params) {
    if (!parameter.values.includes(parameter.default))
      mistakes.push(`params.${parameter.name}: the default "${parameter.default}" is not among its values`)
  }
  const recording = parsed.output.recording
  if (recording !== undefined && !parsed.output.params.some((parameter) => parameter.name === recording.param)) {
    mistakes.push(`recording.param: there is no parameter "${recording.param}"`)
  }
  for (const [i, row] of parsed.output.expected.entries()) {
    for (const [key, value] of Object.entries(row.when)) {
      const parameter = parsed.output.params.find((candidate) => candidate.name === key)
      if (parameter === undefined || !parameter.values.includes(value)) mistakes.push(`expected.${i}.when: there is no ${key}=${value}`)
    }
  }
  return mistakes.length > 0 ? fail(mistakes) : ok(parsed.output)
}

/** A scenario with the texts of its program files: all that is needed to build it. */
export interface Scenario {
  readonly file: ScenarioFile
  readonly sources: readonly { readonly name: string; readonly text: string }[]
  /** Parsed recording, where the scenario names one. */
  readonly recording: unknown
}

/** Checks parameter values and fills in defaults. */
export function chooseParams(file: ScenarioFile, chosen: Readonly<Record<string, string>>): Result<Record<string, string>, string[]> {
  const params: Record<string, string> = {}
  const mistakes: string[] = []
  for (const parameter of file.params) {
    const value = chosen[parameter.name] ?? parameter.default
    if (!parameter.values.includes(value)) mistakes.push(`${parameter.name}=${value}: expected one of ${parameter.values.join(', ')}`)
    params[parameter.name] = value
  }
  for (const key of Object.keys(chosen)) {
    if (!(key in params))
      mistakes.push(`${file.id} has no parameter "${key}"${file.params.length === 0 ? '' : `; it has ${file.params.map((p) => p.name).join(', ')}`}`)
  }
  return mistakes.length > 0 ? fail(mistakes) : ok(params)
}
