import { expect, test } from 'vitest'
import { agreement, expectedVerdict, verdictKey } from './selectors.ts'
import { aScenario, aVerdict } from './testing.ts'

const claim = { when: {}, verdict: 'violated', states: 10, violates: ['torn'] } as const
const violation = { property: 'torn', title: '', steps: 1, switches: 0, schedule: '', cycle: null }

test('a verdict is named by scenario and parameters, in whatever order they stand', () => {
  expect(verdictKey('a', { x: '1', y: '2' })).toBe(verdictKey('a', { y: '2', x: '1' }))
  expect(verdictKey('a', { x: '1' })).not.toBe(verdictKey('a', { x: '2' }))
})

test('the claim that names most of the parameters counts; a parameter that is not given has its default', () => {
  const expected = [
    { ...claim, when: { sync1: 'on' } },
    { ...claim, when: { sync1: 'on', site: 'across' } },
    { ...claim, when: { sync1: 'off' } },
  ]
  const scenario = aScenario('a', { expected })
  expect(expectedVerdict(scenario, { site: 'across' })).toBe(expected[1])
  expect(expectedVerdict(scenario, { sync1: 'off', site: 'across' })).toBe(expected[2])
  expect(expectedVerdict(aScenario('b'), {})).toBeNull()
})

test.each([
  ['the same verdict with the same violations agrees', aVerdict({ kind: 'violated', violations: [violation] }), 'agrees'],
  ['another verdict differs', aVerdict({ kind: 'exhausted' }), 'differs'],
  ['another number of states differs', aVerdict({ kind: 'violated', states: 11, violations: [violation] }), 'differs'],
  ['a missing violation differs', aVerdict({ kind: 'violated' }), 'differs'],
  ['a cut search decides nothing', aVerdict({ kind: 'cut', complete: false }), 'undecided'],
] as const)('%s', (_, verdict, outcome) => {
  expect(agreement(claim, verdict)).toBe(outcome)
})
