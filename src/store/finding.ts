/** The parts of a scenario that is being edited: their texts, and places in them: definitions, what is looked for, the next problem. */
import { placeOf } from '../lib/json-places.ts'
import { parseJson } from '../lib/json-text.ts'
import type { CheckedParts, ScenarioParts } from '../worker/protocol.ts'
import { JSON_PART, type Target } from './editing.ts'

export type Place = Omit<Target, 'time'>

export interface Found extends Place {
  /** The whole line. */
  readonly text: string
  /** Here it is defined: a label, a function, a macro or a constant. */
  readonly defines: boolean
}

/** More than anybody reads. */
export const MOST_FOUND = 300

const DEFINED = /^[ \t]*(?:([A-Za-z_.?@][\w.?@$#]*)[ \t]*:|(?:func|macro)[ \t]+([\w.?@$#]+)|([A-Za-z_][\w.]*)[ \t]+equ\b)/i

/** The name that a line of assembly defines. */
export function definedBy(line: string): string | null {
  const [, label, func, equ] = DEFINED.exec(line) ?? []
  return label ?? func ?? equ ?? null
}

/** Names that the texts define, also while they do not assemble. */
export function namesIn(texts: readonly string[]): readonly string[] {
  return [...new Set(texts.flatMap((text) => text.split('\n').flatMap((line) => definedBy(line) ?? [])))]
}

export function partNames({ files }: ScenarioParts): readonly string[] {
  return [...files.map(({ name }) => name), JSON_PART]
}

/** The text of one part; null where there is none of that name. */
export function partText(parts: ScenarioParts, file: string): string | null {
  return file === JSON_PART ? parts.json : (parts.files.find(({ name }) => name === file)?.text ?? null)
}

/** The same texts under the same names. */
export function sameParts(a: ScenarioParts, b: ScenarioParts): boolean {
  return a === b || (a.json === b.json && a.files.length === b.files.length && a.files.every(({ name, text }) => partText(b, name) === text))
}

/** Lines that hold the text, in any case of its letters; those that define it first. At most MOST_FOUND. */
export function findIn(parts: ScenarioParts, query: string): readonly Found[] {
  const wanted = query.toLowerCase()
  if (wanted === '') return []
  const found = partNames(parts).flatMap((file) =>
    (partText(parts, file) ?? '').split('\n').flatMap((text, i): Found[] => {
      const at = text.toLowerCase().indexOf(wanted)
      if (at < 0) return []
      const defines = file !== JSON_PART && definedBy(text)?.toLowerCase().includes(wanted) === true
      return [{ file, line: i + 1, column: at + 1, text, defines }]
    }),
  )
  return [...found.filter(({ defines }) => defines), ...found.filter(({ defines }) => !defines)].slice(0, MOST_FOUND)
}

/** Where the program defines exactly this name. */
export function definitionsOf(parts: ScenarioParts, name: string): readonly Found[] {
  return findIn(parts, name).filter(({ defines, text }) => defines && definedBy(text) === name)
}

/** The next or previous problem in the order of parts and lines, around; undefined where there is none. */
export function problemFrom(parts: ScenarioParts, problems: CheckedParts['problems'], from: Place, direction: 1 | -1): Place | undefined {
  const names = partNames(parts)
  const order = (a: Place, b: Place) => names.indexOf(a.file) - names.indexOf(b.file) || a.line - b.line || a.column - b.column
  const sorted = [...problems].sort(order)
  return direction === 1
    ? (sorted.find((each) => order(each, from) > 0) ?? sorted[0])
    : (sorted.findLast((each) => order(each, from) < 0) ?? sorted.at(-1))
}

/** The JSON with one more file in its program, the rest as it is; null where it is no JSON with a program. */
export function withProgramFile(json: string, name: string): string | null {
  const data = parseJson(json)
  if (!data.ok || typeof data.value !== 'object' || data.value === null || !('program' in data.value)) return null
  const program: unknown = data.value.program
  if (!Array.isArray(program)) return null
  if (program.includes(name)) return json
  const entry = JSON.stringify(name)
  const insert = (at: number, text: string) => json.slice(0, at) + text + json.slice(at)
  const last = program.findLastIndex((each) => typeof each === 'string')
  if (last >= 0) return insert(placeOf(json, ['program', String(last)]).to, `, ${entry}`)
  if (program.length > 0) return insert(placeOf(json, ['program', '0']).from, `${entry}, `)
  return insert(placeOf(json, ['program']).to - 1, entry)
}

/** The name of a file as it may be called: what is missing is added. Null where there is one already, or it is none. */
export function newFileName(parts: ScenarioParts, wanted: string): string | null {
  const name = wanted.trim()
  if (!/^[\w][\w./-]*$/.test(name)) return null
  const whole = /\.\w+$/.test(name) ? name : `${name}.asm`
  return partNames(parts).includes(whole) ? null : whole
}

/** The parts with this text; null where it is there already. A part that is not there is added. */
export function withText(parts: ScenarioParts, file: string, text: string): ScenarioParts | null {
  if (partText(parts, file) === text) return null
  if (file === JSON_PART) return { ...parts, json: text }
  const isThere = parts.files.some(({ name }) => name === file)
  return {
    ...parts,
    files: isThere ? parts.files.map((each) => (each.name === file ? { ...each, text } : each)) : [...parts.files, { name: file, text }],
  }
}

/** The id that a scenario file gives itself. */
export function idIn(text: string): string | null {
  try {
    const data: unknown = JSON.parse(text)
    return typeof data === 'object' && data !== null && 'id' in data && typeof data.id === 'string' ? data.id : null
  } catch {
    return null
  }
}
