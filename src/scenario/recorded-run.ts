/**
 * A run of millions of steps, recorded: a seed decides all of it (bursts.ts), so what is kept are checkpoints, from which any moment is a short replay away. A
 * checkpoint shares with the one before it every page of the state that has not changed, so that a state of a megabyte costs what changed in it.
 *
 * There are never many checkpoints: when there are too many, every other one is dropped, and the distance doubles.
 */
import { digestOf } from '../lib/digest.ts'
import type { PackedChoice } from '../machine/choice.ts'
import type { EventListener, MachineEvent } from '../machine/events.ts'
import type { Machine } from '../machine/machine.ts'
import type { Instance } from './build.ts'
import { Bursts, type SchedulerState } from './bursts.ts'
import { PAGE, type PagedState, pagesOf, restorePages } from './paged-state.ts'
import type { Checker } from './properties.ts'

const MOST_CHECKPOINTS = 4096
/** Steps between the first checkpoints; a replay of so many takes some milliseconds. */
const FIRST_SPACING = 16_384

interface Checkpoint {
  readonly step: number
  readonly pages: PagedState
  readonly scheduler: SchedulerState
  readonly retired: Float64Array
}

/** Somebody who keeps a fold over the rare events of the run, and wants to be taken along when it is recorded. */
export interface Follower {
  /** `retired`: instructions that the event's CPU has retired before this step. */
  event(event: MachineEvent, retired: number, step: number): void
  /** These steps were that CPU's, and they are over. */
  turn?(cpu: number, from: number, end: number): void
}

export class RecordedRun {
  readonly instance: Instance
  readonly seed: number
  readonly machine: Machine
  readonly checker: Checker
  /** Where the machine stands, and steps recorded so far. */
  cursor = 0
  length = 0
  ended = false
  /** The recording ended with this. */
  violated: { readonly step: number; readonly cpu: number; readonly mask: number } | null = null
  private readonly bursts: Bursts
  private checkpoints: Checkpoint[] = []
  private spacing = FIRST_SPACING

  constructor(instance: Instance, checker: Checker, seed: number) {
    this.instance = instance
    this.checker = checker
    this.seed = seed
    this.machine = instance.machine()
    this.bursts = new Bursts(this.machine, checker, seed)
    this.keep()
  }

  get digest(): string {
    return digestOf(this.machine.w)
  }

  /** Instructions that each CPU has retired at the cursor. */
  get retired(): ArrayLike<number> {
    return this.bursts.retired
  }

  /** Bytes that the checkpoints hold (pages that several share count once). */
  get bytes(): number {
    const pages = new Set<Int32Array>()
    for (const checkpoint of this.checkpoints) for (const page of checkpoint.pages) pages.add(page)
    return pages.size * PAGE * 4
  }

  /** Records about so many more steps; false once nothing more can happen, or a property is violated. The cursor moves to the end. */
  record(most: number, follower: Follower | null = null): boolean {
    if (this.ended) return false
    if (this.cursor !== this.length) this.seek(this.length)
    const target = this.length + most
    const { bursts, machine } = this
    const listener: EventListener | null =
      follower === null ? null : (event) => follower.event(event, bursts.retired[event.cpu] as number, this.cursor + bursts.taken)
    machine.listener = listener
    machine.quiet = true
    bursts.onTurn = follower?.turn === undefined ? null : (cpu, from, end) => follower.turn?.(cpu, this.cursor + from, this.cursor + end)
    while (this.length < target && !this.ended) {
      const wanted = this.spacing - (this.length % this.spacing)
      const steps = bursts.run(wanted)
      this.cursor = this.length += steps
      if (steps < wanted) {
        this.ended = true
        if (bursts.violated !== 0) this.violated = { step: this.length, cpu: machine.cpu, mask: bursts.violated }
      } else this.keep()
    }
    machine.listener = null
    machine.quiet = false
    bursts.onTurn = null
    return !this.ended
  }

  /** Moves the cursor to a step (clamped to what is recorded). */
  seek(step: number): void {
    const target = Math.max(0, Math.min(step, this.length))
    let index = this.checkpoints.length - 1
    while ((this.checkpoints[index] as Checkpoint).step > target) index--
    const checkpoint = this.checkpoints[index] as Checkpoint
    if (target < this.cursor || checkpoint.step > this.cursor) {
      restorePages(this.machine.w, checkpoint.pages)
      this.bursts.restore(checkpoint.scheduler)
      this.bursts.retired.set(checkpoint.retired)
      this.cursor = checkpoint.step
    }
    if (this.cursor < target) this.cursor += this.bursts.run(target - this.cursor)
  }

  /** Goes on from the cursor for so many steps, and tells each; the cursor moves along. */
  follow(steps: number, tell: (choice: PackedChoice, events: readonly MachineEvent[]) => void): void {
    const { bursts, machine } = this
    let events: MachineEvent[] = []
    machine.listener = (event) => events.push(event)
    bursts.onChoice = (choice) => {
      tell(choice, events)
      events = []
    }
    this.cursor += bursts.run(Math.min(steps, this.length - this.cursor))
    machine.listener = null
    bursts.onChoice = null
  }

  /** The choices of the first `steps` steps; the cursor moves behind them. */
  scheduleOf(steps: number): PackedChoice[] {
    const schedule: PackedChoice[] = []
    this.seek(0)
    this.bursts.onChoice = (choice) => schedule.push(choice)
    this.cursor += this.bursts.run(Math.min(steps, this.length))
    this.bursts.onChoice = null
    return schedule
  }

  private keep(): void {
    const pages = pagesOf(this.machine.w, this.checkpoints[this.checkpoints.length - 1]?.pages)
    this.checkpoints.push({ step: this.length, pages, scheduler: this.bursts.save(), retired: this.bursts.retired.slice() })
    if (this.checkpoints.length <= MOST_CHECKPOINTS) return
    this.checkpoints = this.checkpoints.filter((_, i) => i % 2 === 0)
    this.spacing *= 2
  }
}
