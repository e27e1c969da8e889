/**
 * A block of a schedule at another place: which of its choices are still possible, and what the run then ends in.
 *
 *     0s*3 1s*2 0d      the block 1s*2 (steps 3 to 5) moved to step 1      0s 1s*2 0s*2 0d
 *
 * A step keeps its meaning as well as it can: where a CPU may fetch several byte strings it takes the one that it executed before, if it stands at the same place. What
 * is not possible any more is left out; everything else is kept, in its order.
 */
import { bytesToHex } from '../lib/bytes.ts'
import { digestOf } from '../lib/digest.ts'
import { choiceCpu, choiceKind, DRAIN, type PackedChoice, STEP } from '../machine/choice.ts'
import type { Fetched } from '../machine/fetch.ts'
import { RIP } from '../machine/layout.ts'
import type { Machine } from '../machine/machine.ts'
import { apply, choices, choicesOf, stepVariants } from '../machine/step.ts'
import type { Instance } from './build.ts'
import type { Checker } from './properties.ts'

/** Steps `from` to `to` (exclusive) go to where step `at` is now; `at` lies outside of the block, or at its ends. */
export interface Move {
  readonly from: number
  readonly to: number
  readonly at: number
}

export interface Moved {
  /** What is left of the schedule. */
  readonly schedule: readonly PackedChoice[]
  /** Steps of the schedule before that are not possible any more, as indices. */
  readonly lost: readonly number[]
  /** Steps that execute other bytes at the place where they did. */
  readonly otherwise: readonly number[]
  /** The first violation: steps taken when it has happened, and bits of the checker's properties. */
  readonly violated: { readonly step: number; readonly mask: number } | null
  /** Choices that are possible at the end. */
  readonly open: number
  readonly digest: string
}

/** Where and what a CPU executed: null for other steps. */
type Executed = { readonly lo: number; readonly hi: number; readonly bytes: string } | null

/** The indices of `length` steps in their new order. */
export function movedOrder(length: number, { from, to, at }: Move): number[] {
  const all = Array.from({ length }, (_, i) => i)
  const block = all.splice(from, to - from)
  all.splice(at <= from ? at : at - block.length, 0, ...block)
  return all
}

/** What each step of a schedule executed. Told once, for many moves. */
export function executedBy(instance: Instance, schedule: readonly PackedChoice[]): readonly Executed[] {
  const m = instance.machine()
  return schedule.map((choice) => {
    const found = choiceKind(choice) === STEP ? variantOf(m, choice) : null
    apply(m, choice)
    return found
  })
}

function variantOf(m: Machine, choice: PackedChoice): Executed {
  m.select(choiceCpu(choice))
  const fetched = stepVariants(m)[choice >> 7] as Fetched | undefined
  return fetched === undefined ? null : { lo: m.w[m.c + RIP] as number, hi: m.w[m.c + RIP + 1] as number, bytes: bytesToHex(fetched.bytes) }
}

export function replayMoved(
  instance: Instance,
  checker: Checker,
  schedule: readonly PackedChoice[],
  executed: readonly Executed[],
  order: readonly number[],
): Moved {
  const m = instance.machine()
  const kept: PackedChoice[] = []
  const lost: number[] = []
  const otherwise: number[] = []
  let violated: Moved['violated'] = null
  for (const index of order) {
    const wanted = schedule[index] as PackedChoice
    const choice = possible(m, wanted, executed[index] ?? null)
    if (choice === null) {
      lost.push(index)
      continue
    }
    const before = executed[index] ?? null
    const now = choiceKind(choice) === STEP ? variantOf(m, choice) : null
    if (before !== null && now !== null && samePlace(before, now) && before.bytes !== now.bytes) otherwise.push(index)
    const info = apply(m, choice)
    const mask = checker.after(m, info)
    kept.push(choice)
    if (mask !== 0 && violated === null) violated = { step: kept.length, mask }
  }
  return { schedule: kept, lost, otherwise, violated, open: choices(m).length, digest: digestOf(m.w) }
}

const list: PackedChoice[] = []

/** The choice that comes nearest to the one that is wanted; null where the CPU can do nothing of that kind. */
function possible(m: Machine, wanted: PackedChoice, before: Executed): PackedChoice | null {
  const kind = choiceKind(wanted)
  list.length = 0
  choicesOf(m, choiceCpu(wanted), list)
  const own = list.filter((choice) => choiceKind(choice) === kind)
  if (kind === STEP && own.length > 1 && before !== null) {
    const same = own.find((choice) => {
      const now = variantOf(m, choice)
      return now !== null && samePlace(now, before) && now.bytes === before.bytes
    })
    if (same !== undefined) return same
  }
  if (own.includes(wanted)) return wanted
  return kind === STEP || kind === DRAIN ? (own[0] ?? null) : null
}

function samePlace(a: NonNullable<Executed>, b: NonNullable<Executed>): boolean {
  return a.lo === b.lo && a.hi === b.hi
}
