/**
 * The scenario format, version 1: what a scenario file may say (docs/scenario-format.md explains it, public/scenario.schema.json is the JSON Schema).
 * A file is data: it never holds code of ours. Reading returns a Result with the place of each mistake.
 */
import * as v from 'valibot'
import { fail, ok, type Result } from '../lib/result.ts'
import { circumstanceSchema, hazardSchema, noteSchema, source, strategiesSchema, word } from './format-meaning.ts'

const identifier = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, 'lower-case letters, digits, dots and hyphens'))
const name = v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'a name: letters, digits, underscore'))
const integer = v.pipe(v.number(), v.safeInteger())
/** An expression over symbols, parameters and numbers, or a number. */
const expression = v.union([v.string(), integer])

const param = v.strictObject({
  name,
  title: v.string(),
  values: v.pipe(v.array(word), v.minLength(1), v.maxLength(16)),
  default: v.string(),
  help: v.optional(v.string()),
  /** Varied only while every other parameter has its default: an experiment of its own, that would multiply the combinations for nothing. */
  alone: v.optional(v.boolean()),
  /** Values that are combined with these parameters only, while all others have their default: the expected rows would become too many otherwise. */
  rare: v.optional(v.strictObject({ values: v.array(word), with: v.array(name) })),
  /** Values that can be run but have too many states to be searched: no combination with them has an expected verdict. */
  unsearched: v.optional(v.array(word)),
})

/** Where a run of this program shows what a recorder of the real kernel would note (interchange/observer.ts): labels, and expressions over registers there. */
const compare = v.strictObject({
  /** Parameters with which the program is set up like the machine that was recorded. */
  set: v.record(v.string(), v.string()),
  begin: v.string(),
  /** Labels behind a write; on arrival `address`, `value` and `size` say what has been written. */
  writes: v.strictObject({ int3: v.string(), tail: v.string(), first: v.string(), address: v.string(), value: v.string(), size: v.string() }),
  /** First instructions of the sync and of the function that every CPU runs in it, and labels behind the sync. */
  syncBegin: v.string(),
  syncTaken: v.string(),
  syncDone: v.array(v.string()),
  /** Vector of the sync's interrupt. */
  vector: expression,
  /** First instruction of the int3 handler, and those with which it returns; `ip`, `sp` and `flags` are where it finds pt_regs' words, on arrival at the first. */
  int3: v.string(),
  handled: v.string(),
  refused: v.string(),
  ip: v.string(),
  sp: v.string(),
  flags: v.string(),
  end: v.string(),
})

/** Something that can be left out of the protocol, by setting parameters: what `ablate` switches off. */
const removable = v.strictObject({ id: identifier, title: v.string(), set: v.record(v.string(), v.string()) })

/** A text, or its lines: JSON has no other way to break one. */
const text = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((lines) => (typeof lines === 'string' ? lines : lines.join('\n'))),
)

const program = v.union([v.string(), v.strictObject({ name: v.string(), text })])

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
  vector: expression,
  handler: expression,
  type: v.optional(v.picklist(['interrupt', 'trap']), 'interrupt'),
  ist: v.optional(v.pipe(integer, v.minValue(0), v.maxValue(7)), 0),
  dpl: v.optional(v.pipe(integer, v.minValue(0), v.maxValue(3)), 0),
  /** How the timeline names it. */
  name: v.optional(v.string()),
  when: v.optional(v.string()),
})

const site = v.strictObject({
  label: v.string(),
  length: expression,
  /** Where the new bytes stand in the program image. */
  new: v.string(),
  /** Where other bytes stand that it holds for a while, where it is written more than once. */
  between: v.optional(v.array(v.string())),
  /** Many sites at the same distance from one another. */
  repeat: v.optional(v.strictObject({ count: expression, stride: expression, newStride: expression })),
  when: v.optional(v.string()),
})

const alias = v.strictObject({ name: v.string(), of: v.string(), at: expression, when: v.optional(v.string()) })

const property = v.variant('kind', [
  v.strictObject({
    kind: v.literal('whole-instruction'),
    id: v.optional(identifier, 'whole-instruction'),
    title: v.optional(v.string()),
    hazard: v.optional(hazardSchema, 'torn'),
  }),
  v.strictObject({
    kind: v.literal('assert'),
    id: identifier,
    title: v.string(),
    at: v.string(),
    holds: v.string(),
    roles: v.optional(v.array(v.string())),
    hazard: v.optional(hazardSchema),
  }),
  v.strictObject({
    kind: v.literal('never'),
    id: identifier,
    title: v.string(),
    at: v.array(v.string()),
    stops: v.optional(v.boolean(), true),
    hazard: v.optional(hazardSchema),
  }),
  v.strictObject({
    kind: v.literal('no-deadlock'),
    id: v.optional(v.literal('no-deadlock'), 'no-deadlock'),
    title: v.optional(v.string()),
    hazard: v.optional(hazardSchema, 'deadlock'),
  }),
])

const expected = v.strictObject({
  when: v.record(v.string(), v.string()),
  verdict: v.picklist(['violated', 'exhausted']),
  states: v.pipe(integer, v.minValue(1)),
  violates: v.optional(v.array(v.string()), []),
})

/** What may happen by itself, at most so often in a run, on these CPUs; on some of them perhaps only where a condition over the parameters holds. */
const cpuNumber = v.pipe(integer, v.minValue(0), v.maxValue(7))
const arrivals = {
  most: expression,
  cpus: v.pipe(v.array(v.union([cpuNumber, v.strictObject({ cpu: cpuNumber, when: v.string() })])), v.minLength(1)),
}
const environment = v.strictObject({
  nmi: v.optional(v.strictObject(arrivals)),
  timer: v.optional(v.strictObject({ ...arrivals, vector: expression })),
})

const machine = v.strictObject({
  fetch: v.optional(v.string(), 'coherent'),
  fetchUnit: v.optional(expression, 1),
  storeBuffer: v.optional(v.pipe(integer, v.minValue(1), v.maxValue(56)), 8),
  /** "anywhere": a handler looks at what it interrupted, so the search must not move interrupts (docs/search.md). */
  interrupts: v.optional(v.picklist(['after-visible-steps', 'anywhere']), 'after-visible-steps'),
  cs: v.optional(expression),
  ss: v.optional(expression),
  /** Further selectors of flat data segments that the kernel may load. */
  dataSelectors: v.optional(v.array(expression), []),
  /** Which plain accesses are one access: those inside a line ("intel"), or only what AMD promises ("amd", docs/machine.md); or the parameter that chooses. */
  tearing: v.optional(v.string(), 'intel'),
  /** A locked access across two lines: done ("allowed"), or #AC ("fault"); or the parameter that chooses. */
  splitLock: v.optional(v.string(), 'allowed'),
  environment: v.optional(environment, {}),
})

const watch = v.strictObject({ label: v.string(), size: v.picklist([1, 2, 4, 8]), title: v.optional(v.string()), when: v.optional(v.string()) })

export const scenarioSchema = v.strictObject({
  $schema: v.optional(v.string()),
  format: v.literal(1),
  id: identifier,
  title: v.string(),
  family: v.optional(v.string(), 'my scenarios'),
  summary: v.optional(v.string(), ''),
  story: v.optional(text, ''),
  bits: v.optional(v.picklist([64, 32]), 64),
  sources: v.optional(v.array(source), []),
  params: v.optional(v.array(param), []),
  /** A recording of a real kernel that a parameter chooses batches from; it becomes SITE… symbols of the program. */
  recording: v.optional(
    v.strictObject({ param: name, file: v.string(), batches: v.record(v.string(), v.pipe(integer, v.minValue(0))), compare: v.optional(compare) }),
  ),
  program: v.pipe(v.array(program), v.minLength(1)),
  machine: v.optional(machine, {}),
  cpus: v.pipe(v.array(cpu), v.minLength(1), v.maxLength(8)),
  idt: v.optional(v.array(gate), []),
  sites: v.optional(v.array(site), []),
  aliases: v.optional(v.array(alias), []),
  properties: v.optional(v.pipe(v.array(property), v.maxLength(29)), []),
  /** Labelled words that the page lists: label and size in bytes. */
  watch: v.optional(v.array(watch), []),
  /** What a final state is called in the table of outcomes: expressions, those of one CPU with its number in front ("1:rax"). */
  outcome: v.optional(v.array(v.string()), []),
  /** Barriers, IPIs, checks, locks that `ablate` switches off in turn. */
  removable: v.optional(v.array(removable), []),
  /** The strategies that the scenario compares, each with its card. */
  strategies: v.optional(strategiesSchema),
  circumstances: v.optional(v.array(circumstanceSchema), []),
  /** Panels of the page that otherwise come with "more detail": the scenario is about what they show. */
  shows: v.optional(v.array(v.picklist(['cpus', 'stack', 'data', 'recording', 'counts'])), []),
  /** Captions and what steps rest on, at labels of the program. */
  notes: v.optional(v.array(noteSchema), []),
  expected: v.optional(v.array(expected), []),
})

export type ScenarioFile = v.InferOutput<typeof scenarioSchema>
export type PropertySpec = ScenarioFile['properties'][number]

/** Always there (properties.ts), so no property of a file may have this name. */
export const WITHIN_MODEL = 'within-model'

/** Checks the shape of a scenario; every mistake is named with its path. */
export function parseScenario(data: unknown): Result<ScenarioFile, string[]> {
  const parsed = v.safeParse(scenarioSchema, data)
  if (!parsed.success) return fail(parsed.issues.map((issue) => `${v.getDotPath(issue) ?? 'scenario'}: ${wordsOf(issue)}`))
  const mistakes = [paramMistakes, propertyMistakes, removableMistakes, strategyMistakes, expectedMistakes].flatMap((check) => check(parsed.output))
  return mistakes.length > 0 ? fail(mistakes) : ok(parsed.output)
}

/** The library speaks of keys and undefined; people ask what is missing and what is too much. */
function wordsOf({ message, received, expected }: { readonly message: string; readonly received: string; readonly expected: string | null }): string {
  if (!message.startsWith('Invalid key:')) return message
  return received === 'undefined' ? 'is missing' : expected === 'never' ? 'no key of this name can stand here' : message
}

function paramMistakes({ params, recording }: ScenarioFile): string[] {
  // Each parameter and each of its values becomes a symbol of the program.
  const symbols = params.flatMap(({ name, values }) => [symbolOf(name), ...new Set(values.map((value) => symbolOf(name, value)))])
  const mistakes = repeated(symbols).map((symbol) => `params: two of them become the symbol ${symbol}`)
  for (const { name, values, rare, unsearched, default: standard } of params) {
    for (const value of rare?.values ?? []) {
      if (!values.includes(value) || value === standard) mistakes.push(`params.${name}.rare: "${value}" is none of its values, or its default`)
    }
    for (const other of rare?.with ?? [])
      if (!params.some((param) => param.name === other)) mistakes.push(`params.${name}.rare: there is no parameter "${other}"`)
    for (const value of unsearched ?? []) {
      if (!values.includes(value) || value === standard) mistakes.push(`params.${name}.unsearched: "${value}" is none of its values, or its default`)
    }
    if (!values.includes(standard)) mistakes.push(`params.${name}: the default "${standard}" is not among its values`)
    for (const value of repeated(values)) mistakes.push(`params.${name}: the value "${value}" is there twice`)
  }
  if (recording === undefined) return mistakes
  const chooser = params.find((param) => param.name === recording.param)
  mistakes.push(...unknownSettings(recording.compare?.set ?? {}, params).map((setting) => `recording.compare.set: there is no ${setting}`))
  if (chooser === undefined) mistakes.push(`recording.param: there is no parameter "${recording.param}"`)
  for (const value of Object.keys(recording.batches))
    if (chooser?.values.includes(value) === false) mistakes.push(`recording.batches: there is no ${recording.param}=${value}`)
  return mistakes
}

function propertyMistakes({ properties }: ScenarioFile): string[] {
  const ids = properties.map((property) => property.id)
  const mistakes = repeated(ids).map((id) => `properties: "${id}" is there twice`)
  if (ids.includes(WITHIN_MODEL)) mistakes.push(`properties: "${WITHIN_MODEL}" is always there; choose another id`)
  if (properties.some((property) => property.id === 'no-deadlock' && property.kind !== 'no-deadlock')) {
    mistakes.push('properties: "no-deadlock" is the id of that kind alone')
  }
  return mistakes
}

function removableMistakes({ removable, params }: ScenarioFile): string[] {
  const mistakes = repeated(removable.map(({ id }) => id)).map((id) => `removable: "${id}" is there twice`)
  for (const [i, { set }] of removable.entries()) {
    if (Object.keys(set).length === 0) mistakes.push(`removable.${i}.set: names no parameter`)
    mistakes.push(...unknownSettings(set, params).map((setting) => `removable.${i}.set: there is no ${setting}`))
  }
  return mistakes
}

function strategyMistakes({ strategies, circumstances, params }: ScenarioFile): string[] {
  const mistakes = circumstances.flatMap(({ set }, i) =>
    unknownSettings(set, params).map((setting) => `circumstances.${i}.set: there is no ${setting}`),
  )
  if (strategies === undefined) return mistakes
  mistakes.push(...repeated(strategies.cards.map(({ id }) => id)).map((id) => `strategies.cards: "${id}" is there twice`))
  const chooser = params.find((param) => param.name === strategies.param)
  if (strategies.param === undefined) {
    if (strategies.cards.length > 1) mistakes.push('strategies: several cards need the parameter that chooses among them (param)')
  } else if (chooser === undefined) mistakes.push(`strategies.param: there is no parameter "${strategies.param}"`)
  else {
    for (const { id } of strategies.cards) if (!chooser.values.includes(id)) mistakes.push(`strategies.cards: there is no ${strategies.param}=${id}`)
    for (const value of chooser.values)
      if (!strategies.cards.some(({ id }) => id === value)) mistakes.push(`strategies.cards: ${strategies.param}=${value} has no card`)
  }
  return mistakes
}

function unknownSettings(set: Readonly<Record<string, string>>, params: ScenarioFile['params']): string[] {
  return Object.entries(set)
    .filter(([key, value]) => !params.some((param) => param.name === key && param.values.includes(value)))
    .map(([key, value]) => `${key}=${value}`)
}

function expectedMistakes({ expected, params, properties }: ScenarioFile): string[] {
  const ids = new Set([...properties.map((property) => property.id), WITHIN_MODEL])
  return expected.flatMap(({ when, violates, verdict }, i) => {
    const mistakes = unknownSettings(when, params).map((setting) => `expected.${i}.when: there is no ${setting}`)
    for (const id of violates) if (!ids.has(id)) mistakes.push(`expected.${i}.violates: there is no property "${id}"`)
    if ((verdict === 'violated') !== violates.length > 0) mistakes.push(`expected.${i}: "${verdict}" does not go with what it violates`)
    return mistakes
  })
}

/** The program's symbol for a parameter, or for one of its values. */
export function symbolOf(param: string, value?: string): string {
  return `${param}${value === undefined ? '' : `_${value.replaceAll('-', '_')}`}`.toUpperCase()
}

/** Those that occur more than once. */
function repeated(words: readonly string[]): string[] {
  return [...new Set(words.filter((word, i) => words.indexOf(word) !== i))]
}

/** A scenario with the texts of its program files: all that is needed to build it. */
export interface Scenario {
  readonly file: ScenarioFile
  readonly sources: readonly { readonly name: string; readonly text: string }[]
  /** Parsed recording, where the scenario names one. */
  readonly recording: unknown
  /** Set where the scenario was not bundled: what links call it, and the text that they carry. `id` tells it from all others. */
  readonly edited?: { readonly id: string; readonly origin: string; readonly source: string }
}
