/** Letters of cache coherence, in words. */
import type { CacheState, LineCopy } from '../snapshot.ts'

export const CACHE_STATES: Readonly<Record<CacheState, string>> = {
  M: 'modified, nobody else has it',
  O: 'owned, others share what it has written',
  E: 'exclusive, nobody else has it',
  S: 'shared',
  F: 'shared, and it forwards it to others',
  I: 'invalid, it has no copy',
}

/** "S"; "I → S" where the last step made it so. */
export function copyLetters({ state, before }: LineCopy): string {
  return before === null ? state : `${before} → ${state}`
}

/** "CPU 1 has this 64-byte line: shared, as instructions (invalid before this step)"; of two lines, which. */
export function copiesSentence(cpu: number, copies: readonly LineCopy[]): string {
  const words = copies.map(({ state, before, instructions }, i) => {
    const which = copies.length === 1 ? '' : i === 0 ? 'first line ' : 'second line '
    const was = before === null ? '' : ` (${shortly(before)} before this step)`
    return `${which}${CACHE_STATES[state]}${instructions ? ', as instructions' : ''}${was}`
  })
  return `In the cache of CPU ${cpu}: ${words.join('; ')}`
}

/** "M I I" in words, by CPU. */
export function holdersSentence(states: readonly CacheState[]): string {
  return `Its cache line: ${states.map((state, cpu) => `CPU ${cpu} ${shortly(state)}`).join(', ')}`
}

function shortly(state: CacheState): string {
  return CACHE_STATES[state].replace(/,.*$/, '')
}
