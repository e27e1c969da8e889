/** The facts that the page shows. Everything else is computed from them (selectors.ts). */
import type { TimelineData } from '../timeline/model.ts'
import type {
  AblationPlan,
  Ahead,
  CellResult,
  Coverage,
  OnTheWay,
  ScenarioInfo,
  Scheduler,
  SearchProgress,
  SearchVerdict,
  TourStop,
  View,
} from '../worker/protocol.ts'

import type { ByHand } from './by-hand.ts'
import { type EditingState, NOT_EDITING } from './editing.ts'
import type { Guide } from './guide.ts'
import { type Arrangement, AS_DESIGNED } from './layout.ts'
import { NO_PICTURES, type PicturingState } from './picturing.ts'
import { NOT_PREDICTING, type PredictingState } from './predicting.ts'
import { NOT_PRESENTING, type PresentingState } from './presenting.ts'
import { NOTHING_RECORDED, type RecordingState } from './recording.ts'
import { NOTHING_SELECTED, type SelectingState } from './selecting.ts'
import { NO_POINTS, type WalkingState } from './walking.ts'

export type Dialog = 'catalog' | 'compare' | 'hazards' | 'help' | 'palette' | 'share'
export type Theme = 'system' | 'light' | 'dark' | 'contrast' | 'projector'
export type Params = Readonly<Record<string, string>>

/** A message above the panels. `key`: where it comes from; a newer one of the same origin replaces it. */
export interface Note {
  readonly key: 'link' | 'verified' | 'sender' | 'remarks' | 'refused' | 'crashed' | 'worker' | 'search' | 'draft' | 'done'
  readonly tone: 'plain' | 'good' | 'attention' | 'bad'
  readonly title: string
  readonly lines: readonly string[]
  /** What "copy report" copies; null where there is nothing to report. */
  readonly report: string | null
}

export interface Playing {
  readonly stepsPerSecond: number
  readonly scheduler: Scheduler
  /** The scheduler was chosen where the run goes on: playing leaves the run there. */
  readonly departs: boolean
}

/** The search under way. Results are kept apart, by what was searched (`verdicts`). */
export interface Searching {
  readonly key: string
  readonly progress: SearchProgress | null
  /** Go to the first race as soon as there is one. */
  readonly thenShow: boolean
  readonly cancelling: boolean
}

/** A table that fills: null where a cell is not finished. */
export interface AblationTable {
  readonly plan: AblationPlan
  readonly cells: readonly (CellResult | null)[]
}

/** What lies ahead of the choices of one moment, in their order. */
export interface Lookout {
  /** Which moment: of a session, a branch and a step. */
  readonly moment: string
  readonly answers: readonly Ahead[]
  readonly done: boolean
}

export interface PageState extends SelectingState, PicturingState, PredictingState, PresentingState, WalkingState, RecordingState, EditingState {
  /** null until the worker has told it. */
  readonly catalog: readonly ScenarioInfo[] | null
  readonly tour: readonly TourStop[]
  readonly view: View | null
  readonly byHand: ByHand
  /** Counts what was opened: branches and steps belong to one session. */
  readonly session: number
  /** Of the present trace; a view says it only where it has changed. */
  readonly timeline: TimelineData | null
  /** The stepper has work. */
  readonly busy: boolean
  /** null: follow the CPU that moves. */
  readonly selectedCpu: number | null
  /** Address of a call site; null, or one that is not there, for the first that is patched at all. */
  readonly selectedSite: string | null
  readonly playing: boolean
  /** A run to somewhere is under way. */
  readonly running: boolean
  /** What such a run, or a link that is opened, has to do first, where that takes long. */
  readonly preparing: Extract<OnTheWay, { readonly kind: 'preparing' }> | null
  readonly play: Playing
  readonly searching: Searching | null
  readonly verdicts: Readonly<Record<string, SearchVerdict>>
  /** Searches that were cancelled, with how far they came. */
  readonly stopped: Readonly<Record<string, SearchProgress>>
  readonly maxStates: number
  /** By what was asked, as the verdicts. */
  readonly ablations: Readonly<Record<string, AblationTable>>
  /** The table that is being filled. */
  readonly ablating: string | null
  /** Of the space that was searched last; null where it is not known whole. */
  readonly coverage: { readonly key: string; readonly of: Coverage } | null
  /** Look ahead at every moment. */
  readonly looking: boolean
  readonly ahead: Lookout | null
  readonly notes: readonly Note[]
  readonly dialog: Dialog | null
  /** What the palette is opened with. */
  readonly paletteText: string
  readonly theme: Theme
  /** Everything about the moment, or the calm first sight. */
  readonly detail: boolean
  readonly arrangement: Arrangement
  /** The first minute; null where nobody is guided. */
  readonly guide: Guide | null
  /** Which of the panels that share a place is in front. */
  readonly tab: string
}

/** Steps a second; below one for a room that follows. */
export const SPEEDS: readonly number[] = [0.2, 0.5, 1, 2, 5, 10, 30, 100, 1000]

/** States that a search may visit, of which the user chooses. */
export const LIMITS: readonly number[] = [200_000, 1_000_000, 5_000_000, 20_000_000]

export const INITIAL: PageState = {
  ...NOTHING_SELECTED,
  ...NO_PICTURES,
  ...NO_POINTS,
  ...NOT_PREDICTING,
  ...NOT_PRESENTING,
  ...NOTHING_RECORDED,
  ...NOT_EDITING,
  catalog: null,
  tour: [],
  view: null,
  byHand: {},
  session: 0,
  timeline: null,
  busy: false,
  selectedCpu: null,
  selectedSite: null,
  playing: false,
  running: false,
  preparing: null,
  play: { stepsPerSecond: 5, scheduler: { kind: 'same-cpu' }, departs: false },
  searching: null,
  verdicts: {},
  stopped: {},
  maxStates: 5_000_000,
  ablations: {},
  ablating: null,
  coverage: null,
  looking: false,
  ahead: null,
  notes: [],
  dialog: null,
  paletteText: '',
  theme: 'system',
  detail: false,
  arrangement: AS_DESIGNED,
  guide: null,
  tab: 'story',
}
