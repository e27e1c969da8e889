/** The ablation table, what lies ahead, what was seen, and searches that go on: the page's side of them, with workers that answer when they are told to. */
import { expect, test, vi } from 'vitest'
import type { AblationPlan } from '../worker/protocol.ts'
import { createPage, type Page } from './page.ts'
import { aScenario, aVerdict, aWorld, settled, type World } from './testing.ts'

async function aPage(): Promise<{ page: Page; world: World }> {
  const world = aWorld()
  const page = createPage(world)
  page.start()
  await world.stepper.answer({ kind: 'catalog', scenarios: [aScenario('one')], tour: [] })
  await world.stepper.view({ scenario: aScenario('one') })
  await world.timer.pass(1000)
  return { page, world }
}

const PLAN: AblationPlan = {
  off: [],
  restored: null,
  rows: [
    { removed: [], title: 'everything on' },
    { removed: ['sync1'], title: 'sync 1' },
    { removed: ['sync2'], title: 'sync 2' },
  ],
  fetches: ['worst'],
  cells: [0, 1, 2].map((row) => ({ row, fetch: 'worst', params: { sync1: row === 1 ? 'off' : 'on' } })),
}
const RACE = { property: 'p', title: 'p', steps: 7, switches: 1, schedule: '0s*7', cycle: null, trap: null, shortest: true, preemptions: null }
const EXHAUSTED = { kind: 'cell', result: { verdict: 'exhausted', states: 5, transitions: 9, cut: null, race: null } } as const
const VIOLATED = { kind: 'cell', result: { verdict: 'violated', states: 3, transitions: 4, cut: null, race: RACE } } as const

test('the ablation table fills cell by cell, from several helpers, which are let go in the end', async () => {
  const { page, world } = await aPage()
  page.ablate(false)
  await vi.dynamicImportSettled()
  const [first, second] = world.helpersMade
  await first?.answer({ kind: 'ablation-plan', plan: PLAN })
  const cells = () => Object.values(page.store.getState().ablations)[0]?.cells.map((cell) => cell?.verdict ?? null)
  expect(cells()).toEqual([null, null, null])
  await second?.answer(VIOLATED)
  expect(cells()).toEqual([null, 'violated', null])
  await first?.answer(EXHAUSTED)
  await second?.answer(EXHAUSTED)
  expect(cells()).toEqual(['exhausted', 'violated', 'exhausted'])
  expect(page.store.getState().ablating).toBeNull()
  expect(world.helpersMade.every(({ disposed }) => disposed)).toBe(true)
  page.loadCell(1)
  expect(world.stepper.last).toMatchObject({ kind: 'open', params: { sync1: 'off' }, schedule: '0s*7', cursor: 7 })
})

test('a cancelled table keeps its finished cells and ends its helpers', async () => {
  const { page, world } = await aPage()
  page.ablate(true)
  await vi.dynamicImportSettled()
  expect(world.helpersMade[0]?.last).toMatchObject({ kind: 'ablation-plan', pairs: true })
  await world.helpersMade[0]?.answer({ kind: 'ablation-plan', plan: PLAN })
  await world.helpersMade[0]?.answer(EXHAUSTED)
  page.cancelAblation()
  await world.helpersMade[1]?.answer(VIOLATED)
  expect(Object.values(page.store.getState().ablations)[0]?.cells.map((cell) => cell?.verdict ?? null)).toEqual(['exhausted', null, null])
  expect(world.helpersMade.every(({ disposed }) => disposed)).toBe(true)
})

test('looking ahead asks at every moment, shows answers as they come, and forgets those of another moment', async () => {
  const { page, world } = await aPage()
  page.setLooking(true)
  const [helper] = world.helpersMade
  expect(helper?.last).toMatchObject({ kind: 'look-ahead', cursor: 0 })
  helper?.onAhead?.([{ kind: 'race', steps: 31, property: 'p' }])
  expect(page.store.getState().ahead).toMatchObject({ answers: [{ steps: 31 }], done: false })
  page.step()
  await world.stepper.view({ scenario: aScenario('one'), movers: [0] })
  expect(page.store.getState().ahead).toBeNull()
  await world.timer.pass(1000)
  expect(helper?.last).toMatchObject({ kind: 'look-ahead', cursor: 1 })
  await helper?.answer({ kind: 'ahead', answers: [{ kind: 'safe', states: 9 }] })
  expect(page.store.getState().ahead?.answers).toEqual([])
  await helper?.answer({ kind: 'ahead', answers: [{ kind: 'safe', states: 9 }] })
  expect(page.store.getState().ahead).toMatchObject({ answers: [{ kind: 'safe' }], done: true })
})

test('what was seen is asked for where the space is known whole, and only there', async () => {
  const { page, world } = await aPage()
  page.search()
  await world.searcher.answer({ kind: 'verdict', verdict: aVerdict({ kind: 'cut', cut: 'the limit of states', complete: false }) })
  await world.timer.pass(1000)
  expect(world.searcher.last).toMatchObject({ kind: 'search' })
  page.goOn()
  await world.searcher.answer({ kind: 'verdict', verdict: aVerdict() })
  await world.timer.pass(1000)
  expect(world.searcher.last).toMatchObject({ kind: 'coverage', scenario: 'one', schedule: '' })
  await world.searcher.answer({ kind: 'coverage', coverage: { seen: 2, states: 10, outcomesSeen: [], outcomes: 1 } })
  await settled()
  expect(page.store.getState().coverage?.of.seen).toBe(2)
})

test('going on after the limit of states asks for four times as many', async () => {
  const { page, world } = await aPage()
  page.setMaxStates(10)
  page.search()
  await world.searcher.answer({ kind: 'verdict', verdict: aVerdict({ kind: 'cut', cut: 'the limit of states', complete: false, states: 10 }) })
  page.goOn()
  expect(world.searcher.last).toMatchObject({ kind: 'search', maxStates: 40 })
})

test('a race can be loaded in its version with the fewest preemptions', async () => {
  const { page, world } = await aPage()
  page.search()
  const violation = { ...RACE, preemptions: { count: 0, steps: 9, schedule: '0s*5 1s*4' } }
  await world.searcher.answer({ kind: 'verdict', verdict: aVerdict({ kind: 'violated', violations: [violation] }) })
  page.loadRace(0, true)
  expect(world.stepper.last).toMatchObject({ schedule: '0s*5 1s*4', cursor: 9 })
})

test('what the parameters leave out is put back, and the table is asked for anew', async () => {
  const { page, world } = await aPage()
  page.setParam('sync1', 'off')
  await world.stepper.view({ scenario: aScenario('one'), params: { sync1: 'off' } })
  page.ablate(false)
  await vi.dynamicImportSettled()
  const [first, second] = world.helpersMade
  await first?.answer({ kind: 'ablation-plan', plan: { ...PLAN, off: ['sync 1'], restored: { sync1: 'on' } } })
  await second?.answer(VIOLATED)
  await first?.answer(VIOLATED)
  await second?.answer(VIOLATED)
  page.ablateRestored()
  await vi.dynamicImportSettled()
  expect(world.stepper.last).toMatchObject({ kind: 'open', params: { sync1: 'on' } })
  await world.stepper.view({ scenario: aScenario('one'), params: { sync1: 'on' } })
  expect(world.helpersMade[2]?.last).toMatchObject({ kind: 'ablation-plan', params: { sync1: 'on' }, pairs: false })
})
