/**
 * Other runs beside the one in view: where each left it, and what it did then, as a strip of thin lines below the lanes, at the same steps.
 *
 *     CPU 0 ────────────⑂───────────────      the branch in view
 *     CPU 1 ────────────│───────────────
 *                       └ ▬▬▬▬▬▬▬▬ ✕          another one, from where it left
 */
import { type Bar, barsOf } from './bars.ts'
import type { TimelineIndex } from './index.ts'
import type { Layout, StripBox } from './lanes.ts'
import { type Viewport, xOf } from './viewport.ts'

export interface BranchShape {
  readonly id: number
  readonly name: string
  /** The branch that it left, and after how many steps. */
  readonly parent: number | null
  readonly forkedAt: number
  readonly length: number
}

/** Another branch, as seen from the one in view. */
export interface Fork {
  readonly branch: number
  readonly name: string
  /** Steps that both have in common. */
  readonly at: number
  readonly length: number
}

/** All branches that go on otherwise somewhere, those that left last first: their beginnings are nearest to where one stands. */
export function forksOf(branches: readonly BranchShape[], present: number): Fork[] {
  return branches
    .filter(({ id }) => id !== present)
    .map(({ id, name, length }): Fork => ({ branch: id, name, at: inCommon(branches, id, present), length }))
    .filter(({ at, length }) => length > at)
    .sort((a, b) => b.at - a.at || b.branch - a.branch)
}

/** How many steps two branches share. */
export function inCommon(branches: readonly BranchShape[], a: number, b: number): number {
  const shared = pathOf(branches, a)
  for (const { id, steps } of pathOf(branches, b)) {
    const met = shared.find((each) => each.id === id)
    if (met !== undefined) return Math.min(steps, met.steps)
  }
  return 0
}

/** A branch and all that it came from, each with how many of its steps lead there. */
function pathOf(branches: readonly BranchShape[], id: number): { readonly id: number; readonly steps: number }[] {
  const path: { id: number; steps: number }[] = []
  let steps = Number.POSITIVE_INFINITY
  for (let branch = branches.find((each) => each.id === id); branch !== undefined && path.length <= branches.length; ) {
    steps = Math.min(steps, branch.length)
    path.push({ id: branch.id, steps })
    const { parent, forkedAt } = branch
    steps = Math.min(steps, forkedAt)
    branch = branches.find((each) => each.id === parent)
  }
  return path
}

export interface DrawnStrip {
  readonly fork: Fork
  readonly box: StripBox
  /** Where it left, and where it ends; outside the viewport as well. */
  readonly x: number
  readonly end: number
  /** A line a lane; none where its picture is not there. */
  readonly bars: readonly Bar[]
  /** Where it breaks. */
  readonly violation: { readonly x: number; readonly y: number; readonly property: string } | null
}

/** `pictures`: what is known of other branches. */
export function stripsOf(forks: readonly Fork[], pictures: ReadonlyMap<number, TimelineIndex>, { strips }: Layout, view: Viewport): DrawnStrip[] {
  return strips.flatMap((box) => {
    const fork = forks.find(({ branch }) => branch === box.branch)
    if (fork === undefined) return []
    const picture = pictures.get(fork.branch)
    const bars = picture?.lanes.flatMap((lane, i) => barsOf(lane, view, box.lines[i] ?? box.top, fork.at)) ?? []
    const { violation = null } = picture?.data ?? {}
    const lane = picture?.lanes.findIndex(({ cpu }) => cpu === violation?.cpu) ?? -1
    return {
      fork,
      box,
      x: xOf(view, fork.at),
      end: xOf(view, fork.length),
      bars,
      violation:
        violation === null || violation.step < fork.at
          ? null
          : { x: xOf(view, violation.step + 0.5), y: (box.lines[lane] ?? box.top) + box.lineHeight / 2, property: violation.property },
    }
  })
}
