/** Directives that put something into a section, or say something about what follows. Blocks (if, macro, rept) are `expand.ts`'s. */
import { evaluate } from './evaluate.ts'
import { type Cursor, type Expr, parseExpression, SyntaxProblem } from './expression.ts'
import { type Token, utf8 } from './lexer.ts'
import { isAlignment } from './padding.ts'
import type { DataItem, InstructionItem } from './program.ts'
import { parseSection } from './section.ts'
import { spanTo } from './source.ts'
import type { Statement } from './statement.ts'

type Directive = (cursor: Cursor, keyword: Token, statement: Statement) => void

export const DIRECTIVES: ReadonlyMap<string, Directive> = new Map<string, Directive>([
  ['db', (cursor, keyword, statement) => statement.add(parseData(cursor, keyword, 1, statement))],
  ['dw', (cursor, keyword, statement) => statement.add(parseData(cursor, keyword, 2, statement))],
  ['dd', (cursor, keyword, statement) => statement.add(parseData(cursor, keyword, 4, statement))],
  ['dq', (cursor, keyword, statement) => statement.add(parseData(cursor, keyword, 8, statement))],
  ['resb', (cursor, keyword, statement) => space(cursor, keyword, 1, statement)],
  ['resw', (cursor, keyword, statement) => space(cursor, keyword, 2, statement)],
  ['resd', (cursor, keyword, statement) => space(cursor, keyword, 4, statement)],
  ['resq', (cursor, keyword, statement) => space(cursor, keyword, 8, statement)],
  ['times', times],
  ['align', align],
  ['address', address],
  ['section', parseSection],
  ['func', func],
  ['phase', phase],
])

/** Data directives and their width, for those who need to know before they read. */
const WIDTHS: Readonly<Record<string, 1 | 2 | 4 | 8>> = { db: 1, dw: 2, dd: 4, dq: 8 }

function parseData(cursor: Cursor, keyword: Token, width: 1 | 2 | 4 | 8, statement: Statement): DataItem {
  const values: (Expr | Uint8Array)[] = []
  let bytes = 0
  do {
    const token = cursor.peek()
    const after = cursor.peek(1)
    const alone = after === undefined || (after.type === 'punct' && after.text === ',')
    if (width === 1 && token?.type === 'string' && alone) {
      cursor.next()
      const text = Uint8Array.from(utf8(token.text))
      values.push(text)
      bytes += text.length
    } else {
      values.push(parseExpression(cursor))
      bytes += width
    }
  } while (cursor.take(','))
  cursor.expectEnd('the value')
  return { kind: 'data', width, values, bytes, ...statement.placed(spanTo(keyword, cursor.previous)) }
}

function space(cursor: Cursor, keyword: Token, unit: number, statement: Statement): void {
  const count = parseExpression(cursor)
  cursor.expectEnd('the count')
  statement.add({ kind: 'space', count, unit, ...statement.placed(spanTo(keyword, cursor.previous)) })
}

function times(cursor: Cursor, keyword: Token, statement: Statement): void {
  const count = parseExpression(cursor)
  const token = cursor.peek()
  if (token?.type !== 'word') throw cursor.problem('what to repeat is missing', 'times COUNT db …, or times COUNT instruction')
  const body = parseBody(cursor, token, statement)
  statement.add({ kind: 'times', count, body, ...statement.placed(spanTo(keyword, cursor.previous)) })
}

function parseBody(cursor: Cursor, token: Token, statement: Statement): DataItem | InstructionItem {
  const width = WIDTHS[cursor.word()]
  if (width !== undefined) {
    cursor.next()
    return parseData(cursor, token, width, statement)
  }
  if (DIRECTIVES.has(cursor.word()))
    throw new SyntaxProblem(token, `\`${token.text}\` cannot be repeated by times`, 'db, dw, dd, dq or an instruction; rept … endr repeats lines')
  return { kind: 'instruction', code: statement.parseInstruction(cursor), ...statement.placed(token) }
}

function align(cursor: Cursor, keyword: Token, statement: Statement): void {
  const { expr, fill } = parseFilled(cursor)
  const to = evaluate(expr, statement.constants)
  if (to === null) return
  if (!isAlignment(to)) throw new SyntaxProblem(expr, `${to} is no alignment`, 'a power of two')
  statement.add({ kind: 'align', to, fill, ...statement.placed(spanTo(keyword, cursor.previous)) })
}

function address(cursor: Cursor, keyword: Token, statement: Statement): void {
  const { expr, fill } = parseFilled(cursor)
  statement.add({ kind: 'address', to: expr, fill, ...statement.placed(spanTo(keyword, cursor.previous)) })
}

/** `EXPR [, FILL]` */
function parseFilled(cursor: Cursor): { expr: Expr; fill: Expr | null } {
  const expr = parseExpression(cursor)
  const fill = cursor.take(',') ? parseExpression(cursor) : null
  cursor.expectEnd('the expression')
  return { expr, fill }
}

function func(cursor: Cursor, keyword: Token, statement: Statement): void {
  const name = cursor.next()
  if (name?.type !== 'word' || name.text.startsWith('.')) throw new SyntaxProblem(name ?? keyword, 'func defines a label', 'func NAME')
  cursor.take(':')
  cursor.expectEnd('the name')
  statement.defineLabel(name)
  statement.annotate({ source: null, func: name.text })
}

function phase(cursor: Cursor, keyword: Token, statement: Statement): void {
  const text = cursor.next()
  if (text?.type !== 'string') throw new SyntaxProblem(text ?? keyword, 'phase takes a string', 'phase "name", or phase "" to end it')
  cursor.expectEnd('the string')
  statement.annotate({ phase: text.text === '' ? null : text.text })
}
