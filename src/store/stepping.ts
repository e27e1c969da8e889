/** Moving through the run: forwards, backwards, along branches, by itself. */
import type { Words } from '../interchange/link-write.ts'
import type { RunTarget, Scheduler, View } from '../worker/protocol.ts'
import type { Arrival, Desk } from './page.ts'
import { playOn, restAfter, stepOn, stepsFor } from './playing.ts'
import type { PageState, Params } from './state.ts'

/** A run stops after so many steps even where its target never comes. */
const MOST_STEPS = 200_000

export interface Opening {
  readonly scenario: string
  readonly params: Params
  readonly schedule: string
  readonly cursor: number
  readonly digest: string | null
}

export interface Stepping {
  /** `words`: of the sender of the link that is opened. */
  open(opening: Opening, arrival: Arrival, onView?: (view: View) => void, refused?: () => void, words?: Words | null): void
  /** Opens a scenario at its start. */
  openScenario(scenario: string, params?: Params, onView?: (view: View) => void): void
  /** Starts the scenario again with one parameter changed. */
  setParam(name: string, value: string): void
  /** One step: along the trace where it goes on, else the default choice. */
  step(): void
  stepBack(): void
  /** `done` is false while the position is dragged. */
  seek(step: number, done?: boolean): void
  /** Takes the choice with this index in the snapshot's list. */
  take(index: number): void
  run(target: RunTarget): void
  /** Ends a run that is under way, where it is. */
  stopRun(): void
  /** From one decisive moment of a race to the next, or to the one before; "round" goes from the last to the first. */
  nextMoment(way: 'on' | 'back' | 'round'): void
  checkout(branch: number): void
  play(): void
  pause(): void
  togglePlay(): void
}

/** One CPU alone may spin for ever on what another has to do; a run that wants to get somewhere lets all move. */
function runScheduler({ play: { scheduler } }: PageState): Scheduler {
  return scheduler.kind === 'same-cpu' ? { kind: 'round-robin' } : scheduler
}

export function createStepping({ store, ask, forget, stop, notes, ports }: Desk): Stepping {
  let stopTimer: (() => void) | null = null
  let dragging = false

  function pause(): void {
    stopTimer?.()
    stopTimer = null
    if (store.getState().playing) store.setState({ playing: false })
  }

  /** All that is played is one move, from the first tick on. */
  function tick(traced: 'yes' | 'with-last', took: number): void {
    const startedAt = ports.timer.now()
    let from: View | null = null
    ask({
      replaces: 'tick',
      traced,
      request: (state) => {
        if (!state.playing) return null
        from = state.view
        const request = playOn(state, stepsFor(state, took))
        if (request === null) pause()
        return request
      },
      onView: (view) => {
        const state = store.getState()
        if (!state.playing) return
        const atEnd = view.cursor === view.length && view.snapshot.choices.length === 0
        const justViolated = view.snapshot.properties.some((property) => property.violatedAt === view.cursor)
        const stands = view.cursor === from?.cursor && view.branch === from.branch
        if (atEnd || justViolated || stands) pause()
        else {
          const rest = Math.max(0, restAfter(state) - (ports.timer.now() - startedAt))
          stopTimer = ports.timer.after(rest, () => tick('with-last', ports.timer.now() - startedAt))
        }
      },
    })
  }

  function play(): void {
    if (store.getState().view === null || store.getState().playing) return
    store.setState({ playing: true })
    tick('yes', 0)
  }

  function seek(step: number, done = true): void {
    pause()
    // A drag is one jump: its first move makes the entry in the history, the others replace it.
    const arrival = dragging ? 'replace' : 'jump'
    const traced = dragging ? 'with-last' : 'yes'
    dragging = !done
    ask({
      replaces: arrival === 'jump' ? 'jump' : 'seek',
      arrival,
      traced,
      request: ({ view }) => {
        if (view === null) return null
        const target = Math.max(0, Math.min(view.length, Math.round(step)))
        return target === view.cursor ? null : { kind: 'seek', step: target }
      },
    })
  }

  function open(opening: Opening, arrival: Arrival, onView?: (view: View) => void, refused?: () => void, words?: Words | null): void {
    pause()
    forget()
    ask({
      arrival,
      opens: true,
      ...(words === undefined ? {} : { words }),
      request: () => ({ kind: 'open', ...opening }),
      ...(onView === undefined ? {} : { onView }),
      ...(refused === undefined ? {} : { refused }),
    })
  }

  function openScenario(scenario: string, params: Params = {}, onView?: (view: View) => void): void {
    forgetLink()
    open({ scenario, params, schedule: '', cursor: 0, digest: null }, 'jump', onView, undefined, null)
  }

  function forgetLink(): void {
    notes.set('link', null)
    notes.set('verified', null)
  }

  function stopRun(): void {
    const { running, preparing } = store.getState()
    if (running || preparing !== null) stop()
  }

  return {
    open,
    openScenario,
    setParam(name, value) {
      forgetLink()
      pause()
      forget()
      // What is open when it is this request's turn: two in a row both count.
      ask({
        arrival: 'jump',
        opens: true,
        words: null,
        request: ({ view }) =>
          view === null
            ? null
            : { kind: 'open', scenario: view.scenario.id, params: { ...view.params, [name]: value }, schedule: '', cursor: 0, digest: null },
      })
    },
    step() {
      pause()
      ask({ request: stepOn })
    },
    stepBack() {
      pause()
      ask({ request: ({ view }) => (view === null || view.cursor === 0 ? null : { kind: 'seek', step: view.cursor - 1 }) })
    },
    seek,
    take(index) {
      pause()
      // What the user saw when they chose counts, should a step still be under way.
      const wanted = store.getState().view?.snapshot.choices[index]?.choice
      ask({
        request: ({ view }) => {
          const choice = view?.snapshot.choices.find((each) => each.choice === wanted)
          return choice === undefined ? null : { kind: 'take', choice: choice.choice }
        },
      })
    },
    run(target) {
      pause()
      ask({
        arrival: 'jump',
        yields: true,
        request: (state) => {
          if (state.view === null) return null
          store.setState({ running: true })
          return {
            kind: 'run',
            target,
            cpu: null,
            scheduler: runScheduler(state),
            departs: target === 'end' && state.play.departs,
            maxSteps: MOST_STEPS,
          }
        },
        onAnswer: () => store.setState({ running: false }),
        onView: () => notes.set('remarks', null),
      })
    },
    stopRun,
    nextMoment(way) {
      const { view } = store.getState()
      if (view === null) return
      const { moments, cursor } = view
      const moment =
        way === 'back'
          ? moments.findLast(({ step }) => step < cursor)
          : (moments.find(({ step }) => step > cursor) ?? (way === 'round' ? moments[0] : undefined))
      if (moment !== undefined) seek(moment.step)
    },
    checkout(branch) {
      pause()
      ask({ arrival: 'jump', request: ({ view }) => (view === null || view.branch === branch ? null : { kind: 'checkout', branch }) })
    },
    play,
    pause,
    togglePlay() {
      if (store.getState().playing) pause()
      else if (store.getState().running) stopRun()
      else play()
    },
  }
}
