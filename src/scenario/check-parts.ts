/** A scenario that is being written: everything that is wrong with it, each at its line and column, and the bytes that each line of assembly became. */
import { type Assembly, assemble, type Diagnostic } from '../assembler/assemble.ts'
import { bytesToHex } from '../lib/bytes.ts'
import { lineColumn, placeOf } from '../lib/json-places.ts'
import { parseJson } from '../lib/json-text.ts'
import { ok, type Result } from '../lib/result.ts'
import { hex } from '../lib/u64.ts'
import type { Decode } from '../machine/instruction.ts'
import { build } from './build.ts'
import type { Scenario, ScenarioFile } from './format.ts'
import { chooseParams, type Params, paramSymbols } from './params.ts'
import { Checker } from './properties.ts'
import { recordingSymbols } from './recording-input.ts'
import { type Bundled, JSON_PART, joinParts, readScenarioText, type ScenarioParts } from './scenario-text.ts'

export interface Problem {
  /** A program file, or JSON_PART. */
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly column: number
  readonly length: number
  readonly severity: 'error' | 'warning'
  readonly message: string
}

/** What one line became: where its first item stands, and its bytes as hexadecimal digits (the first MOST_BYTES of them). */
export interface LineBytes {
  readonly file: string
  readonly line: number
  readonly address: string
  readonly bytes: string
  /** How many bytes there are. */
  readonly length: number
  /** Items: more than one where a macro or a repetition stands. */
  readonly items: number
}

export interface CheckedParts {
  readonly problems: readonly Problem[]
  /** Of the program with these parameters, where it assembles. */
  readonly bytes: readonly LineBytes[]
  /** Symbols that an expression may name, with what they are. */
  readonly names: readonly { readonly name: string; readonly value: string }[]
  /** Of what was built; null where it is not. */
  readonly built: { readonly files: number; readonly cpus: number; readonly sites: number; readonly bytes: number } | null
  /** The whole as one text; null where the JSON is none. */
  readonly source: string | null
  /** The chosen values that still exist. */
  readonly params: Params
}

const MOST_BYTES = 16
/** Lines of assembly that are built once more for the values that are not chosen: beyond that, who chooses them sees. */
const MOST_LINES = 400_000

export function checkParts(parts: ScenarioParts, chosen: Params, decode: Decode, bundled: Bundled): CheckedParts {
  const nothing = { bytes: [], names: [], built: null, source: null, params: {} }
  const joined = joinParts(parts)
  if (!joined.ok) return { ...nothing, problems: [atLine(joined.error)] }
  const source = joined.value
  const unnamed = unnamedFiles(parts)
  const read = readScenarioText(source, bundled)
  if (!read.ok) return { ...nothing, source, problems: [...read.error.map((mistake) => inJson(parts.json, mistake)), ...unnamed] }
  const scenario = read.value
  const params = kept(scenario.file, chosen)
  const assembled = assembleWith(scenario, params)
  if (typeof assembled === 'string') return { ...nothing, source, params, problems: [inJson(parts.json, assembled), ...unnamed] }
  const { assembly, defines } = assembled
  const problems = assembled.diagnostics.map(problemOf)
  let built: CheckedParts['built'] = null
  if (assembly !== null) {
    const instance = sizeOf(scenario, params, decode)
    if (instance.ok) built = { ...instance.value, bytes: assembly.sections.reduce((sum, { bytes }) => sum + bytes.length, 0) }
    else problems.push(...instance.error.map((mistake) => inJson(parts.json, mistake)))
  }
  if (built !== null && assembly !== null) problems.push(...withOtherValues(scenario, params, decode, parts.json, assembly.lines.length))
  const symbols = [...Object.entries(defines), ...(assembly?.symbols ?? [])].filter(([name]) => !name.includes('%'))
  return {
    problems: [...problems, ...unnamed],
    bytes: assembly === null ? [] : bytesOf(assembly),
    names: symbols.map(([name, value]) => ({ name, value: hex(value) })),
    built,
    source,
    params,
  }
}

/** The chosen values that the scenario (still) has. */
export function kept(file: ScenarioFile, chosen: Params): Params {
  return Object.fromEntries(
    Object.entries(chosen).filter(([name, value]) => file.params.some((param) => param.name === name && param.values.includes(value))),
  )
}

function assembleWith(scenario: Scenario, chosen: Params) {
  const params = chooseParams(scenario.file, chosen)
  if (!params.ok) return params.error[0] as string
  const recorded = recordingSymbols(scenario, params.value)
  if (!recorded.ok) return recorded.error
  const defines = { ...paramSymbols(scenario.file, params.value), ...recorded.value }
  return { ...assemble({ bits: scenario.file.bits, defines, files: scenario.sources }), defines }
}

/** The machine and its properties: whatever is wrong beside the text of the program. */
function sizeOf(scenario: Scenario, params: Params, decode: Decode): Result<{ files: number; cpus: number; sites: number }, readonly string[]> {
  const instance = build(scenario, params, decode)
  if (!instance.ok) return instance
  const checker = Checker.create(instance.value)
  if (!checker.ok) return checker
  return ok({ files: scenario.sources.length, cpus: instance.value.cpus.length, sites: instance.value.sites.length })
}

/** What is chosen can run: so should every other value, one at a time. Warns of the first that cannot. */
function withOtherValues(scenario: Scenario, params: Params, decode: Decode, json: string, lines: number): Problem[] {
  let left = Math.floor(MOST_LINES / Math.max(1, lines))
  for (const { name, values, default: standard } of scenario.file.params) {
    for (const value of values) {
      if (value === (params[name] ?? standard)) continue
      if (left-- <= 0) return []
      const found = mistakesWith(scenario, { ...params, [name]: value }, decode, json)
      if (found.length > 0) return found.map((problem) => ({ ...problem, severity: 'warning', message: `with ${name}=${value}: ${problem.message}` }))
    }
  }
  return []
}

function mistakesWith(scenario: Scenario, params: Params, decode: Decode, json: string): Problem[] {
  const assembled = assembleWith(scenario, params)
  if (typeof assembled === 'string') return [inJson(json, assembled)]
  if (assembled.assembly === null) return assembled.diagnostics.map(problemOf)
  const size = sizeOf(scenario, params, decode)
  return size.ok ? [] : size.error.map((mistake) => inJson(json, mistake))
}

/** Files that nothing speaks of do not run, and neither links nor saved files hold them. */
function unnamedFiles({ json, files }: ScenarioParts): Problem[] {
  const data = parseJson(json)
  const program: unknown = data.ok && typeof data.value === 'object' && data.value !== null && 'program' in data.value ? data.value.program : null
  if (!Array.isArray(program)) return []
  const message = `no entry of “program” in ${JSON_PART} names this file: it is left out of what runs, of links and of saved files`
  return files
    .filter(({ name }) => !program.includes(name))
    .map(({ name }) => ({ file: name, line: 1, column: 1, length: 1, severity: 'warning', message }))
}

function problemOf({ file, line, column, length, severity, message, expected }: Diagnostic): Problem {
  const says = expected !== undefined && !message.endsWith(`did you mean ${expected}?`)
  return { file, line, column, length, severity, message: says ? `${message}; expected ${expected}` : message }
}

/** "3:7: what is wrong", of the JSON. */
function atLine(error: string): Problem {
  const [, line = '1', column = '1', message = error] = /^(\d+):(\d+): (.*)$/s.exec(error) ?? []
  return { file: JSON_PART, line: Number(line), column: Number(column), length: 1, severity: 'error', message }
}

/** "sites.0.new: what is wrong", at that place. */
function inJson(json: string, mistake: string): Problem {
  const path = /^(?:[\w$-]+)(?:\.[\w$-]+)*(?=:)/.exec(mistake)?.[0].split('.') ?? []
  const { from, to } = placeOf(json, path)
  return { file: JSON_PART, ...lineColumn(json, from), length: to - from, severity: 'error', message: mistake }
}

function bytesOf({ sections, lines }: Assembly): LineBytes[] {
  const found = new Map<string, { file: string; line: number; address: bigint; bytes: string; length: number; items: number }>()
  const section = new Map(sections.map((each) => [each.name, each]))
  for (const { section: name, file, line, address, length } of lines) {
    const holding = section.get(name)
    if (holding === undefined || length === 0) continue
    const key = `${line} ${file}`
    const row = found.get(key) ?? { file, line, address, bytes: '', length: 0, items: 0 }
    found.set(key, row)
    const offset = Number(address - holding.address)
    const missing = Math.max(0, MOST_BYTES - row.bytes.length / 2)
    row.bytes += bytesToHex(holding.bytes.subarray(offset, offset + Math.min(length, missing)))
    row.length += length
    row.items++
  }
  return [...found.values()].map((row) => ({ ...row, address: hex(row.address) }))
}
