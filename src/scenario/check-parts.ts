/** A scenario that is being written: everything that is wrong with it, each at its line and column, and the bytes that each line of assembly became. */
import { type Assembly, assemble } from '../assembler/assemble.ts'
import { lineColumn, placeOf } from '../lib/json-places.ts'
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
  /** Symbols that an expression may name. */
  readonly names: readonly string[]
  /** The whole as one text; null where the JSON is none. */
  readonly source: string | null
  /** The chosen values that still exist. */
  readonly params: Params
}

const MOST_BYTES = 16

export function checkParts(parts: ScenarioParts, chosen: Params, decode: Decode, bundled: Bundled): CheckedParts {
  const nothing = { bytes: [], names: [], source: null, params: {} }
  const joined = joinParts(parts)
  if (!joined.ok) return { ...nothing, problems: [atLine(joined.error)] }
  const source = joined.value
  const read = readScenarioText(source, bundled)
  if (!read.ok) return { ...nothing, source, problems: read.error.map((mistake) => inJson(parts.json, mistake)) }
  const scenario = read.value
  const params = kept(scenario.file, chosen)
  const assembled = assembleWith(scenario, params)
  if (typeof assembled === 'string') return { ...nothing, source, params, problems: [inJson(parts.json, assembled)] }
  const problems: Problem[] = assembled.diagnostics.map(({ file, line, column, length, severity, message, expected }) => ({
    file,
    line,
    column,
    length,
    severity,
    message: expected === undefined ? message : `${message}; expected ${expected}`,
  }))
  const { assembly } = assembled
  if (assembly !== null) problems.push(...mistakesOf(scenario, params, decode).map((mistake) => inJson(parts.json, mistake)))
  return {
    problems,
    bytes: assembly === null ? [] : bytesOf(assembly),
    names: [...Object.keys(assembled.defines), ...(assembly?.symbols.keys() ?? [])].filter((name) => !name.includes('%')),
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

/** Of everything but the text of the program. */
function mistakesOf(scenario: Scenario, params: Params, decode: Decode): readonly string[] {
  const built = build(scenario, params, decode)
  if (!built.ok) return built.error
  const checker = Checker.create(built.value)
  return checker.ok ? [] : checker.error
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
    for (const byte of holding.bytes.subarray(offset, offset + Math.min(length, missing))) row.bytes += byte.toString(16).padStart(2, '0')
    row.length += length
    row.items++
  }
  return [...found.values()].map((row) => ({ ...row, address: hex(row.address) }))
}
