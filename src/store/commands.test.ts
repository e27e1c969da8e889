import { expect, test } from 'vitest'
import { commandsOf, find } from './commands.ts'
import { INITIAL } from './state.ts'
import { aScenario, aView } from './testing.ts'

const PANELS = [{ id: 'story', title: 'Story', region: 'tabs' }]

test('every command has an id of its own, and scenarios, parameters and panels are among them', () => {
  const state = { ...INITIAL, catalog: [aScenario('one'), aScenario('two')], view: aView() }
  const commands = commandsOf(state, PANELS)
  expect(new Set(commands.map(({ id }) => id)).size).toBe(commands.length)
  const titles = commands.map(({ group, title }) => `${group}: ${title}`)
  expect(titles).toContain('Panel: Show Story')
  expect(titles.filter((title) => title.startsWith('Open:'))).toHaveLength(2)
})

test('words are found by their beginning first, by their letters last; what was used last is in front of its equals', () => {
  const commands = commandsOf(INITIAL, PANELS)
  expect(find(commands, 'step back', [])[0]?.title).toBe('Step back')
  expect(find(commands, 'shortest', [])[0]?.title).toMatch(/shortest race/)
  expect(find(commands, 'stpbck', []).map(({ title }) => title)).toContain('Step back')
  expect(find(commands, 'qqqq', [])).toEqual([])
  const all = find(commands, '', ['Colours dark'])
  expect(all[0]?.id).toBe('Colours dark')
  expect(all).toHaveLength(commands.length)
})
