import { expect, test } from 'vitest'
import { answer } from './words.ts'

const cell = (verdict: 'violated' | 'exhausted' | 'cut') => ({ verdict })

test('needed is said only where everything on was exhausted, and not needed only where the cell itself was', () => {
  expect(answer(cell('violated'), cell('exhausted'))).toBe('needed')
  expect(answer(cell('exhausted'), cell('cut'))).toBe('not-needed')
  expect(answer(cell('violated'), cell('violated'))).toBe('anyway')
  expect(answer(cell('violated'), cell('cut'))).toBe('race')
  expect(answer(cell('cut'), cell('exhausted'))).toBe('cut')
})

test('of a pair, either is needed where the race is there without both and with each of them', () => {
  expect(answer(cell('violated'), cell('exhausted'), [cell('exhausted'), cell('exhausted')])).toBe('either')
  expect(answer(cell('violated'), cell('exhausted'), [cell('exhausted'), cell('violated')])).toBe('needed')
  expect(answer(cell('violated'), cell('exhausted'), [cell('exhausted'), null])).toBe('needed')
  expect(answer(cell('violated'), cell('violated'), [cell('exhausted'), cell('exhausted')])).toBe('anyway')
})

test('the row from which nothing was removed speaks for itself', () => {
  expect((['violated', 'exhausted', 'cut'] as const).map((verdict) => answer(cell(verdict), null))).toEqual(['race', 'exhausted', 'cut'])
})
