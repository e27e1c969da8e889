/**
 * What somebody looks for in a timeline, as they type it. Terms stand side by side and must all hold; a minus excludes.
 *
 *     stale cpu:1            words: in labels, kinds, roles          "neither old"     several words as one
 *     kind:int3  is:nmi      a kind by its name                      step:40-60        a range of steps
 *     0xffffffff81001000     an address, or the end of one (…1000, 0x1000): what executed, loaded, stored or fetched it
 *     0xfb                   few digits may as well be part of a text: a vector
 *     -fetch
 */

export type Term = { readonly not: boolean } & (
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'kind'; readonly text: string }
  | { readonly kind: 'cpu'; readonly cpu: number }
  /** Steps as people count them: the first one is 1. */
  | { readonly kind: 'steps'; readonly from: number; readonly to: number }
  /** Hexadecimal digits; `whole`: all of the address. `text`: what it may be instead, as a text. */
  | { readonly kind: 'address'; readonly digits: string; readonly whole: boolean; readonly text: string | null }
)

export function parseQuery(text: string): readonly Term[] {
  const terms: Term[] = []
  for (const match of text.toLowerCase().matchAll(/(-?)(?:"([^"]*)"?|(\S+))/g)) {
    const not = match[1] === '-'
    const quoted = match[2]
    const word = match[3] ?? ''
    if (quoted !== undefined) {
      if (quoted !== '') terms.push({ kind: 'text', text: quoted, not })
    } else if (word !== '') terms.push({ ...termOf(word), not })
  }
  return joinCpu(terms)
}

function termOf(word: string): Omit<Term, 'not'> & Term {
  const not = false
  const [, key, value] = /^(cpu|kind|is|step|steps|at):(.*)$/.exec(word) ?? []
  if (key === 'cpu' && /^\d$/.test(value as string)) return { kind: 'cpu', cpu: Number(value), not }
  if ((key === 'kind' || key === 'is') && value !== '') return { kind: 'kind', text: value as string, not }
  const steps = key === 'step' || key === 'steps' ? /^(\d{1,9})(?:-(\d{1,9})?)?$/.exec(value as string) : null
  if (steps !== null) {
    const from = Number(steps[1])
    const to = steps[2] !== undefined ? Number(steps[2]) : (value as string).endsWith('-') ? Number.MAX_SAFE_INTEGER : from
    return { kind: 'steps', from, to, not }
  }
  const cpu = /^cpu(\d)$/.exec(word)
  if (cpu !== null) return { kind: 'cpu', cpu: Number(cpu[1]), not }
  const address = /^(0x|…|\.\.\.|0x…)([0-9a-f]{2,16})$/.exec(key === 'at' ? (value as string) : word)
  if (address !== null) {
    const digits = (address[2] as string).replace(/^0+(?=.)/, '')
    // Pages show the ends of addresses: few digits are one.
    const whole = address[1] === '0x' && digits.length > 6
    return { kind: 'address', digits, whole, text: whole || address[1] !== '0x' || key === 'at' ? null : word, not }
  }
  return { kind: 'text', text: word, not }
}

/** "CPU 1" in two words. */
function joinCpu(terms: readonly Term[]): Term[] {
  const joined: Term[] = []
  for (let i = 0; i < terms.length; i++) {
    const term = terms[i] as Term
    const next = terms[i + 1]
    if (term.kind === 'text' && term.text === 'cpu' && next?.kind === 'text' && /^\d$/.test(next.text)) {
      joined.push({ kind: 'cpu', cpu: Number(next.text), not: term.not })
      i++
    } else joined.push(term)
  }
  return joined
}
