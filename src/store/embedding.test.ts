import { expect, test } from 'vitest'
import { encodeLink } from '../interchange/link.ts'
import { embedOptions } from './embed-options.ts'
import { createEmbedding, type Heard } from './embedding.ts'
import { framedAddress } from './framed-address.ts'
import { createPage } from './page.ts'
import { aChoice, aScenario, aVerdict, aWorld, FakeAddressBar, settled } from './testing.ts'

const HOST = 'https://lecture.example'
type Answered = Readonly<Record<string, unknown>>

/** An embedded page, and a host that says things to it. */
async function embedded(search = '?embed') {
  const world = aWorld()
  const page = createPage(world)
  const heard: Answered[] = []
  let hear: (heard: Heard) => void = () => {}
  createEmbedding(page, embedOptions(search), {
    listen: (call) => {
      hear = call
    },
  })
  page.start()
  await world.stepper.answer({ kind: 'catalog', scenarios: [aScenario('one'), aScenario('two')], tour: [] })
  const say = async (data: unknown, origin = HOST) => {
    hear({ data, origin, answer: (message) => heard.push(message as Answered) })
    await settled()
    return heard.at(-1)
  }
  return { world, page, heard, say, ask: (type: string, more: object = {}) => say({ pokescope: 1, type, id: heard.length, ...more }) }
}

test('PING is answered with PONG before there is anything to drive, and what is asked meanwhile waits', async () => {
  const { world, heard, ask } = await embedded()
  expect(await ask('PING')).toMatchObject({ pokescope: 1, type: 'PONG', panels: ['site', 'timeline'], ready: false })
  await ask('state')
  expect(heard).toHaveLength(1)
  await world.stepper.view({})
  await settled()
  expect(heard.at(-1)).toMatchObject({ type: 'answer', id: 1, ok: true, state: { scenario: 'one', step: 0, steps: 0, playing: false } })
})

test('whoever has not said PING is refused, then everybody but the one who has; other programs are not answered', async () => {
  const { world, heard, say, ask } = await embedded()
  await world.stepper.view({})
  expect(await ask('step')).toMatchObject({ ok: false, reason: 'say PING first' })
  await ask('PING')
  expect(await say({ pokescope: 1, type: 'step', id: 'x' }, 'https://other.example')).toEqual({
    pokescope: 1,
    type: 'answer',
    id: 'x',
    ok: false,
    reason: `this page obeys ${HOST}`,
  })
  expect(await say({ pokescope: 7, type: 'step' })).toMatchObject({ ok: false, id: null, reason: 'this page speaks version 1 of the protocol' })
  const before = heard.length
  for (const noise of ['PING', null, 5, { type: 'step' }, []]) await say(noise)
  expect(heard).toHaveLength(before)
})

test('an address that names origins is obeyed by those only', async () => {
  const { ask, say } = await embedded(`?embed&origin=${HOST}/course&origin=nonsense`)
  expect(await say({ pokescope: 1, type: 'PING' }, 'https://other.example')).toMatchObject({
    ok: false,
    reason: expect.stringContaining('does not allow'),
  })
  expect(await ask('PING')).toMatchObject({ type: 'PONG' })
})

test('step, back and seek answer with the state that they led to, or with why they cannot', async () => {
  const { world, heard, ask } = await embedded()
  await world.stepper.view({})
  await ask('PING')
  expect(await ask('back')).toMatchObject({ ok: false, reason: 'this is the start' })
  await ask('step')
  expect(world.stepper.last).toMatchObject({ kind: 'take' })
  await world.stepper.view({ movers: [0] })
  await settled()
  expect(heard.at(-1)).toMatchObject({ ok: true, state: { step: 1, steps: 1, choices: [{ choice: '0s' }, { choice: '1s' }] } })
  await ask('step', { choice: '1s' })
  expect(world.stepper.last).toEqual({ kind: 'take', choice: aChoice(1).choice })
  await world.stepper.view({ movers: [0, 1], choices: [] })
  await settled()
  expect(await ask('step', { choice: '7s' })).toMatchObject({ ok: false, reason: '“7s” cannot happen here; what can is nothing' })
  expect(await ask('step')).toMatchObject({ ok: false, reason: 'nothing can happen any more' })
  expect(await ask('play')).toMatchObject({ ok: false, reason: 'nothing can happen any more' })
  for (const step of [-1, 3, 1.5, '1', undefined])
    expect(await ask('seek', { step })).toMatchObject({ ok: false, reason: '"step" must be a whole number from 0 to 2' })
  await ask('seek', { step: 1 })
  expect(world.stepper.last).toEqual({ kind: 'seek', step: 1 })
})

test('messages are obeyed in their order, each where the one before has led', async () => {
  const { world, heard, ask } = await embedded()
  await world.stepper.view({ movers: [0, 0, 0], cursor: 0 })
  await ask('PING')
  const before = heard.length
  await ask('seek', { step: 3 })
  await ask('back')
  await ask('nonsense')
  expect(heard.at(-1)).toMatchObject({ ok: false, reason: expect.stringContaining('there is no message “nonsense”') })
  await world.stepper.view({ movers: [0, 0, 0], cursor: 3 })
  await settled()
  await world.stepper.view({ movers: [0, 0, 0], cursor: 2 })
  await settled()
  expect(heard.slice(before).map(({ ok, state }) => [ok, (state as { step?: number } | undefined)?.step])).toEqual([
    [false, undefined],
    [true, 3],
    [true, 2],
  ])
})

test('load opens a link and says what was verified and what was damaged; what names no scenario of ours is refused, and nothing is opened', async () => {
  const { world, heard, ask } = await embedded()
  await world.stepper.view({})
  await ask('PING')
  await ask('load', { link: `https://host/#${encodeLink({ scenario: 'two', schedule: '0s', digest: '0123456789abcdef' })}&q=1` })
  await world.stepper.view({ scenario: aScenario('two'), movers: [0], verified: true })
  await settled()
  expect(heard.at(-1)).toMatchObject({
    ok: true,
    state: { scenario: 'two', step: 1 },
    verified: true,
    problems: [expect.stringContaining('"q"'), expect.anything()],
  })
  const requests = world.stepper.requests.length
  expect(await ask('load', { link: 'v=1&s=gone' })).toMatchObject({ ok: false, reason: 'there is no scenario “gone”' })
  expect(await ask('load', { link: '%%%' })).toMatchObject({ ok: false, reason: 'this link names no scenario' })
  expect(await ask('load', {})).toMatchObject({ ok: false, reason: expect.stringContaining('"link" must be') })
  expect(world.stepper.requests).toHaveLength(requests)
  await ask('load', { link: 'v=1&s=one' })
  await world.stepper.answer({ kind: 'refused', message: 'no', detail: ['because'] })
  await settled()
  expect(heard.at(-1)).toMatchObject({ ok: false, reason: 'no', detail: ['because'] })
})

test('explore answers with the verdict when the search has ended, and other messages do not wait for it', async () => {
  const { world, heard, ask } = await embedded()
  await world.stepper.view({})
  await ask('PING')
  const before = heard.length
  await ask('explore')
  expect(await ask('explore')).toMatchObject({ ok: false, reason: 'a search is under way' })
  expect(await ask('state')).toMatchObject({ ok: true, state: { standing: 'searching' } })
  const violation = { property: 'p', title: 'p', steps: 7, switches: 1, schedule: '0s*6 1s', cycle: null }
  await world.searcher.answer({ kind: 'verdict', verdict: aVerdict({ kind: 'violated', violations: [violation] }) })
  await settled()
  expect(heard.at(-1)).toMatchObject({
    id: before,
    ok: true,
    verdict: { kind: 'violated', races: [{ property: 'p', steps: 7, schedule: '0s*6 1s' }] },
  })
})

test('a search that is cancelled is refused; without one there is nothing to cancel', async () => {
  const { world, heard, ask } = await embedded()
  await world.stepper.view({})
  await ask('PING')
  expect(await ask('cancel')).toMatchObject({ ok: false, reason: 'nothing is being explored' })
  await ask('explore')
  expect(await ask('cancel')).toMatchObject({ ok: true })
  await world.searcher.answer({ kind: 'cancelled' })
  await settled()
  expect(heard.at(-1)).toMatchObject({ ok: false, reason: 'the search was cancelled' })
})

test('a host that has subscribed is told of every change, also of what the user does, until it has enough', async () => {
  const { world, page, heard, ask } = await embedded()
  await world.stepper.view({})
  await ask('PING')
  await ask('subscribe')
  page.step()
  await world.stepper.view({ movers: [0] })
  expect(heard.at(-1)).toMatchObject({ type: 'change', state: { step: 1 } })
  await ask('play', { speed: 3 })
  expect(heard.at(-1)).toMatchObject({ ok: false, reason: '"speed" must be one of 0.2, 0.5, 1, 2, 5, 10, 30, 100, 1000, in steps a second' })
  await ask('unsubscribe')
  const before = heard.length
  page.step()
  await world.stepper.view({ movers: [0, 0] })
  expect(heard).toHaveLength(before)
})

test('an emulator that does not start refuses what waits for it', async () => {
  const { world, ask, heard } = await embedded()
  await ask('PING')
  await ask('step')
  await world.stepper.answer({ kind: 'crashed', message: 'no script', link: null })
  await settled()
  expect(heard.at(-1)).toMatchObject({ ok: false, reason: 'the emulator did not start' })
})

test('the address says which panels, which theme, and what of it cannot be read', () => {
  expect(embedOptions('?embed=1&panels=stack,site,stack&theme=dark')).toEqual({
    panels: ['stack', 'site'],
    theme: 'dark',
    origins: null,
    remarks: [],
  })
  const { panels, theme, remarks } = embedOptions('?embed&panels=nothing&theme=pink')
  expect([panels, theme, remarks.length]).toEqual([['site', 'timeline'], null, 2])
})

test('Back inside a frame goes through the frame’s own jumps, and never touches the host’s history', () => {
  const bar = new FakeAddressBar('a')
  const framed = framedAddress(bar)
  const seen: string[] = []
  framed.listen(() => seen.push(framed.read()))
  framed.push('b')
  framed.replace('c')
  framed.push('d')
  expect(bar.entries).toEqual(['d'])
  framed.go(-1)
  framed.go(-1)
  framed.go(-1)
  framed.go(1)
  expect(seen).toEqual(['c', 'a', 'c'])
  framed.push('e')
  framed.go(1)
  expect([framed.read(), framed.entry(), bar.entries.length]).toEqual(['e', 2, 1])
})
