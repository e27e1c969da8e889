/** `section NAME [at EXPR] [align=N] [key=value | flag …]` */
import { hex } from '../lib/u64.ts'
import { evaluate } from './evaluate.ts'
import { type Cursor, type Expr, parseExpression, SyntaxProblem } from './expression.ts'
import type { Token } from './lexer.ts'
import { isAlignment } from './padding.ts'
import { spanTo } from './source.ts'
import type { Statement } from './statement.ts'

export function parseSection(cursor: Cursor, keyword: Token, statement: Statement): void {
  const name = cursor.next()
  if (name === undefined || name.type === 'punct' || name.type === 'number') {
    throw new SyntaxProblem(name ?? keyword, 'a section has a name', 'section NAME [at EXPR] [align=N] [key=value | flag …]')
  }
  let at: Expr | null = null
  if (cursor.word() === 'at') {
    cursor.next()
    at = parseExpression(cursor)
  }
  const attributes = new Map<string, string | true>()
  let align: bigint | null = null
  while (!cursor.atEnd) {
    const key = cursor.next() as Token
    if (key.type !== 'word') throw new SyntaxProblem(key, `unexpected \`${key.text}\` in a section line`, 'key=value or a flag')
    if (attributes.has(key.text)) throw new SyntaxProblem(key, `\`${key.text}\` is given twice`)
    const value = cursor.take('=') ? parseValue(cursor, statement) : true
    if (key.text === 'align') align = parseAlignment(key, value)
    else attributes.set(key.text, value)
  }
  const span = spanTo(keyword, cursor.previous)
  const { program, origin } = statement
  const known = program.findSection(name.text)
  if (known === undefined) {
    program.newSection({ name: name.text, origin, span, at, align, attributes: Object.fromEntries(attributes) })
    return
  }
  if (at !== null || attributes.size > 0 || align !== null) {
    const where = `${known.origin.file}:${known.origin.line}`
    program.diagnostics.error(
      origin,
      span,
      `section \`${name.text}\` was opened at ${where}; to continue it, give no address and no attributes`,
      `section ${name.text}`,
    )
  }
  program.enter(known)
}

/** A word, a number, a string, or an expression in parentheses, whose value is carried as "0x…". */
function parseValue(cursor: Cursor, statement: Statement): string {
  if (cursor.isPunct('(')) {
    cursor.next()
    const value = evaluate(parseExpression(cursor), statement.constants)
    cursor.expect(')', 'a closing parenthesis')
    return hex(value ?? 0n)
  }
  const token = cursor.next()
  if (token === undefined || token.type === 'punct')
    throw new SyntaxProblem(token ?? cursor.span, 'a value is missing after `=`', 'a word, a number, a string or (EXPR)')
  return token.text
}

function parseAlignment(key: Token, value: string | true): bigint {
  const number = value !== true && /^(0x[0-9a-f]+|\d+)$/i.test(value) ? BigInt(value) : 0n
  if (!isAlignment(number))
    throw new SyntaxProblem(key, `${value === true ? 'align without a value' : value} is no alignment`, 'align=N with a power of two')
  return number
}
