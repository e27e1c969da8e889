/**
 * The unit under assembly between its two halves: expansion (lines → items, in the order of the text) and layout (items → addresses).
 * Everything that takes room in a section is an item; `offset` and `size` are layout's and change until nothing moves any more.
 */
import type { Form } from '../decoder/forms.ts'
import { type Expr, walk } from './expression.ts'
import type { Operand } from './operand.ts'
import type { Diagnostics, Origin, Span } from './source.ts'

/** What `|`, `phase` and `func` say about the items that follow. Replaced, never changed. */
export interface Annotation {
  readonly source: string | null
  readonly phase: string | null
  readonly func: string | null
}

interface Placed {
  readonly origin: Origin
  readonly span: Span
  readonly annotation: Annotation
  offset: number
  size: number
}

/** One way to encode an instruction, with its operands in the order of the form. */
export interface Candidate {
  readonly form: Form
  readonly operands: readonly Operand[]
}

/** What an instruction line says, wherever it stands. Equal lines (in repetitions, in macros) share one. */
export interface InstructionCode extends Span {
  /** In upper case, for messages. */
  readonly name: string
  readonly prefixes: Prefixes
  readonly operands: readonly Operand[]
  readonly candidates: readonly Candidate[]
  /** The encoding, where it cannot depend on addresses; "unknown" before layout has looked. */
  fixed: Uint8Array | null | 'unknown'
}

export interface InstructionItem extends Placed {
  readonly kind: 'instruction'
  readonly code: InstructionCode
}

export interface Prefixes {
  readonly lock: boolean
  readonly rep: boolean
  readonly repne: boolean
  /** iced's number of a segment register written as a prefix (or ds for notrack), 0 for none. */
  readonly segment: number
}

export interface DataItem extends Placed {
  readonly kind: 'data'
  readonly width: 1 | 2 | 4 | 8
  readonly values: readonly (Expr | Uint8Array)[]
  readonly bytes: number
}

export interface SpaceItem extends Placed {
  readonly kind: 'space'
  readonly count: Expr
  readonly unit: number
}

export interface TimesItem extends Placed {
  readonly kind: 'times'
  readonly count: Expr
  readonly body: DataItem | InstructionItem
}

export interface AlignItem extends Placed {
  readonly kind: 'align'
  readonly to: bigint
  readonly fill: Expr | null
}

export interface AddressItem extends Placed {
  readonly kind: 'address'
  readonly to: Expr
  readonly fill: Expr | null
}

/** Takes no room: remembers where a label or an `equ` that says `$` stands. */
export interface MarkItem extends Placed {
  readonly kind: 'mark'
}

export type Item = InstructionItem | DataItem | SpaceItem | TimesItem | AlignItem | AddressItem | MarkItem

export interface SectionPart {
  readonly name: string
  readonly origin: Origin
  readonly span: Span
  readonly at: Expr | null
  /** Null where none was written. */
  readonly align: bigint | null
  readonly attributes: Readonly<Record<string, string | true>>
  readonly items: Item[]
  /** Where its text was left: a function and a source line go on when the section does. */
  left: Annotation
  /** Layout's. */
  base: bigint
  size: number
}

export type SymbolEntry =
  | { readonly kind: 'define'; readonly name: string; readonly value: bigint }
  | { readonly kind: 'label'; readonly name: string; readonly section: SectionPart; readonly mark: MarkItem }
  | { readonly kind: 'equ'; readonly name: string; readonly section: SectionPart | null; readonly mark: MarkItem; readonly expr: Expr }

/** The expressions in an operand. */
export function expressionsOf(operand: Operand): readonly Expr[] {
  switch (operand.kind) {
    case 'reg':
      return []
    case 'mem':
      return operand.displacement === null ? [] : [operand.displacement]
    case 'imm':
      return [operand.expr]
    case 'far':
      return [operand.selector, operand.offset]
  }
}

/** Can repetitions of it be copies? Not where it says `$`, and instructions are kept apart for the map. */
export function isSameEachTime(body: DataItem | InstructionItem): boolean {
  return body.kind === 'data' && body.values.every((value) => value instanceof Uint8Array || !saysHere(value))
}

export function saysHere(expr: Expr): boolean {
  let found = false
  walk(expr, (part) => {
    if (part.kind === 'here' || part.kind === 'start') found = true
  })
  return found
}

const NOTHING: Annotation = { source: null, phase: null, func: null }

export class Program {
  readonly sections: SectionPart[] = []
  readonly symbols = new Map<string, SymbolEntry>()
  annotation = NOTHING
  /** Values of `equ` constants that have been asked for before layout. */
  readonly constants = new Map<string, bigint>()
  private open: SectionPart | null = null
  private readonly byName = new Map<string, SectionPart>()
  readonly bits: 32 | 64
  readonly diagnostics: Diagnostics

  constructor(bits: 32 | 64, defines: Readonly<Record<string, bigint>>, diagnostics: Diagnostics) {
    this.bits = bits
    this.diagnostics = diagnostics
    for (const [name, value] of Object.entries(defines)) this.symbols.set(name, { kind: 'define', name, value: BigInt.asUintN(64, value) })
  }

  startFile(): void {
    this.annotation = NOTHING
  }

  findSection(name: string): SectionPart | undefined {
    return this.byName.get(name)
  }

  newSection(fields: Pick<SectionPart, 'name' | 'origin' | 'span' | 'at' | 'align' | 'attributes'>): void {
    const section: SectionPart = { ...fields, items: [], left: NOTHING, base: 0n, size: 0 }
    this.sections.push(section)
    this.byName.set(section.name, section)
    this.enter(section)
  }

  enter(section: SectionPart): void {
    if (this.open !== null) this.open.left = this.annotation
    this.open = section
    const { source, func } = section.left
    this.annotation = { ...this.annotation, source, func }
  }

  /** The open section; text before any `section` line goes to one named "text". */
  section(origin: Origin, span: Span): SectionPart {
    if (this.open === null) {
      const { annotation } = this
      this.newSection({ name: 'text', origin, span, at: null, align: null, attributes: {} })
      this.annotation = annotation
    }
    return this.open as unknown as SectionPart
  }

  add(item: Item): void {
    this.section(item.origin, item.span).items.push(item)
  }

  /** The parts that every item has. */
  placed(origin: Origin, span: Span): Placed {
    return { origin, span, annotation: this.annotation, offset: -1, size: 0 }
  }

  addLabel(name: string, origin: Origin, span: Span): void {
    const section = this.section(origin, span)
    const mark: MarkItem = { kind: 'mark', ...this.placed(origin, span) }
    if (this.define({ kind: 'label', name, section, mark }, origin, span)) section.items.push(mark)
  }

  /** Only what says `$` stands in a section. */
  addEqu(name: string, expr: Expr, origin: Origin, span: Span): void {
    const section = saysHere(expr) ? this.section(origin, span) : null
    const mark: MarkItem = { kind: 'mark', ...this.placed(origin, span) }
    if (this.define({ kind: 'equ', name, section, mark, expr }, origin, span)) section?.items.push(mark)
  }

  private define(entry: SymbolEntry, origin: Origin, span: Span): boolean {
    const other = this.symbols.get(entry.name)
    if (other === undefined) {
      this.symbols.set(entry.name, entry)
      return true
    }
    const where = other.kind === 'define' ? 'by a parameter' : `at ${other.mark.origin.file}:${other.mark.origin.line}`
    const within = origin.within?.kind === 'macro' || origin.within?.kind === 'rept'
    const expected = within ? 'a name of its own for each expansion: %%name in a macro' : 'a new name'
    this.diagnostics.error(origin, span, `\`${entry.name}\` is already defined ${where}`, expected)
    return false
  }
}
