/** What the timeline shows beside the run in view: what other branches did, and from where on a violation could not be avoided. Asked for when the page rests. */

import { type Fork, forksOf } from '../timeline/branches.ts'
import type { TimelineData } from '../timeline/model.ts'
import { applyUpdate } from '../timeline/update.ts'
import type { Desk } from './page.ts'
import type { PageState } from './state.ts'

export interface PicturingState {
  /** Of other branches of this session, by their number. */
  readonly pictures: ReadonlyMap<number, TimelineData>
  /** Whether other branches stand below the lanes: those that are soon drawn, all, or none. */
  readonly othersShown: 'small' | 'all' | 'none'
  /** `from`: steps taken; null where it is not known, or the violating step alone decided. */
  readonly inevitable: { readonly key: string; readonly from: number | null } | null
}

export const NO_PICTURES: PicturingState = { pictures: new Map(), othersShown: 'small', inevitable: null }

export interface Picturing {
  showOthers(shown: PicturingState['othersShown']): void
}

/** Branches below the lanes: those that left last. */
export const MOST_OTHERS = 4
/** Steps of a branch that is drawn without being asked for; and of any that is. */
const SMALL = 3000
const LARGE = 300_000
const REST_MS = 300
/** Of the search; longer runs are not asked about. */
const BUDGET = { maxStates: 400_000, maxMb: 256, maxMs: 4000 }
const LONGEST = 20_000

export function createPicturing({ store, ports }: Desk): Picturing {
  let waiting: (() => void) | null = null
  /** Branches that are being drawn. */
  const asked = new Set<number>()

  store.subscribe((state, before) => {
    if (state.session !== before.session) {
      asked.clear()
      store.setState({ pictures: new Map(), inevitable: null })
    }
    if (state.view === before.view && state.othersShown === before.othersShown) return
    waiting?.()
    waiting = ports.timer.after(REST_MS, () => {
      waiting = null
      void draw()
      void judge()
    })
  })

  async function draw(): Promise<void> {
    const { view, session } = store.getState()
    if (view === null) return
    for (const { branch, length } of othersOf(store.getState())) {
      if (asked.has(branch) || store.getState().pictures.get(branch)?.steps === length) continue
      asked.add(branch)
      // Past the queue: steps go on meanwhile.
      const reply = await ports.stepper.request({ kind: 'picture', branch })
      if (store.getState().session !== session) return
      asked.delete(branch)
      if (reply.kind === 'picture')
        store.setState(({ pictures }) => ({ pictures: new Map(pictures).set(reply.branch, applyUpdate(null, reply.timeline)) }))
    }
  }

  async function judge(): Promise<void> {
    const state = store.getState()
    const { view, timeline, playing } = state
    const key = violationKey(state)
    if (view === null || playing || key === null || timeline?.violation == null || state.inevitable?.key === key) return
    const violated = timeline.violation.step + 1
    if (violated > LONGEST || view.length > 10 * LONGEST) return
    store.setState({ inevitable: { key, from: null } })
    const helper = ports.help()
    const { scenario, params, schedule } = view
    const reply = await helper.request({ kind: 'inevitable', scenario: scenario.id, params, schedule, violated, ...BUDGET })
    helper.dispose()
    if (reply.kind !== 'inevitable' || store.getState().inevitable?.key !== key) return
    const from = reply.answer.kind === 'from' && reply.answer.from < violated ? reply.answer.from : null
    store.setState({ inevitable: { key, from } })
  }

  return { showOthers: (othersShown) => store.setState({ othersShown }) }
}

/** The other branches that stand below the lanes. */
export function othersOf({ view, othersShown }: Pick<PageState, 'view' | 'othersShown'>): readonly Fork[] {
  if (view === null || othersShown === 'none') return []
  const most = othersShown === 'all' ? LARGE : SMALL
  return forksOf(view.branches, view.branch)
    .filter(({ length }) => length <= most)
    .slice(0, MOST_OTHERS)
}

/** Names the violation in view; null where there is none. */
export function violationKey({ session, view, timeline }: Pick<PageState, 'session' | 'view' | 'timeline'>): string | null {
  return view === null || timeline?.violation == null ? null : `${session}/${view.branch}/${timeline.violation.step}`
}
