/**
 * The first minute: whoever opens the page without a link is offered to watch the flagship race, its decisive moments one after another, and is told what to do next.
 * It never starts by itself, and ends as soon as somebody moves by themselves.
 */
import type { Desk } from './page.ts'
import type { Searching } from './searching.ts'
import type { PageState } from './state.ts'
import type { Stepping } from './stepping.ts'

/** `offer`: a card. `finding`: the race is searched for. `watching`: at moment `at`. `told`: all of it was shown. */
export type Guide = { readonly stage: 'offer' | 'finding' | 'told' } | { readonly stage: 'watching'; readonly at: number }

export const FLAGSHIP = { scenario: 'text-poke', params: { sync1: 'off' } } as const
/** Time to read a caption. */
const MOMENT_MS = 6000
const KEY = 'guided'

export interface Guiding {
  /** Shows the card; with `again`, even to somebody who has sent it away. */
  offerGuide(again?: boolean): void
  watchRace(): void
  /** The next moment at once. */
  nextInGuide(): void
  leaveGuide(): void
}

export function createGuiding({ store, ports }: Desk, { openScenario, seek }: Stepping, { findRace }: Searching): Guiding {
  let cancel = () => {}
  /** The step at which the guide has put the cursor: anything else was the user. */
  let placed = -1

  const set = (guide: Guide | null): void => store.setState({ guide })

  function show(at: number): void {
    cancel()
    const moments = store.getState().view?.moments ?? []
    const moment = moments[at]
    if (moment === undefined) {
      set({ stage: 'told' })
      return
    }
    placed = moment.step
    set({ stage: 'watching', at })
    seek(moment.step)
    cancel = ports.timer.after(MOMENT_MS, () => show(at + 1))
  }

  store.subscribe((state: PageState, before: PageState) => {
    const { guide, view } = state
    if (guide === null || view === null || view === before.view) return
    if (guide.stage === 'finding' && view.moments.length > 0 && view.cursor === view.length) show(0)
    else if (guide.stage === 'watching' && view.cursor !== placed && before.view?.cursor === placed) {
      cancel()
      set({ stage: 'told' })
    }
  })

  return {
    offerGuide(again = false) {
      if (again || ports.memory.get(KEY) === null) set({ stage: 'offer' })
    },
    watchRace() {
      ports.memory.set(KEY, 'yes')
      set({ stage: 'finding' })
      openScenario(FLAGSHIP.scenario, FLAGSHIP.params)
      const stop = store.subscribe(({ view, guide }) => {
        if (guide?.stage !== 'finding') stop()
        else if (view?.scenario.id === FLAGSHIP.scenario && view.params.sync1 === FLAGSHIP.params.sync1 && view.length === 0) {
          stop()
          findRace()
        }
      })
    },
    nextInGuide() {
      const { guide } = store.getState()
      if (guide?.stage === 'watching') show(guide.at + 1)
    },
    leaveGuide() {
      ports.memory.set(KEY, 'yes')
      cancel()
      set(null)
    },
  }
}
