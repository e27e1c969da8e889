import { expect, test } from 'vitest'
import { createPage } from './page.ts'
import { aScenario, aWorld } from './testing.ts'

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

test('watching opens the flagship without its first sync', async () => {
  const world = aWorld('')
  const page = createPage(world)
  page.start()
  await world.stepper.answer({ kind: 'catalog', scenarios: [aScenario('text-poke')], tour: [] })
  await world.stepper.view({ scenario: aScenario('text-poke') })
  page.watchRace()
  expect(page.store.getState().guide).toEqual({ stage: 'finding' })
  expect(world.stepper.requests.at(-1)).toMatchObject({ kind: 'open', scenario: 'text-poke', params: { sync1: 'off' } })
})
