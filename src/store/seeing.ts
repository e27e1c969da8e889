/** What the search knows of the moment in view: how much of the space was seen on the way, and what lies ahead of each choice. */
import type { Desk } from './page.ts'
import type { Helper } from './ports.ts'
import { presentKey, presentVerdict, violatedAt } from './selectors.ts'
import type { PageState } from './state.ts'

/** For each choice. A look must not outlast patience: what is not decided by then says so. */
const LOOK = { maxStates: 300_000, maxMb: 256, maxMs: 3000 }
/** Steps that follow each other quickly are looked at once, at their end. */
const REST_MS = 150

/** Longer runs are not counted in. */
const MOST_COUNTED = 50_000

/** Names a moment: whatever is known of it holds as long as the page stands there. */
function momentOf({ session, view }: PageState): string {
  return `${session}/${view?.branch}/${view?.cursor}`
}

export interface Seeing {
  /** Looks ahead at this moment and every later one, or no longer. */
  setLooking(looking: boolean): void
}

export function createSeeing({ store, ports }: Desk): Seeing {
  let helper: Helper | null = null
  let waiting: (() => void) | null = null
  let counting = false
  let round = 0

  async function look(): Promise<void> {
    const state = store.getState()
    const { view } = state
    if (view === null || !state.looking || state.playing || violatedAt(state) !== null) return
    const own = ++round
    const { params, schedule, cursor } = view
    const moment = momentOf(state)
    helper ??= ports.help()
    const set = (answers: NonNullable<typeof state.ahead>['answers'], done: boolean) => {
      if (own === round) store.setState({ ahead: { moment, answers, done } })
    }
    helper.onAhead = (answers) => set(answers, false)
    set([], false)
    const reply = await helper.request({ kind: 'look-ahead', scenario: view.scenario.id, params, schedule, cursor, ...LOOK })
    set(reply.kind === 'ahead' ? reply.answers : [], true)
  }

  /** Counts the run in view in, where the space is known whole. */
  async function count(): Promise<void> {
    const state = store.getState()
    const key = presentKey(state)
    if (
      state.view === null ||
      state.view.length > MOST_COUNTED ||
      key === null ||
      counting ||
      state.searching !== null ||
      presentVerdict(state)?.complete !== true
    )
      return
    counting = true
    const { scenario, params, schedule } = state.view
    const reply = await ports.searcher.request({ kind: 'coverage', scenario: scenario.id, params, schedule })
    counting = false
    if (reply.kind === 'coverage') store.setState({ coverage: reply.coverage === null ? null : { key, of: reply.coverage } })
  }

  function later(): void {
    waiting?.()
    waiting = ports.timer.after(REST_MS, () => {
      waiting = null
      void look()
      void count()
    })
  }

  store.subscribe((state, before) => {
    if (state.view !== before.view || state.verdicts !== before.verdicts) later()
    if (state.ahead !== null && momentOf(state) !== state.ahead.moment) {
      round++
      store.setState({ ahead: null })
    }
  })

  return {
    setLooking(looking) {
      store.setState({ looking, ...(looking ? {} : { ahead: null }) })
      if (looking) void look()
      else {
        round++
        helper?.dispose()
        helper = null
      }
    },
  }
}
