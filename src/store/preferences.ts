/** What the user likes, kept for the next visit: theme, amount of detail, speed. And what is open on the page. */
import type { Scheduler } from '../worker/protocol.ts'
import type { Desk } from './page.ts'
import { hasFuture, rememberScheduler, restorePlaying } from './playing.ts'
import type { Memory } from './ports.ts'
import type { Dialog, PageState, Theme } from './state.ts'

const MOST_RECENT = 20
const THEMES: readonly Theme[] = ['system', 'light', 'dark', 'contrast', 'projector']

export interface Preferences {
  setTheme(theme: Theme): void
  /** To the next in the list, and round. */
  cycleTheme(): void
  setDetail(detail: boolean): void
  setSpeed(stepsPerSecond: number): void
  /** Who moves when playing. Where the run goes on already, playing leaves it from now on. */
  setScheduler(scheduler: Scheduler): void
  /** Playing follows the run, as far as it goes. */
  followRun(): void
  /** null: follow the CPU that moves. */
  selectCpu(cpu: number | null): void
  cycleCpu(): void
  selectSite(address: string): void
  showTab(tab: string): void
  openDialog(dialog: Dialog): void
  /** The list of all commands; `text`: as if it had been typed. */
  openPalette(text: string): void
  /** Ids of the commands that were used last, the latest first. */
  recentCommands(): readonly string[]
  rememberCommand(id: string): void
  closeDialog(): void
}

export function restorePreferences(memory: Memory): Pick<PageState, 'theme' | 'detail' | 'play'> {
  const theme = THEMES.find((each) => each === memory.get('theme'))
  return { theme: theme ?? 'system', detail: memory.get('detail') === 'all', play: restorePlaying(memory) }
}

export function createPreferences({ store, ports }: Desk): Preferences {
  const { memory } = ports
  // At the end of a run there is nothing to leave.
  store.subscribe((state, before) => {
    if (state.play.departs && state.view !== before.view && (!hasFuture(state) || state.session !== before.session))
      store.setState({ play: { ...state.play, departs: false } })
  })
  function setTheme(theme: Theme): void {
    memory.set('theme', theme)
    store.setState({ theme })
  }
  function recentCommands(): readonly string[] {
    try {
      const found: unknown = JSON.parse(memory.get('commands') ?? '[]')
      return Array.isArray(found) ? found.filter((id) => typeof id === 'string') : []
    } catch {
      return []
    }
  }
  return {
    setTheme,
    cycleTheme: () => setTheme(THEMES[(THEMES.indexOf(store.getState().theme) + 1) % THEMES.length] as Theme),
    setDetail(detail) {
      memory.set('detail', detail ? 'all' : 'calm')
      store.setState({ detail })
    },
    setSpeed(stepsPerSecond) {
      memory.set('speed', String(stepsPerSecond))
      store.setState(({ play }) => ({ play: { ...play, stepsPerSecond } }))
    },
    setScheduler(scheduler) {
      rememberScheduler(memory, scheduler)
      store.setState((state) => ({ play: { ...state.play, scheduler, departs: hasFuture(state) } }))
    },
    followRun: () => store.setState(({ play }) => ({ play: { ...play, departs: false } })),
    selectCpu: (selectedCpu) => store.setState({ selectedCpu }),
    cycleCpu() {
      const { view, selectedCpu } = store.getState()
      const count = view?.snapshot.cpus.length ?? 0
      const next = selectedCpu === null ? 0 : selectedCpu + 1
      store.setState({ selectedCpu: next < count ? next : null })
    },
    selectSite: (selectedSite) => store.setState({ selectedSite }),
    showTab: (tab) => store.setState({ tab }),
    recentCommands,
    rememberCommand: (id) => memory.set('commands', JSON.stringify([id, ...recentCommands().filter((each) => each !== id)].slice(0, MOST_RECENT))),
    openDialog: (dialog) => store.setState({ dialog, paletteText: '' }),
    openPalette: (paletteText) => store.setState({ dialog: 'palette', paletteText }),
    closeDialog: () => store.setState({ dialog: null }),
  }
}
