/** JSON that somebody wrote by hand: parsed, or the place where it ends to be JSON. (Engines tell the position only sometimes, and quote many lines.) */
import { fail, ok, type Result } from './result.ts'

/** The error is "line:column: what is wrong". */
export function parseJson(text: string): Result<unknown> {
  try {
    return ok(JSON.parse(text))
  } catch {
    const at = new Scanner(text).firstMistake()
    const before = text.slice(0, at).split('\n')
    const column = (before[before.length - 1] as string).length + 1
    const what = at < text.length ? `unexpected ${JSON.stringify(String.fromCodePoint(text.codePointAt(at) as number))}` : 'it ends too early'
    return fail(`${before.length}:${column}: this is no JSON: ${what}`)
  }
}

const BLANK = /[ \t\r\n]*/y
/** Characters from the space on, but for quote and backslash; and escapes. */
const STRING_PART = /"(?:[ !#-[\]-\u{10ffff}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/uy
const PLAIN = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

/** Reads as far as the text is JSON. Brackets are kept on a stack of its own: text from outside may nest as it likes. */
class Scanner {
  private readonly text: string
  private at = 0

  constructor(text: string) {
    this.text = text
  }

  firstMistake(): number {
    const open: ('[' | '{')[] = []
    for (;;) {
      this.take(BLANK)
      const bracket = this.text[this.at]
      if (bracket === '[' || bracket === '{') {
        this.at++
        this.take(BLANK)
        if (this.text[this.at] !== (bracket === '[' ? ']' : '}')) {
          open.push(bracket)
          if (bracket === '{' && !this.key()) return this.at
          continue
        }
        this.at++
      } else if (bracket === '"' ? !this.string() : !this.take(PLAIN)) return this.at
      if (!this.close(open)) return this.at
    }
  }

  /** After a value: closes what it ends, and steps over the comma to the next one. */
  private close(open: ('[' | '{')[]): boolean {
    for (;;) {
      this.take(BLANK)
      const inner = open[open.length - 1]
      const next = this.text[this.at]
      if (inner === undefined) return false
      if (next === ',') {
        this.at++
        return inner === '[' || this.key()
      }
      if (next !== (inner === '[' ? ']' : '}')) return false
      this.at++
      open.pop()
    }
  }

  private key(): boolean {
    this.take(BLANK)
    if (this.text[this.at] !== '"' || !this.string()) return false
    this.take(BLANK)
    if (this.text[this.at] !== ':') return false
    this.at++
    return true
  }

  /** A string; false where it does not end, or not well. */
  private string(): boolean {
    this.take(STRING_PART)
    if (this.text[this.at] !== '"') return false
    this.at++
    return true
  }

  private take(pattern: RegExp): boolean {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)
    if (found === null) return false
    this.at += found[0].length
    return true
  }
}
