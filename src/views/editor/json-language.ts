/** JSON, coloured; and where in it the cursor stands. */
import { StreamLanguage } from '@codemirror/language'

export const jsonLanguage = StreamLanguage.define<null>({
  name: 'json',
  startState: () => null,
  token(stream) {
    if (stream.eatSpace()) return null
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return stream.match(/^\s*:/, false) ? 'propertyName' : 'string'
    if (stream.match(/^-?\d[\d.eE+-]*/)) return 'number'
    if (stream.match(/^(?:true|false|null)\b/)) return 'keyword'
    stream.next()
    return null
  },
})

export interface JsonPlace {
  /** Keys and indices that lead to the innermost object or list around the cursor. */
  readonly path: readonly string[]
  /** What is being written: a key of that object, the value of `key`, or an element. */
  readonly writes: 'key' | 'value'
  /** Key of the value; null in a list. */
  readonly key: string | null
}

/** Of the text before the cursor, which need not be JSON yet. */
export function jsonPlace(before: string): JsonPlace {
  const open: { list: boolean; index: number; key: string | null; colon: boolean }[] = []
  for (const [token] of before.matchAll(/"(?:[^"\\]|\\.)*"?|[{}[\],:]/g)) {
    const top = open.at(-1)
    if (token === '{' || token === '[') open.push({ list: token === '[', index: 0, key: null, colon: false })
    else if (token === '}' || token === ']') open.pop()
    else if (top === undefined) continue
    else if (token === ':') top.colon = true
    else if (token === ',') {
      top.index++
      top.key = null
      top.colon = false
    } else if (!top.list && !top.colon) top.key = token.replace(/^"|"$/g, '')
  }
  const path = open.slice(0, -1).map(({ list, index, key }) => (list ? String(index) : (key ?? '')))
  const top = open.at(-1)
  if (top === undefined || top.list) return { path, writes: 'value', key: null }
  return { path, writes: top.colon ? 'value' : 'key', key: top.key }
}
