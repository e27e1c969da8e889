/** Names: everything that is used must be defined, and no constant by itself. */
import { type Expr, walk } from './expression.ts'
import { expressionsOf, type InstructionCode, type Item, type Program, type SymbolEntry } from './program.ts'
import type { Origin, Span } from './source.ts'
import { nearest } from './suggest.ts'

interface Use extends Span {
  readonly name: string
}

/** `outside`: constants without a name that `section … at` and others need are complained about elsewhere. */
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
    checkCircle(symbol, program)
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

/** Follows only names that lead back to where the walk began, so that a circle is reported at each of its members and nowhere else. */
function checkCircle(symbol: Extract<SymbolEntry, { kind: 'equ' }>, program: Program): void {
  const seen = new Set<string>()
  const pending = [symbol.expr]
  for (let expr = pending.pop(); expr !== undefined; expr = pending.pop()) {
    walk(expr, (part) => {
      if (part.kind !== 'symbol' || seen.has(part.name)) return
      seen.add(part.name)
      const next = program.symbols.get(part.name)
      if (next?.kind === 'equ') pending.push(next.expr)
    })
    if (!seen.has(symbol.name)) continue
    program.diagnostics.error(symbol.mark.origin, symbol.mark.span, `\`${symbol.name}\` is defined by itself`, 'an expression of other names')
    return
  }
}
