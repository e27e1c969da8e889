import { expect, test } from 'vitest'
import type { PointView, Reply } from '../worker/protocol.ts'
import { enter, gdb, isGdb, typedBefore } from './gdb.ts'
import { createPage, type Page } from './page.ts'
import { aScenario, aWorld, type Moment, settled, type World } from './testing.ts'

async function aPage(moment: Moment = {}): Promise<{ page: Page; world: World }> {
  const world = aWorld()
  const page = createPage(world)
  page.start()
  await world.stepper.answer({ kind: 'catalog', scenarios: [aScenario('one')], tour: [] })
  await world.stepper.view({ scenario: aScenario('one'), ...moment })
  await world.timer.pass(1000)
  return { page, world }
}

const pointsReply = (more: Partial<PointView> = {}): Reply => {
  return {
    kind: 'points',
    points: [{ id: 1, error: null, address: '0x1000', place: '0x1000 site0', value: null, before: null, after: null, ...more }],
  }
}
const saidBy = (page: Page) => page.store.getState().said.map(({ tone, text }) => `${tone}: ${text}`)

test.each([
  's',
  'n',
  'c',
  'si',
  'ni',
  'rs',
  'rn',
  'rc',
  'rsi',
  'rni',
  'finish',
  'b',
  'b site0',
  'watch/4 refs',
  'info b',
  'p rax',
  'x/8xb site0',
  's 3',
  ' c ',
])('"%s" is a command of gdb’s', (text) => expect(isGdb(text)).toBe(true))

test.each(['', 'st', 'step', 'x', 'p', 'play', 's tep', 'breakpoint', 'info', 'search all', 'continue'])(
  '"%s" is looked for among the commands',
  (text) => expect(isGdb(text)).toBe(false),
)

test('a word that names commands of the page, too, is one of them where they fit', () => {
  expect(isGdb('until all is done', true)).toBe(false)
  expect(isGdb('until site0')).toBe(true)
})

test('a walk is asked for as often as was said, and answers with where it has come to', async () => {
  const { page, world } = await aPage()
  const done = enter(page, 'rni 2')
  await settled()
  expect(saidBy(page)).toEqual(['typed: rni 2', 'said: step 0: the start'])
  await done
  const on = enter(page, 's 2')
  await settled()
  // One request for all: what stops a walk stops all of them.
  expect(world.stepper.last).toMatchObject({ kind: 'walk', goal: 'line', back: false, times: 2, cpu: 0 })
  await world.stepper.view({ movers: [0, 0], remarks: ['Breakpoint 1: site0.'] })
  await on
  expect(world.stepper.requests.filter(({ kind }) => kind === 'walk')).toHaveLength(1)
  expect(saidBy(page).slice(-2)).toEqual(['said: Breakpoint 1: site0.', 'said: step 2: the start'])
})

test('nothing typed is the last line again, which stands once in the history', async () => {
  const { page, world } = await aPage()
  for (const text of ['p rax', '', '']) {
    const done = enter(page, text)
    await settled()
    await world.stepper.answer({ kind: 'question', lines: ['0x1'], error: null })
    await done
  }
  expect(world.stepper.requests.filter(({ kind }) => kind === 'question')).toEqual(Array(3).fill({ kind: 'question', cpu: 0, text: 'p rax' }))
  expect(typedBefore(page)).toEqual(['p rax'])
  await enter((await aPage()).page, '')
})

test('a breakpoint and a watchpoint are set with size and condition', async () => {
  const { page, world } = await aPage()
  const first = gdb(page, 'b site0 + 1 if rax == 1')
  await settled()
  await world.stepper.answer(pointsReply())
  await world.stepper.answer(pointsReply())
  expect(await first).toEqual({ lines: ['1: 0x1000 site0'], error: null })
  const second = gdb(page, 'watch/4 refs')
  await settled()
  await world.stepper.answer(pointsReply())
  await world.stepper.answer(pointsReply({ id: 2, place: '0x2000 refs' }))
  expect((await second).lines).toEqual(['2: 0x2000 refs'])
  expect(page.store.getState().points).toEqual([
    { kind: 'break', id: 1, enabled: true, cpu: null, where: 'site0 + 1', condition: 'rax == 1' },
    { kind: 'watch', id: 2, enabled: true, cpu: null, where: 'refs', condition: '', size: 4, access: 'change' },
  ])
})

test.each([
  ['b nowhere', { error: '"nowhere" is no symbol, at character 1' }, 'at character 3'],
  ['b site0 if 1 + nope', { error: 'the condition: "nope" is no symbol, at character 5' }, 'at character 16'],
])('what is wrong with "%s" is told with its place in the line, and nothing is set', async (text, view, place) => {
  const { page, world } = await aPage()
  const answer = gdb(page, text)
  await settled()
  await world.stepper.answer(pointsReply(view))
  await world.stepper.answer(pointsReply(view))
  expect((await answer).error).toContain(place)
  expect(page.store.getState().points).toEqual([])
})

test.each([
  ['p 1 + nowhere', 'at character 7'],
  ['x/8xb  nowhere', 'at character 12'],
])('a question that cannot be answered, "%s", says where it is wrong', async (text, place) => {
  const { page, world } = await aPage()
  const answer = gdb(page, text)
  await settled()
  await world.stepper.answer({ kind: 'question', lines: [], error: '"nowhere" is no symbol, at character 5' })
  expect((await answer).error).toContain(place)
})

test.each([
  ['s often', '"often" at character 3'],
  ['delete 7', '"7" at character 8'],
  ['info everything', '"everything" at character 6'],
  ['cpu 9', '"9" at character 5'],
  ['watch/4', 'at character'],
  ['jump 3', '"jump" at character 1'],
])('"%s" is refused: %s', async (text, error) => {
  const { page } = await aPage()
  expect((await gdb(page, text)).error).toContain(error)
})

test('registers of the CPU that is looked at', async () => {
  const { page } = await aPage()
  expect((await gdb(page, 'cpu 1')).lines[0]).toContain('CPU 1, caller')
  expect((await gdb(page, 'info r')).lines[0]).toBe('CPU 1')
})
