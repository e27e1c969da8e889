import { expect, test } from 'vitest'
import { Random } from '../lib/random.ts'
import { PAGE, type PagedState, pagesOf, restorePages } from './paged-state.ts'

test('every state that was kept comes back, and what did not change is there once', () => {
  const random = new Random(21)
  const w = Int32Array.from({ length: 5 * PAGE + 100 }, () => random.below(1000))
  const kept: { readonly state: PagedState; readonly words: Int32Array }[] = []
  for (let round = 0; round < 40; round++) {
    w[random.below(w.length)] = random.below(1000)
    kept.push({ state: pagesOf(w, kept.at(-1)?.state), words: w.slice() })
  }
  for (const { state, words } of kept.toReversed()) {
    restorePages(w, state)
    expect(w, 'seed 21').toEqual(words)
  }
  // Six pages at first, then at most one a round.
  expect(new Set(kept.flatMap(({ state }) => state)).size).toBeLessThanOrEqual(6 + 39)
})
