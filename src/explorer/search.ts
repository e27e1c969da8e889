/**
 * The search over all interleavings, driven in slices: `run(budget)` works for a while and returns, so a worker can answer messages in
 * between. It has no clock; a time limit is a callback.
 *
 * Phases: forward until nothing is left. Whenever the distance has passed a violation, so that its length is proven least, the best
 * schedule to it is computed at once, and a reader who asks early sees it. In the end the schedules with the fewest preemptions and the stuck analysis. The same model always gives the
 * same states, transitions and schedules, in however many slices, and however often bounds interrupted it.
 */
import { type Candidate, Forward } from './forward.ts'
import type { Model } from './model.ts'
import { FewestPreemptions, type Preempted } from './preemptions.ts'
import { moveOf, movesTo, type Schedule, switchesIn, told } from './schedules.ts'
import { ShortestSchedule } from './shortest.ts'
import { Space } from './space.ts'
import { TrapSearch } from './traps.ts'
import { type Cut, NO_DEADLOCK, type Phase, type Progress, type Verdict, type Violation } from './verdict.ts'

export interface SearchLimits {
  readonly maxStates: number
  /** Bytes of all arrays of the search. */
  readonly maxBytes: number
  /** Asked between slices; true stops the search. */
  readonly deadline?: () => boolean
}

export interface SearchOptions extends SearchLimits {
  /** Judge stuck states once all states are known (default). */
  readonly stuck?: boolean
  /** End as soon as a violation at the least distance is proven, with all the properties violated at that distance (default: go on). */
  readonly stopAtViolation?: boolean
  /** For each violation, look for the schedule with the fewest preemptions too, once every state is known (default: do not). */
  readonly preemptions?: boolean
  /** Make use of interchangeable agents, where they are (default). */
  readonly symmetry?: boolean
}

/** Transitions between two looks at the deadline, where their outcomes are remembered. */
const SLICE = 4096
/** Where most are not, and the model has to work out each. */
const CAREFUL_SLICE = 64
/** What working out the outcomes of one choice counts in a budget, beside the transitions: it takes so many times as long. */
const MISS = 64

export class Search {
  private readonly space: Space
  private forward: Forward
  private readonly options: SearchOptions
  private deadline: (() => boolean) | undefined
  private phase: Phase = 'forward'
  /** Transitions until the next look at the deadline. */
  private slice = CAREFUL_SLICE
  private cut: Cut | null = null
  private complete = false
  /** For each property, the violation with its best schedule. */
  private readonly best: (Violation | null)[]
  /** Properties whose best schedule was refused for want of memory. */
  private readonly refused = new Set<number>()
  private schedule: { readonly property: number; readonly pass: ShortestSchedule } | null = null
  private traps: TrapSearch | null = null
  private preemptions: FewestPreemptions | null = null
  /** By property; what was found of the second kind. */
  private readonly calm = new Map<number, Preempted>()
  private deadlock: Verdict['deadlock']

  constructor(model: Model, options: SearchOptions) {
    this.options = options
    this.deadline = options.deadline
    this.space = new Space(model, options.maxBytes, options.symmetry === false ? [] : model.interchangeable)
    this.forward = new Forward(this.space, options.maxStates)
    this.best = model.properties.map(() => null)
    this.deadlock = options.stuck === false ? 'not-asked' : 'unknown'
  }

  /**
   * Works on until about `budget` transitions were looked at or the search ended, by itself or by a bound. Outcomes that are not remembered count for many:
   * a budget stands for an amount of work, so that whoever drives the search is heard in time, whatever it meets.
   */
  run(budget: number): 'running' | 'ended' {
    const { memo } = this.space
    for (let left = budget; left > 0 && this.running; ) {
      if (this.deadline?.() === true) {
        this.cut = 'time'
        break
      }
      const before = memo.misses
      const used = Math.max(1, this.advance(Math.min(left, this.slice)))
      const missed = memo.misses - before
      left -= used + MISS * missed
      this.slice = MISS * missed > used ? CAREFUL_SLICE : Math.min(SLICE, 2 * this.slice)
    }
    return this.running ? 'running' : 'ended'
  }

  cancel(): void {
    if (this.running) this.cut = 'cancelled'
  }

  /** After a cut: the next `run` goes on, with these limits. */
  resume(limits: SearchLimits): void {
    this.deadline = limits.deadline
    this.forward.maxStates = limits.maxStates
    this.space.maxBytes = limits.maxBytes
    this.refused.clear()
    this.cut = null
  }

  /** A number that belongs to this whole state alone, if it is among those seen; −1 where it is not. */
  locate(state: Int32Array): number {
    return this.space.locate(state)
  }

  progress(): Progress {
    const { space, forward } = this
    return {
      phase: this.phase,
      states: space.known,
      held: space.states.count,
      transitions: forward.transitions,
      frontier: forward.frontier,
      depth: forward.queue.distance,
      bytes: space.memory.bytes,
      components: space.components.map(({ count }) => count),
      memoHits: space.memo.hits,
      memoMisses: space.memo.misses,
      violated: [
        ...space.model.properties.filter((_, property) => forward.candidates[property] !== null),
        ...(this.deadlock === 'found' ? [NO_DEADLOCK] : []),
      ],
    }
  }

  /** What is known so far; final when `run` has answered "ended". */
  result(): Verdict {
    const { space, forward } = this
    const violations = [...forward.candidates.keys()].map((property) => this.violation(property)).filter((violation) => violation !== null)
    if (this.traps?.violation) violations.push(this.traps.violation)
    const cut = this.cut ?? (this.phase === 'ended' ? null : 'unfinished')
    return {
      kind: violations.length > 0 ? 'violated' : cut === null ? 'exhausted' : 'cut',
      complete: this.complete,
      states: space.known,
      held: space.states.count,
      transitions: forward.transitions,
      depth: forward.depth,
      finalStates: forward.finalStates,
      bytes: space.memory.bytes,
      peakBytes: space.memory.peak,
      violations,
      deadlock: this.deadlock,
      outcomes: forward.outcomes.rows(),
      cut,
    }
  }

  private get running(): boolean {
    return this.cut === null && this.phase !== 'ended'
  }

  /** One slice of whatever is to be done; answers how much of the budget it took. */
  private advance(budget: number): number {
    switch (this.phase) {
      case 'forward':
        return this.advanceForward(budget)
      case 'schedule':
        this.advanceSchedule(budget)
        return budget
      case 'preemptions':
        this.advancePreemptions(budget)
        return budget
      case 'stuck':
        this.advanceStuck(budget)
        return budget
      case 'ended':
        return budget
    }
  }

  private advanceForward(budget: number): number {
    const { forward } = this
    const proven = forward.candidates.findIndex(
      (_, property) => this.isProven(property) && this.best[property] === null && !this.refused.has(property),
    )
    if (proven >= 0) this.beginSchedule(proven)
    else if (this.options.stopAtViolation === true && forward.candidates.some((_, property) => this.isProven(property))) this.phase = 'ended'
    else if (forward.settled === Number.POSITIVE_INFINITY) {
      this.complete = true
      this.phase = this.options.preemptions === true && this.violated !== 0 ? 'preemptions' : this.afterPreemptions
    } else {
      const used = forward.run(budget)
      if (used >= 0) return used
      if (forward.refusedBy === 'symmetry') this.restart()
      else this.cut = forward.refusedBy
    }
    return 0
  }

  /** From the start, with every state by itself: what was taken for interchangeable is not, or a livelock is to be shown. */
  private restart(): void {
    const { maxStates } = this.forward
    this.forward.dispose()
    this.space.withoutSymmetry()
    this.forward = new Forward(this.space, maxStates)
    this.best.fill(null)
    this.calm.clear()
    this.complete = false
    this.phase = 'forward'
  }

  /** Is a violation of this property known, and that none is nearer? */
  private isProven(property: number): boolean {
    const candidate = this.forward.candidates[property]
    return candidate !== null && candidate !== undefined && candidate.distance <= this.forward.settled
  }

  private beginSchedule(property: number): void {
    const { distance } = this.forward.candidates[property] as Candidate
    if (distance === 0) {
      this.best[property] = this.describe(property, 0, [], true)
      return
    }
    this.schedule = { property, pass: new ShortestSchedule(this.space, distance, { kind: 'edge', bit: 1 << property }) }
    this.phase = 'schedule'
  }

  private advanceSchedule(budget: number): void {
    const { property, pass } = this.schedule as NonNullable<typeof this.schedule>
    const status = pass.run(budget)
    if (status === 'more') return
    if (status === 'refused') this.refused.add(property)
    else {
      const { distance } = this.forward.candidates[property] as Candidate
      this.best[property] = this.describe(property, distance, pass.schedule, true)
    }
    pass.dispose()
    this.space.restoreMemo()
    this.schedule = null
    this.phase = 'forward'
  }

  /** Properties whose violation is some choices away, as a bit mask. */
  private get violated(): number {
    return this.forward.candidates.reduce(
      (mask, candidate, property) => (candidate !== null && candidate.source >= 0 ? mask | (1 << property) : mask),
      0,
    )
  }

  private get afterPreemptions(): Phase {
    return this.options.stuck === false ? 'ended' : 'stuck'
  }

  private advancePreemptions(budget: number): void {
    this.preemptions ??= new FewestPreemptions(this.space, { kind: 'edges', mask: this.violated })
    const pass = this.preemptions
    const status = pass.run(budget)
    if (status === 'more') return
    // Refused: the verdict stands without it.
    if (status === 'done') for (const [bit, found] of pass.found) this.calm.set(31 - Math.clz32(bit), found)
    pass.dispose()
    this.preemptions = null
    this.space.restoreMemo()
    this.phase = this.afterPreemptions
  }

  private advanceStuck(budget: number): void {
    this.traps ??= new TrapSearch(this.space, this.options.preemptions === true)
    const status = this.traps.run(budget)
    if (status === 'more') return
    this.traps.dispose()
    if (this.traps.untold) {
      this.traps = null
      this.restart()
    } else if (status === 'refused') {
      this.traps = null
      this.cut = 'memory'
    } else {
      this.deadlock = this.traps.violation === null ? 'none' : 'found'
      this.phase = 'ended'
    }
  }

  private violation(property: number): Violation | null {
    const candidate = this.forward.candidates[property] ?? null
    if (candidate === null) return null
    const { distance, source, edge } = candidate
    const best = this.best[property] ?? null
    if (best !== null) return { ...best, preemptions: this.calm.get(property) ?? null }
    const schedule = source < 0 ? [] : told(this.space, [...movesTo(this.space, source), moveOf(source, edge)])
    return this.describe(property, distance, schedule, false)
  }

  private describe(property: number, steps: number, schedule: Schedule, best: boolean): Violation {
    return {
      property: this.space.model.properties[property] as string,
      steps,
      switches: switchesIn(schedule),
      schedule,
      fewestSteps: this.isProven(property),
      fewestSwitches: best,
      trap: null,
      preemptions: null,
    }
  }
}
