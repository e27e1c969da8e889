/** The stack as a reader wants it: the many saved registers of a frame folded into one line, unless one of them matters now. */
import type { StackWord } from '../../snapshot.ts'

export type StackRow = { readonly kind: 'word'; readonly word: StackWord } | { readonly kind: 'folded'; readonly words: readonly StackWord[] }

/** Runs of at least so many are folded. */
const FOLD_FROM = 4

export function foldStack(words: readonly StackWord[]): readonly StackRow[] {
  const rows: StackRow[] = []
  for (let i = 0; i < words.length; ) {
    let end = i
    while (end < words.length && foldsWith(words[i] as StackWord, words[end] as StackWord)) end++
    if (end - i >= FOLD_FROM) {
      rows.push({ kind: 'folded', words: words.slice(i, end) })
      i = end
    } else {
      for (const stop = Math.max(end, i + 1); i < stop; i++) rows.push({ kind: 'word', word: words[i] as StackWord })
    }
  }
  return rows
}

function foldsWith(first: StackWord, word: StackWord): boolean {
  const isQuiet = !word.changed && !word.top && word.altered === null
  return isQuiet && (word.kind === 'software' || word.kind === 'gap') && word.kind === first.kind && word.frame === first.frame
}

/** "rdi … r15 (15 words)"; "gap (6 words)" where all have one name. */
export function foldedLabel(words: readonly StackWord[]): string {
  const [first, last] = [words[0]?.label, words.at(-1)?.label]
  return `${first === last ? first : `${first} … ${last}`} (${words.length} words)`
}

export const KIND_WORDS: Readonly<Record<StackWord['kind'], string>> = {
  plain: '',
  hardware: 'pushed by the CPU',
  software: 'pushed in the handler',
  gap: 'gap',
  return: 'return address',
}
