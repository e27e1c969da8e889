/** What a search says: plain data, ready to be posted to another thread or printed as JSON. */
import type { Preempted } from './preemptions.ts'
import type { Schedule } from './schedules.ts'

/** Which bound stopped a search. `unfinished`: none did, it has just not ended yet. */
export type Cut = 'states' | 'memory' | 'time' | 'cancelled' | 'unfinished'

/** The property that the stuck analysis judges; a model's own properties have other names. */
export const NO_DEADLOCK = 'no-deadlock'

export interface Violation {
  readonly property: string
  /** Unit steps, which is the sum of the costs of the choices. */
  readonly steps: number
  /** Adjacent choices of different agents. */
  readonly switches: number
  readonly schedule: Schedule
  /** Proven: no schedule with fewer steps violates this property. */
  readonly fewestSteps: boolean
  /** Proven: none of as many steps has fewer switches. (Then the schedule is the first of the best in the order of agents and outcomes.) */
  readonly fewestSwitches: boolean
  /** Only with `no-deadlock`. */
  readonly trap: Trap | null
  /** The schedule with the fewest preemptions (preemptions.ts); null where not asked for, not every state is known, or memory did not allow it. */
  readonly preemptions: Preempted | null
}

/**
 * States that are never left, of which none is final and from which none is violating. `deadlock`: one state without any outgoing
 * transition. `livelock`: several, or one with a loop.
 */
export interface Trap {
  readonly kind: 'deadlock' | 'livelock'
  /** After this many unit steps of the schedule, no final state can be reached any more: the fate is sealed before it is met. */
  readonly sealedAfter: number
  /** Livelock: the shortest way from the end of the schedule back to itself. Empty where memory did not allow to look for it. */
  readonly cycle: Schedule
}

/** Final states with one name. */
export interface OutcomeRow {
  readonly key: string
  readonly states: number
  /** A schedule with the fewest unit steps to one of them. */
  readonly schedule: Schedule
}

export interface Verdict {
  /** `violated`: at least one property. `exhausted`: every reachable state was visited and none violates anything. `cut`: neither. */
  readonly kind: 'violated' | 'exhausted' | 'cut'
  /** Every reachable state that does not violate a property was expanded. */
  readonly complete: boolean
  readonly states: number
  /** Fewer than states where interchangeable agents were recognised: each of them stands for its images. */
  readonly held: number
  readonly transitions: number
  /** Greatest distance, in unit steps, of an expanded state. */
  readonly depth: number
  readonly finalStates: number
  /** Of all arrays now, and at most. */
  readonly bytes: number
  readonly peakBytes: number
  /** In the order of the model's properties, `no-deadlock` last. */
  readonly violations: readonly Violation[]
  /** What is known of `no-deadlock`: `unknown` until every state was visited and judged. */
  readonly deadlock: 'none' | 'found' | 'unknown' | 'not-asked'
  /** Sorted by key. Empty if the model names no outcomes. */
  readonly outcomes: readonly OutcomeRow[]
  readonly cut: Cut | null
}

/** What a search is doing: looking at new states, finding the best schedules to a violation of either kind, judging stuck states. */
export type Phase = 'forward' | 'schedule' | 'preemptions' | 'stuck' | 'ended'

export interface Progress {
  readonly phase: Phase
  readonly states: number
  /** As in the verdict. */
  readonly held: number
  readonly transitions: number
  /** States known and not expanded yet. */
  readonly frontier: number
  /** The distance that is being expanded. */
  readonly depth: number
  /** Of all arrays. */
  readonly bytes: number
  /** Distinct values of each component, the shared one last. */
  readonly components: readonly number[]
  readonly memoHits: number
  readonly memoMisses: number
  /** Violated properties known so far. */
  readonly violated: readonly string[]
}
