import { expect, test } from 'vitest'
import { bindingFor } from './keys.ts'
import { createPage } from './page.ts'
import { aScenario, aView, aWorld, type Moment } from './testing.ts'

const told = (step: number) => {
  return {
    step,
    cpu: 1,
    kind: 'missed' as const,
    text: 'A store becomes visible.',
    meaning: { basis: 'architecture' as const, says: null, source: null },
  }
}

/** A page that is shown to a room, at the start of a run of six steps with decisive moments at two of them. */
async function aRoom(steps: readonly number[]) {
  const world = aWorld()
  const page = createPage(world)
  const view = (moment: Moment) => {
    const { moments: _, ...rest } = aView({ scenario: aScenario('one'), movers: [0, 1, 0, 1, 0, 1], ...moment })
    return world.stepper.answer({ kind: 'view', view: { ...rest, moments: steps.map(told) } })
  }
  const press = (key: string) => {
    const found = bindingFor({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, repeat: false }, true)
    found?.binding.run(page, found.stroke)
  }
  page.start()
  await world.stepper.answer({ kind: 'catalog', scenarios: [aScenario('one')], tour: [] })
  await view({ cursor: 0 })
  page.setPresenting(true)
  return { page, world, view, press }
}

test('a clicker goes from one decisive moment to the next, and back, and stays at the last one', async () => {
  const { world, view, press } = await aRoom([2, 5])
  press('PageDown')
  expect(world.stepper.last).toEqual({ kind: 'seek', step: 2 })
  await view({ cursor: 2 })
  press('PageDown')
  expect(world.stepper.last).toEqual({ kind: 'seek', step: 5 })
  await view({ cursor: 5 })
  const { length } = world.stepper.requests
  press('PageDown')
  expect(world.stepper.requests).toHaveLength(length)
  press('PageUp')
  expect(world.stepper.last).toEqual({ kind: 'seek', step: 2 })
})

test('where the run is no race, a clicker steps', async () => {
  const { world, view, press } = await aRoom([])
  press('PageDown')
  expect(world.stepper.last).toEqual({ kind: 'seek', step: 1 })
  await view({ cursor: 1 })
  press('PageUp')
  expect(world.stepper.last).toEqual({ kind: 'seek', step: 0 })
})

test('playing rests at a decisive moment, so that a room can read it; the full stop pauses', async () => {
  const { page, world, view, press } = await aRoom([2, 5])
  page.setSpeed(10)
  press('.')
  await view({ cursor: 1 })
  await world.timer.pass(100)
  await view({ cursor: 2 })
  await world.timer.pass(1000)
  expect(world.stepper.last).toEqual({ kind: 'seek', step: 2 })
  await world.timer.pass(4000)
  expect(world.stepper.last).toEqual({ kind: 'seek', step: 3 })
  press('.')
  expect(page.store.getState().playing).toBe(false)
})

test('Escape leaves once nothing moves and nothing is selected', async () => {
  const { page, press } = await aRoom([])
  press('Escape')
  expect(page.store.getState().presenting).toBe(false)
})
