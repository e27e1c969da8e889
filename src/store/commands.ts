/**
 * Everything that can be done on the page, by name: what has a key (keys.ts), every scenario, stop of the tour and parameter value, panels and themes. The palette
 * lists them; nothing here does what could not be done elsewhere, too.
 */
import type { View } from '../worker/protocol.ts'
import { KEYS, nameOf } from './keys.ts'
import type { Page } from './page.ts'
import { SCHEDULERS, speedWords } from './playing.ts'
import { paramValue, presentVerdict } from './selectors.ts'
import { type PageState, SPEEDS, type Theme } from './state.ts'

export interface Command {
  /** Stays the same from one day to the next: what was used last is remembered by it. */
  readonly id: string
  readonly group: string
  readonly title: string
  /** As printed on keys; empty where it has none. */
  readonly keys: readonly string[]
  run(page: Page): void
}

const THEMES: readonly (readonly [Theme, string])[] = [
  ['system', 'as the system has it'],
  ['light', 'light'],
  ['dark', 'dark'],
  ['contrast', 'high contrast'],
  ['projector', 'projector'],
]

/** Panels that can be brought to the front, or shown alone; the views know them. */
export interface NamedPanel {
  readonly id: string
  readonly title: string
  readonly region: string
  readonly level: string
}

type Add = (group: string, title: string, run: (page: Page) => void) => void

export function commandsOf(state: PageState, panels: readonly NamedPanel[]): readonly Command[] {
  const list: Command[] = KEYS.filter(({ keys }) => keys.length < 9).map(({ group, title, keys, run }) => {
    const [stroke] = keys
    return {
      id: `key ${title}`,
      group,
      title,
      keys: stroke === undefined ? [] : nameOf(stroke),
      run: (page) => stroke !== undefined && run(page, stroke),
    }
  })
  const add: Add = (group, title, run) => list.push({ id: `${group} ${title}`, group, title, keys: [], run })
  addMoves(state, add)
  addPage(state, panels, add)
  if (state.view !== null) addScenario(state, state.view, add)
  for (const [i, { question, scenario, params }] of state.tour.entries())
    add('Tour', `${i + 1}. ${question}`, (page) => page.openScenario(scenario, params))
  for (const { id, title } of state.catalog ?? []) add('Open', `${title} (${id})`, (page) => page.openScenario(id))
  return list
}

/** What moves the run beyond the keys: rare goals, choices and moments by name, who plays, breakpoints. */
function addMoves({ view, points, looking }: PageState, add: Add): void {
  add('Debug', 'Step by an instruction, over calls and handlers', (page) => page.walk('over-instruction'))
  add('Debug', 'Back by an instruction, over calls and handlers', (page) => page.walk('over-instruction', true))
  add('Run', 'Run to the next step that others can see', (page) => page.run('visible'))
  for (const { words, scheduler } of SCHEDULERS) add('Play', `Who moves: ${words}`, (page) => page.setScheduler(scheduler))
  for (const speed of SPEEDS) add('Play', `Speed: ${speedWords(speed)}`, (page) => page.setSpeed(speed))
  add('Choose', looking ? 'Look ahead no longer' : 'Look ahead: is a race still to come?', (page) => page.setLooking(!looking))
  for (const point of points) {
    const name = `${point.kind === 'break' ? 'breakpoint' : 'watchpoint'} ${point.id}, ${point.where}`
    add('Debug', `Switch ${name} ${point.enabled ? 'off' : 'on'}`, (page) => page.setPointEnabled(point.id, !point.enabled))
    add('Debug', `Remove ${name}`, (page) => page.removePoint(point.id))
  }
  if (view === null) return
  for (const [i, { cpu, title, effect }] of view.snapshot.choices.entries())
    add('Choose', `CPU ${cpu} ${title}${effect === '' ? '' : `: ${effect}`} (${i + 1})`, (page) => page.take(i))
  for (const { id, role } of view.snapshot.cpus) add('CPU', `Look at CPU ${id}, ${role}`, (page) => page.selectCpu(id))
  add('CPU', 'Look at the CPU that moves', (page) => page.selectCpu(null))
  for (const { label, address } of view.snapshot.sites) add('Site', `Look at ${label}`, (page) => page.selectSite(address))
  for (const [i, { step, text }] of view.moments.entries()) add('Moment', `${i + 1}. ${text} (step ${step})`, (page) => page.seek(step))
  for (const { id, name } of view.branches) if (id !== view.branch) add('Branch', `Go over to ${name}`, (page) => page.checkout(id))
}

function addPage({ arrangement }: PageState, panels: readonly NamedPanel[], add: Add): void {
  add('Page', 'Hazards: what each strategy survives', (page) => page.openDialog('hazards'))
  add('Page', 'Compare two runs side by side', (page) => page.openDialog('compare'))
  add('Page', 'Show the first steps', (page) => page.offerGuide(true))
  add('Page', 'All panels as designed', (page) => page.resetLayout())
  for (const [theme, words] of THEMES) add('Colours', words, (page) => page.setTheme(theme))
  for (const { id, title, region, level } of panels) {
    const see = (page: Page) => {
      if (level === 'detail') page.setDetail(true)
      page.foldPanel(id, false)
    }
    const place = arrangement.places[id] ?? region
    add('Panel', `Show ${title}`, (page) => {
      see(page)
      if (place === 'tabs') page.showTab(id)
    })
    if (place !== 'tabs') add('Panel', `Fold ${title} away`, (page) => page.foldPanel(id, true))
    add('Panel', `All the room for ${title}`, (page) => {
      see(page)
      page.showAlone(id)
    })
  }
  if (arrangement.alone !== null) add('Panel', 'Back among the others', (page) => page.showAlone(null))
}

/** What this scenario can be asked: its strategies, its parameters, and what a search has found. */
function addScenario(state: PageState, { scenario, params }: View, add: Add): void {
  const { strategies } = scenario
  for (const { id, title } of strategies?.cards ?? []) {
    const { param } = strategies ?? { param: null }
    add('Strategy', title, (page) => (param === null ? page.showTab('strategy') : page.setParam(param, id)))
  }
  for (const { name, title, values } of scenario.params) {
    const now = paramValue(scenario, params, name)
    for (const value of values) if (value !== now) add('Set', `${title}: ${value}`, (page) => page.setParam(name, value))
  }
  add('Search', 'What of this is needed? Switch each thing off in turn', (page) => {
    page.showTab('ablation')
    page.ablate(false)
  })
  const verdict = presentVerdict(state)
  if (verdict?.kind === 'cut') add('Search', 'Search on, with a higher limit', (page) => page.goOn())
  for (const [i, { title, steps, preemptions }] of (verdict?.violations ?? []).entries()) {
    add('Search', `Race: ${title} (${steps} steps)`, (page) => page.loadRace(i))
    if (preemptions != null) add('Search', `Race with the fewest preemptions: ${title}`, (page) => page.loadRace(i, true))
  }
  for (const [i, { key }] of (verdict?.outcomes ?? []).entries()) add('Search', `Outcome ${i + 1}: ${key}`, (page) => page.loadOutcome(i))
}

/**
 * Those that hold every word of the text, letters in order ("rt" finds "run to"): words that begin something first, then those used last.
 * `recent`: ids, the latest first.
 */
export function find(commands: readonly Command[], text: string, recent: readonly string[]): readonly Command[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const ranked: { readonly command: Command; readonly cost: number }[] = []
  for (const command of commands) {
    const hay = `${command.group} ${command.title}`.toLowerCase()
    const costs = words.map((word) => costOf(hay, word))
    if (costs.some((cost) => cost === null)) continue
    const used = recent.indexOf(command.id)
    ranked.push({ command, cost: costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0) + (used < 0 ? 1 : used / 100) })
  }
  // The order of the list decides among equals.
  return ranked.sort((a, b) => a.cost - b.cost).map(({ command }) => command)
}

/** 0: begins a word. 2: somewhere. More: its letters in order, with so many between. null: not there. */
function costOf(hay: string, word: string): number | null {
  const at = hay.indexOf(word)
  if (at >= 0) return at === 0 || /[^a-z0-9]/.test(hay[at - 1] as string) ? 0 : 2
  let from = -1
  let gaps = 0
  for (const letter of word) {
    const next = hay.indexOf(letter, from + 1)
    if (next < 0) return null
    if (from >= 0) gaps += next - from - 1
    from = next
  }
  return 4 + gaps
}
