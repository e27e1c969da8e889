import { expect, test } from 'vitest'
import type { ComparedRow, Comparison } from '../worker/protocol.ts'
import { comparingOf, nextRow, stepsAt } from './comparing.ts'
import { createPage } from './page.ts'
import { aChoice, aScenario, aVerdict, aWorld, settled } from './testing.ts'

/** "1=1 2- -2 3~3": steps of A and B from 1; `-` where a run has none. */
const rows = (text: string): ComparedRow[] =>
  text.split(' ').map((word) => {
    const [a = '', b = ''] = word.split(/[=~,]/)
    const step = (part: string) => (part === '-' ? null : Number(part) - 1)
    return { a: step(a), b: step(b), differs: word.includes('~') }
  })

const compared = (text: string, first: ComparedRow | null): Comparison => {
  const run = { steps: [], timeline: null, roles: ['one'], violated: null, ended: true, remarks: [] }
  return { a: run, b: run, runs: { shared: 0, cpus: [{ cpu: 0, rows: rows(text), whole: true }], first: first && { cpu: 0, row: first } } }
}

test('where a run lacks a row it stays where its CPU was', () => {
  const comparison = compared('1=2 2,- 5,- -,7 9=8', null)
  const at = (row: number) => Object.values(stepsAt(comparison, { cpu: 0, row }))
  expect([-1, 0, 1, 2, 3, 4].map(at)).toEqual([
    [0, 0],
    [1, 2],
    [2, 2],
    [5, 2],
    [5, 7],
    [9, 8],
  ])
})

test('one walks row by row, or from one stretch of differences to the next, and stays at the ends', () => {
  const list = rows('1=1 2,- 3,- 4=2 5~3 6=4')
  expect([nextRow(list, -1, 1, false), nextRow(list, 5, 1, false), nextRow(list, 0, -1, false), nextRow(list, -1, -1, false)]).toEqual([0, 5, -1, -1])
  expect([nextRow(list, -1, 1, true), nextRow(list, 1, 1, true), nextRow(list, 4, 1, true)]).toEqual([1, 4, 4])
  expect([nextRow(list, 5, -1, true), nextRow(list, 4, -1, true), nextRow(list, 1, -1, true)]).toEqual([4, 1, 1])
})

async function aSession() {
  const world = aWorld()
  const page = createPage(world)
  page.start()
  await world.stepper.answer({ kind: 'catalog', scenarios: [aScenario('one')], tour: [] })
  await world.stepper.view({ scenario: aScenario('one'), movers: [0, 1], choices: [aChoice(0)] })
  return { world, page, comparing: comparingOf(page) }
}

test('two branches: their schedules are asked for, compared by a helper, and one stands at the first difference', async () => {
  const { world, comparing } = await aSession()
  comparing.compare(0, { kind: 'branch', branch: 1 })
  expect(world.stepper.last).toEqual({ kind: 'schedules', most: 200_000 })
  const branches = [
    { id: 0, schedule: '0s 1s' },
    { id: 1, schedule: '1s' },
  ]
  await world.stepper.answer({ kind: 'schedules', branches })
  const helper = world.helpersMade[0]
  expect(helper?.last).toEqual({ kind: 'compare-run', side: 'a', scenario: 'one', params: {}, schedule: '0s 1s' })
  await helper?.answer({ kind: 'compare-run', remarks: [] })
  expect(helper?.last).toMatchObject({ side: 'b', schedule: '1s' })
  await helper?.answer({ kind: 'compare-run', remarks: [] })
  const list = rows('1=1 2,-')
  await helper?.answer({ kind: 'compare', ...compared('1=1 2,-', list[1] as ComparedRow) })
  expect(comparing.store.getState()).toMatchObject({ busy: false, place: { cpu: 0, row: 1 } })
  expect(helper?.last).toEqual({ kind: 'compare-at', a: 2, b: 1 })
  comparing.walk(-1, false)
  comparing.walk(-1, false)
  await helper?.answer({ kind: 'compare-at', a: 2, b: 1, differences: [] })
  expect(helper?.last).toEqual({ kind: 'compare-at', a: 0, b: 0 })
})

test('a race that is known is taken; where none exists that is said', async () => {
  const { world, page, comparing } = await aSession()
  const violation = { property: 'p', title: '', steps: 1, switches: 0, schedule: '1s', cycle: null }
  page.store.setState({
    verdicts: {
      '["one",[["sync1","off"]]]': aVerdict({ kind: 'violated', violations: [violation] }),
      '["one",[["sync1","on"]]]': aVerdict({ states: 1234 }),
    },
  })
  comparing.compare(0, { kind: 'race', params: { sync1: 'off' } })
  await world.stepper.answer({ kind: 'schedules', branches: [{ id: 0, schedule: '0s' }] })
  await settled()
  await world.helpersMade[0]?.answer({ kind: 'compare-run', remarks: [] })
  expect(world.helpersMade[0]?.last).toMatchObject({ side: 'b', params: { sync1: 'off' }, schedule: '1s' })
  comparing.compare(0, { kind: 'race', params: { sync1: 'on' } })
  await world.stepper.answer({ kind: 'schedules', branches: [{ id: 0, schedule: '0s' }] })
  expect(comparing.store.getState()).toMatchObject({
    busy: false,
    refused: [expect.stringMatching(/^With these parameters there is no race: all 1,234/)],
  })
})
