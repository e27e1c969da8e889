/**
 * Every key of the page, as data: the help sheet prints this table, and nothing else listens to keys but what has the focus itself. Function keys
 * are those of debuggers; each has a twin that browsers and window managers leave alone.
 */
import type { Page } from './page.ts'
import { SPEEDS } from './state.ts'

export interface KeyBinding {
  readonly group: 'Move' | 'Debug' | 'Choose' | 'Run' | 'Search' | 'Page'
  readonly title: string
  readonly keys: readonly KeyStroke[]
  readonly run: (page: Page, stroke: KeyStroke) => void
  /** Held down, the key acts again and again. */
  readonly repeats?: boolean
}

/** `key` as the browser names it, in lower case; `control` is the Command key on a Mac. */
export interface KeyStroke {
  readonly key: string
  readonly shift?: boolean
  readonly control?: boolean
  readonly alt?: boolean
  /** Only where the page is shown to a room: a clicker's keys scroll otherwise. */
  readonly presenting?: boolean
}

const shift = (key: string): KeyStroke => ({ key, shift: true })
const plain = (...keys: readonly string[]): readonly KeyStroke[] => keys.map((key) => ({ key }))

export const KEYS: readonly KeyBinding[] = [
  {
    group: 'Move',
    title: 'Step',
    keys: plain('arrowright', 'j'),
    repeats: true,
    run: (page) => page.step(),
  },
  {
    group: 'Move',
    title: 'Step back',
    keys: plain('arrowleft', 'k'),
    repeats: true,
    run: (page) => page.stepBack(),
  },
  { group: 'Move', title: 'To the start', keys: plain('home'), run: (page) => page.seek(0) },
  { group: 'Move', title: 'To the end of this run', keys: plain('end'), run: (page) => page.seek(Number.MAX_SAFE_INTEGER) },
  debug('Step by an instruction', plain('y', 'f7'), (page) => page.walk('instruction')),
  debug('Back by an instruction', [shift('y'), shift('f7')], (page) => page.walk('instruction', true)),
  debug('Step into: to the next line', plain('l', 'f11'), (page) => page.walk('line')),
  debug('Back into: to the line before', [shift('l'), { key: 'f11', alt: true }], (page) => page.walk('line', true)),
  debug('Step over calls and handlers', plain('v', 'f10'), (page) => page.walk('over')),
  debug('Back over calls and handlers', [shift('v'), shift('f10'), { key: 'f10', alt: true }], (page) => page.walk('over', true)),
  debug('Step out of the call or handler', [{ key: 'x' }, shift('f11')], (page) => page.walk('out')),
  debug('Back out, to before it was entered', [shift('x'), { key: 'f11', shift: true, alt: true }], (page) => page.walk('out', true)),
  { ...debug('Run to a breakpoint or watchpoint', plain('g', 'f5'), goOnOrStop), repeats: false },
  debug('Back to a breakpoint or watchpoint', [shift('g'), shift('f5')], (page) => page.walk('point', true)),
  debug('Run to the selected code, or to a change of the selected bytes', plain('h', 'f4'), (page) => page.runHere()),
  debug('Back to the selected code, or to a change of the selected bytes', [shift('h'), shift('f4')], (page) => page.runHere(true)),
  debug('Breakpoint at the selected code, or where the CPU stands', plain('b', 'f9'), (page) => page.toggleBreakpoint()),
  debug('Back to where there was a choice', [shift('n'), shift('arrowleft')], (page) => page.walk('choice', true)),
  {
    group: 'Choose',
    title: 'Take choice 1 to 9',
    keys: plain('1', '2', '3', '4', '5', '6', '7', '8', '9'),
    run: (page, { key }) => page.take(Number(key) - 1),
  },
  { group: 'Choose', title: 'Find a CPU', keys: [{ key: 'p', control: true }], run: (page) => page.openPalette('look at ') },
  { group: 'Choose', title: 'Look at the next CPU', keys: plain('c'), run: (page) => page.cycleCpu() },
  {
    group: 'Run',
    title: 'Play or pause',
    keys: [...plain(' ', 'f8', 'p'), { key: '.', presenting: true }],
    run: (page) => page.togglePlay(),
  },
  { group: 'Run', title: 'Play faster', keys: plain('+'), run: (page) => changeSpeed(page, 1) },
  { group: 'Run', title: 'Play slower', keys: plain('-'), run: (page) => changeSpeed(page, -1) },
  { group: 'Run', title: 'Run to where there is a choice', keys: [{ key: 'n' }, shift('arrowright')], run: (page) => page.run('next-choice') },
  { group: 'Run', title: 'Run to the next int3', keys: plain('i'), run: (page) => page.walk('int3') },
  { group: 'Run', title: 'Back to the last int3', keys: [shift('i')], run: (page) => page.walk('int3', true) },
  { group: 'Run', title: 'Run until something breaks', keys: [shift('r')], run: (page) => page.walk('violation') },
  { group: 'Run', title: 'Run until all is done', keys: plain('e'), run: (page) => page.run('end') },
  { group: 'Search', title: 'Go to the shortest race; search for it first if need be', keys: plain('r'), run: (page) => page.findRace() },
  {
    group: 'Search',
    title: 'To the next decisive moment of a race',
    keys: [{ key: 'm' }, { key: 'pagedown', presenting: true }],
    run: (page, { presenting }) => clicked(page, 'on', presenting),
  },
  {
    group: 'Search',
    title: 'To the decisive moment before',
    keys: [shift('m'), { key: 'pageup', presenting: true }],
    run: (page, { presenting }) => clicked(page, 'back', presenting),
  },
  { group: 'Search', title: 'Search all interleavings', keys: plain('f'), run: (page) => page.search() },
  {
    group: 'Search',
    title: 'Search the events of this run',
    keys: [{ key: '/' }, { key: 'f', control: true }],
    run: (page) => page.searchEvents(true),
  },
  { group: 'Page', title: 'Stop: playing, running, searching', keys: plain('escape'), run: (page) => stop(page) },
  { group: 'Page', title: 'Undo the last choice, step or jump', keys: [{ key: 'z', control: true }, { key: 'u' }], run: (page) => page.undo() },
  { group: 'Page', title: 'Redo it', keys: [{ key: 'z', control: true, shift: true }, shift('u')], run: (page) => page.redo() },
  { group: 'Page', title: 'Share this moment', keys: plain('s'), run: (page) => page.openDialog('share') },
  { group: 'Page', title: 'Edit a copy of the scenario', keys: [shift('e')], run: (page) => page.editCopy() },
  { group: 'Page', title: 'Open a scenario file', keys: [{ key: 'o', control: true }], run: (page) => page.openFile() },
  { group: 'Page', title: 'Choose a scenario', keys: plain('o'), run: (page) => page.openDialog('catalog') },
  {
    group: 'Page',
    title: 'Present: call site, timeline and caption, large',
    keys: plain('z'),
    run: (page) => page.setPresenting(!page.store.getState().presenting),
  },
  {
    group: 'Page',
    title: 'Ask me first: what may each CPU execute?',
    keys: [shift('p')],
    run: (page) => page.setPredicting(page.store.getState().prediction === null),
  },
  { group: 'Page', title: 'More or less detail', keys: plain('d', 'q'), run: (page) => page.setDetail(!page.store.getState().detail) },
  { group: 'Page', title: 'Colours: as the system, light, dark, high contrast, projector', keys: plain('t'), run: (page) => page.cycleTheme() },
  {
    group: 'Page',
    title: 'Every command, by name',
    keys: [{ key: 'p', control: true, shift: true }, { key: '>' }],
    run: (page) => page.openDialog('palette'),
  },
  { group: 'Page', title: 'This help', keys: plain('?'), run: (page) => page.openDialog('help') },
]

/** As debuggers step; a letter beside each function key, since browsers and systems have uses of their own for those. */
function debug(title: string, keys: readonly KeyStroke[], run: (page: Page) => void): KeyBinding {
  return { group: 'Debug', title, keys, run, repeats: true }
}

/** As F5 and F8 of debuggers: resume, or pause. */
function goOnOrStop(page: Page): void {
  if (page.store.getState().running) page.stopRun()
  else page.walk('point')
}

/** A clicker goes by moments where the run is a race, and step by step where it is none. */
function clicked(page: Page, way: 'on' | 'back', presenting = false): void {
  if (!presenting) page.nextMoment(way === 'on' ? 'round' : 'back')
  else if (page.store.getState().view?.moments.length !== 0) page.nextMoment(way)
  else if (way === 'on') page.step()
  else page.stepBack()
}

function changeSpeed(page: Page, by: 1 | -1): void {
  const { stepsPerSecond } = page.store.getState().play
  const next = SPEEDS[SPEEDS.indexOf(stepsPerSecond) + by]
  if (next !== undefined) page.setSpeed(next)
}

function stop(page: Page): void {
  const { playing, running, preparing, searching, selection } = page.store.getState()
  if (!playing && !running && preparing === null && searching === null) {
    if (selection === null) page.setPresenting(false)
    else page.select(null)
  }
  page.pause()
  page.stopRun()
  page.cancelSearch()
}

/** The part of a KeyboardEvent that decides. */
export interface KeyPress {
  readonly key: string
  readonly shiftKey: boolean
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly repeat: boolean
}

export function bindingFor(press: KeyPress, presenting = false): { readonly binding: KeyBinding; readonly stroke: KeyStroke } | null {
  const key = press.key.toLowerCase()
  const control = press.ctrlKey || press.metaKey
  for (const binding of KEYS) {
    for (const stroke of binding.keys) {
      if (stroke.key !== key || (stroke.control ?? false) !== control || (stroke.alt ?? false) !== press.altKey) continue
      if (stroke.presenting === true && !presenting) continue
      // A character that the layout puts on Shift (the question mark) is that character; Shift distinguishes letters and named keys only.
      const countsShift = key.length > 1 || key.toUpperCase() !== key
      if (countsShift && (stroke.shift ?? false) !== press.shiftKey) continue
      return press.repeat && binding.repeats !== true ? null : { binding, stroke }
    }
  }
  return null
}

const NAMES: Readonly<Record<string, string>> = {
  arrowright: '→',
  arrowleft: '←',
  ' ': 'Space',
  home: 'Home',
  end: 'End',
  escape: 'Esc',
  pageup: 'Page ↑',
  pagedown: 'Page ↓',
}

/** The stroke as printed on keys, one element a key. */
export function nameOf(stroke: KeyStroke): readonly string[] {
  const key = NAMES[stroke.key] ?? (stroke.key.length === 1 || /^f\d+$/.test(stroke.key) ? stroke.key.toUpperCase() : stroke.key)
  return [...(stroke.control === true ? ['Ctrl'] : []), ...(stroke.alt === true ? ['Alt'] : []), ...(stroke.shift === true ? ['Shift'] : []), key]
}
