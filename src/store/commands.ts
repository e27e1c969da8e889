/**
 * Everything that can be done on the page, by name: what has a key (keys.ts), every scenario, stop of the tour and parameter value, panels, exports and what else has a button. The
 * palette lists them; nothing here does what could not be done elsewhere, too.
 */

import { toggleCollapsed, togglePinned } from '../timeline/arrangement.ts'
import type { View } from '../worker/protocol.ts'
import { addEditor, addRecording } from './desk-commands.ts'
import { KEYS, nameOf } from './keys.ts'
import type { Page } from './page.ts'
import { addPage, give, type NamedPanel } from './page-commands.ts'
import { SCHEDULERS, speedWords } from './playing.ts'
import { paramValue, presentKey, presentVerdict } from './selectors.ts'
import { type AblationTable, LIMITS, type PageState, SPEEDS } from './state.ts'
import { treeOf } from './tree.ts'

export interface Command {
  /** Stays the same from one day to the next: what was used last is remembered by it. */
  readonly id: string
  readonly group: string
  readonly title: string
  /** As printed on keys; empty where it has none. */
  readonly keys: readonly string[]
  run(page: Page): void
}

export type Add = (group: string, title: string, run: (page: Page) => void) => void

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
  addEditor(state, add)
  addRecording(state, add)
  if (state.view !== null) addScenario(state, state.view, add)
  for (const [i, { question, scenario, params }] of state.tour.entries())
    add('Tour', `${i + 1}. ${question}`, (page) => page.openScenario(scenario, params))
  for (const { id, title } of state.catalog ?? []) add('Open', `${title} (${id})`, (page) => page.openScenario(id))
  return list
}

/** What moves the run beyond the keys: rare goals, choices and moments by name, who plays, breakpoints. */
function addMoves({ view, points, looking, lanes, guide }: PageState, add: Add): void {
  add('Debug', 'Step by an instruction, over calls and handlers', (page) => page.walk('over-instruction'))
  add('Debug', 'Back by an instruction, over calls and handlers', (page) => page.walk('over-instruction', true))
  add('Run', 'Run to the next step that others can see', (page) => page.run('visible'))
  add('Run', 'Run until a byte of a call site changes', (page) => page.runToChange())
  add('Play', 'Who moves: follow this run as far as it goes', (page) => page.followRun())
  for (const { words, scheduler } of SCHEDULERS) add('Play', `Who moves: ${words}`, (page) => page.setScheduler(scheduler))
  for (const speed of SPEEDS) add('Play', `Speed: ${speedWords(speed)}`, (page) => page.setSpeed(speed))
  add('Choose', looking ? 'Look ahead no longer' : 'Look ahead: is a race still to come?', (page) => page.setLooking(!looking))
  for (const point of points) {
    const name = `${point.kind === 'break' ? 'breakpoint' : 'watchpoint'} ${point.id}, ${point.where}`
    add('Debug', `Switch ${name} ${point.enabled ? 'off' : 'on'}`, (page) => page.setPointEnabled(point.id, !point.enabled))
    add('Debug', `Remove ${name}`, (page) => page.removePoint(point.id))
  }
  if (guide !== null) {
    if (guide.stage === 'offer') add('First steps', 'Watch the race happen', (page) => page.watchRace())
    if (guide.stage === 'offer') add('First steps', 'Step it yourself', (page) => page.stepInGuide())
    else add('First steps', 'Switch sync 1 on, and search again', (page) => page.checkInGuide({}))
    if (guide.stage === 'watching') add('First steps', 'The next moment at once', (page) => page.nextInGuide())
    add('First steps', 'Close them', (page) => page.leaveGuide())
  }
  if (view === null) return
  for (const [i, { cpu, title, effect }] of view.snapshot.choices.entries())
    add('Choose', `CPU ${cpu} ${title}${effect === '' ? '' : `: ${effect}`} (${i + 1})`, (page) => page.take(i))
  for (const { id, role } of view.snapshot.cpus) add('CPU', `Look at CPU ${id}, ${role}`, (page) => page.selectCpu(id))
  add('CPU', 'Look at the CPU that moves', (page) => page.selectCpu(null))
  for (const { label, address } of view.snapshot.sites) add('Site', `Look at ${label}`, (page) => page.selectSite(address))
  for (const [i, { step, text }] of view.moments.entries()) add('Moment', `${i + 1}. ${text} (step ${step})`, (page) => page.seek(step))
  for (const { id } of view.snapshot.cpus) {
    const [pinned, folded] = [lanes.pinned.includes(id), lanes.collapsed.includes(id)]
    add('Timeline', `${pinned ? 'Unpin' : 'Pin'} CPU ${id}${pinned ? '' : ' to the top'}`, (page) => page.arrangeLanes(togglePinned(lanes, id)))
    add('Timeline', `${folded ? 'Unfold' : 'Fold'} the lane of CPU ${id}`, (page) => page.arrangeLanes(toggleCollapsed(lanes, id)))
  }
  addBranches(view, add)
}

function addBranches({ branches, branch }: View, add: Add): void {
  add('Timeline', 'Show what other branches did', (page) => page.showOthers('all'))
  add('Timeline', 'Put the other branches away', (page) => page.showOthers('none'))
  for (const { id, name, starred } of branches) {
    if (id !== branch) add('Branch', `Go over to ${name}`, (page) => page.checkout(id))
    add('Branch', `${starred ? 'Take the star from' : 'Star'} ${name}`, (page) => treeOf(page).star(id, !starred))
    add(
      'Branch',
      `Copy a link to the end of ${name}`,
      (page) =>
        void treeOf(page)
          .linkOf(id)
          .then((link) => give(page, `The link to ${name}`, link)),
    )
    if (branches.length > 1) add('Branch', `Drop ${name}; it can be brought back`, (page) => treeOf(page).drop(id))
  }
  add('Branch', 'Bring back what was dropped last', (page) => treeOf(page).bringBack())
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
  add('Search', 'What is needed, with every two things switched off together', (page) => {
    page.showTab('ablation')
    page.ablate(true)
  })
  add('Search', 'What is needed, with everything put back first', (page) => {
    page.showTab('ablation')
    page.ablateRestored()
  })
  if (state.ablating !== null) add('Search', 'Stop switching things off', (page) => page.cancelAblation())
  const table = state.ablations[presentKey(state) ?? '']
  if (table !== undefined)
    for (const [i, cell] of table.cells.entries())
      if (cell?.race != null) add('Search', `Race of the table, cell ${i + 1}: ${titleOf(table, i)}`, (page) => page.loadCell(i))
  for (const most of LIMITS)
    if (most !== state.maxStates) add('Search', `Limit: ${most.toLocaleString('en-US')} states`, (page) => page.setMaxStates(most))
  const verdict = presentVerdict(state)
  if (verdict?.kind === 'cut') add('Search', 'Search on, with a higher limit', (page) => page.goOn())
  for (const [i, { title, steps, preemptions }] of (verdict?.violations ?? []).entries()) {
    add('Search', `Race: ${title} (${steps} steps)`, (page) => page.loadRace(i))
    if (preemptions != null) add('Search', `Race with the fewest preemptions: ${title}`, (page) => page.loadRace(i, true))
  }
  for (const [i, { key }] of (verdict?.outcomes ?? []).entries()) add('Search', `Outcome ${i + 1}: ${key}`, (page) => page.loadOutcome(i))
}

function titleOf({ plan }: AblationTable, cell: number): string {
  const { row, fetch } = plan.cells[cell] ?? {}
  return `${plan.rows[row ?? -1]?.title ?? ''}${fetch == null ? '' : `, fetch ${fetch}`}`
}
