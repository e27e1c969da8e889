/** A line that holds an instruction → its code, ready to be encoded. */
import { formsOf } from '../decoder/forms.ts'
import { registerByName } from '../decoder/registers.ts'
import { noForm, unknownMnemonic } from './complaints.ts'
import { type Cursor, SyntaxProblem } from './expression.ts'
import { match, refusedPrefix } from './match.ts'
import { resolveMnemonic } from './mnemonics.ts'
import { type Operand, parseOperand } from './operand.ts'
import type { Candidate, InstructionCode } from './program.ts'
import { type Span, spanTo } from './source.ts'

interface WrittenPrefixes {
  lock: boolean
  rep: boolean
  repne: boolean
  notrack: boolean
  bnd: boolean
  segment: number
}

type PrefixName = 'lock' | 'rep' | 'repne' | 'notrack' | 'bnd'

export const PREFIXES: Readonly<Record<string, PrefixName>> = {
  lock: 'lock',
  rep: 'rep',
  repe: 'rep',
  repz: 'rep',
  repne: 'repne',
  repnz: 'repne',
  notrack: 'notrack',
  bnd: 'bnd',
}

export interface InstructionParser {
  readonly bits: 32 | 64
  /** What else could have been meant by an unknown word. */
  readonly otherNames: () => readonly string[]
  warn(span: Span, message: string, expected?: string): void
}

/** Throws a SyntaxProblem where it cannot go on. */
export function parseInstruction(cursor: Cursor, parser: InstructionParser): InstructionCode {
  const start = cursor.span
  const prefixes: WrittenPrefixes = { lock: false, rep: false, repne: false, notrack: false, bnd: false, segment: 0 }
  const prefixSpans = new Map<PrefixName, Span>()
  readPrefixes(cursor, prefixes, prefixSpans)
  const word = cursor.next()
  if (word?.type !== 'word') throw new SyntaxProblem(word ?? cursor.span, 'an instruction is missing', 'a mnemonic')
  const operands = parseOperands(cursor, parser.bits)
  const written = word.text.toLowerCase()
  const mnemonic = resolveMnemonic(written, operands, parser.bits)
  if (mnemonic === null) {
    const complaint = unknownMnemonic(word.text, word, parser.otherNames())
    throw new SyntaxProblem(complaint.span, complaint.message, complaint.expected)
  }
  if (written === 'iret' && parser.bits === 64) parser.warn(word, 'IRET pops 32-bit values even in 64-bit code', 'iretq (or iretd, if that is meant)')
  const name = written.toUpperCase()
  const whole = spanTo(start, cursor.previous)
  const { candidates, sizeMissing } = match(written, mnemonic, operands, parser.bits)
  if (sizeMissing !== null)
    throw new SyntaxProblem(sizeMissing, 'the size of the memory operand is not known; say the size: byte/word/dword/qword ptr')
  if (candidates.length === 0) {
    const complaint = noForm(name, mnemonic, operands, spanTo(word, cursor.previous), parser.bits)
    throw new SyntaxProblem(complaint.span, complaint.message, complaint.expected)
  }
  checkLock(prefixes.lock, mnemonic, candidates, name, prefixSpans.get('lock') ?? start)
  const refused = refusedPrefix(prefixes, candidates)
  if (refused !== null) throw refusal(refused, name, prefixSpans.get(refused) ?? start)
  return {
    name,
    prefixes: {
      lock: prefixes.lock,
      rep: prefixes.rep,
      repne: prefixes.repne || prefixes.bnd,
      // notrack is the ds prefix before an indirect branch.
      segment: prefixes.notrack ? (registerByName('ds')?.id ?? 0) : prefixes.segment,
    },
    operands,
    candidates,
    fixed: 'unknown',
    ...whole,
  }
}

function readPrefixes(cursor: Cursor, prefixes: WrittenPrefixes, spans: Map<PrefixName, Span>): void {
  for (;;) {
    const name = PREFIXES[cursor.word()]
    const segment = registerByName(cursor.word())
    if (name !== undefined && cursor.peek(1)?.type === 'word') {
      if (prefixes[name]) throw new SyntaxProblem(cursor.span, `\`${cursor.word()}\` is written twice`)
      prefixes[name] = true
      spans.set(name, cursor.span)
    } else if (segment?.class === 'seg' && cursor.peek(1)?.type === 'word') prefixes.segment = segment.id
    else break
    cursor.next()
  }
}

function parseOperands(cursor: Cursor, bits: 32 | 64): Operand[] {
  const operands: Operand[] = []
  if (cursor.atEnd) return operands
  do {
    if (operands.length === 4) throw new SyntaxProblem(cursor.span, 'no instruction has so many operands', 'at most 4')
    operands.push(parseOperand(cursor, bits))
  } while (cursor.take(','))
  cursor.expectEnd('the operand')
  return operands
}

/** An instruction that takes lock, but not with these operands. */
function checkLock(lock: boolean, mnemonic: string, candidates: readonly Candidate[], name: string, span: Span): void {
  if (!lock || !formsOf(mnemonic).some((form) => form.lock)) return
  if (candidates.some(({ form, operands }) => form.lock && operands[0]?.kind === 'mem')) return
  throw new SyntaxProblem(span, `lock needs a memory destination, which ${name} does not have here`, 'a memory operand first')
}

const ALLOWED: Readonly<Record<PrefixName, string>> = {
  lock: 'add, adc, and, btc, btr, bts, cmpxchg, cmpxchg8b, cmpxchg16b, dec, inc, neg, not, or, sbb, sub, xadd, xchg, xor to memory',
  rep: 'a string instruction',
  repne: 'a string instruction',
  notrack: 'an indirect jmp or call',
  bnd: 'a branch',
}

function refusal(prefix: PrefixName, name: string, span: Span): SyntaxProblem {
  return new SyntaxProblem(span, `${prefix} is not allowed on ${name}`, ALLOWED[prefix])
}
