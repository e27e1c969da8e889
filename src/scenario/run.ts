/**
 * Time travel: a tree of schedules over one instance, and a cursor. States are replayed from sparse keyframes; nothing is ever lost: choosing differently in the
 * past makes a branch, and the old future stays a branch of its own.
 *
 * A branch holds its whole schedule from the start, so each can be followed without the others. Events are handed out when a step is first taken. What is done to
 * the tree as a whole (branches that come from outside, that are dropped, another order) is in run-tree.ts.
 */
import { assert } from '../lib/assert.ts'
import { digestOf } from '../lib/digest.ts'
import type { PackedChoice } from '../machine/choice.ts'
import type { MachineEvent } from '../machine/events.ts'
import type { Machine } from '../machine/machine.ts'
import { apply, choices, isEnabled, type StepKind } from '../machine/step.ts'
import type { Instance } from './build.ts'
import { type PagedState, pagesOf, restorePages } from './paged-state.ts'
import type { Checker } from './properties.ts'

/** Steps between two keyframes of a branch. */
export const SPACING = 256

export interface Violated {
  readonly step: number
  readonly cpu: number
  /** Bit mask over the checker's properties. */
  readonly mask: number
}

export interface Branch {
  readonly id: number
  name: string
  /** The name was given by somebody, not counted. */
  named: boolean
  starred: boolean
  parent: number | null
  forkedAt: number
  readonly schedule: PackedChoice[]
  /** State before step i * SPACING. */
  readonly keyframes: PagedState[]
  /** First violation on this branch. */
  violated: Violated | null
}

/** What one step did, for those who draw it. */
export interface Taken {
  readonly choice: PackedChoice
  readonly kind: StepKind
  readonly visible: boolean
  readonly events: readonly MachineEvent[]
}

export class Run {
  readonly instance: Instance
  readonly checker: Checker
  readonly machine: Machine
  readonly branches: Branch[] = []
  branch: Branch
  cursor = 0
  /** Branches made so far, those that were dropped included: numbers are never given again. */
  made = 1

  constructor(instance: Instance, checker: Checker) {
    this.instance = instance
    this.checker = checker
    this.machine = instance.machine()
    this.branch = {
      id: 0,
      name: 'main',
      named: false,
      starred: false,
      parent: null,
      forkedAt: 0,
      schedule: [],
      keyframes: [pagesOf(this.machine.w)],
      violated: null,
    }
    this.branches.push(this.branch)
  }

  /** Steps of the present branch. */
  get length(): number {
    return this.branch.schedule.length
  }

  /** What can happen next at the cursor, in canonical order. */
  choices(): PackedChoice[] {
    return choices(this.machine)
  }

  get digest(): string {
    return digestOf(this.machine.w)
  }

  /**
   * Takes a choice at the cursor. Where the branch already goes on with that choice the cursor just follows it; where it goes on otherwise a new
   * branch begins. Returns null where the choice is not enabled.
   */
  take(choice: PackedChoice): Taken | null {
    if (!isEnabled(this.machine, choice)) return null
    if (this.cursor < this.length && this.branch.schedule[this.cursor] !== choice) this.fork()
    const fresh = this.cursor === this.length
    const taken = this.perform(choice)
    if (fresh) {
      this.branch.schedule.push(choice)
      if (this.length % SPACING === 0) this.branch.keyframes.push(pagesOf(this.machine.w, this.branch.keyframes.at(-1)))
    }
    return taken
  }

  /**
   * Moves the cursor to `step` (clamped to the branch), forwards or backwards. With `follow`, somebody who keeps a log is taken along: `rewind` is told
   * the keyframe at which the replay starts (or null where it goes on from the cursor), `taken` every step from there.
   */
  seek(step: number, follow?: { rewind(frame: number | null): void; taken(taken: Taken): void }): void {
    const target = Math.max(0, Math.min(step, this.length))
    const frame = Math.floor(target / SPACING)
    const jump = target < this.cursor || frame * SPACING > this.cursor
    if (jump) {
      restorePages(this.machine.w, this.branch.keyframes[frame] as PagedState)
      this.cursor = frame * SPACING
    }
    follow?.rewind(jump ? frame : null)
    while (this.cursor < target) {
      const choice = this.branch.schedule[this.cursor] as PackedChoice
      if (follow === undefined) {
        apply(this.machine, choice)
        this.cursor++
      } else {
        follow.taken(this.perform(choice))
      }
    }
  }

  /** Brings a machine of this instance to where this one was after `step` steps of the present branch. */
  stateAt(step: number, m: Machine): void {
    const { schedule, keyframes } = this.branch
    const frame = Math.floor(step / SPACING)
    restorePages(m.w, keyframes[frame] as PagedState)
    for (let at = frame * SPACING; at < step; at++) apply(m, schedule[at] as PackedChoice)
  }

  /** Goes through the whole branch, from its start to its end, and tells every step; the cursor stays at the end. */
  replay(tell: (taken: Taken) => void): void {
    this.seek(0)
    while (this.cursor < this.length) tell(this.perform(this.branch.schedule[this.cursor] as PackedChoice))
  }

  /** Goes over to another branch; the cursor stays as far as that branch goes. */
  checkout(id: number): boolean {
    const branch = this.branches.find((candidate) => candidate.id === id)
    if (branch === undefined) return false
    const cursor = Math.min(this.cursor, branch.schedule.length)
    this.branch = branch
    restorePages(this.machine.w, branch.keyframes[0] as PagedState)
    this.cursor = 0
    this.seek(cursor)
    return true
  }

  private fork(): void {
    const at = this.cursor
    const parent = this.branch
    const branch: Branch = {
      ...newBranch(this),
      parent: parent.id,
      forkedAt: at,
      schedule: parent.schedule.slice(0, at),
      keyframes: parent.keyframes.slice(0, Math.floor(at / SPACING) + 1),
      violated: parent.violated !== null && parent.violated.step <= at ? parent.violated : null,
    }
    this.branches.push(branch)
    this.branch = branch
  }

  private perform(choice: PackedChoice): Taken {
    const events: MachineEvent[] = []
    const { machine } = this
    machine.listener = (event) => events.push(event)
    const info = apply(machine, choice)
    machine.listener = null
    const kind = info.kind
    const mask = this.checker.after(machine, info)
    this.cursor++
    if (mask !== 0 && (this.branch.violated === null || this.branch.violated.step > this.cursor)) {
      this.branch.violated = { step: this.cursor, cpu: machine.cpu, mask }
    }
    assert(this.cursor <= this.length + 1, 'the cursor ran past the schedule')
    return { choice, kind, visible: machine.visible, events }
  }
}

/** A number that no branch had, and a name that none has. */
export function newBranch(run: Run): Pick<Branch, 'id' | 'name' | 'named' | 'starred'> {
  const { branches } = run
  const id = run.made++
  let number = branches.length
  while (branches.some(({ name }) => name === `branch ${number}`)) number++
  return { id, name: `branch ${number}`, named: false, starred: false }
}
