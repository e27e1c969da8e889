/** Verdicts in words. Only what was exhausted may sound safe. */
import type { Agreement } from '../../../store/selectors.ts'
import type { ExpectedVerdict, SearchVerdict } from '../../../worker/protocol.ts'
import { count, grouped, listed } from '../../format.ts'

export interface Finding {
  readonly tone: 'violation' | 'proved' | 'attention'
  readonly word: string
  readonly sentence: string
}

export function finding(verdict: SearchVerdict): Finding {
  const states = count(verdict.states, 'state')
  switch (verdict.kind) {
    case 'violated': {
      const first = verdict.violations[0]
      const shortest =
        first === undefined
          ? ''
          : ` The shortest takes ${count(first.steps, 'step')} and ${count(first.switches, 'switch', 'switches')} between CPUs.`
      const extent = verdict.complete ? `All ${states} were visited.` : `${states} were visited until it was found.`
      return { tone: 'violation', word: 'Violated', sentence: `There is a race.${shortest} ${extent}` }
    }
    case 'exhausted':
      return {
        tone: 'proved',
        word: 'Exhausted',
        sentence: `No race exists within this model: every one of ${states} that can be reached was visited, and each keeps every property.`,
      }
    case 'cut': {
      const found = verdict.violations.length > 0 ? 'A race was found, but there may be others.' : 'No race was found, but this proves nothing.'
      return { tone: 'attention', word: 'Cut', sentence: `The search stopped at a bound (${verdict.cut ?? 'unknown'}) after ${states}. ${found}` }
    }
  }
}

export function claimSentence(claim: ExpectedVerdict, titles: (id: string) => string): string {
  const states = claim.states > 0 ? `, ${grouped(claim.states)} states` : ''
  if (claim.verdict === 'exhausted') return `The scenario says of these parameters: exhausted, no race${states}.`
  const broken = claim.violates.length > 0 ? `: it breaks ${listed(claim.violates.map((id) => `“${titles(id)}”`))}` : ''
  return `The scenario says of these parameters: violated${broken}${states}.`
}

export const AGREEMENT: Readonly<Record<Agreement, string>> = {
  agrees: '✓ The search agrees.',
  differs: '✕ The search found otherwise: this is worth a report.',
  undecided: 'The search has not decided it.',
}

/** Of a text that somebody has edited: what it expects was mostly written before. */
export const DIFFERS_EDITED = '✕ The search finds otherwise now: that was expected before the text was changed.'

type Race = SearchVerdict['violations'][number]
type Calm = NonNullable<Race['preemptions']>

/** Is there a race with the fewest preemptions that is another one than the shortest? */
export function isCalmer(race: Race): race is Race & { readonly preemptions: Calm } {
  return race.preemptions !== undefined && race.preemptions !== null && race.preemptions.schedule !== race.schedule
}

export function preemptionWords({ count: preemptions, steps }: Calm): string {
  const words = preemptions === 0 ? 'no preemption' : preemptions === 1 ? 'one preemption only' : `${preemptions} preemptions only`
  return `with ${words}, in ${count(steps, 'step')}`
}

/** A share that is never rounded to nothing, nor to all. */
export function share(part: number, whole: number): string {
  const percent = whole === 0 ? 0 : (100 * part) / whole
  if (part > 0 && percent < 0.1) return 'less than 0.1 %'
  return `${part < whole && percent > 99.9 ? '99.9' : Number(percent.toFixed(1))} %`
}
