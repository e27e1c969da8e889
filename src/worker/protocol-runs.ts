/** The part of the protocol that speaks of several runs: branches as a tree, and two runs that are compared. protocol.ts takes it in; nobody else imports it. */
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
  /** Takes branches in, which were kept or dropped before; `ordered`: they come first, in this order. */
  | {
      readonly kind: 'graft'
      readonly scenario: string
      readonly source?: string
      readonly params: Readonly<Record<string, string>>
      readonly branches: readonly KeptBranch[]
      readonly ordered: boolean
    }
  | { readonly kind: 'change-branch'; readonly branch: number; readonly name?: string; readonly starred?: boolean }
  /** Any but the present one. */
  | { readonly kind: 'drop-branch'; readonly branch: number }
  /** What would become of the present branch if a block of it stood elsewhere? */
  | ({ readonly kind: 'preview-move' } & BlockMove)
  /** Makes a branch of that. */
  | ({ readonly kind: 'move' } & BlockMove)
  /** Answered with 'link', of the branch's end. */
  | { readonly kind: 'branch-link'; readonly branch: number }

export type RunsReply =
  | { readonly kind: 'compare-run'; readonly remarks: readonly string[] }
  | ({ readonly kind: 'compare' } & Comparison)
  | { readonly kind: 'compare-at'; readonly a: number; readonly b: number; readonly differences: readonly StateDifference[] }
  | { readonly kind: 'schedules'; readonly branches: readonly { readonly id: number; readonly schedule: string | null }[] }
  /** null: there is no such block, or the run is too long to be played at once. */
  | { readonly kind: 'preview-move'; readonly outcome: MoveOutcome | null }
  /** The tree as it is now; `cut`: of how many branches a part was not possible any more. */
  | { readonly kind: 'branches'; readonly branches: readonly BranchInfo[]; readonly cut: number }

/** A branch as it outlives its session. */
export interface KeptBranch {
  readonly name: string
  /** Somebody gave it that name. */
  readonly named: boolean
  readonly starred: boolean
  readonly schedule: string
}

export interface BranchInfo {
  readonly id: number
  readonly name: string
  readonly named: boolean
  readonly starred: boolean
  /** Branch it left, and after how many steps. */
  readonly parent: number | null
  readonly forkedAt: number
  readonly length: number
  /** Steps taken when it violates a property for the first time. */
  readonly violatedAt: number | null
}

/** Steps `from` to `to` (exclusive) go to where step `at` is now. */
export interface BlockMove {
  readonly from: number
  readonly to: number
  readonly at: number
}

interface ToldChoice {
  /** Of the run before, from 1. */
  readonly step: number
  readonly cpu: number
  /** As in a schedule: "1s.2". */
  readonly token: string
}

export interface MoveOutcome {
  readonly steps: number
  /** How many steps are not possible any more. */
  readonly lost: number
  readonly firstLost: ToldChoice | null
  /** How many execute other bytes where they did. */
  readonly otherwise: number
  readonly firstOtherwise: ToldChoice | null
  readonly violated: { readonly step: number; readonly property: string } | null
  /** Choices that are possible at its end. */
  readonly open: number
  /** It ends in the state in which the run ended before. */
  readonly sameState: boolean
}

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
