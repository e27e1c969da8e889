/** The search: in a worker of its own, so that stepping goes on while it runs. */
import type { Reply, SearchProgress } from '../worker/protocol.ts'
import type { Desk } from './page.ts'
import { presentKey, presentVerdict } from './selectors.ts'
import type { PageState } from './state.ts'
import type { Stepping } from './stepping.ts'

const MAX_MB = 1024

export interface Searching {
  /** Searches all interleavings of the present scenario and parameters; a search that was cut goes on. */
  search(): void
  /** As `search`, with a higher limit where the present one stopped it. */
  goOn(): void
  cancelSearch(): void
  /** Goes to the shortest race; looks for it first where it is not known. */
  findRace(): void
  /** Loads violation `index` of the present verdict, and stands where it happens; `calm`: the one with the fewest preemptions. */
  loadRace(index: number, calm?: boolean): void
  /** Loads the sample schedule of outcome `index`. */
  loadOutcome(index: number): void
  setMaxStates(maxStates: number): void
}

export function createSearching({ store, ports, notes }: Desk, { open }: Stepping): Searching {
  /** Numbers the searches: answers of an older one are of no interest. */
  let run = 0

  ports.searcher.onProgress = (progress: SearchProgress) => {
    const { searching } = store.getState()
    if (searching !== null) store.setState({ searching: { ...searching, progress } })
  }

  async function start(thenShow: boolean): Promise<void> {
    const { view, maxStates, searching: before } = store.getState()
    const key = presentKey(store.getState())
    if (view === null || key === null || before !== null) return
    const own = ++run
    notes.set('search', null)
    store.setState(({ stopped }) => ({
      searching: { key, progress: null, thenShow, cancelling: false },
      stopped: without(stopped, key),
      tab: 'verdict',
    }))
    const request = { kind: 'search', scenario: view.scenario.id, params: view.params, maxStates, maxMb: MAX_MB } as const
    try {
      const reply = await ports.searcher.request(request)
      if (own === run) finish(key, reply)
    } catch (error) {
      if (own !== run) return
      store.setState({ searching: null })
      notes.lost(error)
    }
  }

  function finish(key: string, reply: Reply): void {
    const { searching } = store.getState()
    // At once: whoever sees that the search is over sees what came of it.
    store.setState(({ verdicts }) => ({ searching: null, ...(reply.kind === 'verdict' ? { verdicts: { ...verdicts, [key]: reply.verdict } } : {}) }))
    switch (reply.kind) {
      case 'verdict':
        // Only if the user has not gone elsewhere meanwhile.
        if (searching?.thenShow === true && presentKey(store.getState()) === key && reply.verdict.violations.length > 0) loadRace(0)
        return
      case 'cancelled':
        keepStopped(key, searching?.progress ?? null)
        return
      case 'refused':
        notes.set('search', { tone: 'attention', title: reply.message, lines: reply.detail, report: null })
        return
      case 'crashed':
        notes.crashed(reply.message, reply.link, ports.address.base())
        return
      default:
        return
    }
  }

  function keepStopped(key: string, progress: SearchProgress | null): void {
    if (progress !== null) store.setState(({ stopped }) => ({ stopped: { ...stopped, [key]: progress } }))
  }

  function load(schedule: string, steps: number): void {
    const { view } = store.getState()
    if (view === null) return
    open({ scenario: view.scenario.id, params: view.params, schedule, cursor: steps, digest: null }, 'jump')
  }

  function loadRace(index: number, calm = false): void {
    const violation = presentVerdict(store.getState())?.violations[index]
    const race = calm ? violation?.preemptions : violation
    if (race !== undefined && race !== null) load(race.schedule, race.steps)
  }

  return {
    search: () => void start(false),
    goOn() {
      const state = store.getState()
      const verdict = presentVerdict(state)
      if (verdict !== null && verdict.states >= state.maxStates) store.setState({ maxStates: 4 * state.maxStates })
      void start(false)
    },
    cancelSearch() {
      const { searching } = store.getState()
      if (searching === null || searching.cancelling) return
      store.setState({ searching: { ...searching, cancelling: true } })
      void ports.searcher.request({ kind: 'cancel' }).catch(() => undefined)
    },
    findRace() {
      const verdict = presentVerdict(store.getState())
      if (verdict === null || (verdict.kind === 'cut' && verdict.violations.length === 0)) void start(true)
      else if (verdict.violations.length > 0) loadRace(0)
      else store.setState({ tab: 'verdict' })
    },
    loadRace,
    loadOutcome(index) {
      const outcome = presentVerdict(store.getState())?.outcomes[index]
      if (outcome !== undefined) load(outcome.schedule, LAST)
    },
    setMaxStates: (maxStates) => store.setState({ maxStates }),
  }
}

/** A cursor beyond the end stands at the end. */
const LAST = 2 ** 31 - 1

function without(stopped: PageState['stopped'], key: string): PageState['stopped'] {
  return Object.fromEntries(Object.entries(stopped).filter(([each]) => each !== key))
}
