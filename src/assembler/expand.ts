/**
 * The first half of assembling: goes through the lines, takes blocks apart (if, macro, rept) and hands every other line to `Statement`.
 * What depends on addresses waits for layout.
 */

import { DIRECTIVES } from './directives.ts'
import { evaluate } from './evaluate.ts'
import { Cursor, parseExpression, SyntaxProblem } from './expression.ts'
import { type LexicalError, type Token, tokenize } from './lexer.ts'
import { bindArguments, counterToken, expandBody, type Macro, parseHeader, placeBody } from './macro.ts'
import { isMnemonic } from './mnemonics.ts'
import type { Program } from './program.ts'
import { type Line, type Origin, type Span, spanTo } from './source.ts'
import { BLOCKS, constantsOf, type Reading, readLabels, Statement } from './statement.ts'
import type { SourceFile } from './types.ts'

const MOST_LINES = 1_000_000
const DEEPEST = 50

const CLOSERS: Readonly<Record<string, string>> = { if: 'endif', macro: 'endm', rept: 'endr' }

/** Thrown when the text would expand without end; caught in `expand`. */
class TooMuch extends Error {}

export function expand(files: readonly SourceFile[], program: Program): void {
  const expander = new Expander(program)
  for (const file of files) {
    program.startFile()
    try {
      expander.readLines(linesOf(file, program), 0)
    } catch (error) {
      if (error instanceof TooMuch) return
      throw error
    }
  }
}

function linesOf(file: SourceFile, program: Program): Line[] {
  return file.text.split('\n').map((text, i) => {
    const origin: Origin = { file: file.name, line: i + 1, within: null }
    const trimmed = text.trimStart()
    if (trimmed.startsWith('|')) return { origin, text: trimmed, tokens: [], expansion: 0 }
    const errors: LexicalError[] = []
    const tokens = tokenize(text, errors)
    for (const error of errors) program.diagnostics.error(origin, error, error.message, error.expected)
    // A line with an unreadable part is left out: what is left of it would only bring misleading complaints.
    return { origin, text, tokens: errors.length > 0 ? [] : tokens, expansion: 0 }
  })
}

class Expander {
  private readonly program: Program
  private readonly macros = new Map<string, Macro>()
  private readonly reading: Reading
  private expansions = 0
  private lines = 0

  constructor(program: Program) {
    this.program = program
    this.reading = { program, global: '', codes: new Map(), codesByTokens: new WeakMap(), macroNames: () => [...this.macros.keys()] }
  }

  readLines(lines: readonly Line[], depth: number): void {
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i] as Line
      this.count(line.origin)
      if (line.text.startsWith('|')) this.annotate(line)
      else if (line.tokens.length > 0) i = this.readLine(lines, i, depth)
    }
  }

  private annotate(line: Line): void {
    const source = line.text.slice(1).trim()
    this.program.annotation = { ...this.program.annotation, source: source === '' ? null : source }
  }

  /** Returns the index of the last line that it has used up. */
  private readLine(lines: readonly Line[], i: number, depth: number): number {
    const line = lines[i] as Line
    const statement = new Statement(this.reading, line)
    let last = i
    try {
      const tokens = readLabels(line.tokens, statement)
      const [first, ...rest] = tokens
      const word = first?.type === 'word' ? first.text.toLowerCase() : ''
      if (first === undefined) return i
      if (BLOCKS.has(word)) {
        if (CLOSERS[word] === undefined) throw new SyntaxProblem(first, `\`${word}\` without ${openerOf(word)}`)
        last = this.findEnd(lines, i, word, first)
        this.readBlock(word, first, rest, lines.slice(i, last + 1), depth)
        return last
      }
      const macro = first.type === 'word' ? this.macros.get(first.text) : undefined
      if (macro === undefined) statement.read(tokens)
      else this.applyMacro(macro, line, first, rest, depth)
    } catch (error) {
      if (!(error instanceof SyntaxProblem)) throw error
      this.program.diagnostics.error(line.origin, error.span, error.message, error.expected)
    }
    return last
  }

  /** The line that closes the block opened at `start`; the last line, with a complaint, where none does. */
  private findEnd(lines: readonly Line[], start: number, opener: string, span: Span): number {
    const closer = CLOSERS[opener]
    let open = 0
    for (let i = start; i < lines.length; i++) {
      const keyword = keywordOf(lines[i] as Line)
      if (keyword === opener) open++
      else if (keyword === closer && --open === 0) return i
    }
    this.program.diagnostics.error((lines[start] as Line).origin, span, `\`${opener}\` is never closed`, closer)
    return lines.length
  }

  private readBlock(word: string, keyword: Token, rest: readonly Token[], block: readonly Line[], depth: number): void {
    const isClosed = keywordOf(block.at(-1) as Line) === CLOSERS[word] && block.length > 1
    const body = block.slice(1, isClosed ? -1 : undefined)
    if (depth >= DEEPEST) throw this.tooDeep(block[0] as Line, keyword, word)
    if (word === 'if') this.readIf(block[0] as Line, rest, body, depth)
    else if (word === 'macro') this.defineMacro(keyword, rest, body)
    else this.repeat(block[0] as Line, keyword, rest, body, depth)
  }

  private readIf(opener: Line, condition: readonly Token[], body: readonly Line[], depth: number): void {
    let chosen = this.holds(opener, condition)
    let done = chosen
    let nested = 0
    let hadElse = false
    const taken: Line[] = []
    for (const line of body) {
      const keyword = keywordOf(line)
      if (keyword === 'if') nested++
      if (keyword === 'endif') nested--
      if (nested > 0 || (keyword !== 'elif' && keyword !== 'else')) {
        if (chosen) taken.push(line)
        continue
      }
      const [first, ...rest] = line.tokens
      if (hadElse) this.program.diagnostics.error(line.origin, first as Token, `\`${keyword}\` after \`else\``, 'endif')
      if (keyword === 'else') hadElse = true
      chosen = !done && (keyword === 'else' || this.holds(line, rest))
      done ||= chosen
    }
    this.readLines(taken, depth + 1)
  }

  /** Without a value the first branch is read, so that it is checked at least. */
  private holds(line: Line, condition: readonly Token[]): boolean {
    const value = this.constant(line, condition, 'condition')
    return value === null || value !== 0n
  }

  private constant(line: Line, tokens: readonly Token[], what: string): bigint | null {
    const cursor = new Cursor(tokens, new Statement(this.reading, line).scope)
    try {
      const expr = parseExpression(cursor)
      cursor.expectEnd(`the ${what}`)
      return evaluate(expr, constantsOf(this.program, line.origin))
    } catch (error) {
      if (!(error instanceof SyntaxProblem)) throw error
      const span = tokens.length === 0 ? (line.tokens[0] as Token) : error.span
      this.program.diagnostics.error(line.origin, span, error.message, error.expected)
      return null
    }
  }

  private defineMacro(keyword: Token, rest: readonly Token[], body: readonly Line[]): void {
    const { name, parameters } = parseHeader(keyword, rest)
    const lower = name.text.toLowerCase()
    if (DIRECTIVES.has(lower) || BLOCKS.has(lower)) throw new SyntaxProblem(name, `\`${name.text}\` is a directive`, 'another name')
    if (isMnemonic(lower)) throw new SyntaxProblem(name, `\`${name.text}\` is an instruction`, 'another name')
    if (this.macros.has(name.text)) throw new SyntaxProblem(name, `macro \`${name.text}\` is already defined`, 'another name')
    this.macros.set(name.text, { name: name.text, parameters, body })
  }

  private applyMacro(macro: Macro, line: Line, use: Token, rest: readonly Token[], depth: number): void {
    if (depth >= DEEPEST) throw this.tooDeep(line, use, use.text)
    const span = spanTo(use, rest.at(-1) ?? use)
    const within = { kind: 'macro', name: macro.name, at: line.origin, span } as const
    const bound = bindArguments(macro, use, rest)
    this.readLines(expandBody(placeBody(macro.body, within), bound, ++this.expansions), depth + 1)
  }

  /** `rept COUNT [, counter]` */
  private repeat(line: Line, keyword: Token, rest: readonly Token[], body: readonly Line[], depth: number): void {
    const comma = rest.findIndex((token) => token.type === 'punct' && token.text === ',')
    const counter = comma < 0 ? null : rest[comma + 1]
    if (counter === undefined || (counter !== null && (counter.type !== 'word' || rest.length > comma + 2))) {
      throw new SyntaxProblem(rest[comma] as Token, 'rept takes a count and at most one name', 'rept COUNT, NAME')
    }
    const turns = this.constant(line, comma < 0 ? rest : rest.slice(0, comma), 'count')
    if (turns === null) return
    if (BigInt.asIntN(64, turns) < 0n)
      throw new SyntaxProblem(rest[0] ?? keyword, `a repetition cannot happen ${BigInt.asIntN(64, turns)} times`, '0 or more')
    if (turns * BigInt(body.length) > BigInt(MOST_LINES)) throw this.tooLong(line.origin, keyword)
    const placed = placeBody(body, { kind: 'rept', outer: line.origin.within })
    for (let turn = 0; turn < Number(turns); turn++) {
      const bound = new Map(counter === null ? [] : [[counter.text, [counterToken(turn, counter)]]])
      // Inside a macro %%names belong to the macro; a repetition outside gives each turn names of its own.
      this.readLines(expandBody(placed, bound, line.expansion || ++this.expansions), depth + 1)
    }
  }

  private count(origin: Origin): void {
    if (++this.lines > MOST_LINES) throw this.tooLong(origin, { column: 1, length: 1 })
  }

  private tooLong(origin: Origin, span: Span): TooMuch {
    this.program.diagnostics.error(origin, span, `more than ${MOST_LINES.toLocaleString('en')} lines after expansion`, 'fewer repetitions')
    return new TooMuch()
  }

  private tooDeep(line: Line, span: Span, name: string): TooMuch {
    this.program.diagnostics.error(
      line.origin,
      span,
      `macros and blocks are nested more than ${DEEPEST} deep; does \`${name}\` use itself without end?`,
    )
    return new TooMuch()
  }
}

/** The first word behind the labels, in lower case. */
function keywordOf(line: Line): string {
  let i = 0
  while (line.tokens[i + 1]?.type === 'punct' && line.tokens[i + 1]?.text === ':') i += 2
  const token = line.tokens[i]
  return token?.type === 'word' ? token.text.toLowerCase() : ''
}

function openerOf(word: string): string {
  return word === 'endm' ? '`macro`' : word === 'endr' ? '`rept`' : '`if`'
}
