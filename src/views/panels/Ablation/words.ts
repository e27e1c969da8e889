/** Cells in words. Only what was exhausted may say "not needed"; that it means within this model stands over the table. */
import type { CellResult } from '../../../worker/protocol.ts'

export type Said = 'needed' | 'not-needed' | 'race' | 'anyway' | 'exhausted' | 'cut'

/** `everything`: the cell from which nothing was removed; null where this is it. */
export function answer(cell: Pick<CellResult, 'verdict'>, everything: Pick<CellResult, 'verdict'> | null): Said {
  if (cell.verdict === 'cut') return 'cut'
  if (everything === null) return cell.verdict === 'violated' ? 'race' : 'exhausted'
  if (cell.verdict === 'exhausted') return 'not-needed'
  // As long as nobody knows whether it breaks with everything on, a race is only a race.
  return everything.verdict === 'violated' ? 'anyway' : everything.verdict === 'exhausted' ? 'needed' : 'race'
}

export const SIGNS: Readonly<Record<Said, string>> = { needed: '✕', 'not-needed': '✓', race: '✕', anyway: '✕', exhausted: '✓', cut: '–' }

export const WORDS: Readonly<Record<Said, string>> = {
  needed: 'needed',
  'not-needed': 'not needed',
  race: 'violated',
  anyway: 'broken anyway',
  exhausted: 'no race',
  cut: 'not decided',
}

export function fetchTitle(fetch: string | null): string {
  return fetch ?? 'verdict'
}
