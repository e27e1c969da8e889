import { expect, test } from 'vitest'
import type { MoveOutcome } from '../../../worker/protocol.ts'
import { outcomeTone, outcomeWords } from './move-words.ts'

const outcome = (more: Partial<MoveOutcome> = {}): MoveOutcome => ({
  steps: 80,
  lost: 0,
  firstLost: null,
  otherwise: 0,
  firstOtherwise: null,
  violated: null,
  open: 2,
  sameState: false,
  ...more,
})

test('what a moved block leads to is said: possible or not, other bytes, and what it ends in', () => {
  expect(outcomeWords(outcome({ sameState: true }))).toBe('possible; it ends in the same state: nothing depends on this order.')
  expect(outcomeWords(outcome({ open: 0 }))).toBe('possible; all is done after 80 steps, in another state.')
  const first = { step: 41, cpu: 1, token: '1d' }
  expect(outcomeWords(outcome({ lost: 2, firstLost: first }))).toContain(
    '2 steps would not be possible, the first is step 41 (CPU 1, 1d), and are left out',
  )
  expect(outcomeWords(outcome({ otherwise: 1, firstOtherwise: first, violated: { step: 9, property: 'no oops' } }))).toBe(
    'possible; CPU 1 executes other bytes; it breaks “no oops” at step 9.',
  )
  expect([undefined, null, outcome(), outcome({ lost: 1 }), outcome({ lost: 1, violated: { step: 1, property: '' } })].map(outcomeTone)).toEqual([
    'waiting',
    'attention',
    'good',
    'attention',
    'violation',
  ])
})
