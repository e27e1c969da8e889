/**
 * The property `no-deadlock`, from the analysis to its counterexample: the nearest trap, the best schedule into it, and for a livelock the
 * way round. Where memory does not allow one of the latter two, a lesser answer takes its place, and says so.
 */
import { ShortestCycle } from './cycle.ts'
import { LENGTH } from './memo.ts'
import type { Pass, PassStatus } from './pass.ts'
import { FewestPreemptions } from './preemptions.ts'
import { type Schedule, scheduleTo, switchesIn } from './schedules.ts'
import { ShortestSchedule } from './shortest.ts'
import type { Space } from './space.ts'
import { StuckAnalysis } from './stuck.ts'
import { NO_DEADLOCK, type Violation } from './verdict.ts'

export class TrapSearch implements Pass {
  /** Filled when done: null if no trap exists. */
  violation: Violation | null = null
  /** A trap exists, but where states stand for their images, its nearest entry and its ring cannot be told. */
  untold = false
  private readonly space: Space
  private readonly analysis: StuckAnalysis
  private approach: ShortestSchedule | null = null
  private cycle: ShortestCycle | null = null
  private calm: FewestPreemptions | null = null
  private readonly preemptions: boolean
  /** The trapped state that the schedule leads into. */
  private entry = 0

  constructor(space: Space, preemptions = false) {
    this.space = space
    this.preemptions = preemptions
    this.analysis = new StuckAnalysis(space)
  }

  run(budget: number): PassStatus {
    if (this.cycle !== null) return this.goRound(this.cycle, budget)
    if (this.calm !== null) return this.calmDown(this.calm, budget)
    if (this.approach !== null) return this.approachTrap(this.approach, budget)
    const status = this.analysis.run(budget)
    if (status !== 'done' || this.analysis.distance < 0) return status
    if (this.space.symmetry !== null) {
      this.untold = true
      return 'done'
    }
    this.approach = new ShortestSchedule(this.space, this.analysis.distance, { kind: 'state', holds: (state) => this.analysis.isTrapped(state) })
    return 'more'
  }

  dispose(): void {
    for (const pass of [this.analysis, this.approach, this.calm, this.cycle]) pass?.dispose()
  }

  private approachTrap(approach: ShortestSchedule, budget: number): PassStatus {
    const status = approach.run(budget)
    if (status === 'more') return status
    approach.dispose()
    const path = status === 'done' ? approach.path : this.space.pathTo(this.anyNearest())
    const entry = path[path.length - 1] as number
    const schedule = status === 'done' ? approach.schedule : scheduleTo(this.space, entry)
    const sealed = path.find((state) => this.analysis.isDoomed(state)) as number
    const dead = this.isDead(entry)
    this.violation = {
      property: NO_DEADLOCK,
      steps: this.analysis.distance,
      switches: switchesIn(schedule),
      schedule,
      fewestSteps: true,
      fewestSwitches: status === 'done',
      trap: { kind: dead ? 'deadlock' : 'livelock', sealedAfter: this.space.states.distance(sealed), cycle: [] },
      preemptions: null,
    }
    this.entry = entry
    if (!this.preemptions) return this.beginCycle()
    this.calm = new FewestPreemptions(this.space, { kind: 'states', holds: (state) => this.analysis.isTrapped(state) })
    return 'more'
  }

  private calmDown(calm: FewestPreemptions, budget: number): PassStatus {
    const status = calm.run(budget)
    if (status === 'more') return status
    const found = calm.found.get(0)
    if (status === 'done' && found !== undefined && this.violation !== null) this.violation = { ...this.violation, preemptions: found }
    calm.dispose()
    this.calm = null
    return this.beginCycle()
  }

  private beginCycle(): PassStatus {
    this.analysis.dispose()
    if (this.violation?.trap?.kind === 'deadlock') return 'done'
    this.cycle = new ShortestCycle(this.space, this.entry)
    return 'more'
  }

  private goRound(cycle: ShortestCycle, budget: number): PassStatus {
    const status = cycle.run(budget)
    if (status === 'more') return status
    if (status === 'done') this.violation = withCycle(this.violation, cycle.schedule)
    cycle.dispose()
    return 'done'
  }

  private anyNearest(): number {
    const { states } = this.space
    let state = 0
    while (!this.analysis.isTrapped(state) || states.distance(state) !== this.analysis.distance) state++
    return state
  }

  private isDead(state: number): boolean {
    const { agents, tuple, memo } = this.space
    this.space.visit(state)
    for (let agent = 0; agent < agents; agent++) {
      const list = this.space.outcomes(agent, tuple[agent] as number, tuple[agents] as number)
      if ((memo.arena[list + LENGTH] as number) > 0) return false
    }
    return true
  }
}

function withCycle(violation: Violation | null, cycle: Schedule): Violation | null {
  return violation?.trap ? { ...violation, trap: { ...violation.trap, cycle } } : violation
}
