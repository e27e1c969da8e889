/**
 * The first minute: whoever opens the page without a link is offered to watch the flagship race, its decisive moments one after another, and is told what to do next.
 * It never starts by itself, and ends as soon as somebody moves by themselves; who only steps, and sees nothing change, is told how to get on.
 */
import type { Point, View } from '../worker/protocol.ts'
import { isSameMachine } from './by-hand.ts'
import type { Desk } from './page.ts'
import type { Searching } from './searching.ts'
import { presentVerdict } from './selectors.ts'
import type { PageState, Params } from './state.ts'
import type { Stepping } from './stepping.ts'

/**
 * `offer`: a card. `finding`: the race is searched for. `watching`: at moment `at`. `told`: all of it was shown. `checking`: the flagship with other parameters is
 * searched, and what came of it is said. `stepping`: the user steps, and is told how far the call site is.
 */
export type Guide = { readonly stage: 'offer' | 'finding' | 'told' | 'checking' | 'stepping' } | { readonly stage: 'watching'; readonly at: number }

export const FLAGSHIP = { scenario: 'text-poke', params: { sync1: 'off' } } as const
/** Time to read a caption. */
const MOMENT_MS = 6000
const KEY = 'guided'
const STEPPED = 'stepped'
/** Single steps in a row after which somebody wonders why nothing changes. */
const PATIENCE = 5
const MOST_STEPS = 200_000

export interface Guiding {
  /** Shows the card; with `again`, even to somebody who has sent it away. */
  offerGuide(again?: boolean): void
  watchRace(): void
  /** The next moment at once. */
  nextInGuide(): void
  /** Searches the flagship with these parameters, and says what came of it. */
  checkInGuide(params: Params): void
  /** Takes the first step, and says how to get on. */
  stepInGuide(): void
  /** Runs until memory changes at a call site. */
  runToChange(): void
  leaveGuide(): void
}

/** Nobody has written to a call site, nor is about to: all of it is as it was at the start. */
export function isUntouched({ snapshot: { sites } }: View): boolean {
  return sites.every(
    ({ memory, cpus }) => memory.every(({ from }) => from === 'old' || from === 'both') && cpus.every(({ pendingStore }) => pendingStore === null),
  )
}

export function createGuiding(desk: Desk, { openScenario, seek, step, pause }: Stepping, { findRace, search }: Searching): Guiding {
  const { store, ports, notes, ask } = desk
  let cancel = () => {}
  /** The step at which the guide has put the cursor: anything else was the user. */
  let placed = -1
  let presses = 0
  /** The guide has asked for another scenario, which is not there yet. */
  let opening = false

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

  /** Opens the flagship; `then` only where nothing else was opened meanwhile. */
  function openFlagship(stage: 'finding' | 'checking', params: Params, then: () => void): void {
    cancel()
    ports.memory.set(KEY, 'yes')
    set({ stage })
    opening = true
    openScenario(FLAGSHIP.scenario, params, () => {
      opening = false
      if (store.getState().guide?.stage === stage) then()
    })
  }

  store.subscribe((state: PageState, before: PageState) => {
    const { guide, view } = state
    if (guide?.stage === 'finding' && before.searching !== null && state.searching === null && presentVerdict(state) === null) set({ stage: 'offer' })
    if (view === null || before.view === null || view === before.view) return
    if (guide !== null && guide.stage !== 'offer' && !opening && !isSameMachine(before.view, view)) {
      cancel()
      set(null)
    } else if (guide?.stage === 'finding' && view.moments.length > 0 && view.cursor === view.length) show(0)
    else if (guide?.stage === 'watching' && view.cursor !== placed && before.view.cursor === placed) {
      cancel()
      set({ stage: 'told' })
    }
    if (guide === null || guide.stage === 'offer') notice(before.view, state, view)
  })

  /** Who presses the same key again and again sees nothing, and is not told why. */
  function notice(before: View, { playing, presenting, running }: PageState, view: View): void {
    const isPress = isSameMachine(before, view) && view.length === before.length + 1 && view.cursor === view.length && !playing && !running
    presses = isPress ? presses + 1 : 0
    if (presses < PATIENCE || presenting || ports.framed === true || view.snapshot.sites.length === 0 || !isUntouched(view)) return
    if (ports.memory.get(STEPPED) === null) set({ stage: 'stepping' })
  }

  return {
    offerGuide(again = false) {
      if (again || ports.memory.get(KEY) === null) set({ stage: 'offer' })
    },
    watchRace: () => openFlagship('finding', FLAGSHIP.params, findRace),
    nextInGuide() {
      const { guide } = store.getState()
      if (guide?.stage === 'watching') show(guide.at + 1)
    },
    checkInGuide: (params) =>
      openFlagship('checking', params, () => {
        if (presentVerdict(store.getState()) === null) search()
      }),
    stepInGuide() {
      cancel()
      ports.memory.set(KEY, 'yes')
      set({ stage: 'stepping' })
      step()
    },
    runToChange() {
      pause()
      ask({
        arrival: 'jump',
        request: ({ view }) => {
          if (view === null) return null
          store.setState({ running: true })
          const points = view.snapshot.sites.flatMap(watchpoints)
          return { kind: 'walk', goal: 'point', back: false, times: 1, cpu: 0, points, scheduler: { kind: 'fewest-switches' }, maxSteps: MOST_STEPS }
        },
        onAnswer: () => store.setState({ running: false }),
        // The caption says why it stopped.
        onView: () => notes.set('remarks', null),
      })
    },
    leaveGuide() {
      const { guide } = store.getState()
      ports.memory.set(guide?.stage === 'stepping' ? STEPPED : KEY, 'yes')
      cancel()
      set(null)
    },
  }
}

/** A watchpoint watches 1, 2, 4 or 8 bytes. */
function watchpoints({ address, length }: View['snapshot']['sites'][number]): Point[] {
  const points: Point[] = []
  for (let at = 0; at < length; ) {
    const size = [8, 4, 2, 1].find((each) => each <= length - at) ?? 1
    const where = `0x${(BigInt(address) + BigInt(at)).toString(16)}`
    points.push({ kind: 'watch', id: points.length + 1, enabled: true, cpu: null, where, condition: '', size, access: 'change' })
    at += size
  }
  return points
}
