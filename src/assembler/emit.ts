/** The second half's end: all addresses are known; bytes, symbols and the line map are written, and what does not fit is said. */

import { hex } from '../lib/u64.ts'
import { noEncoding, outOfRange, showValue } from './complaints.ts'
import { fits } from './encode.ts'
import type { Expr } from './expression.ts'
import type { Layout } from './layout.ts'
import { nops } from './padding.ts'
import {
  type DataItem,
  expressionsOf,
  type InstructionItem,
  type Item,
  isSameEachTime,
  type Program,
  type SectionPart,
  type TimesItem,
} from './program.ts'
import type { Assembly, Section, SourceLine } from './types.ts'

export function emit(program: Program, layout: Layout): Assembly {
  layout.startReporting()
  const lines: SourceLine[] = []
  const sections = program.sections.map((section) => emitSection(section, program, layout, lines))
  reportOverlaps(program)
  const symbols = new Map<string, bigint>()
  const labels = new Set<string>()
  for (const symbol of program.symbols.values()) {
    if (symbol.kind === 'define') continue
    if (symbol.kind === 'label') labels.add(symbol.name)
    symbols.set(symbol.name, layout.valueOf(symbol) ?? 0n)
  }
  return { sections, symbols, labels, lines }
}

function emitSection(section: SectionPart, program: Program, layout: Layout, lines: SourceLine[]): Section {
  const writer = new SectionWriter(section, program, layout, lines)
  writer.checkPlace()
  for (const item of section.items) writer.write(item)
  return { name: section.name, address: section.base, bytes: writer.bytes, attributes: section.attributes }
}

class SectionWriter {
  readonly bytes: Uint8Array
  private readonly section: SectionPart
  private readonly program: Program
  private readonly layout: Layout
  private readonly lines: SourceLine[]
  private readonly isCode: boolean

  constructor(section: SectionPart, program: Program, layout: Layout, lines: SourceLine[]) {
    this.section = section
    this.program = program
    this.layout = layout
    this.lines = lines
    this.bytes = new Uint8Array(section.size)
    this.isCode = holdsCode(section)
  }

  checkPlace(): void {
    const { at, align, base, name, origin } = this.section
    if (at === null) return
    this.layout.place(origin, null, null)
    const complained = this.layout.value(at).complained
    if (align === null || base % align === 0n || complained) return
    this.program.diagnostics.error(origin, at, `section \`${name}\` at ${hex(base)} is not aligned to ${align}`, `a multiple of ${align}`)
  }

  write(item: Item): void {
    const address = this.layout.addressOf(item, this.section)
    this.layout.place(item.origin, address, this.section.base)
    switch (item.kind) {
      case 'instruction':
        this.instruction(item, item.offset)
        this.map(item, item.offset, item.size)
        return
      case 'data':
        this.data(item, item.offset)
        this.map(item, item.offset, item.size)
        return
      case 'times':
        this.checkCount(item.count)
        this.repeat(item)
        return
      case 'space':
        this.checkCount(item.count)
        return
      case 'align':
        this.pad(item, item.fill)
        return
      case 'address':
        this.checkForward(item.to, address)
        this.pad(item, item.fill)
    }
  }

  /** Data that is the same each time is written once and copied; it is one entry of the map, instructions are one each. */
  private repeat({ body, offset, size }: TimesItem): void {
    const step = body.kind === 'data' ? body.bytes : body.size
    const once = step === 0 || isSameEachTime(body)
    for (let at = offset; at < offset + (once ? Math.min(1, size) : size); at += step) {
      this.layout.place(body.origin, this.section.base + BigInt(at), this.section.base)
      if (body.kind === 'data') this.data(body, at)
      else {
        this.instruction(body, at)
        this.map(body, at, step)
      }
    }
    // What has no encoding has no size either, but deserves its complaint.
    if (step === 0 && body.kind === 'instruction') this.instruction(body, offset)
    if (once && step > 0)
      for (let done = step; done < size; done *= 2) this.bytes.copyWithin(offset + done, offset, offset + Math.min(done, size - done))
    if (body.kind === 'data') this.map(body, offset, size)
  }

  private instruction(item: InstructionItem, offset: number): void {
    const { code } = item
    const address = BigInt.asUintN(64, this.section.base + BigInt(offset))
    const bytes = code.fixed instanceof Uint8Array ? code.fixed : this.layout.encode(item, address, this.section.base, item.size)
    if (bytes !== null && bytes.length === item.size) {
      this.bytes.set(bytes, offset)
      return
    }
    // An operand without a value has been complained about.
    if (code.operands.some((operand) => expressionsOf(operand).some((expr) => this.layout.value(expr).value === null))) return
    const complaint = noEncoding(code, address, this.program.bits, this.layout)
    this.program.diagnostics.error(item.origin, complaint.span, complaint.message, complaint.expected)
  }

  private data(item: DataItem, offset: number): void {
    let at = offset
    for (const value of item.values) {
      if (value instanceof Uint8Array) {
        this.bytes.set(value, at)
        at += value.length
        continue
      }
      this.number(value, item.width, at)
      at += item.width
    }
  }

  private number(expr: Expr, width: number, at: number): void {
    const { value } = this.layout.value(expr)
    if (value === null) return
    if (!fits(value, width, width * 8)) {
      const { message, expected } = outOfRange(expr, value, width * 8, false)
      this.complain(expr, message, expected)
      return
    }
    for (let i = 0; i < width; i++) this.bytes[at + i] = Number((value >> BigInt(8 * i)) & 0xffn)
  }

  private pad(item: Item, fill: Expr | null): void {
    const { offset, size } = item
    if (fill !== null) {
      const { value } = this.layout.value(fill)
      if (value !== null && !fits(value, 1, 8)) this.complain(fill, `${showValue(value)} does not fit in a byte`, 'a value from -128 to 255')
      this.bytes.fill(Number((value ?? 0n) & 0xffn), offset, offset + size)
    } else if (this.isCode) {
      this.bytes.set(nops(size), offset)
    }
    this.map(item, offset, size)
  }

  private checkCount(count: Expr): void {
    const { value } = this.layout.value(count)
    if (value !== null && BigInt.asIntN(64, value) < 0n) this.complain(count, `the count is ${BigInt.asIntN(64, value)}`, '0 or more')
  }

  private checkForward(to: Expr, address: bigint): void {
    const { value } = this.layout.value(to)
    if (value === null || BigInt.asIntN(64, value - address) >= 0n) return
    this.complain(to, `the address ${hex(value)} lies behind: the section is already at ${hex(address)}`, 'an address further on')
  }

  private complain(expr: Expr, message: string, expected: string | undefined): void {
    this.layout.complain(expr, message, expected)
  }

  /** Inside a macro the line is that of its body, which is where the text stands. */
  private map({ origin, annotation }: Item, offset: number, length: number): void {
    if (length === 0) return
    const address = BigInt.asUintN(64, this.section.base + BigInt(offset))
    this.lines.push({ section: this.section.name, address, length, file: origin.file, line: origin.line, ...annotation })
  }
}

/** `exec` says so; without any access flag, instructions in it do. */
function holdsCode(section: SectionPart): boolean {
  const { attributes, items } = section
  if (attributes.exec === true) return true
  if (attributes.read === true || attributes.write === true) return false
  return items.some((item) => item.kind === 'instruction' || (item.kind === 'times' && item.body.kind === 'instruction'))
}

function reportOverlaps(program: Program): void {
  const placed = program.sections.filter((section) => section.size > 0).sort((a, b) => (a.base < b.base ? -1 : a.base > b.base ? 1 : 0))
  for (const [i, section] of placed.entries()) {
    const before = placed[i - 1]
    if (before === undefined || before.base + BigInt(before.size) <= section.base) continue
    const [earlier, later] = program.sections.indexOf(before) < program.sections.indexOf(section) ? [before, section] : [section, before]
    program.diagnostics.error(
      later.origin,
      later.span,
      `section \`${later.name}\` (${extent(later)}) overlaps section \`${earlier.name}\` (${extent(earlier)})`,
    )
  }
}

function extent(section: SectionPart): string {
  return `${hex(section.base)}…${hex(section.base + BigInt(section.size) - 1n)}`
}
