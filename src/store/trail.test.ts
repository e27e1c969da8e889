import { expect, test } from 'vitest'
import { decodeLink } from '../interchange/link.ts'
import { Random } from '../lib/random.ts'
import { createPage, type Page } from './page.ts'
import { aScenario, aWorld, type World } from './testing.ts'
import { ToyStepper } from './toy-stepper.ts'

const CATALOG = ['one', 'two', 'text-poke'].map((id) => aScenario(id))

interface Opened {
  readonly page: Page
  readonly world: World
  /** Lets the worker answer, the history move and the address be written. */
  readonly rest: () => Promise<void>
  /** Scenario, parameters, and the choices that led here. */
  readonly at: () => string
}

/** `before`: entries of other sites in the history of the tab. */
async function opened(bar: World['address'] = aWorld().address): Promise<Opened> {
  const stepper = new ToyStepper(CATALOG)
  const world = { ...aWorld(), stepper: stepper as unknown as World['stepper'], address: bar }
  const page = createPage(world)
  const rest = async () => {
    for (let i = 0; i < 20; i++) await Promise.resolve()
    await world.timer.pass(400)
    for (let i = 0; i < 20; i++) await Promise.resolve()
  }
  const at = () => {
    const { view } = page.store.getState()
    if (view === null) return 'nothing'
    return `${view.scenario.id} ${JSON.stringify(view.params)} ${view.schedule.split(' ').slice(0, view.cursor).join(' ')}`
  }
  page.start()
  await rest()
  return { page, world, rest, at }
}

const notes = ({ page }: Opened) => page.store.getState().notes.flatMap(({ lines }) => lines)

async function all({ rest }: Opened, ...acts: readonly (() => void)[]): Promise<void> {
  for (const act of acts) {
    act()
    await rest()
  }
}

test('steps, a search that loads its race, and the opening before them are undone one by one; the history before ours is left alone', async () => {
  const it = await opened()
  const { page, world } = it
  const step = () => page.step()
  await all(it, () => page.openScenario('text-poke', { sync1: 'off' }), step, step, step)
  const stood = it.at()
  await all(it, () => page.desk.ask({ arrival: 'jump', opens: true, request: () => race }))
  expect(it.at()).toMatch(/^text-poke .* 1s 1s 1s$/)
  const seen: string[] = []
  for (let i = 0; i < 5; i++) {
    await all(it, page.undo)
    seen.push(it.at())
  }
  expect(seen[0]).toBe(stood)
  expect(
    seen.map(
      (each) =>
        each
          .replace(/\{.*\}/, '')
          .split(/\s+/)
          .filter(Boolean).length - 1,
    ),
  ).toEqual([3, 2, 1, 0, 0])
  expect([seen[4]?.startsWith('text-poke'), world.address.at, notes(it)]).toEqual([true, 0, []])
  await all(it, page.undo)
  expect([it.at(), world.address.at, notes(it)]).toEqual([seen[4], 0, ['Nothing to undo.']])
  for (let i = 0; i < 5; i++) await all(it, page.redo)
  expect([it.at().endsWith('1s 1s 1s'), notes(it)]).toEqual([true, []])
  await all(it, page.redo)
  expect(notes(it)).toEqual(['Nothing to redo.'])
})

const race = { kind: 'open', scenario: 'text-poke', params: { sync1: 'off' }, schedule: '1s 1s 1s', cursor: 3, digest: null } as const

test('a choice that made a branch is undone and redone, and so are steps before it', async () => {
  const it = await opened()
  const { page } = it
  await all(it, page.step, page.stepBack, () => page.take(1), page.undo)
  expect(it.at()).toBe('text-poke {"sync1":"on"} ')
  await all(it, page.undo, page.redo, page.redo)
  expect(it.at()).toMatch(/ 1s$/)
  expect(page.store.getState().view?.branches).toHaveLength(2)
})

test('what is played, and what is dragged, is one move; another move forgets what was undone', async () => {
  const it = await opened()
  const { page } = it
  await all(
    it,
    page.step,
    page.step,
    page.step,
    page.step,
    () => page.seek(3, false),
    () => page.seek(2, false),
    () => page.seek(1),
  )
  await all(it, page.undo)
  expect(page.store.getState().view?.cursor).toBe(4)
  await all(it, page.stepBack, page.redo)
  expect([page.store.getState().view?.cursor, notes(it)]).toEqual([3, ['Nothing to redo.']])
})

test('Back of the browser undoes a jump with all that came after it, and Forward brings it back', async () => {
  const it = await opened()
  const { page, world } = it
  await all(it, page.step, page.step, () => page.seek(0), page.step)
  const after = it.at()
  await all(it, () => world.address.go(-1))
  expect(it.at()).toMatch(/ 0s 0s$/)
  await all(it, () => world.address.go(1))
  expect(it.at()).toBe(after)
  await all(it, page.undo, page.undo)
  expect([it.at().endsWith(' 0s 0s'), world.address.at]).toEqual([true, 0])
})

test('jumps that are undone quickly one after the other wait for the history', async () => {
  const it = await opened()
  const { page, world } = it
  world.address.late = true
  await all(
    it,
    page.step,
    page.step,
    () => page.seek(0),
    () => page.seek(1),
    page.step,
  )
  page.undo()
  page.undo()
  page.undo()
  page.undo()
  await all(it)
  await it.rest()
  expect([it.at(), world.address.at]).toEqual(['text-poke {"sync1":"on"} 0s', 0])
})

test('after a reload, the entries before it are still ours: undo goes there, and comes back', async () => {
  const first = await opened()
  await all(first, first.page.step, first.page.step, () => first.page.openScenario('two'), first.page.step)
  const it = await opened(first.world.address)
  expect(it.at()).toMatch(/^two .* 0s$/)
  await all(it, it.page.step, it.page.undo)
  expect(it.at()).toMatch(/^two .* 0s$/)
  await all(it, it.page.undo)
  expect([it.at(), it.world.address.at]).toEqual(['text-poke {"sync1":"on"} 0s 0s', 0])
  await all(it, it.page.undo)
  expect(notes(it)).toEqual(['Nothing to undo.'])
  await all(it, it.page.redo, it.page.redo)
  expect(it.at()).toMatch(/^two .* 0s 0s$/)
})

test('an entry that is left by undo or redo says what was seen last in it, however quickly that went', async () => {
  const it = await opened()
  const { page, world } = it
  await all(
    it,
    () => page.openScenario('one'),
    page.step,
    page.step,
    page.step,
    () => page.openScenario('two'),
  )
  await all(it, page.undo, page.undo, page.undo, page.undo)
  const { address } = world
  const entry = address.at
  expect(decodeLink(address.read()).link.cursor).toBe(0)
  // Browsers ration how often the address is written; no time passes here.
  for (let i = 0; i < 4; i++) {
    page.redo()
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
  }
  expect(address.at).toBe(entry + 1)
  expect(decodeLink(address.entries[entry] ?? '').link.cursor).toBe(3)
})

test('a link that somebody pastes into the address is a move like any other', async () => {
  const it = await opened()
  const { page, world } = it
  await all(it, page.step)
  const [before] = world.address.entries
  await all(
    it,
    () => page.openScenario('two'),
    () => world.address.type(before as string),
  )
  expect([it.at(), world.address.at]).toEqual(['text-poke {"sync1":"on"} 0s', 2])
  await all(it, page.undo)
  expect(it.at()).toMatch(/^two/)
})

test.each([1, 2, 3, 4, 5, 6, 7, 8])('after n moves and n undos one stands where one began, and n redos come back (seed %i)', async (seed) => {
  const random = new Random(seed)
  const it = await opened()
  const { page, world } = it
  world.address.late = seed % 2 === 0
  const places = [it.at()]
  const moves = 60
  for (let done = 0, tries = 0; done < moves && tries < 500; tries++) {
    const before = page.store.getState()
    const entry = world.address.at
    const act = [
      page.step,
      page.step,
      page.stepBack,
      () => page.take(random.below(2)),
      () => page.take(1),
      () => page.seek(random.below(1 + (before.view?.length ?? 0))),
      () => page.checkout(random.below(before.view?.branches.length ?? 1)),
      () => page.setParam('sync1', ['on', 'off'][random.below(2)] as string),
      () => page.openScenario(['one', 'two', 'text-poke'][random.below(3)] as string),
      () => void page.openLink(before.view?.fragment ?? ''),
    ][random.below(10)] as () => void
    await all(it, act)
    const { view } = page.store.getState()
    const moved = view?.branch !== before.view?.branch || view?.cursor !== before.view?.cursor || world.address.at !== entry
    if (moved || (page.store.getState().session !== before.session && it.at() !== places.at(-1))) {
      places.push(it.at())
      done++
    }
  }
  expect(places.length).toBe(moves + 1)
  for (const place of places.slice(0, -1).reverse()) {
    await all(it, page.undo)
    expect(it.at()).toBe(place)
  }
  expect(world.address.at).toBe(0)
  await all(it, page.undo)
  expect(notes(it)).toContain('Nothing to undo.')
  for (const place of places.slice(1)) {
    await all(it, page.redo)
    expect(it.at()).toBe(place)
  }
  // Back of the browser, anywhere, leads to what that entry showed last; undo from there leads on to where it began.
  await all(it, () => world.address.go(-random.below(world.address.at + 1)))
  const from = places.lastIndexOf(it.at())
  expect(from).toBeGreaterThanOrEqual(0)
  for (let i = 0; i < moves; i++) await all(it, page.undo)
  expect([it.at(), world.address.at]).toEqual([places[0], 0])
})
