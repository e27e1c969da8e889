import { expect, test } from 'vitest'
import { encodeLink } from '../interchange/link.ts'
import { createPage, type Page } from './page.ts'
import { follows } from './playing.ts'
import { aScenario, aView, aWorld, type Moment, settled, type World } from './testing.ts'

async function aPage(moment: Moment = {}): Promise<{ page: Page; world: World }> {
  const world = aWorld()
  const page = createPage(world)
  page.start()
  await world.stepper.answer({ kind: 'catalog', scenarios: [aScenario('one')], tour: [] })
  await world.stepper.view({ scenario: aScenario('one'), ...moment })
  await world.timer.pass(1000)
  return { page, world }
}

const notes = (page: Page) => page.store.getState().notes

test('a long run is shown on its way as one move, and the next key ends it and is carried out from there', async () => {
  const { page, world } = await aPage()
  const asked = () => world.stepper.requests.map(({ kind }) => kind)
  page.run('end')
  await settled()
  await world.stepper.passing({ movers: [0, 1, 0] })
  const { running, view } = page.store.getState()
  expect([running, view?.cursor]).toEqual([true, 3])
  const { length } = world.address.entries
  await world.stepper.passing({ movers: [0, 1, 0, 1, 0] })
  expect(world.address.entries).toHaveLength(length)
  page.stepBack()
  await settled()
  expect(asked().at(-1)).toBe('cancel')
  await world.stepper.view({ movers: [0, 1, 0, 1, 0, 1], remarks: ['Stopped.'] })
  await world.stepper.answer({ kind: 'cancelled' })
  expect(world.stepper.last).toEqual({ kind: 'seek', step: 5 })
  await world.stepper.view({ movers: [0, 1, 0, 1, 0, 1], cursor: 5 })
  expect(page.store.getState()).toMatchObject({ running: false, busy: false })
  // Undo takes the step back, then all of the run.
  page.undo()
  await settled()
  expect(world.stepper.last).toEqual({ kind: 'seek', step: 6 })
  await world.stepper.view({ movers: [0, 1, 0, 1, 0, 1] })
  page.undo()
  await settled()
  expect(world.stepper.last).toEqual({ kind: 'seek', step: 0 })
})

test('a key that is pressed before a run has proved to be long does not cut it short, unless it proves to be', async () => {
  const { page, world } = await aPage()
  page.walk('line')
  page.walk('line')
  await settled()
  expect(world.stepper.requests.map(({ kind }) => kind)).not.toContain('cancel')
  await world.stepper.passing({ movers: [0] })
  expect(world.stepper.last).toEqual({ kind: 'cancel' })
})

test('a run is followed when it is played, unless somebody else was chosen there: then it is left', async () => {
  const { page, world } = await aPage({ movers: [0, 1, 0, 1], cursor: 1 })
  expect(follows(page.store.getState())).toBe(true)
  page.play()
  expect(world.stepper.last).toEqual({ kind: 'seek', step: 2 })
  page.pause()
  await world.stepper.view({ movers: [0, 1, 0, 1], cursor: 2 })
  page.setScheduler({ kind: 'round-robin' })
  expect(follows(page.store.getState())).toBe(false)
  page.play()
  expect(world.stepper.last).toMatchObject({ kind: 'run', scheduler: { kind: 'round-robin' }, departs: true, maxSteps: 1 })
  await world.stepper.view({ movers: [0, 1, 1], branch: 1 })
  page.pause()
  // What is left then has no future of its own; back in the past, its own past is followed again.
  page.seek(1)
  await world.stepper.view({ movers: [0, 1, 1], branch: 1, cursor: 1 })
  expect(follows(page.store.getState())).toBe(true)
  page.setScheduler({ kind: 'same-cpu' })
  page.play()
  expect(world.stepper.last).toMatchObject({ kind: 'take' })
  page.pause()
  await world.stepper.view({ movers: [0, 0], branch: 2 })
  page.seek(1)
  await world.stepper.view({ movers: [0, 0], branch: 2, cursor: 1 })
  page.setScheduler({ kind: 'random', seed: 7 })
  page.followRun()
  page.run('end')
  expect(world.stepper.last).toMatchObject({ kind: 'run', departs: false })
})

test('who moves and how fast are there again after a reload, the seed of chance as well', async () => {
  const { page, world } = await aPage()
  page.setScheduler({ kind: 'random', seed: 99 })
  page.setSpeed(1000)
  const { play } = createPage(world).store.getState()
  expect(play).toEqual({ stepsPerSecond: 1000, scheduler: { kind: 'random', seed: 99 }, departs: false })
  world.stored.set('scheduler', 'nobody 3')
  expect(createPage(world).store.getState().play.scheduler).toEqual({ kind: 'same-cpu' })
})

test('fast playing takes several steps for each picture, as many as the time that the last one took, and stops where something breaks', async () => {
  const { page, world } = await aPage({ movers: Array<number>(400).fill(0), cursor: 0 })
  page.setSpeed(1000)
  page.play()
  expect(world.stepper.last).toEqual({ kind: 'seek', step: 33 })
  await world.stepper.view({ movers: Array<number>(400).fill(0), cursor: 33 })
  await world.timer.pass(100)
  expect(world.stepper.last).toEqual({ kind: 'seek', step: 133 })
  await world.stepper.view({ movers: Array<number>(400).fill(0), cursor: 400 })
  await world.timer.pass(50)
  // At the end of the run it is the worker that goes on.
  expect(world.stepper.last).toMatchObject({ kind: 'run', target: 'steps', scheduler: { kind: 'same-cpu' }, maxSteps: 50 })
  // Nobody can move: that is no reason to ask for ever.
  await world.stepper.view({ movers: Array<number>(400).fill(0) })
  expect(page.store.getState().playing).toBe(false)
})

test('a run that is under way can be stopped, past what waits in the queue', async () => {
  const { page, world } = await aPage()
  page.run('end')
  expect(page.store.getState().running).toBe(true)
  page.step()
  page.stopRun()
  expect(world.stepper.last).toEqual({ kind: 'cancel' })
  await world.stepper.view({ movers: [0, 1], remarks: ['Stopped.'] })
  expect(page.store.getState().running).toBe(false)
  // The caption says it: a message above the panels would push them down.
  expect(page.store.getState().view?.remarks).toEqual(['Stopped.'])
  expect(notes(page)).toEqual([])
})

test('running to what is selected says what to do where nothing is', async () => {
  const { page, world } = await aPage()
  const asked = world.stepper.requests.length
  page.runHere()
  expect(world.stepper.requests).toHaveLength(asked)
  expect(notes(page)).toMatchObject([
    { key: 'remarks', lines: ['Nothing is selected to run to: select an instruction, a call site or a byte first.'] },
  ])
})

test('a long link says how far it has been followed; who stops that has an entry of the history more, and Back leads to the whole link', async () => {
  const link = encodeLink({ scenario: 'one', schedule: '0s*5 1s*5', cursor: 10 })
  const world = aWorld(link)
  const page = createPage(world)
  page.start()
  await world.stepper.answer({ kind: 'catalog', scenarios: [aScenario('one')], tour: [] })
  await settled()
  world.stepper.onTheWay?.({ kind: 'preparing', what: 'link', done: 4, of: 10 })
  expect(page.store.getState().preparing).toEqual({ kind: 'preparing', what: 'link', done: 4, of: 10 })
  page.stopRun()
  expect(world.stepper.last).toEqual({ kind: 'cancel' })
  await world.stepper.view({ movers: [0, 0, 0, 0, 0], remarks: ['Stopped after 5 of the 10 steps of this link.'] })
  expect(page.store.getState()).toMatchObject({ preparing: null, view: { cursor: 5 } })
  expect(world.address.entries).toEqual([link, aView({ movers: [0, 0, 0, 0, 0] }).fragment])
})
