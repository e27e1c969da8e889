import { expect, test } from 'vitest'
import { decodeLink, encodeLink } from '../interchange/link.ts'
import { createPage, type Page } from './page.ts'
import { aChoice, aScenario, aVerdict, aView, aWorld, type Moment, settled, type World } from './testing.ts'

const CATALOG = [aScenario('one'), aScenario('two')]

/** A page that has opened what its address says. */
async function aPage(moment: Moment = {}, fragment = ''): Promise<{ page: Page; world: World }> {
  const world = aWorld(fragment)
  const page = createPage(world)
  page.start()
  await world.stepper.answer({ kind: 'catalog', scenarios: CATALOG, tour: [] })
  await world.stepper.view({ scenario: CATALOG[0] as (typeof CATALOG)[0], ...moment })
  await world.timer.pass(1000)
  return { page, world }
}

const fragmentOf = (moment: Moment) => aView(moment).fragment
const notes = (page: Page) => page.store.getState().notes

test('the page asks for the catalog, then opens the first scenario where the address says nothing', async () => {
  const { page, world } = await aPage()
  expect(world.stepper.requests).toEqual([{ kind: 'catalog' }, { kind: 'open', scenario: 'one', params: {}, schedule: '', cursor: 0, digest: null }])
  expect(page.store.getState().view?.scenario.id).toBe('one')
  expect(notes(page)).toEqual([])
})

test('a link is opened with all that it holds, and the page says that its state was verified', async () => {
  const fragment = encodeLink({ scenario: 'two', params: { sync1: 'off' }, schedule: '0s 1s', cursor: 1, digest: '0123456789abcdef', note: 'look' })
  const { page, world } = await aPage({ movers: [0, 1], cursor: 1, verified: true }, fragment)
  expect(world.stepper.last).toEqual({
    kind: 'open',
    scenario: 'two',
    params: { sync1: 'off' },
    schedule: '0s 1s',
    cursor: 1,
    digest: '0123456789abcdef',
  })
  expect(notes(page).map(({ key, tone }) => [key, tone])).toEqual([
    ['sender', 'plain'],
    ['verified', 'good'],
  ])
})

test('the words of a link stay in the address while they are shown, through steps, jumps and a reload, and go when they are dismissed', async () => {
  const words = { title: 'Half & half', note: 'look' }
  const { page, world } = await aPage({ movers: [0, 1] }, encodeLink({ scenario: 'one', schedule: '0s 1s', ...words }))
  expect(world.address.read()).toMatch(/&n=Half%20%26%20half&m=look$/)
  page.step()
  await world.stepper.view({ movers: [0, 1, 0] })
  await world.timer.pass(1000)
  expect(decodeLink(world.address.read()).link).toMatchObject({ schedule: '0s 1s 0s', ...words })
  page.seek(0)
  await world.stepper.view({ movers: [0, 1, 0], cursor: 0 })
  expect(decodeLink(world.address.read()).link).toMatchObject({ cursor: 0, ...words })
  const reloaded = await aPage({ movers: [0, 1, 0], cursor: 0 }, world.address.read())
  expect(notes(reloaded.page)).toMatchObject([{ key: 'sender', title: 'Half & half', lines: ['look'] }])
  page.dismiss('sender')
  expect(world.address.read()).toBe(fragmentOf({ movers: [0, 1, 0], cursor: 0 }))
  expect(notes(page)).toEqual([])
})

test('another scenario has nothing of the link’s words; Back shows them again', async () => {
  const { page, world } = await aPage({ movers: [0] }, encodeLink({ scenario: 'one', schedule: '0s', note: 'look' }))
  page.openScenario('two')
  await world.stepper.view({ scenario: aScenario('two') })
  expect([world.address.read(), notes(page)]).toEqual([fragmentOf({ scenario: aScenario('two') }), []])
  page.undo()
  await settled()
  await world.stepper.view({ movers: [0] })
  await world.timer.pass(1000)
  expect(notes(page)).toMatchObject([{ key: 'sender', lines: ['look'] }])
  expect(world.address.read()).toMatch(/m=look$/)
})

test('only a link from outside is praised for leading to its state; one that does not is told of at every reload', async () => {
  const fragment = encodeLink({ scenario: 'one', schedule: '0s', digest: '0123456789abcdef' })
  for (const verified of [true, false]) {
    const first = await aPage({ movers: [0], verified }, fragment)
    expect(notes(first.page).map(({ key }) => key)).toEqual(['verified'])
    const page = createPage(first.world)
    page.start()
    await first.world.stepper.answer({ kind: 'catalog', scenarios: CATALOG, tour: [] })
    await first.world.stepper.view({ movers: [0], verified })
    expect(notes(page).map(({ tone }) => tone)).toEqual(verified ? [] : ['attention'])
  }
})

test('what was verified is the moment of the link: the word goes when the page moves on', async () => {
  const { page, world } = await aPage({ movers: [0], verified: true }, encodeLink({ scenario: 'one', schedule: '0s', digest: '0123456789abcdef' }))
  expect(notes(page)).toHaveLength(1)
  page.step()
  await world.stepper.view({ movers: [0, 0] })
  expect(notes(page)).toEqual([])
})

test('a damaged link is opened as far as it can be read, and the page says which part is wrong and what was kept', async () => {
  const fragment = encodeLink({ scenario: 'two', params: { sync1: 'off' }, schedule: '0s 1s' }).replace(/t=[^&]*/, 't=!!')
  const { page, world } = await aPage({}, fragment)
  expect(world.stepper.last).toMatchObject({ scenario: 'two', params: { sync1: 'off' }, schedule: '' })
  const note = notes(page).find(({ key }) => key === 'link')
  expect(note?.lines.join(' ')).toMatch(/The schedule.* is damaged.*Kept: the scenario, the parameters\./)
})

test('a link of a newer version is read as far as it goes, said to be newer, and stays in the address until the page moves on', async () => {
  const fragment = `v=99&s=two&t=0s2&z=new`
  const { page, world } = await aPage({ scenario: CATALOG[1] as (typeof CATALOG)[0], movers: [0, 0] }, fragment)
  expect(world.stepper.last).toMatchObject({ scenario: 'two', schedule: '0s*2' })
  expect(notes(page)).toMatchObject([{ key: 'link', title: 'This link is of a newer Pokescope.' }])
  expect(notes(page)[0]?.lines.join(' ')).toContain('version 99')
  expect(world.address.entries).toEqual([fragment])
  page.step()
  await world.stepper.view({ scenario: CATALOG[1] as (typeof CATALOG)[0], movers: [0, 0, 0] })
  await world.timer.pass(1000)
  expect(world.address.read()).toMatch(/^v=1&.*s=two/)
})

test('a link that is too long is not read, and how long it is is said', async () => {
  const { page } = await aPage({}, `v=1&s=${'x'.repeat(4_000_000)}`)
  expect(notes(page)).toMatchObject([{ key: 'link', title: 'This link is too long.' }])
  expect(notes(page)[0]?.lines[0]).toContain('4000006 characters')
})

test('inside another page, an edited scenario that cannot be built does not open the editor', async () => {
  for (const framed of [true, false]) {
    const world = aWorld(encodeLink({ scenario: 'two', source: '{' }))
    const page = createPage({ ...world, framed })
    page.start()
    await world.stepper.answer({ kind: 'catalog', scenarios: CATALOG, tour: [] })
    await world.stepper.answer({ kind: 'refused', message: 'no', detail: ['because'] })
    await world.stepper.view({ scenario: CATALOG[1] as (typeof CATALOG)[0] })
    const said = notes(page)
      .find(({ key }) => key === 'link')
      ?.lines.join(' ')
    expect(said).toBe(framed ? 'because What runs is the bundled scenario.' : 'because It is open in the editor. What runs is the bundled scenario.')
  }
})

test('an unknown scenario in a link shows the list, names what is unknown, and opens the first scenario behind it', async () => {
  const { page, world } = await aPage({}, encodeLink({ scenario: 'gone' }))
  expect(page.store.getState().dialog).toBe('catalog')
  expect(notes(page)[0]?.lines.join(' ')).toContain('There is no scenario “gone”')
  expect(world.stepper.last).toMatchObject({ scenario: 'one' })
})

test('step goes along the trace where it goes on, and takes the default choice at its end', async () => {
  const { page, world } = await aPage({ movers: [0, 0], cursor: 1 })
  page.step()
  expect(world.stepper.last).toEqual({ kind: 'seek', step: 2 })
  await world.stepper.view({ movers: [0, 0], cursor: 2 })
  page.step()
  expect(world.stepper.last).toEqual({ kind: 'take', choice: aChoice(0).choice })
})

test('steps that are pressed quickly all count, each from where the one before has led', async () => {
  const { page, world } = await aPage({ movers: [0, 0, 0, 0], cursor: 0 })
  page.step()
  page.step()
  await world.stepper.view({ movers: [0, 0, 0, 0], cursor: 1 })
  expect(world.stepper.last).toEqual({ kind: 'seek', step: 2 })
})

test('dragging the position sends the newest place only, and makes one entry in the history', async () => {
  const movers = Array.from({ length: 40 }, () => 0)
  const { page, world } = await aPage({ movers, cursor: 40 })
  const before = world.stepper.requests.length
  for (const step of [38, 30, 22, 14]) page.seek(step, false)
  page.seek(10, true)
  await world.stepper.view({ movers, cursor: 38 })
  await world.stepper.view({ movers, cursor: 10 })
  expect(world.stepper.requests.slice(before)).toEqual([
    { kind: 'seek', step: 38 },
    { kind: 'seek', step: 10 },
  ])
  await world.timer.pass(1000)
  expect(world.address.entries).toEqual([fragmentOf({ movers, cursor: 40 }), fragmentOf({ movers, cursor: 10 })])
})

test('the address always equals the view: steps replace, jumps make an entry, and writes are spaced out', async () => {
  const { page, world } = await aPage()
  const before = world.address.writes
  for (let i = 1; i <= 20; i++) {
    page.step()
    await world.stepper.view({ movers: Array.from({ length: i }, () => 0) })
    await world.timer.pass(10)
  }
  expect(world.address.writes - before).toBeLessThan(4)
  await world.timer.pass(1000)
  expect(world.address.entries).toEqual([fragmentOf({ movers: Array.from({ length: 20 }, () => 0) })])
  page.openScenario('two')
  await world.stepper.view({ scenario: aScenario('two') })
  expect(world.address.entries).toHaveLength(2)
})

test('two parameters changed one right after the other are both changed', async () => {
  const { page, world } = await aPage({ params: { sync1: 'on' } })
  page.setParam('sync1', 'off')
  page.setParam('sync2', 'off')
  await world.stepper.view({ params: { sync1: 'off' } })
  expect(world.stepper.last).toMatchObject({ kind: 'open', params: { sync1: 'off', sync2: 'off' } })
})

test('Back moves within the session, so that branches stay; across sessions it opens the link again', async () => {
  const { page, world } = await aPage({ movers: [0, 1, 0] })
  page.seek(1)
  await world.stepper.view({ movers: [0, 1, 0], cursor: 1 })
  page.undo()
  expect(world.stepper.last).toEqual({ kind: 'seek', step: 3 })
  await world.stepper.view({ movers: [0, 1, 0] })
  page.openScenario('two')
  await world.stepper.view({ scenario: aScenario('two') })
  page.undo()
  await settled()
  expect(world.stepper.last).toMatchObject({ kind: 'open', scenario: 'one', schedule: '0s 1s 0s', cursor: 3 })
})

test('Back to another branch of the session checks it out and stands where it stood', async () => {
  const { page, world } = await aPage({ movers: [0, 1], branch: 0 })
  page.checkout(1)
  await world.stepper.view({ movers: [0, 0, 0], branch: 1 })
  page.undo()
  expect(world.stepper.last).toEqual({ kind: 'checkout', branch: 0 })
  await world.stepper.view({ movers: [0, 1, 1], branch: 0 })
  expect(world.stepper.last).toEqual({ kind: 'seek', step: 2 })
})

test('changing a parameter starts the scenario again with it, and Back returns to the moment before', async () => {
  const { page, world } = await aPage({ movers: [0] })
  page.setParam('sync1', 'off')
  expect(world.stepper.last).toEqual({ kind: 'open', scenario: 'one', params: { sync1: 'off' }, schedule: '', cursor: 0, digest: null })
  await world.stepper.view({ params: { sync1: 'off' } })
  expect(world.address.entries).toHaveLength(2)
})

test('a choice that is no longer there when its turn comes is not taken', async () => {
  const { page, world } = await aPage()
  page.step()
  page.take(1)
  await world.stepper.view({ movers: [0], choices: [aChoice(0)] })
  expect(world.stepper.requests.filter(({ kind }) => kind === 'take')).toHaveLength(1)
})

test('playing steps at its speed, and stops where a property is violated', async () => {
  const { page, world } = await aPage()
  page.setSpeed(10)
  page.play()
  await world.stepper.view({ movers: [0] })
  expect(world.stepper.requests.filter(({ kind }) => kind === 'take')).toHaveLength(1)
  await world.timer.pass(100)
  expect(world.stepper.requests.filter(({ kind }) => kind === 'take')).toHaveLength(2)
  await world.stepper.view({ movers: [0, 0], properties: [{ id: 'p', title: 'p', violatedAt: 2, detail: null }] })
  expect(page.store.getState().playing).toBe(false)
  await world.timer.pass(1000)
  expect(world.stepper.requests.filter(({ kind }) => kind === 'take')).toHaveLength(2)
})

test('playing stops where nothing can happen any more', async () => {
  const { page, world } = await aPage({ movers: [0], choices: [] })
  page.play()
  await world.timer.pass(10)
  expect(page.store.getState().playing).toBe(false)
})

test('finding the race searches, shows progress, and goes to the shortest race', async () => {
  const { page, world } = await aPage()
  page.findRace()
  expect(world.searcher.last).toMatchObject({ kind: 'search', scenario: 'one' })
  const progress = { states: 5, transitions: 6, frontier: 1, depth: 2, bytes: 100, seconds: 0.1 }
  world.searcher.onProgress?.(progress)
  expect(page.store.getState().searching?.progress).toEqual(progress)
  const violation = { property: 'p', title: 'p', steps: 7, switches: 1, schedule: '0s*6 1s', cycle: null }
  await world.searcher.answer({ kind: 'verdict', verdict: aVerdict({ kind: 'violated', violations: [violation] }) })
  expect(page.store.getState().searching).toBeNull()
  expect(world.stepper.last).toMatchObject({ kind: 'open', schedule: '0s*6 1s', cursor: 7 })
  page.findRace()
  expect(world.searcher.requests).toHaveLength(1)
})

test('a verdict belongs to its parameters: it goes and comes back with them, and does not pull the page away from others', async () => {
  const { page, world } = await aPage()
  page.findRace()
  page.setParam('sync1', 'off')
  await world.stepper.view({ params: { sync1: 'off' } })
  const violation = { property: 'p', title: 'p', steps: 7, switches: 1, schedule: '0s*7', cycle: null }
  await world.searcher.answer({ kind: 'verdict', verdict: aVerdict({ kind: 'violated', violations: [violation] }) })
  expect(world.stepper.last).toMatchObject({ schedule: '' })
  expect(Object.keys(page.store.getState().verdicts)).toHaveLength(1)
})

test('cancel is asked for once, and what the search had seen is kept', async () => {
  const { page, world } = await aPage()
  page.search()
  world.searcher.onProgress?.({ states: 5, transitions: 6, frontier: 1, depth: 2, bytes: 100, seconds: 0.1 })
  page.cancelSearch()
  page.cancelSearch()
  expect(world.searcher.requests.filter(({ kind }) => kind === 'cancel')).toHaveLength(1)
  await world.searcher.answer({ kind: 'cancelled' })
  expect(page.store.getState()).toMatchObject({
    searching: null,
    stopped: { [Object.keys(page.store.getState().stopped)[0] as string]: { states: 5 } },
  })
})

test('what is refused is said in a note, which the next good view takes away', async () => {
  const { page, world } = await aPage()
  page.openScenario('two')
  await world.stepper.answer({ kind: 'refused', message: 'no', detail: ['because'] })
  expect(notes(page)).toMatchObject([{ key: 'refused', title: 'no', lines: ['because'] }])
  page.step()
  await world.stepper.view({ movers: [0] })
  expect(notes(page)).toEqual([])
})

test('a crash is reported with the link that leads there; before the first view it is the worker that did not start', async () => {
  const { page, world } = await aPage()
  page.step()
  await world.stepper.answer({ kind: 'crashed', message: 'impossible', link: 'v=1' })
  expect(notes(page)).toMatchObject([{ key: 'crashed', tone: 'bad', report: 'Pokescope: impossible\nhttps://host/#v=1' }])

  const other = aWorld()
  const broken = createPage(other)
  broken.start()
  await other.stepper.answer({ kind: 'crashed', message: 'no script', link: null })
  expect(broken.store.getState().notes).toMatchObject([{ key: 'worker', tone: 'bad' }])
})

test('theme, detail and speed are remembered', () => {
  const world = aWorld()
  const page = createPage(world)
  page.cycleTheme()
  page.setDetail(true)
  page.setSpeed(30)
  expect(createPage(world).store.getState()).toMatchObject({ theme: 'light', detail: true, play: { stepsPerSecond: 30 } })
})

test('the link of a moment carries the sender’s words, and the link of the start only what differs from the default', async () => {
  const { page } = await aPage({ movers: [0], params: { sync1: 'on' } })
  expect(page.momentLink('', '')).toBe(`https://host/#${fragmentOf({ movers: [0], params: { sync1: 'on' } })}`)
  expect(page.momentLink('a', 'b')).toMatch(/n=a&m=b/)
  expect(page.startLink()).toBe(`https://host/#${encodeLink({ scenario: 'one' })}`)
  const other = await aPage({ params: { sync1: 'off' }, movers: [1] })
  expect(other.page.startLink()).toBe(`https://host/#${encodeLink({ scenario: 'one', params: { sync1: 'off' } })}`)
})
