/** One line of text → tokens. */
import type { Span } from './source.ts'

export type TokenType = 'word' | 'number' | 'string' | 'punct'

export interface Token extends Span {
  readonly type: TokenType
  /** As written; for a string, its contents. */
  readonly text: string
  /** For a number; for a string of 1 to 8 bytes, the number that its bytes make (the first is the lowest). */
  readonly value: bigint | null
}

export interface LexicalError extends Span {
  readonly message: string
  readonly expected?: string
}

/** Words may contain dots (`caller.loop`), start with `%%` (a label of one macro expansion) and take in parameters (`site_{n}`). */
const WORD = /(?:%%)?(?:[A-Za-z_.?@]|\{\w+\})(?:[\w.?@$#]|\{\w+\})*/y
const NUMBER = /\d\w*/y
const GOOD_NUMBER = /^(?:0x[0-9a-f][0-9a-f_]*|0b[01][01_]*|0o[0-7][0-7_]*|\d[\d_]*)$/i
const PUNCT = /<<|>>|==|!=|<=|>=|&&|\|\||\$\$|[-+*/%&|^~!<>()[\],:=$]/y
const BLANK = /[ \t\r\f\v\u00a0]*/y

const MAX = (1n << 64n) - 1n

/** Stops at a comment. `errors` receives what is no token; reading goes on behind it. */
export function tokenize(text: string, errors: LexicalError[]): Token[] {
  const tokens: Token[] = []
  let at = 0
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at
    return pattern.exec(text)?.[0] ?? null
  }
  for (;;) {
    at += match(BLANK)?.length ?? 0
    const first = text[at]
    if (first === undefined || first === ';') return tokens
    const column = at + 1
    if (first === '"' || first === "'") {
      const { token, next, error } = readString(text, at)
      if (error !== null) errors.push(error)
      tokens.push(token)
      at = next
      continue
    }
    const word = match(WORD)
    if (word !== null) {
      tokens.push({ type: 'word', text: word, value: null, column, length: word.length })
      at += word.length
      continue
    }
    const number = match(NUMBER)
    if (number !== null) {
      tokens.push({ type: 'number', text: number, value: numberValue(number, column, errors), column, length: number.length })
      at += number.length
      continue
    }
    const punct = match(PUNCT)
    if (punct !== null) {
      tokens.push({ type: 'punct', text: punct, value: null, column, length: punct.length })
      at += punct.length
      continue
    }
    const odd = String.fromCodePoint(text.codePointAt(at) ?? 0)
    errors.push({ column, length: odd.length, message: `unexpected character \`${odd}\`` })
    at += odd.length
  }
}

function numberValue(text: string, column: number, errors: LexicalError[]): bigint {
  const complain = (message: string, expected: string) => {
    errors.push({ column, length: text.length, message, expected })
    return 0n
  }
  if (!GOOD_NUMBER.test(text)) return complain(`\`${text}\` is no number`, 'decimal, 0x…, 0b… or 0o… digits')
  const value = BigInt(text.replaceAll('_', '').toLowerCase())
  return value <= MAX ? value : complain(`\`${text}\` does not fit in 64 bits`, `at most 0x${MAX.toString(16)}`)
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0', '\\': '\\', "'": "'", '"': '"' }

function readString(text: string, start: number): { token: Token; next: number; error: LexicalError | null } {
  const quote = text[start]
  let contents = ''
  let at = start + 1
  let error: LexicalError | null = null
  while (at < text.length && text[at] !== quote) {
    if (text[at] !== '\\') {
      contents += text[at++]
      continue
    }
    const plain = ESCAPES[text[at + 1] ?? '']
    if (plain === undefined)
      error = { column: at + 1, length: 2, message: `unknown escape \`${text.slice(at, at + 2)}\``, expected: '\\n \\t \\r \\0 \\\\ \\\' \\"' }
    contents += plain ?? ''
    at += 2
  }
  if (at >= text.length)
    error = { column: start + 1, length: text.length - start, message: 'the string does not end', expected: `a closing ${quote}` }
  const next = Math.min(text.length, at + 1)
  const token = { type: 'string', text: contents, value: stringValue(contents), column: start + 1, length: next - start } as const
  return { token, next, error }
}

function stringValue(contents: string): bigint | null {
  const bytes = utf8(contents)
  if (bytes.length === 0 || bytes.length > 8) return null
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

/** By hand, because TextEncoder is no part of the language. */
export function utf8(text: string): number[] {
  const bytes: number[] = []
  for (const character of text) {
    const code = character.codePointAt(0) as number
    if (code < 0x80) bytes.push(code)
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63))
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
  }
  return bytes
}
