/** Going on by itself in a session: to a target, with somebody who decides who moves. In portions, so that others are heard meanwhile. */
import { Random } from '../lib/random.ts'
import { CHOICE_KINDS, type ChoiceKind, choiceCpu, choiceKind, type PackedChoice, STEP } from '../machine/choice.ts'
import type { Machine } from '../machine/machine.ts'
import { apply } from '../machine/step.ts'
import { calmChoice, randomChoice, roundRobin, Steady } from '../scenario/scheduler.ts'
import { standsStill, standstill } from '../scenario/standstill.ts'
import { patientChoice } from '../timeline/patient.ts'
import type { RunTarget, Scheduler } from './protocol.ts'
import type { Session } from './session.ts'

/** Where a run by itself ended: at its target (or where nothing more can happen), or just out of steps. */
export interface Went {
  readonly arrived: boolean
  readonly remark: string | null
}

export interface GoingPlan {
  readonly target: RunTarget
  /** Who goes alone to the next choice, or to the next step that others can see; null: who moved last. */
  readonly cpu: number | null
  readonly scheduler: Scheduler
  /** Where the run goes on: not along it, but as the scheduler says. What goes on there stays a branch. */
  readonly departs: boolean
}

const ARRIVED: Went = { arrived: true, remark: null }

/** Who decides, in one session: playing asks for a few steps at a time, and goes on where it was asked last. */
export class Deciders {
  private readonly session: Session
  private random = new Random(1)
  private seed = 1
  private steady = { mover: new Steady(null), at: -1 }

  constructor(session: Session) {
    this.session = session
  }

  next(scheduler: Scheduler, choices: readonly PackedChoice[], last: number): PackedChoice | null {
    const { run } = this.session
    const { machine } = run
    switch (scheduler.kind) {
      case 'random':
        if (scheduler.seed !== this.seed) {
          this.random = new Random(scheduler.seed)
          this.seed = scheduler.seed
        }
        return randomChoice(choices, this.random)
      case 'same-cpu':
        return this.patient(choices, last)
      case 'fewest-switches':
        if (this.steady.at !== run.cursor) this.steady = { mover: new Steady(null), at: run.cursor }
        this.steady.at++
        return this.steady.mover.next(machine, choices, last)
      case 'round-robin':
        return roundRobin(machine, choices, last)
    }
  }

  private patient(choices: readonly PackedChoice[], last: number): PackedChoice | null {
    const { session } = this
    const candidates = choices.map((choice) => ({ cpu: choiceCpu(choice), kind: CHOICE_KINDS[choiceKind(choice)] as ChoiceKind }))
    return choices[patientChoice(candidates, session.instance.cpus.length, last, (cpu) => session.isWaiting(cpu))] ?? null
  }
}

export class Going {
  private readonly session: Session
  private readonly plan: GoingPlan
  private scratch: Machine | null = null
  private mover: number
  taken = 0

  constructor(session: Session, plan: GoingPlan) {
    const { run } = session
    this.session = session
    this.plan = plan
    this.mover = plan.cpu ?? (run.cursor > 0 ? choiceCpu(run.branch.schedule[run.cursor - 1] as number) : 0)
  }

  /** At most so many steps more. */
  on(most: number): Went {
    const { session } = this
    const { run } = session
    const { target } = this.plan
    for (const end = this.taken + most; this.taken < end; this.taken++) {
      const choices = run.choices()
      if (choices.length === 0) return { arrived: true, remark: this.taken === 0 ? 'Nothing can happen any more.' : null }
      const choice = this.next(choices)
      if (choice === null) return { arrived: true, remark: this.why(choices) }
      if (target === 'next-choice' && this.taken > 0 && this.wouldBeVisible(choice)) return ARRIVED
      session.take(choice)
      this.mover = choiceCpu(choice)
      if (run.branch.violated?.step === run.cursor) return ARRIVED
      if (target === 'visible' && session.isVisible) return ARRIVED
    }
    return { arrived: false, remark: null }
  }

  private get isAlone(): boolean {
    return this.plan.target === 'next-choice' || this.plan.target === 'visible'
  }

  private next(choices: readonly PackedChoice[]): PackedChoice | null {
    const { session, plan, mover } = this
    const { run } = session
    if (run.cursor < run.length && !plan.departs) return run.branch.schedule[run.cursor] as PackedChoice
    if (this.isAlone) return calmChoice(run.machine, choices, mover)
    return session.deciders.next(plan.scheduler, choices, mover)
  }

  private why(choices: readonly PackedChoice[]): string {
    const { machine } = this.session.run
    return this.isAlone ? standsStill(machine, choices, this.mover) : standstill(machine, choices)
  }

  private wouldBeVisible(choice: PackedChoice): boolean {
    if (choiceKind(choice) !== STEP) return true
    const { run, instance } = this.session
    this.scratch ??= instance.machine()
    this.scratch.w.set(run.machine.w)
    apply(this.scratch, choice)
    return this.scratch.visible
  }
}
