/** Where in a JSON text the value of a path stands: mistakes are found in the parsed value, and shown in the text. */

/** Offsets into the text; `to` is behind the last character. */
export interface Place {
  readonly from: number
  readonly to: number
}

/**
 * The place of the deepest part of the path that exists: the key of a member, or the first line of an element. A word where an index is expected names the element
 * whose `id` or `name` it is. The text must be JSON (json-text.ts).
 */
export function placeOf(text: string, path: readonly string[]): Place {
  let found: Place = { from: 0, to: Math.min(1, text.length) }
  let at = skipBlank(text, 0)
  for (const segment of path) {
    const members = membersAt(text, at)
    const member = members.find(({ key }) => key === segment) ?? members.find(({ value }) => text[at] === '[' && isCalled(text, value, segment))
    if (member === undefined) break
    found = { from: member.from, to: member.to }
    at = member.value
  }
  return found
}

/** The text of an object without one of its members; the same text where it has none of that name. */
export function withoutMember(text: string, key: string): string {
  const members = membersAt(text, skipBlank(text, 0))
  const at = members.findIndex((member) => member.key === key)
  const member = members[at]
  if (member === undefined) return text
  const [before, behind] = [members[at - 1], members[at + 1]]
  const from = behind === undefined && before !== undefined ? endOfValue(text, before.value) : member.from
  return text.slice(0, from) + text.slice(behind?.from ?? endOfValue(text, member.value))
}

interface Member {
  /** Name, or index. */
  readonly key: string
  readonly from: number
  readonly to: number
  /** Where the value begins. */
  readonly value: number
}

function membersAt(text: string, open: number): Member[] {
  const isObject = text[open] === '{'
  if (!isObject && text[open] !== '[') return []
  const members: Member[] = []
  let at = skipBlank(text, open + 1)
  while (at < text.length && text[at] !== '}' && text[at] !== ']') {
    const from = at
    let key = String(members.length)
    let value = at
    if (isObject) {
      const end = endOfValue(text, at)
      key = String(JSON.parse(text.slice(at, end)))
      value = skipBlank(text, skipBlank(text, end) + 1)
    }
    const end = endOfValue(text, value)
    const line = text.indexOf('\n', value)
    members.push({ key, from, value, to: line < 0 ? end : Math.min(end, line) })
    at = skipBlank(text, end)
    if (text[at] === ',') at = skipBlank(text, at + 1)
  }
  return members
}

function isCalled(text: string, at: number, word: string): boolean {
  return membersAt(text, at).some(
    ({ key, value }) => (key === 'id' || key === 'name') && text.slice(value, endOfValue(text, value)) === JSON.stringify(word),
  )
}

function skipBlank(text: string, at: number): number {
  while (at < text.length && ' \t\r\n'.includes(text[at] as string)) at++
  return at
}

/** Brackets are counted, not followed: text from outside may nest as it likes. */
function endOfValue(text: string, at: number): number {
  let depth = 0
  for (let i = at; i < text.length; i++) {
    const char = text[i] as string
    if (char === '"') {
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++
      if (depth === 0) return i + 1
    } else if (char === '{' || char === '[') depth++
    else if (char === '}' || char === ']') {
      depth--
      if (depth === 0) return i + 1
      if (depth < 0) return i
    } else if (depth === 0 && (char === ',' || ' \t\r\n'.includes(char))) return i
  }
  return text.length
}

/** Line and column, both from 1, of an offset. */
export function lineColumn(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: (before.at(-1) as string).length + 1 }
}
