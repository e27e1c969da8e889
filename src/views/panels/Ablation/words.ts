/** Cells in words. Only what was exhausted may say "not needed"; that it means within this model stands over the table. */
import type { CellResult } from '../../../worker/protocol.ts'

export type Said = 'needed' | 'either' | 'not-needed' | 'race' | 'anyway' | 'exhausted' | 'cut'

type Known = Pick<CellResult, 'verdict'>

/** `everything`: the cell from which nothing was removed; null where this is it. `parts`, of a pair: the cells from which only one of the two was. */
export function answer(cell: Known, everything: Known | null, parts: readonly (Known | null)[] = []): Said {
  if (cell.verdict === 'cut') return 'cut'
  if (everything === null) return cell.verdict === 'violated' ? 'race' : 'exhausted'
  if (cell.verdict === 'exhausted') return 'not-needed'
  if (everything.verdict === 'exhausted' && parts.length > 0 && parts.every((part) => part?.verdict === 'exhausted')) return 'either'
  // As long as nobody knows whether it breaks with everything on, a race is only a race.
  return everything.verdict === 'violated' ? 'anyway' : everything.verdict === 'exhausted' ? 'needed' : 'race'
}

export const SIGNS: Readonly<Record<Said, string>> = { needed: '✕', either: '✕', 'not-needed': '✓', race: '✕', anyway: '✕', exhausted: '✓', cut: '–' }

export const WORDS: Readonly<Record<Said, string>> = {
  needed: 'needed',
  either: 'one of the two needed',
  'not-needed': 'not needed',
  race: 'violated',
  anyway: 'broken anyway',
  exhausted: 'no race',
  cut: 'not decided',
}

export function fetchTitle(fetch: string | null): string {
  return fetch ?? 'verdict'
}
