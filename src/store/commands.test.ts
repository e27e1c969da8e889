import { expect, test } from 'vitest'
import { commandsOf, find } from './commands.ts'
import { presentKey } from './selectors.ts'
import { INITIAL } from './state.ts'
import { aScenario, aVerdict, aView } from './testing.ts'

const PANELS = [
  { id: 'story', title: 'Story', region: 'tabs', level: 'first' },
  { id: 'cpus', title: 'CPUs', region: 'main', level: 'detail' },
]

test('every command has an id of its own, and scenarios, parameters and panels are among them', () => {
  const state = { ...INITIAL, catalog: [aScenario('one'), aScenario('two')], view: aView() }
  const commands = commandsOf(state, PANELS)
  expect(new Set(commands.map(({ id }) => id)).size).toBe(commands.length)
  const titles = commands.map(({ group, title }) => `${group}: ${title}`)
  expect(titles).toContain('Panel: Show Story')
  expect(titles.filter((title) => title.startsWith('Open:'))).toHaveLength(2)
  expect(titles.filter((title) => title.startsWith('Choose: CPU'))).toHaveLength(2)
  for (const title of [
    'Panel: Fold CPUs away',
    'CPU: Look at CPU 1, caller',
    'Play: Who moves: at random',
    'Play: Speed: 1 in 5 s',
    'Set: sync 1: off',
  ])
    expect(titles).toContain(title)
})

test('what a search has found, the moments of a race and breakpoints are commands, too', () => {
  const view = {
    ...aView(),
    moments: [{ step: 3, cpu: 1, kind: 'violation' as const, text: 'It breaks.', meaning: { basis: 'protocol' as const, says: null, source: null } }],
  }
  const violations = [{ property: 'p', title: 'nothing is torn', steps: 3, switches: 1, schedule: '0s', cycle: null }]
  const points = [{ kind: 'break' as const, id: 1, enabled: true, cpu: null, where: 'site0', condition: '' }]
  const state = { ...INITIAL, view, points }
  const verdicts = { [presentKey(state) as string]: aVerdict({ kind: 'violated', violations }) }
  const titles = commandsOf({ ...state, verdicts }, PANELS).map(({ group, title }) => `${group}: ${title}`)
  for (const title of ['Moment: 1. It breaks. (step 3)', 'Search: Race: nothing is torn (3 steps)', 'Debug: Switch breakpoint 1, site0 off'])
    expect(titles).toContain(title)
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
