import { expect, test } from 'vitest'
import { createPage, type Page } from './page.ts'
import { aScenario, aWorld, type World } from './testing.ts'
import { ToyStepper } from './toy-stepper.ts'

/** A page whose first scenario is open; `after` acts on it, and answers how many of the branch's first steps count as the user's. */
async function aPage(): Promise<(...acts: readonly ((page: Page) => void)[]) => Promise<number | undefined>> {
  const world = { ...aWorld(), stepper: new ToyStepper([aScenario('one'), aScenario('two')]) as unknown as World['stepper'] }
  const page = createPage(world)
  const rest = async () => {
    for (let i = 0; i < 20; i++) await Promise.resolve()
    await world.timer.pass(400)
  }
  page.start()
  await rest()
  return async (...acts) => {
    for (const act of acts) {
      act(page)
      await rest()
    }
    const { view, byHand } = page.store.getState()
    return view === null ? undefined : byHand[view.branch]
  }
}

const step = (page: Page) => page.step()
const undo = (page: Page) => page.undo()
const other = (page: Page) => page.openScenario('two')
const load = (schedule: string) => (page: Page) =>
  page.desk.ask({ arrival: 'jump', opens: true, request: () => ({ kind: 'open', scenario: 'one', params: {}, schedule, cursor: 99, digest: null }) })

test('steps that are taken are the user’s; a branch that leaves them keeps those that it shares', async () => {
  const after = await aPage()
  expect(await after(step, step, step)).toBe(3)
  expect(
    await after(
      (page) => page.seek(1),
      (page) => page.take(1),
    ),
  ).toBe(2)
})

test('what is loaded is not the user’s, nor what is added behind it', async () => {
  const after = await aPage()
  expect(await after(load('0s 1s 1s'))).toBe(0)
  expect(await after(step, step)).toBe(0)
})

test('of a race that goes on from the user’s steps, those stay the user’s; walking along the rest does not find it', async () => {
  const after = await aPage()
  expect(await after(step, step, load('0s 0s 1s 1s'))).toBe(2)
  expect(await after((page) => page.seek(2), step, step)).toBe(2)
})

test('undo across scenarios gives back what was made by hand', async () => {
  const after = await aPage()
  expect(await after(step, step, other)).toBe(0)
  expect(await after(undo)).toBe(2)
  expect(await after(step)).toBe(3)
})
