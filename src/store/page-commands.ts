/** Commands about the page as a whole: dialogs, colours, panels, files of what is seen, and links to it. */
import type { Add } from './commands.ts'
import type { PageExport, SaveAs } from './exporting.ts'
import { panelsOf, type Region } from './layout.ts'
import type { Page } from './page.ts'
import { embedSnippet } from './snippet.ts'
import type { PageState, Theme } from './state.ts'

const THEMES: readonly (readonly [Theme, string])[] = [
  ['system', 'as the system has it'],
  ['light', 'light'],
  ['dark', 'dark'],
  ['contrast', 'high contrast'],
  ['projector', 'projector'],
]

const EXPORTS: readonly (readonly [PageExport, SaveAs, string])[] = [
  ['timeline-svg', 'file', 'Timeline as SVG'],
  ['timeline-svg', 'png', 'Timeline as PNG'],
  ['picture-svg', 'file', 'Call site and stack as SVG'],
  ['picture-svg', 'png', 'Call site and stack as PNG'],
  ['storyboard', 'file', 'Storyboard: the decisive moments, or the phases'],
  ['perfetto', 'file', 'Perfetto or Chrome trace (JSON)'],
  ['perfetto', 'perfetto', 'Open the trace in Perfetto, in a tab of its own'],
  ['ftrace', 'file', 'ftrace text'],
]

const REGIONS: readonly (readonly [Region, string])[] = [
  ['main', 'to the wide column'],
  ['side', 'to the narrow column'],
  ['tabs', 'among the tabs'],
]

/** Panels that can be brought to the front, moved, or shown alone; the views know them. */
export interface NamedPanel {
  readonly id: string
  readonly title: string
  readonly region: Region
  readonly level: string
}

export function addPage(state: PageState, panels: readonly NamedPanel[], add: Add): void {
  add('Page', 'Hazards: what each strategy survives', (page) => page.openDialog('hazards'))
  add('Page', 'Compare two runs side by side', (page) => page.openDialog('compare'))
  add('Page', 'Show the first steps', (page) => page.offerGuide(true))
  add('Page', 'All panels as designed', (page) => page.resetLayout())
  for (const { key, title, lines, report } of state.notes) {
    const name = title === '' ? (lines[0] ?? '') : title
    if (report !== null) add('Message', `Copy the report: ${name}`, (page) => void give(page, 'The report', report))
    add('Message', `Put away: ${name}`, (page) => page.dismiss(key))
  }
  for (const [theme, words] of THEMES) add('Colours', `Theme: ${words}`, (page) => page.setTheme(theme))
  if (state.view !== null) addFiles(state.view.scenario.title, add)
  addPanels(state, panels, add)
}

function addFiles(title: string, add: Add): void {
  for (const [what, as, words] of EXPORTS) add('Export', words, (page) => void page.saveExport(what, as).catch((error) => failed(page, error)))
  add('Share', 'Copy a link to this moment', (page) => void give(page, 'The link to this moment', page.momentLink('', '')))
  add('Share', 'Copy a link to the scenario’s start', (page) => void give(page, 'The link to the start', page.startLink()))
  add('Share', 'Copy the snippet to embed this moment', (page) => void give(page, 'The snippet', embedSnippet(page.momentLink('', ''), title)))
}

function addPanels({ arrangement }: PageState, panels: readonly NamedPanel[], add: Add): void {
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
    for (const [each, words] of REGIONS) if (each !== place) add('Panel', `Move ${title} ${words}`, (page) => page.movePanel(id, each))
    const row = panelsOf(panels, place, arrangement)
    const [back, on] = place === 'tabs' ? ['left', 'right'] : ['up', 'down']
    if (row[0]?.id !== id) add('Panel', `${title} further ${back}`, (page) => page.shiftPanel(id, -1, panels))
    if (row.at(-1)?.id !== id) add('Panel', `${title} further ${on}`, (page) => page.shiftPanel(id, 1, panels))
  }
  if (arrangement.alone !== null) add('Panel', 'Back among the others', (page) => page.showAlone(null))
}

/** Copies, and says whether that worked: a command has no button that could. */
export async function give(page: Page, name: string, text: string | null): Promise<void> {
  if (text === null) return
  const done = await page.copy(text)
  const title = done ? `${name} is copied.` : `${name} cannot be copied: the browser does not allow it.`
  // What was not copied can be taken from here.
  page.desk.notes.set('done', { tone: done ? 'plain' : 'attention', title, lines: done ? [] : [text], report: null })
}

function failed(page: Page, error: unknown): void {
  const why = error instanceof Error ? error.message : String(error)
  page.desk.notes.set('done', { tone: 'attention', title: `That did not work: ${why}.`, lines: [], report: null })
}
