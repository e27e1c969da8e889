/**
 * Everything that can be done on the page, by name: what has a key (keys.ts), every scenario, stop of the tour and parameter value, panels and themes. The palette
 * lists them; nothing here does what could not be done elsewhere, too.
 */
import { KEYS, nameOf } from './keys.ts'
import type { Page } from './page.ts'
import { paramValue } from './selectors.ts'
import type { PageState, Theme } from './state.ts'

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
}

export function commandsOf({ catalog, tour, view }: PageState, panels: readonly NamedPanel[]): readonly Command[] {
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
  const add = (group: string, title: string, run: (page: Page) => void) => list.push({ id: `${group} ${title}`, group, title, keys: [], run })
  add('Page', 'Hazards: what each strategy survives', (page) => page.openDialog('hazards'))
  add('Page', 'Compare two runs side by side', (page) => page.openDialog('compare'))
  add('Page', 'Show the first steps', (page) => page.offerGuide(true))
  add('Page', 'All panels as designed', (page) => page.resetLayout())
  for (const [theme, words] of THEMES) add('Colours', words, (page) => page.setTheme(theme))
  for (const { id, title, region } of panels) {
    if (region === 'tabs') add('Panel', `Show ${title}`, (page) => page.showTab(id))
    add('Panel', `All the room for ${title}`, (page) => page.showAlone(id))
  }
  if (view !== null) {
    for (const { name, title, values } of view.scenario.params) {
      const now = paramValue(view.scenario, view.params, name)
      for (const value of values) if (value !== now) add('Set', `${title}: ${value}`, (page) => page.setParam(name, value))
    }
  }
  for (const [i, { question, scenario, params }] of tour.entries())
    add('Tour', `${i + 1}. ${question}`, (page) => page.openScenario(scenario, params))
  for (const { id, title } of catalog ?? []) add('Open', `${title} (${id})`, (page) => page.openScenario(id))
  return list
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
