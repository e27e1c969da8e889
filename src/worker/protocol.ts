/**
 * The boundary between page and workers: two unions of plain messages. Each request carries a number; a reply names the request that it answers, and
 * the client drops what is stale. Two workers run the same host: one steps (a `Session`), one searches, so that stepping stays responsive.
 */
import type { AssemblyWords } from '../assembler/words.ts'
import type { PackedReplay } from '../interchange/link-write.ts'
import type { AblationPlan, CellResult } from '../scenario/ablation.ts'
import type { CheckedParts } from '../scenario/check-parts.ts'
import type { Hazard } from '../scenario/format-meaning.ts'
import type { MatrixRow } from '../scenario/hazard-matrix.ts'
import type { Inevitability } from '../scenario/inevitable.ts'
import type { Ahead } from '../scenario/look-ahead.ts'
import type { Moment } from '../scenario/moments.ts'
import type { Point } from '../scenario/points.ts'
import type { ScenarioParts } from '../scenario/scenario-text.ts'
import type { Snapshot } from '../scenario/snapshot.ts'
import type { WalkGoal } from '../scenario/walk.ts'
import type { TimelineUpdate } from '../timeline/update.ts'
import type { RecordingsReply, RecordingsRequest } from './protocol-recordings.ts'
import type { BranchInfo, RunsReply, RunsRequest } from './protocol-runs.ts'

/** What the page must know of a scenario without running it. */
export interface ScenarioInfo {
  readonly id: string
  /** The id of the bundled scenario where the editing started; absent where nothing was edited. */
  readonly editedFrom?: string
  readonly title: string
  readonly family: string
  readonly summary: string
  /** Markdown: at most 200 words. */
  readonly story: string
  readonly sources: readonly { readonly kind: 'mail' | 'commit' | 'manual' | 'page'; readonly title: string; readonly ref: string }[]
  readonly params: readonly ParamInfo[]
  readonly properties: readonly { readonly id: string; readonly title: string }[]
  readonly expected: readonly ExpectedVerdict[]
  readonly strategies?: { readonly param: string | null; readonly cards: readonly StrategyCard[] }
  /** Panels of detail that are there from the first sight, because the scenario is about what they show. */
  readonly shows?: readonly string[]
  /** How many things the ablation table switches off. */
  readonly removable?: number
}

export interface StrategyCard {
  /** Value of the parameter that chooses. */
  readonly id: string
  readonly title: string
  readonly who: string
  readonly date: string
  readonly where: string
  /** Why its author thought it safe. */
  readonly idea: string
  readonly objection: string
  /** What Linux did in the end. */
  readonly linux: string
  readonly sources: ScenarioInfo['sources']
}

/** The file hazards.json, which the build writes beside the page. */
export interface HazardMatrix {
  readonly hazards: Readonly<Record<Hazard, string>>
  readonly rows: readonly MatrixRow[]
}

/** A stop of the tour: one question, and the scenario that answers it. */
export interface TourStop {
  readonly question: string
  readonly text: string
  readonly scenario: string
  readonly params: Readonly<Record<string, string>>
}

export interface ParamInfo {
  readonly name: string
  readonly title: string
  readonly values: readonly string[]
  readonly default: string
  readonly help: string | null
  /** An experiment of its own: the page shows it with “More detail”, or where it is changed. */
  readonly alone?: boolean
  /** Values that can be run but not searched. */
  readonly unsearched?: readonly string[]
}

export interface ExpectedVerdict {
  readonly when: Readonly<Record<string, string>>
  readonly verdict: 'violated' | 'exhausted'
  readonly states: number
  readonly violates: readonly string[]
}

/** 'steps': as many as are said at most, which is what playing asks for. */
export type RunTarget = 'next-choice' | 'visible' | 'end' | 'steps'

export type Scheduler =
  | { readonly kind: 'round-robin' }
  | { readonly kind: 'random'; readonly seed: number }
  | { readonly kind: 'same-cpu' }
  /** Stays with a CPU until it cannot get on. */
  | { readonly kind: 'fewest-switches' }

/** A breakpoint or watchpoint at the cursor; steps count from the start. `error`: what is wrong with it, and nothing else is known then. */
export interface PointView {
  readonly id: number
  readonly error: string | null
  readonly address: string | null
  /** Address and name. */
  readonly place: string | null
  /** What the watched bytes hold. */
  readonly value: string | null
  /** When it stopped last, or would have, on this trace; and when it will next. Who moved then. */
  readonly before: { readonly step: number; readonly cpu: number } | null
  readonly after: { readonly step: number; readonly cpu: number } | null
}

/** `source`: the whole text of an edited scenario; `scenario` is then the name that the page gave to it (store/edited.ts). */
export type Request =
  | RunsRequest
  | RecordingsRequest
  | { readonly kind: 'catalog' }
  /** Opens a scenario at its start, or with a schedule from a link. */
  | {
      readonly kind: 'open'
      readonly scenario: string
      readonly source?: string
      readonly params: Readonly<Record<string, string>>
      readonly schedule: string
      readonly cursor: number
      readonly digest: string | null
    }
  | { readonly kind: 'take'; readonly choice: number }
  | { readonly kind: 'seek'; readonly step: number }
  /** `departs`: where the run goes on, not along it, but as the scheduler says. */
  | {
      readonly kind: 'run'
      readonly target: RunTarget
      readonly cpu: number | null
      readonly scheduler: Scheduler
      readonly departs: boolean
      readonly maxSteps: number
    }
  /** As debuggers step, forwards and backwards; along the trace where it goes on. */
  | {
      readonly kind: 'walk'
      readonly goal: WalkGoal
      readonly back: boolean
      /** So often, unless something else than the goal stops it. */
      readonly times: number
      readonly cpu: number
      readonly points: readonly Point[]
      readonly scheduler: Scheduler
      readonly maxSteps: number
    }
  /** `near`: when they stopped last, and will next, is wanted as well. */
  | { readonly kind: 'points'; readonly points: readonly Point[]; readonly near: boolean }
  /** `p expression`, `x/8xb address`. */
  | { readonly kind: 'question'; readonly cpu: number; readonly text: string }
  | { readonly kind: 'checkout'; readonly branch: number }
  | {
      readonly kind: 'search'
      readonly scenario: string
      readonly source?: string
      readonly params: Readonly<Record<string, string>>
      readonly maxStates: number
      readonly maxMb: number
    }
  /** How much of the space of the last search has been seen, when this run is counted in? */
  | {
      readonly kind: 'coverage'
      readonly scenario: string
      readonly source?: string
      readonly params: Readonly<Record<string, string>>
      readonly schedule: string
    }
  | {
      readonly kind: 'ablation-plan'
      readonly scenario: string
      readonly source?: string
      readonly params: Readonly<Record<string, string>>
      readonly pairs: boolean
    }
  /** Searches one cell of the ablation table. */
  | {
      readonly kind: 'cell'
      readonly scenario: string
      readonly source?: string
      readonly params: Readonly<Record<string, string>>
      readonly maxStates: number
      readonly maxMb: number
    }
  /** What follows from each choice that is possible at the cursor? Limits are for each choice. */
  | {
      readonly kind: 'look-ahead'
      readonly scenario: string
      readonly source?: string
      readonly params: Readonly<Record<string, string>>
      readonly schedule: string
      readonly cursor: number
      readonly maxStates: number
      readonly maxMb: number
      readonly maxMs: number
    }
  /** The link of this moment, spelled in pieces: steps go on meanwhile. Answered with 'cancelled' where the run has changed before it was there. */
  | { readonly kind: 'link' }
  /** The machine at some moments of this trace, as many as asked for; the cursor stays where it is. */
  | { readonly kind: 'snapshots'; readonly steps: readonly number[] }
  /** Another branch as a picture; steps go on meanwhile. */
  | { readonly kind: 'picture'; readonly branch: number }
  /** From which step on could the violation that the schedule ends with not be avoided any more? */
  | {
      readonly kind: 'inevitable'
      readonly scenario: string
      readonly source?: string
      readonly params: Readonly<Record<string, string>>
      readonly schedule: string
      /** Steps taken when it had happened. */
      readonly violated: number
      readonly maxStates: number
      readonly maxMb: number
      readonly maxMs: number
    }
  /** A scenario as the parts that people edit, and the words of the language that they are written in. */
  | { readonly kind: 'parts'; readonly scenario: string; readonly source?: string }
  /** What is wrong with these parts? */
  | { readonly kind: 'check'; readonly parts: ScenarioParts; readonly params: Readonly<Record<string, string>> }
  | { readonly kind: 'cancel' }

export type Reply =
  | RunsReply
  | RecordingsReply
  | { readonly kind: 'catalog'; readonly scenarios: readonly ScenarioInfo[]; readonly tour: readonly TourStop[] }
  | { readonly kind: 'view'; readonly view: View }
  | { readonly kind: 'progress'; readonly progress: SearchProgress }
  | { readonly kind: 'verdict'; readonly verdict: SearchVerdict }
  /** null: the space of these parameters is not known whole. */
  | { readonly kind: 'coverage'; readonly coverage: Coverage | null }
  | { readonly kind: 'ablation-plan'; readonly plan: AblationPlan }
  | { readonly kind: 'cell'; readonly result: CellResult }
  /** Answers in the order of the choices, as far as they are there; `ahead` is the last word. */
  | { readonly kind: 'ahead-progress'; readonly answers: readonly Ahead[] }
  | { readonly kind: 'ahead'; readonly answers: readonly Ahead[] }
  | { readonly kind: 'link'; readonly fragment: string }
  | { readonly kind: 'points'; readonly points: readonly PointView[] }
  | { readonly kind: 'question'; readonly lines: readonly string[]; readonly error: string | null }
  | { readonly kind: 'picture'; readonly branch: number; readonly timeline: TimelineUpdate }
  | { readonly kind: 'inevitable'; readonly answer: Inevitability }
  | { readonly kind: 'parts'; readonly parts: ScenarioParts; readonly words: AssemblyWords }
  | { readonly kind: 'checked'; readonly checked: CheckedParts }
  | { readonly kind: 'snapshots'; readonly snapshots: readonly Snapshot[] }
  | { readonly kind: 'cancelled' }
  /** Something the user supplied is wrong; the rest keeps working. */
  | { readonly kind: 'refused'; readonly message: string; readonly detail: readonly string[] }
  /** What cannot happen has happened: with the link that leads there. */
  | { readonly kind: 'crashed'; readonly message: string; readonly link: string | null }

/** All that the page shows of the session. */
export interface View {
  readonly scenario: ScenarioInfo
  readonly params: Readonly<Record<string, string>>
  readonly cursor: number
  /** Steps of the present branch (the cursor may stand before its end). */
  readonly length: number
  /** As text. The page makes it when it is asked for: that takes a while where the run is long. */
  readonly schedule: string
  readonly branch: number
  readonly branches: readonly BranchInfo[]
  readonly snapshot: Snapshot
  /** null: as in the last view (the trace has not changed). */
  readonly timeline: { readonly whole: boolean; readonly update: TimelineUpdate } | null
  /** Share link of this very moment, without "#"; made as `schedule` is. For a long run, ask with 'link', and go on meanwhile. */
  readonly fragment: string
  /** Set after `open` with a digest: did the state match? */
  readonly verified: boolean | null
  /** Why this branch breaks, folded to its decisive moments; empty where nothing is violated. */
  readonly moments: readonly Moment[]
  /** Non-fatal remarks: what of a link could not be kept, why a run stopped. */
  readonly remarks: readonly string[]
}

/** As a view crosses the boundary: of its schedule, what has changed since the last one. */
export interface SentView extends Omit<View, 'schedule' | 'fragment'> {
  readonly choices: { readonly kept: number; readonly added: Int32Array }
  /** The link, but for the schedule. */
  readonly replay: Omit<PackedReplay, 'schedule'>
}

export type { AblationPlan, CellResult } from '../scenario/ablation.ts'
export type { MatrixCell, MatrixRow } from '../scenario/hazard-matrix.ts'
export type { Inevitability } from '../scenario/inevitable.ts'
export type { Ahead } from '../scenario/look-ahead.ts'
export type { Meaning } from '../scenario/meaning.ts'
export type { Breakpoint, Point, Watchpoint } from '../scenario/points.ts'
export type { WalkGoal } from '../scenario/walk.ts'
export type {
  BlockMove,
  BranchInfo,
  Compared,
  ComparedCpu,
  ComparedRow,
  Comparison,
  KeptBranch,
  MoveOutcome,
  RunComparison,
  StateDifference,
} from './protocol-runs.ts'
export type { AssemblyWords, CheckedParts, ScenarioParts }

/** Of a space that is known whole: what was seen while stepping. States in the middle of a run of local steps are none of it. */
export interface Coverage {
  readonly seen: number
  readonly states: number
  readonly outcomesSeen: readonly string[]
  readonly outcomes: number
}

export interface SearchProgress {
  readonly states: number
  readonly transitions: number
  readonly frontier: number
  readonly depth: number
  readonly bytes: number
  readonly seconds: number
}

export interface SearchVerdict {
  readonly kind: 'violated' | 'exhausted' | 'cut'
  readonly states: number
  readonly transitions: number
  readonly depth: number
  readonly bytes: number
  readonly seconds: number
  readonly cut: string | null
  readonly complete: boolean
  readonly violations: readonly {
    readonly property: string
    readonly title: string
    readonly steps: number
    readonly switches: number
    readonly schedule: string
    readonly cycle: string | null
    /** The race with the fewest preemptions; null or absent where it is not known. */
    readonly preemptions?: { readonly count: number; readonly steps: number; readonly schedule: string } | null
  }[]
  readonly outcomes: readonly { readonly key: string; readonly states: number; readonly schedule: string }[]
  readonly params: Readonly<Record<string, string>>
}

/** Envelope. */
export interface ToWorker {
  readonly run: number
  readonly request: Request
}

export interface FromWorker {
  readonly run: number
  readonly reply:
    | Answer
    | { readonly kind: 'view'; readonly view: SentView }
    | { readonly kind: 'passing'; readonly view: SentView }
    | Extract<OnTheWay, { readonly kind: 'preparing' }>
}

/** Replies that cross as they are. */
export type Answer = Exclude<Reply, { readonly kind: 'view' }>

/** What is said of a way through the run while it goes on; a view is its last word. Steps are counted from where it began, `of` so many where that is known. */
export type OnTheWay =
  | { readonly kind: 'passing'; readonly view: View }
  | { readonly kind: 'preparing'; readonly what: Preparation; readonly done: number; readonly of: number }

/** A link's schedule is followed; a trace is read for the first walk along it. */
export type Preparation = 'link' | 'trace'
export type { Beside, Counts, Recorded, RecordedMoment } from './protocol-recordings.ts'
