/** Lines of source, where each came from (a macro's body comes from two places), and the list of complaints. */
import type { Token } from './lexer.ts'
import type { Diagnostic } from './types.ts'

/** A stretch of a line; columns count from 1. */
export interface Span {
  readonly column: number
  readonly length: number
}

/** Where a line stands in its file, and in which expansion it is being read. */
export interface Origin {
  readonly file: string
  readonly line: number
  readonly within: Within | null
}

export type Within =
  /** The body of a macro, used at `at`. */
  | { readonly kind: 'macro'; readonly name: string; readonly at: Origin; readonly span: Span }
  /** The body of a repetition, which may itself stand in a macro. */
  | { readonly kind: 'rept'; readonly outer: Within | null }

export interface Line {
  readonly origin: Origin
  /** Without the comment; only looked at for annotations and before tokens exist. */
  readonly text: string
  readonly tokens: readonly Token[]
  /** The number of the macro expansion that `%%name` belongs to; 0 outside. */
  readonly expansion: number
}

/** More complaints than anyone reads. */
const MOST = 200

export class Diagnostics {
  readonly list: Diagnostic[] = []
  private readonly seen = new Set<string>()
  private errorCount = 0

  get hasErrors(): boolean {
    return this.errorCount > 0
  }

  error(origin: Origin, span: Span, message: string, expected?: string): void {
    this.errorCount++
    this.add(origin, span, 'error', message, expected)
  }

  warning(origin: Origin, span: Span, message: string, expected?: string): void {
    this.add(origin, span, 'warning', message, expected)
  }

  private add(origin: Origin, span: Span, severity: 'error' | 'warning', message: string, expected: string | undefined): void {
    const place = placeOf(origin, span)
    const whole = message + place.note
    const { file, line, column, length } = place
    // Each turn of a repetition would repeat its complaint.
    const key = `${file}\n${line}:${column}\n${whole}`
    if (this.seen.has(key) || this.list.length >= MOST) return
    this.seen.add(key)
    const diagnostic = { file, line, column, length, severity, message: whole }
    this.list.push(expected === undefined ? diagnostic : { ...diagnostic, expected })
  }
}

interface Place extends Span {
  readonly file: string
  readonly line: number
  readonly note: string
}

/** The place that a person wrote, and through which macros it led. */
function placeOf(origin: Origin, span: Span): Place {
  const path: string[] = []
  let at = origin
  let where = span
  let within = origin.within
  while (within !== null) {
    if (within.kind === 'macro') {
      path.push(`in macro \`${within.name}\`, ${at.file}:${at.line}`)
      where = within.span
      at = within.at
      within = at.within
    } else {
      within = within.outer
    }
  }
  // The innermost definition and the outermost use tell most.
  const shown = path.length > 3 ? [...path.slice(0, 2), '…', ...path.slice(-1)] : path
  return { file: at.file, line: at.line, column: where.column, length: where.length, note: path.length === 0 ? '' : ` (${shown.join(', ')})` }
}

/** From the start of one span to the end of another on the same line. */
export function spanTo(from: Span, to: Span): Span {
  return { column: from.column, length: Math.max(1, to.column + to.length - from.column) }
}
