/** The words for who moves when the run plays by itself, and how fast. */
import type { Scheduler } from '../worker/protocol.ts'

export const SCHEDULERS: readonly { readonly words: string; readonly scheduler: Scheduler }[] = [
  { words: 'same CPU', scheduler: { kind: 'same-cpu' } },
  { words: 'in turn', scheduler: { kind: 'round-robin' } },
  { words: 'at random', scheduler: { kind: 'random', seed: 1 } },
  { words: 'few switches', scheduler: { kind: 'fewest-switches' } },
]

/** `speed`: steps a second. */
export function speedWords(speed: number): string {
  return speed < 1 ? `1 in ${1 / speed} s` : `${speed} / s`
}
