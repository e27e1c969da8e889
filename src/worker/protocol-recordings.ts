/** The part of the protocol that speaks of recordings: a real kernel beside the model, and long runs of ours. protocol.ts takes it in; nobody else imports it. */
import type { RecordedMoment } from '../interchange/recording-session.ts'
import type { Counts } from '../timeline/counts.ts'
import type { TimelineData } from '../timeline/model.ts'

export type RecordingsRequest =
  /**
   * A batch of a recording of a real kernel beside the run of ours that shows the same. `text`: a recording that the user has; null: the scenario's own.
   * `batch`: null for the one that these parameters choose.
   */
  | {
      readonly kind: 'beside'
      readonly scenario: string
      readonly source?: string
      readonly params: Readonly<Record<string, string>>
      readonly text: string | null
      readonly batch: number | null
    }
  /** Records so many more steps of a run; from its beginning where it is another one, or `again`. */
  | {
      readonly kind: 'record'
      readonly scenario: string
      readonly source?: string
      readonly params: Readonly<Record<string, string>>
      readonly seed: number
      readonly steps: number
      readonly again: boolean
    }
  /** A moment of the run that this worker has recorded. */
  | { readonly kind: 'moment'; readonly step: number }
  /** The schedule that leads to this step of that run. */
  | { readonly kind: 'recorded-schedule'; readonly step: number }

export type RecordingsReply =
  | { readonly kind: 'beside'; readonly beside: Beside }
  | { readonly kind: 'recorded'; readonly recorded: Recorded }
  | { readonly kind: 'moment'; readonly moment: RecordedMoment }
  /** `digest`: of the state there. */
  | { readonly kind: 'recorded-schedule'; readonly schedule: string; readonly digest: string }

/** A real kernel and the model, on one axis. */
export interface Beside {
  readonly kernel: string
  readonly machine: string
  /** Names of all batches, and which of them this is. */
  readonly batches: readonly string[]
  readonly batch: number
  readonly events: number
  /** Is it an execution that the model allows? null: what was recorded does not say enough. */
  readonly verdict: 'allowed' | 'refused' | null
  readonly why: string | null
  readonly states: number
  readonly remarks: readonly string[]
  readonly real: TimelineData
  readonly model: TimelineData | null
  /** What opens the run in the page; null for a recording of the user's, which no link could hold. */
  readonly opens: { readonly params: Readonly<Record<string, string>>; readonly schedule: string } | null
}

/** A run that is being recorded, as far as it is. */
export interface Recorded {
  readonly steps: number
  readonly ended: boolean
  readonly violated: { readonly step: number; readonly cpu: number } | null
  readonly counts: Counts
  readonly roles: readonly string[]
  /** null until it has ended. */
  readonly overview: TimelineData | null
}

export type { RecordedMoment } from '../interchange/recording-session.ts'
export type { Counts } from '../timeline/counts.ts'
