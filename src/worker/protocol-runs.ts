/** The part of the protocol that speaks of several runs: two that are compared. protocol.ts takes it in; nobody else imports it. */
import type { RunComparison } from '../scenario/compare-runs.ts'
import type { StateDifference } from '../scenario/compare-runs-states.ts'
import type { TimelineData } from '../timeline/model.ts'

export type RunsRequest =
  /** One of two runs that are to be compared: followed as far as it is possible there. */
  | {
      readonly kind: 'compare-run'
      readonly side: 'a' | 'b'
      readonly scenario: string
      readonly source?: string
      readonly params: Readonly<Record<string, string>>
      readonly schedule: string
    }
  /** Both, aligned. */
  | { readonly kind: 'compare' }
  /** How their states differ, so many steps after the start of each. */
  | { readonly kind: 'compare-at'; readonly a: number; readonly b: number }
  /** The schedules of all branches, but for those that are longer than `most` steps. */
  | { readonly kind: 'schedules'; readonly most: number }

export type RunsReply =
  | { readonly kind: 'compare-run'; readonly remarks: readonly string[] }
  | ({ readonly kind: 'compare' } & Comparison)
  | { readonly kind: 'compare-at'; readonly a: number; readonly b: number; readonly differences: readonly StateDifference[] }
  | { readonly kind: 'schedules'; readonly branches: readonly { readonly id: number; readonly schedule: string | null }[] }

/** Two runs side by side. */
export interface Comparison {
  readonly a: Compared
  readonly b: Compared
  readonly runs: RunComparison
}

export interface Compared {
  readonly steps: readonly { readonly cpu: number; readonly title: string; readonly effect: string }[]
  readonly timeline: TimelineData | null
  readonly roles: readonly string[]
  readonly violated: { readonly step: number; readonly property: string } | null
  /** Nothing can happen any more at its end. */
  readonly ended: boolean
  /** What of its schedule was not possible. */
  readonly remarks: readonly string[]
}

export type { ComparedCpu, ComparedRow, RunComparison } from '../scenario/compare-runs.ts'
export type { StateDifference } from '../scenario/compare-runs-states.ts'
