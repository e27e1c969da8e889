/**
 * Reads litmus tests for x86 as the public suites write them (herd7's documentation, "The litmus format"): a header `X86 NAME` or `X86_64 NAME`, metadata, initial
 * values in braces, one column of code a processor, then a quantified condition on the final state.
 */
import { fail, ok, type Result } from '../../lib/result.ts'
import { type Condition, parseCondition } from './condition.ts'

export interface LitmusTest {
  readonly arch: 'X86' | 'X86_64'
  readonly name: string
  readonly init: readonly InitEntry[]
  /** Instructions by processor; labels stand in front of what they mark. */
  readonly programs: readonly (readonly string[])[]
  /** Extra locations to print. */
  readonly locations: readonly string[]
  readonly condition: Condition
}

/** `type` is null where none is written; `value` is null for a mere declaration. */
export interface InitEntry {
  readonly type: string | null
  /** null: a memory location. */
  readonly cpu: number | null
  readonly name: string
  readonly values: readonly (bigint | string)[] | null
  readonly array: number | null
}

export function parseLitmus(text: string): Result<LitmusTest> {
  const source = withoutComments(text)
  const head = /^\s*(X86_64|X86)\s+(\S+)[^\n]*\n/.exec(source)
  if (head === null) return fail('the first line is not "X86 NAME" or "X86_64 NAME"')
  const open = source.indexOf('{', head[0].length)
  const close = source.indexOf('}', open)
  // Array initialisers hold braces of their own.
  const end = matchingBrace(source, open)
  if (open < 0 || close < 0 || end < 0) return fail('there is no initial state in braces')
  const init = parseInit(source.slice(open + 1, end))
  if (!init.ok) return init
  const rest = source.slice(end + 1)
  const tail = /(?:^|\n|;)\s*(locations\s*\[|filter\b|exists\b|~\s*exists\b|forall\b)/.exec(rest)
  if (tail === null) return fail('there is no condition (exists, ~exists or forall)')
  const at = tail.index + tail[0].length - (tail[1] as string).length
  const programs = parsePrograms(rest.slice(0, at))
  if (!programs.ok) return programs
  const after = rest.slice(at)
  const listed = /^locations\s*\[([^\]]*(?:\[[^\]]*\][^\]]*)*)\]/.exec(after)
  const locations =
    listed === null
      ? []
      : (listed[1] as string)
          .split(';')
          .map((name) => name.trim())
          .filter((name) => name !== '')
  const conditionText = listed === null ? after : after.slice(listed[0].length)
  if (/^\s*filter\b/.test(conditionText)) return fail('a filter clause is not read')
  const condition = parseCondition(conditionText)
  if (!condition.ok) return condition
  return ok({
    arch: head[1] as 'X86' | 'X86_64',
    name: head[2] as string,
    init: init.value,
    programs: programs.value,
    locations,
    condition: condition.value,
  })
}

/** Comments nest. */
function withoutComments(text: string): string {
  let depth = 0
  let result = ''
  for (let i = 0; i < text.length; i++) {
    if (text.startsWith('(*', i)) {
      depth++
      i++
    } else if (depth > 0 && text.startsWith('*)', i)) {
      depth--
      i++
    } else if (depth === 0) result += text[i]
    else if (text[i] === '\n') result += '\n'
  }
  return result
}

function matchingBrace(text: string, open: number): number {
  let depth = 0
  for (let i = open; i >= 0 && i < text.length; i++) {
    if (text[i] === '{') depth++
    if (text[i] === '}' && --depth === 0) return i
  }
  return -1
}

function parseInit(text: string): Result<InitEntry[]> {
  const entries: InitEntry[] = []
  for (const raw of text.split(';')) {
    const item = raw.trim()
    if (item === '') continue
    const match =
      /^(?:((?:unsigned\s+|volatile\s+|const\s+)*[A-Za-z_]\w*\s*\**)\s+(?=[\d[A-Za-z_]))?(?:(\d+)\s*:\s*)?\[?([A-Za-z_%][\w.]*)\]?(?:\[(\d+)\])?(?:\s*=\s*(.+))?$/s.exec(
        item,
      )
    if (match === null) return fail(`the initial state holds "${item}", which is not read`)
    const [, type, cpu, name, array, value] = match
    const values: (bigint | string)[] = []
    if (value !== undefined) {
      for (const part of value.replace(/^\{|\}$/g, '').split(',')) {
        const one = part.trim().replace(/^&/, '')
        if (/^-?(0x[0-9a-f]+|\d+)$/i.test(one)) values.push(one.startsWith('-') ? -BigInt(one.slice(1)) : BigInt(one))
        else if (/^[A-Za-z_]\w*$/.test(one)) values.push(one)
        else return fail(`the initial value "${one}" of ${name} is not read`)
      }
    }
    entries.push({
      type: type === undefined ? null : type.trim(),
      cpu: cpu === undefined ? null : Number(cpu),
      name: (name as string).replace(/^%/, ''),
      values: value === undefined ? null : values,
      array: array === undefined ? null : Number(array),
    })
  }
  return ok(entries)
}

/** Rows end with ";", columns are separated by "|"; the first row names the processors. */
function parsePrograms(text: string): Result<string[][]> {
  const rows = text.split(';').map((row) => row.split('|').map((cell) => cell.trim()))
  while (rows.length > 0 && (rows[rows.length - 1] as string[]).every((cell) => cell === '')) rows.pop()
  const header = rows.shift()
  if (header === undefined || !header.every((cell, i) => new RegExp(`^P${i}\\b`).test(cell))) return fail('the row "P0 | P1 | … ;" is missing')
  const programs: string[][] = header.map(() => [])
  for (const row of rows) {
    if (row.length > header.length) return fail(`a row has ${row.length} columns, but there are ${header.length} processors`)
    row.forEach((cell, i) => {
      if (cell !== '') programs[i]?.push(cell)
    })
  }
  return ok(programs)
}
