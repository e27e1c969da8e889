/** The branches of a run as a tree: taking in what comes from outside, dropping one, and who left whom. */
import type { PackedChoice } from '../machine/choice.ts'
import { apply, isEnabled } from '../machine/step.ts'
import { type PagedState, pagesOf, restorePages } from './paged-state.ts'
import { type Branch, newBranch, type Run, SPACING } from './run.ts'

/** What was kept of a branch that comes from outside. */
export interface Adopted {
  readonly branch: Branch
  /** Steps of its schedule that are possible. */
  readonly kept: number
  /** It is one that was there: the schedule leads along it. */
  readonly known: boolean
}

/** Takes a branch in, as far as it is possible; the cursor stays where it is. */
export function adopt(run: Run, schedule: readonly PackedChoice[]): Adopted {
  const { parent, shared } = closest(run.branches, schedule)
  if (shared === schedule.length) return { branch: parent, kept: shared, known: true }
  const m = run.instance.machine()
  const frames = Math.floor(shared / SPACING)
  restorePages(m.w, parent.keyframes[frames] as PagedState)
  const violated = parent.violated !== null && parent.violated.step <= shared ? parent.violated : null
  const branch: Branch = {
    ...newBranch(run),
    parent: parent.id,
    forkedAt: shared,
    schedule: schedule.slice(0, shared),
    keyframes: parent.keyframes.slice(0, frames + 1),
    violated,
  }
  for (let step = frames * SPACING; step < schedule.length; step++) {
    const choice = schedule[step] as PackedChoice
    if (step >= shared && !isEnabled(m, choice)) break
    const info = apply(m, choice)
    if (step < shared) continue
    const mask = run.checker.after(m, info)
    branch.schedule.push(choice)
    if (mask !== 0 && branch.violated === null) branch.violated = { step: step + 1, cpu: m.cpu, mask }
    if ((step + 1) % SPACING === 0) branch.keyframes.push(pagesOf(m.w, branch.keyframes.at(-1)))
  }
  const kept = branch.schedule.length
  if (kept === shared) return { branch: parent, kept, known: true }
  run.branches.push(branch)
  return { branch, kept, known: false }
}

/** Drops a branch; those that left it hang on what it came from. The present one and the last one stay: false. */
export function drop(run: Run, id: number): boolean {
  const index = run.branches.findIndex((branch) => branch.id === id)
  if (index < 0 || run.branches[index] === run.branch || run.branches.length === 1) return false
  run.branches.splice(index, 1)
  settle(run.branches)
  return true
}

/** Brings the branches into this order (those that are not named follow), and says anew who left whom: the first is what all others came from. */
export function arrange(run: Run, order: readonly number[]): void {
  const rank = ({ id }: Branch) => (order.includes(id) ? order.indexOf(id) : order.length + id)
  run.branches.sort((a, b) => rank(a) - rank(b))
  settle(run.branches)
}

function settle(branches: readonly Branch[]): void {
  branches.forEach((branch, i) => {
    const before = i === 0 ? null : closest(branches.slice(0, i), branch.schedule)
    branch.parent = before?.parent.id ?? null
    branch.forkedAt = before?.shared ?? 0
  })
}

/** The branch with the longest beginning in common; of several, the first. */
function closest(branches: readonly Branch[], schedule: readonly PackedChoice[]): { readonly parent: Branch; readonly shared: number } {
  let parent = branches[0] as Branch
  let shared = -1
  for (const branch of branches) {
    const common = inCommon(branch.schedule, schedule)
    if (common > shared) {
      shared = common
      parent = branch
    }
  }
  return { parent, shared }
}

export function inCommon(a: readonly PackedChoice[], b: readonly PackedChoice[]): number {
  let steps = 0
  while (steps < a.length && steps < b.length && a[steps] === b[steps]) steps++
  return steps
}
