import { expect, test } from 'vitest'
import type { CheckedParts, ScenarioParts } from '../worker/protocol.ts'
import { draftOver } from './drafts.ts'
import { createPage, type Page } from './page.ts'
import { aScenario, aWorld, type FakeClient, settled, type World } from './testing.ts'

const PARTS: ScenarioParts = {
  json: '{\n  "id": "one",\n  "program": ["a.asm", "b.asm"]\n}\n',
  files: [
    { name: 'a.asm', text: 'func start\n  nop\n  call there' },
    { name: 'b.asm', text: 'there: ret' },
  ],
}
const WORDS = { mnemonics: [], prefixes: [], registers: [], directives: [], operandWords: [] }

/** A page with a copy of a scenario in its editor; `base` answers what the bundled one is. */
async function anEditor(memory?: Map<string, string>): Promise<{ page: Page; world: World; helper: FakeClient }> {
  const world = aWorld()
  for (const [key, value] of memory ?? []) world.stored.set(key, value)
  const page = createPage(world)
  page.start()
  await world.stepper.answer({ kind: 'catalog', scenarios: [aScenario('one')], tour: [] })
  await world.stepper.view({ scenario: aScenario('one') })
  await world.timer.pass(1000)
  page.editCopy()
  await import('./editing-desk.ts')
  await settled()
  const helper = world.helpersMade.at(-1) as FakeClient
  await answerParts(helper)
  return { page, world, helper }
}

async function answerParts(helper: FakeClient): Promise<void> {
  await helper.answer({ kind: 'parts', parts: PARTS, words: WORDS })
  await helper.answer({ kind: 'parts', parts: PARTS, words: WORDS })
  await helper.answer({ kind: 'checked', checked: checked() })
}

const checked = (more: Partial<CheckedParts> = {}): CheckedParts => ({
  problems: [],
  bytes: [],
  names: [],
  built: { files: 2, cpus: 1, sites: 0, bytes: 3 },
  source: '{}',
  params: {},
  ...more,
})
const editing = (page: Page) => page.store.getState().editing
const drafts = (page: Page) => page.store.getState().drafts.map(({ name, parts }) => `${name}: ${parts.files[0]?.text}`)

test('what is typed is kept soon, and at once where the page is left', async () => {
  const { page, world } = await anEditor()
  page.changePart('a.asm', 'nop')
  expect(drafts(page)).toEqual([])
  await world.timer.pass(200)
  expect(drafts(page)).toEqual(['one: nop'])
  page.changePart('a.asm', 'nop nop')
  page.keepDraft()
  expect(drafts(page)).toEqual(['one: nop nop'])
})

test('a copy that was closed comes back with the next wish to edit', async () => {
  const { page, world } = await anEditor()
  page.changePart('a.asm', 'nop')
  page.closeEditor()
  expect(editing(page)).toBeNull()
  page.editCopy()
  await answerParts(world.helpersMade.at(-1) as FakeClient)
  expect(editing(page)?.parts.files[0]?.text).toBe('nop')
})

test('after a reload, editing goes on with the last draft of the scenario', async () => {
  const before = await anEditor()
  before.page.changePart('a.asm', 'nop')
  before.page.keepDraft()
  const { page } = await anEditor(before.world.stored)
  expect(editing(page)?.parts.files[0]?.text).toBe('nop')
  expect(draftOver(page.store.getState().drafts, 'one')?.name).toBe('one')
  expect(draftOver(page.store.getState().drafts, 'two')).toBeUndefined()
})

test('a draft that another window has written meanwhile stays beside the own', async () => {
  const { page, world } = await anEditor()
  page.changePart('a.asm', 'mine')
  page.keepDraft()
  const [mine] = JSON.parse(world.stored.get('drafts') ?? '[]')
  world.stored.set('drafts', JSON.stringify([{ ...mine, parts: { ...PARTS, files: [{ name: 'a.asm', text: 'theirs' }] } }]))
  page.changePart('a.asm', 'mine too')
  page.keepDraft()
  expect(drafts(page)).toEqual(['one 2: mine too', 'one: theirs'])
  expect(editing(page)?.name).toBe('one 2')
})

test('a deleted draft comes back, also where it was edited on', async () => {
  const { page } = await anEditor()
  page.changePart('a.asm', 'nop')
  const id = editing(page)?.id as string
  page.deleteDraft(id)
  expect(drafts(page)).toEqual([])
  page.restoreDraft(id)
  expect(drafts(page)).toEqual(['one: nop'])
  page.deleteDraft(id)
  page.changePart('a.asm', 'ret')
  page.keepDraft()
  page.restoreDraft(id)
  expect(drafts(page)).toEqual(['one 2: nop', 'one: ret'])
})

test('files are added, named in the program, left out, and come back', async () => {
  const { page } = await anEditor()
  page.addFile('more')
  expect(editing(page)).toMatchObject({ file: 'more.asm', parts: { json: PARTS.json.replace('"b.asm"', '"b.asm", "more.asm"') } })
  page.undoBeside()
  expect(editing(page)).toMatchObject({ parts: PARTS, undoable: null })
  page.dropFile('b.asm')
  expect(editing(page)?.parts.files.map(({ name }) => name)).toEqual(['a.asm'])
  page.revert('b.asm')
  expect(editing(page)).toMatchObject({ parts: PARTS })
  page.changePart('a.asm', 'ret')
  page.revert(null)
  expect(editing(page)).toMatchObject({ parts: PARTS, undoable: { words: 'All of it is the bundled text again.' } })
  page.undoBeside()
  expect(editing(page)?.parts.files[0]?.text).toBe('ret')
})

test('verdicts that were expected of the bundled text are taken out, and come back', async () => {
  const { page } = await anEditor()
  const json = '{\n  "program": ["a.asm"],\n  "expected": [{ "when": {} }]\n}\n'
  page.changePart('scenario.json', json)
  page.dropExpected()
  expect(editing(page)?.parts.json).toBe('{\n  "program": ["a.asm"]\n}\n')
  page.undoBeside()
  expect(editing(page)?.parts.json).toBe(json)
})

test('a file of assembly goes into the open draft, and nowhere else', async () => {
  const { page } = await anEditor()
  page.editText('nop', 'c.asm')
  expect(editing(page)).toMatchObject({ file: 'c.asm', undoable: { words: 'c.asm is taken from your file.' } })
  expect(editing(page)?.parts.json).toContain('["a.asm", "b.asm", "c.asm"]')
  page.closeEditor()
  page.editText('nop', 'c.asm')
  expect(editing(page)).toBeNull()
  expect(page.store.getState().notes).toMatchObject([{ key: 'draft', title: expect.stringContaining('c.asm is assembly') }])
})

test('from problem to problem through all parts, around; and to what a name names', async () => {
  const { page, world, helper } = await anEditor()
  page.changePart('a.asm', `${PARTS.files[0]?.text} `)
  await world.timer.pass(250)
  const problem = (file: string, line: number) => ({ file, line, column: 1, length: 1, severity: 'error', message: 'wrong' }) as const
  await helper.answer({ kind: 'checked', checked: checked({ problems: [problem('scenario.json', 2), problem('a.asm', 3), problem('a.asm', 1)] }) })
  const visited: string[] = []
  for (const direction of [1, 1, 1, -1] as const) {
    page.nextProblem(editing(page)?.target ?? { file: 'a.asm', line: 2, column: 1 }, direction)
    visited.push(`${editing(page)?.target?.file}:${editing(page)?.target?.line}`)
  }
  expect(visited).toEqual(['a.asm:3', 'scenario.json:2', 'a.asm:1', 'scenario.json:2'])
  page.goToName('there')
  expect(editing(page)).toMatchObject({ file: 'b.asm', target: { file: 'b.asm', line: 1, column: 1 } })
  page.goToName('nowhere')
  expect(editing(page)).toMatchObject({ pane: 'find', query: 'nowhere' })
})

test('what runs is named by its text, and remembered with the draft', async () => {
  const { page, world, helper } = await anEditor()
  page.changePart('a.asm', 'ret')
  page.runDraft()
  await helper.answer({ kind: 'checked', checked: checked({ source: '{"changed": true}' }) })
  expect(world.stepper.last).toMatchObject({ kind: 'open', scenario: expect.stringMatching(/^one~[0-9a-f]{16}$/), source: '{"changed": true}' })
  expect(editing(page)?.ranParts).toBe(editing(page)?.parts)
})

test('a text that no link could hold is told with its size, and can still be saved', async () => {
  const { page, world, helper } = await anEditor()
  page.changePart('a.asm', 'ret')
  await world.timer.pass(250)
  await helper.answer({ kind: 'checked', checked: checked({ source: 'x'.repeat(1_048_577) }) })
  expect(editing(page)?.checked?.problems[0]?.message).toMatch(/1,048,577 bytes.*Save it as a file/)
  const file = page.draftFile()
  await settled()
  await helper.answer({ kind: 'checked', checked: checked({ source: 'x'.repeat(1_048_577) }) })
  expect((await file)?.text).toHaveLength(1_048_577)
})
