/** Choices in the order of the snapshot, gathered by CPU: the number that takes a choice is its place in the whole list. */
import type { Ahead } from '../../../worker/protocol.ts'
import { count } from '../../format.ts'
import type { ChoiceView } from '../../snapshot.ts'

export interface NumberedChoice extends ChoiceView {
  readonly index: number
}

export interface CpuChoices {
  readonly cpu: number
  readonly choices: readonly NumberedChoice[]
}

export function byCpu(choices: readonly ChoiceView[]): readonly CpuChoices[] {
  const groups = new Map<number, NumberedChoice[]>()
  for (const [index, choice] of choices.entries()) {
    const group = groups.get(choice.cpu)
    if (group === undefined) groups.set(choice.cpu, [{ ...choice, index }])
    else group.push({ ...choice, index })
  }
  return [...groups].map(([cpu, of]) => ({ cpu, choices: of }))
}

/** What lies ahead, in a few words. "Safe" is said only where all that can follow was visited. */
export function aheadWords(ahead: Ahead): string {
  switch (ahead.kind) {
    case 'race':
      return `race in ${count(ahead.steps, 'step')}`
    case 'safe':
      return 'safe from here'
    case 'cut':
      return 'not decided'
  }
}
