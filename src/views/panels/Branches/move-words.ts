/** What becomes of a run whose block is moved, in a sentence. */
import type { MoveOutcome } from '../../../worker/protocol.ts'
import { count, grouped } from '../../format.ts'

export type Tone = 'waiting' | 'good' | 'attention' | 'violation'

/** undefined: not known yet; null: cannot be known. */
export function outcomeTone(outcome: MoveOutcome | null | undefined): Tone {
  if (outcome === undefined) return 'waiting'
  if (outcome === null) return 'attention'
  return outcome.violated !== null ? 'violation' : outcome.lost > 0 ? 'attention' : 'good'
}

export function outcomeWords(outcome: MoveOutcome | null | undefined): string {
  if (outcome === undefined) return '…'
  if (outcome === null) return 'this run cannot be played otherwise.'
  const { lost, firstLost, otherwise, firstOtherwise, violated, open, sameState, steps } = outcome
  const parts: string[] = []
  if (lost === 0) parts.push('possible')
  else {
    const first = firstLost === null ? '' : `, the first is step ${grouped(firstLost.step)} (CPU ${firstLost.cpu}, ${firstLost.token})`
    parts.push(`${count(lost, 'step')} would not be possible${first}, and ${lost === 1 ? 'is' : 'are'} left out`)
  }
  if (otherwise > 0 && firstOtherwise !== null) {
    parts.push(`CPU ${firstOtherwise.cpu} executes other bytes${otherwise === 1 ? '' : `, ${otherwise} times`}`)
  }
  if (violated !== null) parts.push(`it breaks “${violated.property}” at step ${grouped(violated.step)}`)
  else if (sameState) parts.push('it ends in the same state: nothing depends on this order')
  else
    parts.push(
      open === 0
        ? `all is done after ${count(steps, 'step')}, in another state`
        : `after ${count(steps, 'step')} it stands in another state and goes on`,
    )
  return `${parts.join('; ')}.`
}
