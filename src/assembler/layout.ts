/**
 * Items → addresses. Sizes depend on addresses (a branch is short if its target is near) and addresses on sizes, so passes are made until
 * nothing moves. Instructions only grow, which ends the back and forth; what can still oscillate (`times` of a distance that it changes
 * itself) is stopped and reported.
 */
import type { EquOrder } from './check.ts'
import { type EncodeContext, encodeInstruction } from './encode.ts'
import { addressCount, type Environment, evaluate } from './evaluate.ts'
import { type Expr, walk } from './expression.ts'
import {
  expressionsOf,
  type InstructionCode,
  type InstructionItem,
  type Item,
  isSameEachTime,
  type MarkItem,
  type Program,
  type SectionPart,
  type SymbolEntry,
  type TimesItem,
} from './program.ts'
import type { Origin, Span } from './source.ts'

const MOST_PASSES = 100
/** All sections together. */
const MOST_BYTES = 16 * 1024 * 1024
/** Of what must be looked at each time. */
const MOST_REPETITIONS = 1_000_000
const FIRST_ADDRESS = 0x1000n
const DEFAULT_ALIGNMENT = 16n

/** Symbols without a value yet are guessed to lie where they are used, so that the shortest forms are tried first. */
const UNKNOWN = -1

export class Layout implements Environment {
  readonly program: Program
  private readonly equOrder: EquOrder
  readonly context: EncodeContext
  here: bigint | null = 0n
  start: bigint | null = 0n
  /** Whether complaints are wanted: only once nothing moves any more. */
  private reporting = false
  private origin: Origin = { file: '', line: 1, within: null }
  private complaintCount = 0
  /** Values of `equ` constants in this pass. */
  private readonly equs = new Map<string, bigint | null>()

  constructor(program: Program, equOrder: EquOrder) {
    this.program = program
    this.equOrder = equOrder
    // Asked in this order, none of these questions leads through more than one other constant.
    for (const { name } of equOrder.order) {
      this.mentions.of(name)
      this.addresses.of(name)
    }
    this.context = { bits: program.bits, env: this, isAddress: (name) => this.addresses.of(name) }
  }

  /** Finds all addresses. False, with a complaint, where that fails. */
  run(): boolean {
    let moved: Item | SectionPart | null = null
    for (let pass = 0; pass < MOST_PASSES; pass++) {
      moved = this.pass()
      if (moved === null) return this.fitsInAll()
      if (!this.fitsInAll()) return false
    }
    if (moved !== null) {
      this.program.diagnostics.error(
        moved.origin,
        moved.span,
        'the layout does not settle: this changes what it depends on',
        'a size that does not depend on itself',
      )
    }
    return false
  }

  private fitsInAll(): boolean {
    let total = 0
    for (const section of this.program.sections) {
      total += section.size
      if (total <= MOST_BYTES) continue
      const message = `section \`${section.name}\` grows too large`
      this.program.diagnostics.error(
        section.origin,
        section.span,
        message,
        `${MOST_BYTES / 1024 / 1024} MiB in all, ${MOST_REPETITIONS.toLocaleString('en')} turns of times`,
      )
      return false
    }
    return true
  }

  /** Returns something that moved, or null. */
  private pass(): Item | SectionPart | null {
    let moved: Item | SectionPart | null = null
    let next = FIRST_ADDRESS
    this.evaluateEqus()
    for (const section of this.program.sections) {
      const base = this.baseOf(section, next)
      if (base !== section.base) moved = section
      section.base = base
      let offset = 0
      for (const item of section.items) {
        if (item.offset !== offset) {
          item.offset = offset
          if (item.kind === 'mark') moved ??= item
        }
        const size = this.sizeOf(item, section)
        if (size !== item.size) {
          item.size = size
          moved = item
        }
        offset += size
      }
      section.size = offset
      next = base + BigInt(offset)
    }
    return moved
  }

  private evaluateEqus(): void {
    this.equs.clear()
    for (const symbol of this.equOrder.order) this.valueOf(symbol)
  }

  private baseOf(section: SectionPart, next: bigint): bigint {
    if (section.at !== null) {
      this.place(section.origin, next, next)
      return evaluate(section.at, this) ?? next
    }
    const alignment = section.align ?? DEFAULT_ALIGNMENT
    return BigInt.asUintN(64, (next + alignment - 1n) & -alignment)
  }

  /** Sets what `$` and `$$` mean, and who is to blame. */
  place(origin: Origin, here: bigint | null, start: bigint | null): void {
    this.origin = origin
    this.here = here
    this.start = start
  }

  addressOf(item: Item, section: SectionPart): bigint {
    return BigInt.asUintN(64, section.base + BigInt(item.offset))
  }

  private sizeOf(item: Item, section: SectionPart): number {
    if (item.kind === 'data') return item.bytes
    if (item.kind === 'mark') return 0
    const address = this.addressOf(item, section)
    if (item.kind === 'instruction') return this.instructionSize(item, address, section.base)
    this.place(item.origin, address, section.base)
    switch (item.kind) {
      case 'space':
        return this.count(item.count) * item.unit
      case 'times':
        return this.timesSize(item, address, section.base)
      case 'align':
        return Number(-address & (item.to - 1n))
      case 'address': {
        const gap = BigInt.asIntN(64, (evaluate(item.to, this) ?? address) - address)
        return gap < 0n ? 0 : gap > MOST_BYTES ? MOST_BYTES + 1 : Number(gap)
      }
    }
  }

  /** A count that is no count yet (or never will be) is 0; `emit` complains. */
  private count(expr: Expr): number {
    const value = BigInt.asIntN(64, evaluate(expr, this) ?? 0n)
    return value < 0n ? 0 : value > MOST_BYTES ? MOST_BYTES + 1 : Number(value)
  }

  private instructionSize(item: InstructionItem, address: bigint, base: bigint): number {
    const { code } = item
    if (code.fixed === 'unknown') code.fixed = this.isConstant(code) ? this.encode(item, address, base, 0) : null
    if (code.fixed !== null) return code.fixed.length
    return this.encode(item, address, base, item.size)?.length ?? item.size
  }

  private timesSize(item: TimesItem, address: bigint, base: bigint): number {
    const count = this.count(item.count)
    const { body } = item
    if (count > MOST_REPETITIONS && !isSameEachTime(body)) return MOST_BYTES + 1
    if (body.kind === 'data') return count * body.bytes
    body.size = this.instructionSize(body, address, base)
    const last = address + BigInt(Math.max(0, count - 1) * body.size)
    body.size = this.instructionSize(body, last, base)
    return count * body.size
  }

  /** The instruction's bytes at an address, at least so long; null where no form fits. */
  encode(item: InstructionItem, address: bigint, base: bigint, atLeast: number): Uint8Array | null {
    this.place(item.origin, address, base)
    return encodeInstruction(item.code, address, atLeast, this.context)
  }

  private isConstant(code: InstructionCode): boolean {
    for (const operand of code.operands) {
      if (operand.kind === 'reg') continue
      if (operand.kind === 'mem' && operand.relative !== null) return false
      if (operand.kind === 'imm' && code.candidates.some(({ form }) => form.operands.some((wanted) => wanted.kind === 'branch'))) return false
      for (const expr of expressionsOf(operand)) if (this.mentionsAddress(expr)) return false
    }
    return true
  }

  private mentionsAddress(expr: Expr): boolean {
    let found = false
    walk(expr, (part) => {
      if (part.kind === 'here' || part.kind === 'start') found = true
      if (part.kind === 'symbol') found ||= this.mentions.of(part.name)
    })
    return found
  }

  /** Does a name's value depend on addresses, even if only on their distance? */
  private readonly mentions: ByName = new ByName((name) => {
    const symbol = this.program.symbols.get(name)
    return symbol?.kind === 'label' || (symbol?.kind === 'equ' && this.mentionsAddress(symbol.expr))
  })

  /** A label, or an `equ` that amounts to one. */
  private readonly addresses: ByName = new ByName((name) => {
    const symbol = this.program.symbols.get(name)
    return symbol?.kind === 'label' || (symbol?.kind === 'equ' && addressCount(symbol.expr, (inner) => this.addresses.of(inner)) !== 0)
  })

  isDefined(name: string): boolean {
    return this.program.symbols.has(name)
  }

  lookup(name: string): bigint | null {
    const symbol = this.program.symbols.get(name)
    return symbol === undefined ? null : this.valueOf(symbol)
  }

  valueOf(symbol: SymbolEntry): bigint | null {
    if (symbol.kind === 'define') return symbol.value
    const { mark, name } = symbol
    if (symbol.kind === 'label') return mark.offset === UNKNOWN ? this.here : this.addressOf(mark, symbol.section)
    const known = this.equs.get(name)
    if (known !== undefined) return known
    if (this.equOrder.circular.has(name)) return null
    const value = this.equValue(symbol.expr, mark, symbol.section)
    this.equs.set(name, value)
    return value
  }

  private equValue(expr: Expr, mark: MarkItem, section: SectionPart | null): bigint | null {
    const { origin, here, start } = this
    const at = section === null ? null : mark.offset === UNKNOWN ? here : this.addressOf(mark, section)
    this.place(mark.origin, at, section?.base ?? null)
    const value = evaluate(expr, this)
    this.place(origin, here, start)
    return value
  }

  complain(span: Span, message: string, expected?: string): void {
    this.complaintCount++
    if (this.reporting) this.program.diagnostics.error(this.origin, span, message, expected)
  }

  /** From here on nothing moves, and complaints are passed on. */
  startReporting(): void {
    this.reporting = true
    this.evaluateEqus()
  }

  /** An expression's value and whether looking for it has already brought a complaint. */
  value(expr: Expr): { value: bigint | null; complained: boolean } {
    const before = this.complaintCount
    const value = evaluate(expr, this)
    return { value, complained: this.complaintCount > before }
  }
}

/** A question about names, asked once for each; within its own answer (a circle of definitions) it is no. */
class ByName {
  private readonly known = new Map<string, boolean>()
  private readonly ask: (name: string) => boolean

  constructor(ask: (name: string) => boolean) {
    this.ask = ask
  }

  of(name: string): boolean {
    const known = this.known.get(name)
    if (known !== undefined) return known
    this.known.set(name, false)
    const answer = this.ask(name)
    this.known.set(name, answer)
    return answer
  }
}
