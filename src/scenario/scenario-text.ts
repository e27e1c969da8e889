/**
 * A scenario as one text that holds all of it (what a link carries, and what is saved), and as the parts that people edit: the scenario's JSON, and beside it the
 * assembly files that it names. Both are ordinary scenarios in the documented format.
 */

import { parseJson } from '../lib/json-text.ts'
import { fail, ok, type Result } from '../lib/result.ts'
import { parseScenario, type Scenario } from './format.ts'

export interface TextFile {
  readonly name: string
  readonly text: string
}

export interface ScenarioParts {
  /** The scenario file; its program names the files. */
  readonly json: string
  readonly files: readonly TextFile[]
}

/** What a text may name without holding it: files of the bundled library, and recordings. */
export interface Bundled {
  readonly library: (name: string) => string | null
  /** Parsed; null where there is none of that name. */
  readonly recording: (name: string) => unknown
}

/** How the part with the JSON is called. */
export const JSON_PART = 'scenario.json'

const WIDTH = 120

/** JSON as people write it: what fits on a line stands on one. */
export function prettyJson(value: unknown, indent = '', before = 0): string {
  const flat = flatJson(value)
  if (typeof value !== 'object' || value === null || indent.length + before + flat.length <= WIDTH) return flat
  const inner = `${indent}  `
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[\n${value.map((each) => inner + prettyJson(each, inner)).join(',\n')}\n${indent}]`
  const rows = Object.entries(value).map(([key, each]) => {
    const name = `${JSON.stringify(key)}: `
    return inner + name + prettyJson(each, inner, name.length)
  })
  return rows.length === 0 ? '{}' : `{\n${rows.join(',\n')}\n${indent}}`
}

function flatJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flatJson).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const rows = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${flatJson(each)}`)
  return rows.length === 0 ? '{}' : `{ ${rows.join(', ')} }`
}

/** The parts of parsed JSON. `fileText`: files that it names and does not hold; one that is null stays out, and is missed when it is built. */
export function partsOf(data: unknown, fileText: (name: string) => string | null): ScenarioParts {
  if (!isObject(data)) return { json: prettyJson(data), files: [] }
  const { $schema: _, ...fields } = data
  const story = typeof fields.story === 'string' ? (fileText(fields.story) ?? fields.story) : fields.story
  const files: TextFile[] = []
  const program = !Array.isArray(fields.program)
    ? fields.program
    : fields.program.map((entry: unknown) => {
        const file = typeof entry === 'string' ? fileOf(entry, fileText(entry)) : inlined(entry)
        if (file === null || files.some(({ name }) => name === file.name)) return entry
        files.push(file)
        return file.name
      })
  const whole = { ...fields, ...(story === undefined ? {} : { story: linesOf(story) }), program }
  return { json: `${prettyJson(whole)}\n`, files }
}

function fileOf(name: string, text: string | null): TextFile | null {
  return text === null ? null : { name, text }
}

function inlined(entry: unknown): TextFile | null {
  if (!isObject(entry) || typeof entry.name !== 'string') return null
  const { text } = entry
  const whole = Array.isArray(text) ? text.join('\n') : text
  return typeof whole === 'string' ? { name: entry.name, text: whole } : null
}

/** A text of several lines as the list of them. */
function linesOf(text: unknown): unknown {
  return typeof text === 'string' && text.includes('\n') ? text.split('\n') : text
}

/** One text that holds all parts. The error is "line:column: …" of the JSON. */
export function joinParts({ json, files }: ScenarioParts): Result<string> {
  const parsed = parseJson(json)
  if (!parsed.ok) return parsed
  const data = parsed.value
  if (!isObject(data) || !Array.isArray(data.program)) return ok(json)
  const program = data.program.map((entry: unknown) => {
    const file = files.find(({ name }) => name === entry)
    return file === undefined ? entry : { name: file.name, text: linesOf(file.text) }
  })
  return ok(`${prettyJson({ ...data, program })}\n`)
}

/** Parsed JSON of a scenario file, with the files that it names: all of it as one text. */
export function wholeText(data: unknown, fileText: (name: string) => string | null): string {
  const parts = partsOf(data, fileText)
  const joined = joinParts(parts)
  return joined.ok ? joined.value : parts.json
}

/** Reads such a text. Errors are as `parseScenario` gives them, or begin with line:column. */
export function readScenarioText(text: string, bundled: Bundled): Result<Scenario, string[]> {
  const data = parseJson(text)
  if (!data.ok) return fail([data.error])
  const parsed = parseScenario(data.value)
  if (!parsed.ok) return parsed
  const file = parsed.value
  const mistakes: string[] = []
  const sources = file.program.map((entry, i) => {
    if (typeof entry !== 'string') return entry
    const found = bundled.library(entry)
    if (found === null) mistakes.push(`program.${i}: there is no file "${entry}"`)
    return { name: entry, text: found ?? '' }
  })
  const recording = file.recording === undefined ? null : bundled.recording(file.recording.file)
  if (file.recording !== undefined && recording === null) mistakes.push(`recording.file: there is no recording "${file.recording.file}"`)
  return mistakes.length > 0 ? fail(mistakes) : ok({ file, sources, recording })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
