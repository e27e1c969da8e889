/** Names: everything that is used must be defined, and no constant by itself. */
import { type Expr, walk } from './expression.ts'
import { expressionsOf, type InstructionCode, type Item, type Program, type SymbolEntry } from './program.ts'
import type { Origin, Span } from './source.ts'
import { nearest } from './suggest.ts'

interface Use extends Span {
  readonly name: string
}

export function checkNames(program: Program): void {
  const codes = new Map<InstructionCode, readonly Use[]>()
  const suggestions = new Map<string, string | null>()
  const report = (origin: Origin, uses: readonly Use[]) => {
    for (const use of uses) {
      if (!suggestions.has(use.name)) suggestions.set(use.name, nearest(use.name, program.symbols.keys()))
      const guess = suggestions.get(use.name)
      const message = `\`${use.name}\` is not defined`
      if (guess === null || guess === undefined) program.diagnostics.error(origin, use, message, 'a label, an equ constant or a parameter')
      else program.diagnostics.error(origin, use, `${message}; did you mean ${guess}?`, guess)
    }
  }
  const missingIn = (exprs: readonly Expr[]) => exprs.flatMap((expr) => undefinedNames(expr, program))
  const ofCode = (code: InstructionCode) => {
    let uses = codes.get(code)
    if (uses === undefined) {
      uses = missingIn(code.operands.flatMap(expressionsOf))
      codes.set(code, uses)
    }
    return uses
  }
  for (const section of program.sections) {
    if (section.at !== null) report(section.origin, missingIn([section.at]))
    for (const item of section.items) {
      const body = item.kind === 'times' ? item.body : item
      if (body.kind === 'instruction') report(item.origin, ofCode(body.code))
      if (body !== item || body.kind !== 'instruction') report(item.origin, missingIn(ownExpressions(item)))
    }
  }
  for (const symbol of program.symbols.values()) {
    if (symbol.kind !== 'equ') continue
    report(symbol.mark.origin, missingIn([symbol.expr]))
  }
}

/** Those of an item itself, without those of an instruction. */
function ownExpressions(item: Item): readonly Expr[] {
  switch (item.kind) {
    case 'instruction':
    case 'mark':
      return []
    case 'data':
      return item.values.filter((value): value is Expr => !(value instanceof Uint8Array))
    case 'space':
      return [item.count]
    case 'times':
      return [item.count, ...ownExpressions(item.body)]
    case 'align':
      return item.fill === null ? [] : [item.fill]
    case 'address':
      return item.fill === null ? [item.to] : [item.to, item.fill]
  }
}

function undefinedNames(expr: Expr, program: Program): Use[] {
  const missing: Use[] = []
  walk(expr, (part) => {
    if (part.kind === 'symbol' && !program.symbols.has(part.name)) missing.push({ name: part.name, column: part.column, length: part.length })
  })
  return missing
}

export interface EquOrder {
  /** Every constant behind those that it is made of, so that evaluating them in turn never goes deep. */
  readonly order: readonly EquEntry[]
  /** Those that are made of themselves; they have no value. */
  readonly circular: ReadonlySet<string>
}

type EquEntry = Extract<SymbolEntry, { kind: 'equ' }>

/** A depth-first search with a stack of its own, because a chain of constants may be longer than the call stack. */
export function orderEqus(program: Program): EquOrder {
  const order: EquEntry[] = []
  const circular = new Set<string>()
  const state = new Map<string, 'open' | 'done'>()
  const path: { symbol: EquEntry; uses: string[] }[] = []
  const enter = (name: string) => {
    const symbol = program.symbols.get(name)
    if (symbol?.kind !== 'equ' || state.get(name) === 'done') return
    if (state.get(name) === 'open') {
      const from = path.findIndex((step) => step.symbol.name === name)
      for (const step of path.slice(from)) circular.add(step.symbol.name)
      return
    }
    state.set(name, 'open')
    const uses: string[] = []
    walk(symbol.expr, (part) => {
      if (part.kind === 'symbol') uses.push(part.name)
    })
    path.push({ symbol, uses })
  }
  for (const name of program.symbols.keys()) {
    enter(name)
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const next = step.uses.pop()
      if (next !== undefined) {
        enter(next)
        continue
      }
      path.pop()
      state.set(step.symbol.name, 'done')
      order.push(step.symbol)
    }
  }
  for (const { name, mark } of order) {
    if (circular.has(name)) program.diagnostics.error(mark.origin, mark.span, `\`${name}\` is defined by itself`, 'an expression of other names')
  }
  return { order, circular }
}
