import { expect, test } from 'vitest'
import { searchSays } from './words.ts'

const row = (how: string, violates: readonly string[]) => ({
  when: { how },
  verdict: violates.length > 0 ? ('violated' as const) : ('exhausted' as const),
  states: 1,
  violates,
})

test('what the search says counts the rows of that strategy only', () => {
  const scenario = {
    strategies: { param: 'how', cards: [] },
    expected: [row('a', []), row('a', ['torn']), row('b', [])],
    properties: [{ id: 'torn', title: 'whole instructions' }],
  }
  expect(searchSays(scenario, 'a')).toBe('Of 2 ways to set the parameters, one is exhausted clean; 1 break “whole instructions”.')
  expect(searchSays(scenario, 'b')).toBe('Of the one way to set the parameters, all were exhausted: nothing is violated.')
  expect(searchSays(scenario, 'c')).toBe('No verdict is stated.')
})
