import { expect, test, vi } from 'vitest'
import type { Recorded } from '../worker/protocol.ts'
import { createPage } from './page.ts'
import { MOST_STEPPED } from './recording.ts'
import { aScenario, aTimeline, aWorld } from './testing.ts'

const counts = { broadcasts: 3, ipis: 3, pokes: 6, int3: 0, int3Instructions: 0, cpus: [] }
const recorded = (ended: boolean): { kind: 'recorded'; recorded: Recorded } => ({
  kind: 'recorded',
  recorded: { steps: 500, ended, violated: null, counts, roles: [], overview: null },
})

async function aSession() {
  const world = aWorld()
  const page = createPage(world)
  page.start()
  await world.stepper.answer({ kind: 'catalog', scenarios: [aScenario('one'), aScenario('two')], tour: [] })
  await world.stepper.view({ scenario: aScenario('one') })
  return { world, page }
}

test('a run is recorded portion by portion, and its middle is looked at', async () => {
  const { world, page } = await aSession()
  page.record(7)
  await vi.dynamicImportSettled()
  const [helper] = world.helpersMade
  expect(helper?.last).toMatchObject({ kind: 'record', scenario: 'one', params: {}, seed: 7, again: true })
  await helper?.answer(recorded(false))
  expect(helper?.last).toMatchObject({ kind: 'record', again: false })
  await helper?.answer(recorded(true))
  expect(page.store.getState()).toMatchObject({ recordingBusy: null, recorded: { steps: 500 } })
  expect(helper?.last).toEqual({ kind: 'moment', step: 250 })
})

test('parameters that change meanwhile are recorded instead; another scenario ends it', async () => {
  const { world, page } = await aSession()
  page.record(7)
  await vi.dynamicImportSettled()
  const [helper] = world.helpersMade
  const view = (id: string, params: Record<string, string>) =>
    page.store.setState(({ view }) => ({ view: view === null ? null : { ...view, scenario: aScenario(id), params } }))
  view('one', { sites: '40000' })
  await helper?.answer(recorded(false))
  expect(helper?.requests).toHaveLength(2)
  expect(helper?.last).toMatchObject({ kind: 'record', params: { sites: '40000' }, seed: 7, again: true })
  view('two', {})
  await helper?.answer(recorded(false))
  expect(helper?.requests).toHaveLength(2)
  expect(page.store.getState().recordingBusy).toBe(null)
})

test('a recorded run is opened up to the moment that is looked at, unless that lies too far from the start', async () => {
  const { world, page } = await aSession()
  page.record(7)
  await vi.dynamicImportSettled()
  const [helper] = world.helpersMade
  await helper?.answer(recorded(true))
  const look = (step: number) => page.store.setState({ recordedMoment: { step, cpus: [], phase: null, around: { from: 0, data: aTimeline([]) } } })
  look(MOST_STEPPED + 1)
  page.stepThroughRecorded()
  expect(helper?.last).toEqual({ kind: 'moment', step: 250 })
  await helper?.answer({ kind: 'cancelled' })
  look(120)
  page.stepThroughRecorded()
  expect(helper?.last).toEqual({ kind: 'recorded-schedule', step: 120 })
  await helper?.answer({ kind: 'recorded-schedule', schedule: '0s*120', digest: 'abc' })
  expect(world.stepper.last).toEqual({ kind: 'open', scenario: 'one', params: {}, schedule: '0s*120', cursor: 120, digest: 'abc' })
})
