/** A comparison in sentences, and its rows folded for reading. */
import { isDifference } from '../../store/comparing.ts'
import type { Compared, ComparedRow, Comparison } from '../../worker/protocol.ts'
import { count, grouped } from '../format.ts'

/** Where the runs part, what is done otherwise first, and how each ends. */
export function summary({ a, b, runs }: Comparison): { readonly parts: string; readonly first: string | null; readonly ends: readonly string[] } {
  const ends = [`A ${ending(a)}`, `B ${ending(b)}`]
  const { shared, first } = runs
  if (shared === a.steps.length && shared === b.steps.length)
    return { parts: `Both runs are the same, all ${count(shared, 'step')}.`, first: null, ends }
  const same = shared === 1 ? 'The first step is the same' : `The first ${count(shared, 'step')} are the same`
  const before = shared === 0 ? 'They part at the very first step' : `${same}; then they part`
  const parts = `${before}: ${doing('A', a, shared)}, ${doing('B', b, shared)}.`
  if (first === null) {
    const longer = runs.cpus.some(({ rows }) => rows.some(isDifference))
    const same = longer ? 'As far as both go, each CPU does the same in both runs' : 'Each CPU does the same in both runs'
    return { parts, first: `${same}: only the order differs${longer ? ', and how far each goes' : ''}.`, ends }
  }
  const { row, cpu } = first
  // Where the order parts and what is done otherwise are one step, one sentence is enough.
  if (row.a === shared && row.b === shared) return { parts: `${before}: ${otherwise(a, b, row, cpu)}.`, first: null, ends }
  return { parts, first: `The first thing that a CPU does otherwise: ${otherwise(a, b, row, cpu)}.`, ends }
}

function doing(side: string, run: Compared, at: number): string {
  const step = run.steps[at]
  return step === undefined ? `${side} ends there` : `in ${side} ${moves(step)}`
}

function moves({ cpu, title }: Compared['steps'][number]): string {
  return title.startsWith('store ') ? `CPU ${cpu}’s ${title}` : `CPU ${cpu} ${title}`
}

function otherwise(a: Compared, b: Compared, { a: left, b: right }: ComparedRow, cpu: number): string {
  const [one, other] = [left === null ? undefined : a.steps[left], right === null ? undefined : b.steps[right]]
  const at = (side: string, step: number | null) => `step ${grouped((step ?? 0) + 1)} of ${side}`
  if (one === undefined && other === undefined) return 'nothing'
  if (other === undefined) return `CPU ${cpu} ${(one as Compared['steps'][number]).title} in A only (${at('A', left)})`
  if (one === undefined) return `CPU ${cpu} ${other.title} in B only (${at('B', right)})`
  if (one.title !== other.title) return `CPU ${cpu} ${one.title} in A, and ${other.title} in B (${at('A', left)}, ${at('B', right)})`
  return `CPU ${cpu} ${one.title}, in A: ${one.effect || 'nothing changes'}; in B: ${other.effect || 'nothing changes'}`
}

function ending({ steps, violated, ended }: Compared): string {
  if (violated !== null) return `breaks “${violated.property}” at step ${grouped(violated.step)}.`
  return `keeps every property; ${ended ? `all is done after ${count(steps.length, 'step')}` : `it is ${count(steps.length, 'step')} long and could go on`}.`
}

/** What is drawn: rows, and stretches of equal ones as one line. `to` is exclusive. */
export type Item =
  | { readonly kind: 'row'; readonly row: number }
  | { readonly kind: 'fold'; readonly from: number; readonly to: number }
  | { readonly kind: 'more'; readonly count: number; readonly where: 'before' | 'after' }

/** Equal rows that are kept beside a difference, and beside the place where one stands. */
const CONTEXT = 1
/** Shorter stretches are no gain. */
const SHORTEST = 3
/** Items to either side of the present one: what is far away is counted, not drawn. */
const AROUND = 120

export function foldRows(rows: readonly ComparedRow[], present: number, open: ReadonlySet<number>): readonly Item[] {
  const shown = rows.map((row, i) => isDifference(row) || Math.abs(i - present) <= CONTEXT)
  const kept = shown.map((_, i) => {
    for (let j = Math.max(0, i - CONTEXT); j <= Math.min(rows.length - 1, i + CONTEXT); j++) if (shown[j] === true) return true
    return false
  })
  const items: Item[] = []
  let middle = 0
  for (let i = 0; i < rows.length; ) {
    let end = i
    while (end < rows.length && kept[end] !== true) end++
    if (end - i >= SHORTEST && !open.has(i)) {
      items.push({ kind: 'fold', from: i, to: end })
      i = end
    } else {
      for (end = Math.max(end, i + 1); i < end; i++) {
        if (i <= present) middle = items.length
        items.push({ kind: 'row', row: i })
      }
    }
  }
  const from = Math.max(0, middle - AROUND)
  const to = Math.min(items.length, middle + AROUND)
  return [
    ...(from > 0 ? [{ kind: 'more', count: from, where: 'before' } as const] : []),
    ...items.slice(from, to),
    ...(to < items.length ? [{ kind: 'more', count: items.length - to, where: 'after' } as const] : []),
  ]
}
