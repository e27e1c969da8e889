/** One line that is no block: labels, then a directive, an `equ` or an instruction. */
import { DIRECTIVES } from './directives.ts'
import { CONSTANT, type Environment, evaluate } from './evaluate.ts'
import { Cursor, parseExpression, resolveName, type Scope, SyntaxProblem } from './expression.ts'
import { parseInstruction } from './instruction.ts'
import type { Token } from './lexer.ts'
import { isMnemonic } from './mnemonics.ts'
import { isReserved } from './operand.ts'
import type { Annotation, InstructionCode, Item, Program } from './program.ts'
import type { Line, Origin, Span } from './source.ts'

/** Words that open or close blocks; `expand.ts` reads them. */
export const BLOCKS: ReadonlySet<string> = new Set(['if', 'elif', 'else', 'endif', 'macro', 'endm', 'rept', 'endr'])

/** What lives longer than a line. */
export interface Reading {
  readonly program: Program
  /** The last label that is not local. */
  global: string
  /** Instructions by their text, so that equal lines are parsed once. */
  readonly codes: Map<string, InstructionCode>
  /** The same for lines that are literally the same tokens, as in repetitions. */
  readonly codesByTokens: WeakMap<readonly Token[], InstructionCode>
  readonly macroNames: () => readonly string[]
}

export class Statement {
  readonly origin: Origin
  readonly program: Program
  private readonly reading: Reading
  private readonly expansion: number

  constructor(reading: Reading, line: Line) {
    this.reading = reading
    this.program = reading.program
    this.origin = line.origin
    this.expansion = line.expansion
  }

  get scope(): Scope {
    return { global: this.reading.global, expansion: this.expansion }
  }

  /** Values that are known before layout. */
  get constants(): Environment {
    return constantsOf(this.program, this.origin)
  }

  add(item: Item): void {
    this.program.add(item)
  }

  placed(span: Span) {
    return this.program.placed(this.origin, span)
  }

  annotate(change: Partial<Annotation>): void {
    this.program.annotation = { ...this.program.annotation, ...change }
  }

  defineLabel(token: Token): void {
    const name = this.ownName(token)
    this.program.addLabel(name, this.origin, token)
    if (!token.text.startsWith('.') && !token.text.startsWith('%%')) this.reading.global = name
  }

  defineEqu(token: Token, cursor: Cursor): void {
    const name = this.ownName(token)
    const expr = parseExpression(cursor)
    cursor.expectEnd('the expression')
    this.program.addEqu(name, expr, this.origin, token)
    // Known as early as possible, so that what is made of it need not ask for it through a chain.
    const value = evaluate(expr, quietConstants(this.program))
    if (value !== null && !this.program.constants.has(name)) this.program.constants.set(name, value)
  }

  /** The full name that a definition gives. */
  private ownName(token: Token): string {
    const lower = token.text.toLowerCase()
    if (isReserved(lower) || DIRECTIVES.has(lower) || BLOCKS.has(lower)) {
      throw new SyntaxProblem(token, `\`${token.text}\` is a reserved word`, 'a name that is no register, size or directive')
    }
    if (token.text.lastIndexOf('.') > 0) throw new SyntaxProblem(token, `\`${token.text}\` has a dot inside`, 'name, or .name for a local one')
    checkParameters(token)
    return resolveName(token, this.scope)
  }

  parseInstruction(cursor: Cursor): InstructionCode {
    const { bits, diagnostics } = this.program
    return parseInstruction(cursor, {
      bits,
      otherNames: () => [...this.reading.macroNames(), ...DIRECTIVES.keys(), ...BLOCKS],
      warn: (span, message, expected) => diagnostics.warning(this.origin, span, message, expected),
    })
  }

  /** The rest of a line, after its labels. */
  read(tokens: readonly Token[]): void {
    const cursor = new Cursor(tokens, this.scope)
    const first = cursor.peek()
    if (first === undefined) return
    if (first.type !== 'word') throw new SyntaxProblem(first, `unexpected \`${first.text}\``, 'a label, an instruction or a directive')
    checkParameters(first)
    if (cursor.word(1) === 'equ') {
      cursor.next()
      cursor.next()
      this.defineEqu(first, cursor)
      return
    }
    const directive = DIRECTIVES.get(first.text.toLowerCase())
    if (directive !== undefined) {
      cursor.next()
      directive(cursor, first, this)
      return
    }
    if (DIRECTIVES.has(cursor.word(1)) && !isMnemonic(first.text.toLowerCase())) {
      throw new SyntaxProblem(first, `unknown mnemonic \`${first.text}\``, `${first.text}: if this is a label`)
    }
    this.add({ kind: 'instruction', code: this.instruction(cursor, tokens), ...this.placed(first) })
  }

  /** From the cache where the line has been read before, in the same place of the line. */
  private instruction(cursor: Cursor, tokens: readonly Token[]): InstructionCode {
    const same = this.reading.codesByTokens.get(tokens)
    if (same !== undefined) return same
    const key = keyOf(tokens)
    if (key === null) return this.parseInstruction(cursor)
    const code = this.reading.codes.get(key) ?? this.parseInstruction(cursor)
    this.reading.codes.set(key, code)
    this.reading.codesByTokens.set(tokens, code)
    return code
  }
}

/** Null where the text alone does not say what is meant: local names mean something else elsewhere. */
function keyOf(tokens: readonly Token[]): string | null {
  let key = String(tokens[0]?.column)
  for (const token of tokens) {
    if (token.type === 'word' && (token.text.startsWith('.') || token.text.startsWith('%%'))) return null
    key += token.type === 'string' ? ` '${token.text}'` : ` ${token.text}`
  }
  return key
}

function checkParameters(token: Token): void {
  const parameter = /\{\w+\}/.exec(token.text)
  if (parameter !== null)
    throw new SyntaxProblem(token, `\`${parameter[0]}\` is no parameter here`, 'the name of a parameter of the macro or repetition')
}

/** Constants whose values have been found already; no complaints. */
function quietConstants(program: Program): Environment {
  return {
    here: null,
    start: null,
    isDefined: (name) => program.symbols.has(name),
    complain: () => {},
    lookup: (name) => {
      const symbol = program.symbols.get(name)
      return symbol?.kind === 'define' ? symbol.value : (program.constants.get(name) ?? null)
    },
  }
}

/** What can be known while lines are being read: numbers, parameters, and `equ` constants that are already there. */
export function constantsOf(program: Program, origin: Origin): Environment {
  const busy = new Set<string>()
  const fail = (span: Span, message: string, expected?: string) => {
    program.diagnostics.error(origin, span, message, expected)
    return null
  }
  const env: Environment = {
    here: null,
    start: null,
    isDefined: (name) => program.symbols.has(name),
    complain: fail,
    lookup: (name, span) => {
      const symbol = program.symbols.get(name)
      if (symbol?.kind === 'define') return symbol.value
      if (symbol === undefined) return fail(span, `\`${name}\` is not defined here`, CONSTANT)
      if (symbol.kind === 'label') return fail(span, `\`${name}\` is a label; its address is not known yet`, CONSTANT)
      const known = program.constants.get(name)
      if (known !== undefined) return known
      if (busy.has(name)) return fail(span, `\`${name}\` is defined by itself`, CONSTANT)
      if (busy.size >= 50) return fail(span, `\`${name}\` is made of too many constants that are defined below it`, CONSTANT)
      busy.add(name)
      // Complaints about what it is made of belong to this use of it.
      const inner = { ...env, complain: (_: Span, message: string) => void fail(span, `\`${name}\`: ${message}`, CONSTANT) }
      const value = evaluate(symbol.expr, inner)
      busy.delete(name)
      if (value !== null) program.constants.set(name, value)
      return value
    },
  }
  return env
}

/** Labels may stand before anything, also before nothing. Returns what follows them. */
export function readLabels(tokens: readonly Token[], statement: Statement): readonly Token[] {
  let rest = tokens
  while (rest[0]?.type === 'word' && rest[1]?.type === 'punct' && rest[1].text === ':') {
    statement.defineLabel(rest[0])
    rest = rest.slice(2)
  }
  return rest
}
