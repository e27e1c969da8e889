import { expect, test } from 'vitest'
import { isUntouched } from './guide.ts'
import { createPage, type Page } from './page.ts'
import { aScenario, aVerdict, aView, aWorld, type Moment, settled, type World } from './testing.ts'

const FLAGSHIP = aScenario('text-poke')
const OTHER = aScenario('other')

/** A page on which the guide is offered. */
async function offered(): Promise<{ page: Page; world: World; stage: () => string | undefined }> {
  const world = aWorld('')
  const page = createPage(world)
  page.offerGuide()
  page.start()
  await world.stepper.answer({ kind: 'catalog', scenarios: [FLAGSHIP, OTHER], tour: [] })
  await world.stepper.view({ scenario: FLAGSHIP, params: { sync1: 'on' } })
  return { page, world, stage: () => page.store.getState().guide?.stage }
}

const RACE = { property: 'p', title: 'p', steps: 7, switches: 1, schedule: '0s*6 1s', cycle: null }

/** A view with moments at these steps. */
function raced(moment: Moment, steps: readonly number[]) {
  const meaning = { basis: 'architecture', says: null, source: null } as const
  return {
    kind: 'view',
    view: { ...aView(moment), moments: steps.map((step) => ({ step, cpu: 0, kind: 'act', text: '', meaning }) as const) },
  } as const
}

test('the card is offered once, and again to whoever asks', () => {
  const world = aWorld('')
  const page = createPage(world)
  page.offerGuide()
  expect(page.store.getState().guide).toEqual({ stage: 'offer' })
  page.leaveGuide()
  page.offerGuide()
  expect(page.store.getState().guide).toBeNull()
  page.offerGuide(true)
  expect(page.store.getState().guide).toEqual({ stage: 'offer' })
})

test('watching opens the flagship without its first sync, searches that, and goes through the moments of its race', async () => {
  const { page, world, stage } = await offered()
  page.watchRace()
  expect([stage(), world.searcher.requests.length]).toEqual(['finding', 0])
  expect(world.stepper.last).toMatchObject({ kind: 'open', scenario: 'text-poke', params: { sync1: 'off' } })
  const off = { scenario: FLAGSHIP, params: { sync1: 'off' } }
  // Even where it has been stepped through before.
  await world.stepper.view({ ...off, movers: [0, 1], cursor: 0 })
  expect(world.searcher.last).toMatchObject({ kind: 'search', params: { sync1: 'off' } })
  await world.searcher.answer({ kind: 'verdict', verdict: aVerdict({ kind: 'violated', violations: [RACE] }) })
  const movers = [0, 0, 0, 0, 0, 0, 1]
  await world.stepper.answer(raced({ ...off, movers }, [3, 7]))
  expect([stage(), world.stepper.last]).toEqual(['watching', { kind: 'seek', step: 3 }])
  await world.stepper.answer(raced({ ...off, movers, cursor: 3 }, [3, 7]))
  await world.timer.pass(6000)
  expect(world.stepper.last).toEqual({ kind: 'seek', step: 7 })
  await world.stepper.answer(raced({ ...off, movers }, [3, 7]))
  await world.timer.pass(6000)
  expect(stage()).toBe('told')
})

test('switching the sync on searches what is open then, not what was before, and the verdict stays with the card', async () => {
  const { page, world, stage } = await offered()
  page.setParam('sync1', 'off')
  await world.stepper.view({ scenario: FLAGSHIP, params: { sync1: 'off' } })
  page.checkInGuide({})
  expect([stage(), world.searcher.requests.length]).toEqual(['checking', 0])
  await world.stepper.view({ scenario: FLAGSHIP, params: { sync1: 'on' } })
  expect(world.searcher.last).toMatchObject({ kind: 'search', params: { sync1: 'on' } })
  await world.searcher.answer({ kind: 'verdict', verdict: aVerdict({ states: 165_834 }) })
  expect(stage()).toBe('checking')
  expect(Object.values(page.store.getState().verdicts)).toMatchObject([{ states: 165_834 }])
  // Known by now.
  page.checkInGuide({})
  await world.stepper.view({ scenario: FLAGSHIP, params: { sync1: 'on' } })
  expect(world.searcher.requests).toHaveLength(1)
})

test('a search that is cancelled while the guide waits for it leads back to the offer', async () => {
  const { page, world, stage } = await offered()
  page.watchRace()
  await world.stepper.view({ scenario: FLAGSHIP, params: { sync1: 'off' } })
  page.cancelSearch()
  await world.searcher.answer({ kind: 'cancelled' })
  expect(stage()).toBe('offer')
})

test('the card goes when another scenario is opened, and no moment follows', async () => {
  const { page, world, stage } = await offered()
  page.checkInGuide({})
  await world.stepper.view({ scenario: FLAGSHIP, params: { sync1: 'on' } })
  page.openScenario('other')
  await world.stepper.view({ scenario: OTHER })
  expect(stage()).toBeUndefined()
})

const BYTE = { value: 'e8', from: 'both' } as const
const SITE = {
  label: 'site0',
  address: '0x1000',
  length: 5,
  lineBreak: null,
  memory: [BYTE, BYTE, BYTE, BYTE, BYTE],
  memoryMeaning: 'old',
  memoryText: 'call a',
  oldText: 'call a',
  newText: 'call b',
  between: [],
  cpus: [],
} as const satisfies ReturnType<typeof aView>['snapshot']['sites'][number]

function at(steps: number, sites: ReturnType<typeof aView>['snapshot']['sites']) {
  const view = aView({ scenario: FLAGSHIP, params: { sync1: 'on' }, movers: Array.from({ length: steps }, () => 0) })
  return { kind: 'view', view: { ...view, snapshot: { ...view.snapshot, sites } } } as const
}

test('who steps and steps while nothing changes at the call is told how to get on, once', async () => {
  const { page, world, stage } = await offered()
  page.leaveGuide()
  for (let step = 1; step <= 5; step++) {
    expect(stage()).toBeUndefined()
    page.step()
    await world.stepper.answer(at(step, [SITE]))
  }
  expect(stage()).toBe('stepping')
  page.runToChange()
  const points = (world.stepper.last as { points?: readonly object[] }).points
  expect(points).toMatchObject([
    { kind: 'watch', where: '0x1000', size: 4 },
    { kind: 'watch', where: '0x1004', size: 1 },
  ])
  await world.stepper.answer(at(30, [SITE]))
  page.leaveGuide()
  for (let step = 31; step <= 40; step++) {
    page.step()
    await world.stepper.answer(at(step, [SITE]))
  }
  expect(stage()).toBeUndefined()
})

test('who sees something change needs no hint', async () => {
  const { page, world, stage } = await offered()
  page.leaveGuide()
  const changed = { ...SITE, memory: [{ value: 'cc', from: 'int3' } as const, BYTE, BYTE, BYTE, BYTE] }
  expect([isUntouched(at(1, [SITE]).view), isUntouched(at(1, [changed]).view)]).toEqual([true, false])
  for (let step = 1; step <= 8; step++) {
    page.step()
    await world.stepper.answer(at(step, [changed]))
    await settled()
  }
  expect(stage()).toBeUndefined()
})
