/** What may be written at the cursor: from the assembler's tables, the names of the program, and the scenario's schema. */
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import type { AssemblyWords } from '../../worker/protocol.ts'
import { jsonPlace } from './json-language.ts'
import { keysOf, type Schema, schemasAt, valuesOf } from './schema.ts'

/** Names that the texts define, also while they do not assemble. */
export function namesIn(texts: readonly string[]): readonly string[] {
  const defined = /^[ \t]*(?:([A-Za-z_.?@][\w.?@$#]*)[ \t]*:|(?:func|macro)[ \t]+([\w.?@$#]+)|([A-Za-z_][\w.]*)[ \t]+equ\b)/gim
  return [...new Set(texts.flatMap((text) => [...text.matchAll(defined)].map(([, label, func, equ]) => label ?? func ?? equ ?? '')))]
}

export function completeAssembly(words: AssemblyWords, names: () => readonly string[]) {
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
    const own = names().map((label) => ({ label, type: 'constant' }))
    return { from: word?.from ?? context.pos, options: begins ? [...statements, ...own] : [...own, ...operands], validFor: /^[\w.?@$#%]*$/ }
  }
}

export function completeJson(schema: () => Schema | null, names: () => readonly string[]) {
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
    const labels = names().map((name) => ({ label: `"${name}"`, apply: written(`"${name}"`), type: 'constant' }))
    return { from, options: values.length > 0 ? values : labels, validFor: /^"?[\w.-]*$/ }
  }
}
