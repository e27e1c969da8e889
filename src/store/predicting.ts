/**
 * Asked first: what may this CPU execute at the call site now? As long as nobody has answered, the page does not show what the CPUs may fetch. The machine is the
 * judge: it knows all that a fetch may bring, and nothing here knows a scenario. A question comes back whenever the answer has become another one.
 */
import type { View } from '../worker/protocol.ts'
import type { Desk } from './page.ts'
import { shownSite } from './selectors.ts'
import type { PageState } from './state.ts'

type SiteView = View['snapshot']['sites'][number]
export type SiteMeaning = SiteView['memoryMeaning']

/** All that bytes at a site can be, in the order in which a patch goes. */
export const MEANINGS: readonly SiteMeaning[] = ['old', 'int3', 'new', 'torn']

/** What can be ticked: where a version is itself an int3, that is all that an int3 can be. */
export function optionsOf({ oldText, newText }: Pick<SiteView, 'oldText' | 'newText'>): readonly SiteMeaning[] {
  return oldText === 'int3' || newText === 'int3' ? MEANINGS.filter((meaning) => meaning !== 'int3') : MEANINGS
}

export interface Answered {
  readonly cpu: number
  readonly ticked: readonly SiteMeaning[]
  readonly truth: readonly SiteMeaning[]
}

export interface Prediction {
  readonly asked: number
  readonly right: number
  /** What was true of each CPU when it was last asked about. */
  readonly known: Readonly<Record<number, string>>
  readonly last: Answered | null
}

export interface PredictingState {
  /** null: nobody wants to be asked. */
  readonly prediction: Prediction | null
}

export const NOT_PREDICTING: PredictingState = { prediction: null }
const FRESH: Prediction = { asked: 0, right: 0, known: {}, last: null }

export interface Predicting {
  setPredicting(wanted: boolean): void
  /** The answer to the present question. */
  predict(ticked: readonly SiteMeaning[]): void
}

export interface Question {
  readonly cpu: number
  readonly site: SiteView
  readonly truth: readonly SiteMeaning[]
}

/** What is to be answered before the CPUs' bytes are shown; null where nothing is. */
export function questionOf(state: Pick<PageState, 'prediction' | 'view' | 'selectedSite'>): Question | null {
  const { prediction, view } = state
  if (prediction === null || view === null) return null
  const { sites, cpus } = view.snapshot
  const site = sites[shownSite(state)]
  if (site === undefined) return null
  // Who writes the site is no riddle, where others execute it.
  const others = site.cpus.filter(({ cpu }) => cpus[cpu]?.role.includes('patcher') !== true)
  const open = (others.length > 0 ? others : site.cpus)
    .map((each) => ({ each, truth: truthOf(each) }))
    .filter(({ each, truth }) => prediction.known[each.cpu] !== truth.join(' '))
  const asked = open.find(({ each }) => each.here) ?? open[0]
  return asked === undefined ? null : { cpu: asked.each.cpu, site, truth: asked.truth }
}

function truthOf({ variants }: SiteView['cpus'][number]): readonly SiteMeaning[] {
  return MEANINGS.filter((meaning) => variants.some((variant) => variant.meaning === meaning))
}

export function isRight({ ticked, truth }: Answered): boolean {
  return truth.length === ticked.length && truth.every((meaning) => ticked.includes(meaning))
}

export function createPredicting({ store, notes }: Desk): Predicting {
  store.subscribe(({ session, prediction }, before) => {
    // Another scenario, another exam.
    if (session !== before.session && prediction !== null) store.setState({ prediction: FRESH })
  })
  return {
    setPredicting(wanted) {
      if (wanted && store.getState().view?.snapshot.sites.length === 0) {
        notes.set('remarks', { tone: 'plain', title: '', lines: ['This scenario patches no call site: there is nothing to predict.'], report: null })
        return
      }
      store.setState({ prediction: wanted ? FRESH : null })
    },
    predict(ticked) {
      const state = store.getState()
      const { prediction } = state
      const question = questionOf(state)
      if (prediction === null || question === null) return
      const { cpu, truth, site } = question
      const answered = { cpu, ticked, truth }
      const key = truth.join(' ')
      // Of the others, those to whom the same applies have been shown by this answer.
      const shown = site.cpus.filter((each) => truthOf(each).join(' ') === key).map((each) => [each.cpu, key] as const)
      store.setState({
        prediction: {
          asked: prediction.asked + 1,
          right: prediction.right + (isRight(answered) ? 1 : 0),
          known: { ...prediction.known, ...Object.fromEntries(shown) },
          last: answered,
        },
      })
    },
  }
}
