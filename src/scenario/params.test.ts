import { expect, test } from 'vitest'
import { matches } from './expectation.ts'
import { combinations } from './params.ts'
import { scenarioOf } from './toy.ts'

const { file } = scenarioOf({
  format: 1,
  id: 'own',
  title: 'own',
  program: [{ name: 'own.asm', text: 'start: hlt' }],
  cpus: [{ role: 'only', entry: 'start' }],
  params: [
    { name: 'a', title: 'a', values: ['x', 'y'], default: 'x' },
    { name: 'n', title: 'n', values: ['2', '40000'], default: '2', unsearched: ['40000'] },
  ],
})

test('values that are not searched are in no combination, and no expected verdict speaks of them', () => {
  expect(combinations(file)).toEqual([
    { a: 'x', n: '2' },
    { a: 'y', n: '2' },
  ])
  expect(matches({ when: { a: 'x' } }, { a: 'x', n: '2' }, file)).toBe(true)
  expect(matches({ when: { a: 'x' } }, { a: 'x', n: '40000' }, file)).toBe(false)
})
