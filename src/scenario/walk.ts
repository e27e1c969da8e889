/**
 * Stepping as debuggers do, forwards and backwards. Each way to step is a set of moments: where an instruction of the CPU has ended, where a line begins, where
 * it is no deeper in calls and handlers than now. Forwards goes to the next of them, backwards to the one before, so each undoes the other. Out goes behind the
 * end of the innermost call or handler, back out to before its beginning.
 *
 * Forwards follows the trace as far as it is there; behind its end the CPU itself moves, and the others only while it cannot get on without them.
 * Breakpoints, watchpoints and the step that breaks something stop every walk.
 */
import { choiceCpu, type PackedChoice } from '../machine/choice.ts'
import type { Machine } from '../machine/machine.ts'
import type { Instance } from './build.ts'
import { type PagedState, restorePages } from './paged-state.ts'
import { type Armed, describePoint, type Point, Traps } from './points.ts'
import { type Run, SPACING, type Taken } from './run.ts'
import { standstill } from './standstill.ts'
import { type Frame, isInside, perform, type Row, type TraceLog } from './trace-log.ts'

export type WalkGoal = 'instruction' | 'over-instruction' | 'line' | 'over' | 'out' | 'choice' | 'int3' | 'violation' | 'point'

export interface WalkPlan {
  readonly goal: WalkGoal
  readonly back: boolean
  readonly cpu: number
  readonly armed: readonly Armed[]
}

/** Who walks: a session, or just a run. */
export interface Walker {
  readonly instance: Instance
  readonly run: Run
  take(choice: PackedChoice): boolean
  seek(step: number): void
}

export interface Walked {
  readonly arrived: boolean
  readonly remark: string | null
}

const GOING_ON: Walked = { arrived: false, remark: null }

/** Picks who moves behind the end of the trace. */
export type Chooser = (m: Machine, choices: readonly PackedChoice[], last: number) => PackedChoice | null

export class Walk {
  private readonly walker: Walker
  private readonly log: TraceLog
  private readonly plan: WalkPlan
  private readonly choose: Chooser
  private depth = 0
  private frame: Frame | null = null
  private isReady = false
  private traps: Traps | null = null
  /** Of the trace: where the walk would end, and how far points have been looked for. */
  private stretch: { readonly to: number; readonly at: number } | null = null
  private hasMoved = false
  /** Steps behind the end of the trace. */
  taken = 0

  constructor(walker: Walker, log: TraceLog, plan: WalkPlan, choose: Chooser) {
    this.walker = walker
    this.log = log
    this.plan = plan
    this.choose = choose
  }

  /** Steps of the trace that have been read. */
  get read(): number {
    return this.log.rows.length
  }

  /** Reads the trace, at most so many steps of it; false while there is more to read. */
  ready(most: number): boolean {
    const { log, walker, plan } = this
    if (this.isReady) return true
    this.isReady = log.sync(walker.run.branch, most)
    if (this.isReady) this.frame = log.frameAt(plan.cpu, walker.run.cursor)
    this.depth = this.frame?.depth ?? 0
    return this.isReady
  }

  /** Does at most so many steps of the work; `arrived` is false while there is more to do, and nothing has moved yet while that is along the trace. */
  go(most: number): Walked {
    this.ready(Number.POSITIVE_INFINITY)
    if (this.plan.goal === 'out' && this.frame === null) return { arrived: true, remark: `CPU ${this.plan.cpu} is in no call or handler.` }
    return this.plan.back ? this.goBack(most) : this.goOn(most)
  }

  private goBack(most: number): Walked {
    const { walker, log } = this
    const from = walker.run.cursor
    if (from === 0) return { arrived: true, remark: 'This is the start.' }
    if (this.stretch === null) {
      let to = from - 1
      while (to > 0 && !this.stopsAt(log.rows[to - 1] as Row, to)) to--
      this.stretch = { to, at: from - 1 }
    }
    const { to, at } = this.stretch
    const next = Math.max(to, at - most)
    const hit = this.hits(next, at).at(-1)
    if (hit === undefined && next > to) {
      this.stretch = { to, at: next }
      return GOING_ON
    }
    walker.seek(hit === undefined ? to : hit.step)
    const wanted = to > 0 || this.plan.goal === 'instruction' || this.plan.goal === 'line'
    return { arrived: true, remark: hit !== undefined ? told(hit.points) : wanted ? null : 'Back at the start.' }
  }

  private goOn(most: number): Walked {
    return (this.taken === 0 ? this.goAlong(most) : null) ?? this.goBehind(most)
  }

  /** Along the trace; null where its end is reached, and it goes on from there. */
  private goAlong(most: number): Walked | null {
    const { walker, log } = this
    const { run } = walker
    if (run.cursor === run.length) return null
    if (this.stretch === null) {
      let to = run.cursor + 1
      while (to < run.length && !this.stopsAt(log.rows[to - 1] as Row, to)) to++
      this.stretch = { to, at: run.cursor }
    }
    const { to, at } = this.stretch
    const next = Math.min(to, at + most)
    const hit = this.hits(at, next)[0]
    if (hit === undefined && next < to) {
      this.stretch = { to, at: next }
      return GOING_ON
    }
    walker.seek(hit === undefined ? to : hit.step)
    if (hit !== undefined) return { arrived: true, remark: told(hit.points) }
    this.hasMoved = true
    return this.stopsAt(log.rows[to - 1] as Row, to) ? { arrived: true, remark: null } : null
  }

  /** Behind the end of the trace. */
  private goBehind(most: number): Walked {
    const { walker, log } = this
    const { run } = walker
    this.traps ??= new Traps(walker.instance, log.machine, this.plan.armed)
    for (const end = this.taken + most; this.taken < end; this.taken++) {
      const choices = run.choices()
      if (choices.length === 0) return { arrived: true, remark: this.hasMoved ? 'All is done.' : 'Nothing can happen any more.' }
      const last = run.cursor > 0 ? choiceCpu(run.branch.schedule[run.cursor - 1] as number) : this.plan.cpu
      const choice = this.choose(run.machine, choices, last)
      if (choice === null) return { arrived: true, remark: standstill(run.machine, choices) }
      walker.take(choice)
      this.hasMoved = true
      const points = this.traps.after(log.append(choice))
      if (points.length > 0) return { arrived: true, remark: told(points) }
      if (this.stopsAt(log.rows[run.cursor - 1] as Row, run.cursor)) return { arrived: true, remark: null }
    }
    return GOING_ON
  }

  /** Is the moment after this row, which is so many steps from the start, one of those? */
  private stopsAt(row: Row, step: number): boolean {
    const { goal, cpu } = this.plan
    if (this.walker.run.branch.violated?.step === step) return true
    if (goal === 'point' || goal === 'violation') return false
    if (goal === 'int3') return row.int3
    if (goal === 'choice') return this.log.rows[step]?.visible === true
    if (row.cpu !== cpu) return false
    if (goal === 'instruction') return row.instruction
    if (goal === 'over-instruction') return row.instruction && row.depth <= this.depth
    if (goal === 'line') return row.line
    if (goal === 'over') return row.line && row.depth <= this.depth
    return row.instruction && this.frame !== null && !isInside(row.top, this.frame)
  }

  /** What stops after `from` steps and up to `to`, in order. */
  private hits(from: number, to: number): readonly Hit[] {
    return this.plan.armed.length === 0 ? [] : findHits(this.walker, this.plan.armed, from, to, this.plan.back)
  }
}

export interface Hit {
  readonly step: number
  readonly points: readonly Point[]
}

/** Points that stop in the trace, after `from` steps and up to `to`: the stretch between two keyframes that holds the first of them, or the last of them (`last`). */
export function findHits(
  { instance, run }: Pick<Walker, 'instance' | 'run'>,
  armed: readonly Armed[],
  from: number,
  to: number,
  last: boolean,
): Hit[] {
  const { schedule, keyframes } = run.branch
  const m = instance.machine()
  const traps = new Traps(instance, m, armed)
  const first = Math.floor(from / SPACING)
  const end = Math.floor(Math.max(from, to - 1) / SPACING)
  for (let i = 0; i <= end - first; i++) {
    const frame = last ? end - i : first + i
    restorePages(m.w, keyframes[frame] as PagedState)
    traps.restart()
    const hits: Hit[] = []
    for (let step = frame * SPACING; step < Math.min(to, (frame + 1) * SPACING); step++) {
      const taken: Taken = perform(m, schedule[step] as PackedChoice)
      const points = traps.after(taken)
      if (points.length > 0 && step + 1 > from) hits.push({ step: step + 1, points })
    }
    if (hits.length > 0) return hits
  }
  return []
}

function told(points: readonly Point[]): string {
  return points.map((point) => `${point.kind === 'break' ? 'Breakpoint' : 'Watchpoint'} ${point.id}: ${describePoint(point)}.`).join(' ')
}
