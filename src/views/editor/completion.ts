/** What may be written at the cursor: from the assembler's tables, the names of the program, and the scenario's schema. */
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import type { AssemblyWords } from '../../worker/protocol.ts'
import { jsonPlace } from './json-language.ts'
import { keysOf, type Schema, schemasAt, valuesOf } from './schema.ts'

/** A name of the program, and what it is where that is known: an address, or the value of a constant. */
export interface Name {
  readonly name: string
  readonly value: string | null
}

/** `used`: words that the texts hold; they come first. */
export function completeAssembly(words: AssemblyWords, names: () => readonly Name[], used: () => ReadonlySet<string>) {
  const option =
    (type: string) =>
    (label: string): Completion => ({ label, type })
  const statements = [
    ...words.mnemonics.map(option('function')),
    ...words.prefixes.map(option('keyword')),
    ...words.directives.map(option('keyword')),
  ]
  const operands = [...words.registers.map(option('variable')), ...words.operandWords.map(option('type'))]
  return (context: CompletionContext): CompletionResult | null => {
    const line = context.state.doc.lineAt(context.pos)
    const before = line.text.slice(0, context.pos - line.from)
    if (/^\s*\||[;"]/.test(before)) return null
    const word = context.matchBefore(/[\w.?@$#%]+/)
    if (word === null && !context.explicit) return null
    const begins = /^\s*(?:[\w.%?@$#]+\s*:\s*)*(?:(?:lock|repn?[ez]?)\s+)*[\w.%]*$/i.test(before)
    const known = used()
    const usual = (option: Completion): Completion => (known.has(option.label) ? { ...option, boost: 10 } : option)
    const own = names().map(({ name, value }) => ({ label: name, type: 'constant', ...(value === null ? {} : { detail: value }) }))
    return {
      from: word?.from ?? context.pos,
      options: begins ? [...statements.map(usual), ...own] : [...own, ...operands.map(usual)],
      validFor: /^[\w.?@$#%]*$/,
    }
  }
}

export function completeJson(schema: () => Schema | null, names: () => readonly Name[]) {
  return (context: CompletionContext): CompletionResult | null => {
    const root = schema()
    const word = context.matchBefore(/"[^"\n]*|\w+/)
    if (root === null || (word === null && !context.explicit)) return null
    const from = word?.from ?? context.pos
    const place = jsonPlace(context.state.sliceDoc(0, from))
    // The quote that closes is often there already.
    const closes = context.state.sliceDoc(context.pos, context.pos + 1) === '"'
    const written = (text: string) => (closes && text.endsWith('"') ? text.slice(0, -1) : text)
    if (place.writes === 'key') {
      const options = [...keysOf(schemasAt(root, place.path))].map(([key, info]) => ({
        label: `"${key}"`,
        apply: closes ? `"${key}` : `"${key}": `,
        info,
        type: 'property',
      }))
      return { from, options, validFor: /^"?\w*$/ }
    }
    const path = place.key === null ? [...place.path, '0'] : [...place.path, place.key]
    const values = valuesOf(schemasAt(root, path)).map((label) => ({ label, apply: written(label), type: 'enum' }))
    const labels = names().map(({ name }) => ({ label: `"${name}"`, apply: written(`"${name}"`), type: 'constant' }))
    return { from, options: values.length > 0 ? values : labels, validFor: /^"?[\w.-]*$/ }
  }
}
