/** What is seen, as files for other tools and for slides. Exporters are loaded when they are first wanted. */
import type { Desk } from './page.ts'
import { shownCpu, shownSite } from './selectors.ts'

export type PageExport = 'timeline-svg' | 'picture-svg' | 'storyboard' | 'perfetto' | 'ftrace'

export interface ExportFile {
  readonly name: string
  readonly type: string
  readonly text: string
}

/** As it is, as a picture of points (of drawings), or handed over to Perfetto in a tab of its own (of its traces). */
export type SaveAs = 'file' | 'png' | 'perfetto'

export interface Exporting {
  /** Nothing where nothing is open. Rejects with a sentence where the browser does not let it. */
  saveExport(what: PageExport, as: SaveAs): Promise<void>
}

export function createExporting({ store, ports }: Desk): Exporting {
  async function fileOf(what: PageExport): Promise<ExportFile | null> {
    const state = store.getState()
    const { view, timeline } = state
    if (view === null || timeline === null) return null
    const { scenario, params, cursor } = view
    const chosen = scenario.params.filter(({ name, default: standard }) => params[name] !== standard)
    const title = [scenario.id, ...chosen.map(({ name }) => `${name}=${params[name]}`)].join(', ')
    const base = `${scenario.id}-step-${cursor}`
    switch (what) {
      case 'timeline-svg': {
        const { timelineSvg } = await import('../timeline/svg.ts')
        return { name: `${base}-timeline.svg`, type: 'image/svg+xml', text: timelineSvg(timeline, { title, cursor }) }
      }
      case 'picture-svg': {
        const { pictureSvg } = await import('../interchange/picture.ts')
        const text = pictureSvg(view.snapshot, { site: shownSite(state), cpu: shownCpu(state), title: `${title}, step ${cursor}` })
        return { name: `${base}-site.svg`, type: 'image/svg+xml', text }
      }
      case 'storyboard': {
        const { storyboard } = await import('./storyboard.ts')
        const link = `${ports.address.base()}#${view.fragment}`
        return storyboard(ports.stepper, view, timeline, { title, name: `${scenario.id}-storyboard.html`, link, site: shownSite(state) })
      }
      case 'perfetto': {
        const { toPerfetto } = await import('../interchange/perfetto.ts')
        const text = toPerfetto(timeline, { title, link: view.fragment })
        return { name: `${scenario.id}.perfetto.json`, type: 'application/json', text }
      }
      case 'ftrace': {
        const { toFtrace } = await import('../interchange/ftrace.ts')
        return { name: `${scenario.id}.ftrace.txt`, type: 'text/plain', text: toFtrace(timeline) }
      }
    }
  }

  return {
    async saveExport(what, as) {
      const file = await fileOf(what)
      if (file !== null) await ports.save(file, as)
    },
  }
}
