import { expect, test } from 'vitest'
import { find } from './command-search.ts'
import { commandsOf } from './commands.ts'
import { createPage, type Page } from './page.ts'
import type { NamedPanel } from './page-commands.ts'
import { presentKey } from './selectors.ts'
import { INITIAL, type PageState } from './state.ts'
import { aScenario, aTimeline, aVerdict, aView, aWorld } from './testing.ts'

const PANELS: readonly NamedPanel[] = [
  { id: 'story', title: 'Story', region: 'tabs', level: 'first' },
  { id: 'cpus', title: 'CPUs', region: 'main', level: 'detail' },
  { id: 'data', title: 'Data', region: 'main', level: 'detail' },
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
  const all = find(commands, '', ['Colours Theme: dark'])
  expect(all[0]?.id).toBe('Colours Theme: dark')
  expect(all).toHaveLength(commands.length)
})

test('scattered letters are a guess: made where nothing has the word, and only where they are close together or begin words', () => {
  const commands = commandsOf({ ...INITIAL, view: aView(), catalog: [aScenario('one', { title: 'The frame below the frame' })] }, PANELS)
  const titles = (text: string) => find(commands, text, []).map(({ title }) => title)
  expect(titles('theme').every((title) => title.startsWith('Theme: '))).toBe(true)
  expect(titles('thme').some((title) => title.startsWith('The frame'))).toBe(false)
  expect(titles('ft')[0]).toBe('ftrace text')
  expect(titles('ruai')).toContain('Run until all is done')
})

test.each([
  ['export', 8, /^Timeline as SVG$/],
  ['perfetto', 2, /Perfetto/],
  ['png', 2, /PNG$/],
  ['copy link', 2, /^Copy a link to/],
  ['embed', 1, /^Copy the snippet/],
])('"%s" finds %i commands', (text, count, first) => {
  const commands = commandsOf({ ...INITIAL, view: aView() }, PANELS)
  const found = find(commands, text, [])
  expect(found).toHaveLength(count)
  expect(found[0]?.title).toMatch(first)
})

/** What is done by pointing, dragging or typing, or by the page itself: it has no name in a list. */
const UNNAMED: Readonly<Record<string, string>> = {
  start: 'the page opens itself',
  flushAddress: 'the page is left',
  keepDraft: 'the page is left',
  play: 'togglePlay has the key',
  open: 'what is opened has names of its own',
  openLink: 'a link is pasted into the address',
  goTo: 'pointed at',
  keepSizes: 'a border is dragged',
  predict: 'an answer is ticked',
  addPoint: 'gdb’s b and watch',
  viewPoints: 'gdb’s info b',
  question: 'gdb’s p and x',
  editText: 'a file is dropped',
  changePart: 'typed',
  addFile: 'its name is typed',
  renameDraft: 'typed',
  find: 'typed',
  goToPlace: 'pointed at',
  goToName: 'pointed at',
  visitRecorded: 'a place of the picture is pointed at',
  recentCommands: 'the palette’s own',
  rememberCommand: 'the palette’s own',
  closeDialog: 'the palette’s own',
}

test('whatever can be done on the page is a command, or has a reason why it is none', async () => {
  const page = createPage(aWorld())
  const called = new Set<string>()
  const spy = new Proxy(page, {
    get: (target, name: keyof Page) => {
      if (typeof target[name] !== 'function') return target[name]
      return (...args: unknown[]) => {
        called.add(name)
        // Commands go on with what these answer.
        if (name === 'copy') return Promise.resolve(true)
        if (name === 'draftFile') return Promise.resolve(null)
        if (name === 'saveExport') return Promise.resolve()
        return /Link$/.test(name) && args.length !== 1 ? 'https://host/#v=1' : undefined
      }
    },
  })
  for (const state of STATES) {
    page.store.setState(state, true)
    for (const command of commandsOf(state, PANELS)) command.run(spy)
  }
  await Promise.resolve()
  const actions = Object.keys(page).filter((name) => typeof page[name as keyof Page] === 'function')
  expect(actions.filter((name) => !called.has(name) && !(name in UNNAMED))).toEqual([])
  // No reason outlives its action, or its lack of a command.
  expect(Object.keys(UNNAMED).filter((name) => called.has(name) || !actions.includes(name))).toEqual([])
})

/** Between them they have everything that a command can be about. */
const STATES: readonly PageState[] = (() => {
  const violations = [
    {
      property: 'p',
      title: 'nothing is torn',
      steps: 3,
      preemptions: { count: 0, steps: 4, schedule: '0s' },
      switches: 1,
      schedule: '0s',
      cycle: null,
    },
  ]
  const branch = { id: 0, name: 'main', named: false, starred: false, parent: null, forkedAt: 0, length: 3, violatedAt: null }
  const base = aView({ scenario: aScenario('one', { shows: ['recording', 'counts'] }) })
  const view = {
    ...base,
    branches: [branch, { ...branch, id: 1, name: 'other', parent: 0 }],
    moments: [{ step: 3, cpu: 1, kind: 'violation' as const, text: 'It breaks.', meaning: { basis: 'protocol' as const, says: null, source: null } }],
    snapshot: { ...base.snapshot, sites: [{ label: 'site0', address: '0x1000' }] as unknown as typeof base.snapshot.sites },
  }
  const parts = { json: '{}', files: [{ name: 'a.asm', text: '' }] }
  const draft = { id: '1', name: 'mine', origin: 'one', parts, ran: null }
  const open: PageState['editing'] = {
    ...{ ...draft, base: parts, file: 'a.asm', pane: 'text', fronted: 0, target: null, query: '', checking: false, replaced: 0, ranParts: null },
    words: { mnemonics: [], registers: [], directives: [] } as unknown as NonNullable<PageState['editing']>['words'],
    checked: { problems: [{ file: 'a.asm', line: 1, column: 1, severity: 'warning', message: '' }] } as unknown as NonNullable<
      PageState['editing']
    >['checked'],
    undoable: { words: 'a.asm as bundled', parts },
  }
  const full: PageState = {
    ...{
      ...INITIAL,
      view,
      catalog: [aScenario('one')],
      guide: { stage: 'offer' },
      selection: { kind: 'step' } as unknown as PageState['selection'],
      drafts: [draft, { ...draft, id: '3' }],
      deleted: [{ ...draft, id: '2' }],
    },
    points: [{ kind: 'break', id: 1, enabled: true, cpu: null, where: 'site0', condition: '' }],
    notes: [{ key: 'crashed', tone: 'bad', title: 'It crashed.', lines: [], report: 'report' }],
    arrangement: { ...INITIAL.arrangement, alone: 'cpus' },
    ablating: 'key',
    beside: { batches: ['a', 'b'], batch: 0, opens: { params: {}, schedule: '' } } as unknown as PageState['beside'],
    ownRecording: 'mine.txt',
    recordingBusy: 'record',
    editing: open,
  }
  const key = presentKey(full) as string
  const outcomes = [{ key: 'torn', count: 1, schedule: '0s' }] as unknown as NonNullable<PageState['verdicts'][string]>['outcomes']
  const cell = { verdict: 'violated', states: 1, transitions: 1, cut: null, race: violations[0] }
  const plan = { rows: [{ removed: [], title: 'as it is' }], fetches: [null], cells: [{ row: 0, fetch: null, params: {} }], off: [], restored: null }
  const searched: PageState = {
    ...full,
    guide: { stage: 'watching', at: 0 },
    recordingBusy: null,
    recordedMoment: { step: 1, cpus: [], phase: null, around: { from: 0, data: aTimeline([]) } },
    running: true,
    searching: { key, progress: null, thenShow: false, cancelling: false },
    verdicts: { [key]: aVerdict({ kind: 'cut', cut: 'states', violations, outcomes }) },
    ablations: { [key]: { plan, cells: [cell] } } as unknown as PageState['ablations'],
  }
  return [INITIAL, full, searched]
})()
