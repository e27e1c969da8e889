/**
 * One open scenario: the run, what is known of its stack words, its timeline, and the view that the page shows. Pure: the host feeds it requests.
 */
import type { Disassemble } from '../decoder/disassemble.ts'
import { packSource } from '../interchange/link-source.ts'
import { type PackedReplay, writeSpelled } from '../interchange/link-write.ts'
import { ScheduleWriter } from '../interchange/schedule-text.ts'
import { fail, ok, type Result } from '../lib/result.ts'
import { choiceCpu, type PackedChoice } from '../machine/choice.ts'
import type { MachineEvent } from '../machine/events.ts'
import type { Decode } from '../machine/instruction.ts'
import { FLAG_IF, FLAGS } from '../machine/layout.ts'
import type { Machine } from '../machine/machine.ts'
import { apply } from '../machine/step.ts'
import { build, type Instance } from '../scenario/build.ts'
import type { Scenario } from '../scenario/format.ts'
import { inspect } from '../scenario/inspect.ts'
import { type Moment, moments } from '../scenario/moments.ts'
import { programNames } from '../scenario/names.ts'
import { Checker } from '../scenario/properties.ts'
import { type Branch, Run, type Taken, type Violated } from '../scenario/run.ts'
import type { Snapshot } from '../scenario/snapshot.ts'
import { TimelineBuilder } from '../timeline/build.ts'
import type { TimelineUpdate } from '../timeline/update.ts'
import { branchInfos } from './branching.ts'
import { scenarioInfo } from './catalog.ts'
import { Deciders, Going, type Went } from './going.ts'
import { Loading } from './loading.ts'
import { Logs } from './logs.ts'
import type { RunTarget, Scheduler, SentView, View } from './protocol.ts'

/** Steps spelled, and drawn, at once: some milliseconds. */
const LINK_PORTION = 8000
const PICTURE_PORTION = 2000

export class Session {
  readonly instance: Instance
  readonly run: Run
  readonly deciders = new Deciders(this)
  private readonly scenario: Scenario
  private readonly disassemble: Disassemble
  private readonly scratch: Machine
  private readonly names: ReturnType<typeof programNames>
  private logs: Logs
  private timeline: TimelineBuilder
  private timelineChanged = true
  /** The page has nothing of this timeline yet. */
  private unseen = true
  /** What of the schedule the page has. */
  private sent: { readonly branch: Branch; readonly length: number } | null = null
  private last: Taken | null = null
  /** Stands one step before the cursor when a snapshot is made. */
  private readonly past: Machine
  private folded: { readonly violated: Violated; readonly moments: readonly Moment[] } | null = null
  private constructor(scenario: Scenario, instance: Instance, checker: Checker, disassemble: Disassemble) {
    this.scenario = scenario
    this.instance = instance
    this.disassemble = disassemble
    this.run = new Run(instance, checker)
    this.scratch = instance.machine()
    this.past = instance.machine()
    this.names = programNames(instance)
    this.logs = new Logs(instance, this.run.machine)
    this.timeline = this.newTimeline()
  }

  static open(scenario: Scenario, params: Readonly<Record<string, string>>, decode: Decode, disassemble: Disassemble): Result<Session, string[]> {
    const built = build(scenario, params, decode)
    if (!built.ok) return built
    const checker = Checker.create(built.value)
    return checker.ok ? ok(new Session(scenario, built.value, checker.value, disassemble)) : fail(checker.error)
  }

  /** Is this the session of that scenario with those parameters? */
  opens(scenario: Scenario, params: Readonly<Record<string, string>>): boolean {
    return (
      scenario === this.scenario &&
      this.scenario.file.params.every(({ name, default: standard }) => (params[name] ?? standard) === this.instance.params[name])
    )
  }

  /** Follows a schedule from outside as far as it is legal; says where it is not. */
  load(text: string, cursor: number): string[] {
    const loading = new Loading(this, text)
    while (!loading.on(Number.POSITIVE_INFINITY));
    this.seek(cursor)
    return loading.remarks
  }

  take(choice: PackedChoice): boolean {
    const { run } = this
    const length = run.length
    const branch = run.branch.id
    const hadViolation = run.branch.violated
    const at = run.cursor
    const taken = run.take(choice)
    if (taken === null) return false
    this.last = taken
    this.logs.append(taken)
    if (run.branch.id !== branch) {
      this.timeline.truncate(at)
      this.logs.truncate(at)
    }
    if (run.branch.id !== branch || run.length > length) {
      this.timeline.append(choiceCpu(choice), taken.events, { kind: taken.kind, waiting: false })
      this.timelineChanged = true
      this.logs.keep(run.cursor)
      const violated = run.branch.violated
      if (violated !== null && violated !== hadViolation) this.markViolation()
    }
    return true
  }

  seek(step: number): void {
    if (Math.max(0, Math.min(step, this.run.length)) === this.run.cursor && this.last !== null) return
    this.last = null
    // From one step before, so that what led here is known.
    this.run.seek(step - 1, {
      rewind: (frame) => {
        if (frame !== null) this.logs.restore(frame)
      },
      taken: (taken) => this.logs.append(taken),
    })
    if (step <= 0) return
    this.run.seek(step, {
      rewind: () => {},
      taken: (taken) => {
        this.logs.append(taken)
        this.last = taken
      },
    })
  }

  checkout(branch: number): boolean {
    if (!this.run.checkout(branch)) return false
    this.redraw()
    return true
  }

  /** Steps on by itself until the target, `maxSteps` at most: along the trace where it goes on. */
  go(target: RunTarget, cpu: number | null, scheduler: Scheduler, maxSteps: number): Went {
    return new Going(this, { target, cpu, scheduler, departs: false }).on(maxSteps)
  }

  /** Could others notice the last step? */
  get isVisible(): boolean {
    return this.last?.visible === true
  }

  /** At the end of the trace: is all that this CPU does to wait? */
  isWaiting(cpu: number): boolean {
    return this.timeline.isWaiting(cpu)
  }

  /** The machine as it is after so many steps of this trace, one after the other; the cursor stays where it is. */
  snapshots(steps: readonly number[]): Snapshot[] {
    const { cursor } = this.run
    const seen = steps.map((step) => {
      this.seek(step)
      return this.snapshot()
    })
    this.seek(cursor)
    return seen
  }

  private snapshot(): Snapshot {
    const { run, instance, last, past } = this
    // Copying the state at every step would be most of the work where it is large.
    if (last !== null) run.stateAt(run.cursor - 1, past)
    return inspect({
      instance,
      run,
      checker: run.checker,
      disassemble: this.disassemble,
      stackLog: this.logs.stack,
      cacheLines: this.logs.cacheLines,
      passes: this.logs.passes,
      scratch: this.scratch,
      last: last === null ? null : { taken: last, before: past.w },
    })
  }

  view(remarks: readonly string[], verified: boolean | null): SentView {
    const { run, instance, scenario } = this
    const snapshot = this.snapshot()
    const timeline = this.timelineChanged ? this.timelineUpdate() : null
    this.timelineChanged = false
    return {
      scenario: scenarioInfo(scenario),
      params: instance.params,
      cursor: run.cursor,
      length: run.length,
      choices: this.newChoices(),
      replay: this.replay(snapshot.digest),
      branch: run.branch.id,
      branches: branchInfos(run),
      snapshot,
      timeline,
      verified,
      moments: this.moments(),
      remarks,
    }
  }

  /** The link of this moment, spelled a piece at a time: `next` answers true while there is more to do, and null when the run has changed meanwhile. */
  spellLink(): { readonly next: () => boolean | null; readonly text: () => string } {
    const { run } = this
    const { branch, length } = run
    const writer = new ScheduleWriter(Int32Array.from(branch.schedule))
    const replay = this.replay(run.digest)
    return {
      next: () => (run.branch !== branch || run.length !== length ? null : writer.run(LINK_PORTION)),
      text: () => writeSpelled(replay, { steps: length, spelling: writer.text }),
    }
  }

  /** The link of this moment. */
  link(): string {
    const spelling = this.spellLink()
    while (spelling.next() === true);
    return spelling.text()
  }

  /** All of the link but the schedule. */
  private replay(digest: string): Omit<PackedReplay, 'schedule'> {
    const { instance, scenario, run } = this
    const defaults = new Map(scenario.file.params.map((param) => [param.name, param.default]))
    return {
      version: 1,
      scenario: scenario.edited?.origin ?? scenario.file.id,
      params: Object.fromEntries(Object.entries(instance.params).filter(([name, value]) => defaults.get(name) !== value)),
      cursor: run.cursor,
      digest: run.cursor === 0 ? null : digest,
      ...(scenario.edited === undefined ? {} : { packed: packSource(scenario.edited.source) }),
    }
  }

  /** What of the schedule the page has not yet. */
  private newChoices(): SentView['choices'] {
    const { sent } = this
    const { branch } = this.run
    const { schedule } = branch
    const kept =
      sent === null ? 0 : sent.branch === branch ? sent.length : sent.branch.id === branch.parent ? Math.min(sent.length, branch.forkedAt) : 0
    this.sent = { branch, length: schedule.length }
    return { kept, added: Int32Array.from({ length: schedule.length - kept }, (_, i) => schedule[kept + i] as PackedChoice) }
  }

  /** Computed once a violation; it depends on the branch only up to there. */
  private moments(): readonly Moment[] {
    const { branch } = this.run
    if (branch.violated === null) return []
    if (this.folded?.violated !== branch.violated) {
      this.folded = { violated: branch.violated, moments: moments(this.instance, this.disassemble, branch.schedule, branch.violated) }
    }
    return this.folded.moments
  }

  /** What has changed since the last view: a step at the end of a long run sends only what that step did. */
  private timelineUpdate(): View['timeline'] {
    const whole = this.unseen
    this.unseen = false
    return { whole, update: this.timeline.update() }
  }

  /** The picture of a branch, which need not be the present one, drawn a piece at a time: `next` answers true while there is more to do. */
  picture(id: number): { readonly next: () => boolean; readonly update: () => TimelineUpdate } | null {
    const branch = this.run.branches.find((each) => each.id === id)
    if (branch === undefined) return null
    const m = this.instance.machine()
    const timeline = this.newTimeline(m)
    const { length } = branch.schedule
    let step = 0
    return {
      next: () => {
        for (const end = Math.min(length, step + PICTURE_PORTION); step < end; ) {
          const choice = branch.schedule[step++] as PackedChoice
          const events: MachineEvent[] = []
          m.listener = (event) => events.push(event)
          const { kind } = apply(m, choice)
          m.listener = null
          timeline.append(choiceCpu(choice), events, { kind, waiting: false })
          if (branch.violated?.step === step) this.tellViolation(timeline, branch.violated)
        }
        return step < length
      },
      update: () => timeline.update(),
    }
  }

  /** `m`: at the start. */
  private newTimeline(m = this.run.machine): TimelineBuilder {
    const lanes = this.instance.cpus.map(({ role }, cpu) => ({
      cpu,
      role,
      interrupts: ((m.w[(m.layout.parts[cpu] as number) + FLAGS] as number) & FLAG_IF) !== 0,
    }))
    return new TimelineBuilder(lanes, this.names)
  }

  /** Draws the present branch anew: logs and timeline follow its schedule from the start. */
  private redraw(): void {
    const { run } = this
    const cursor = run.cursor
    run.seek(0)
    this.logs = new Logs(this.instance, run.machine)
    this.timeline = this.newTimeline()
    this.timelineChanged = true
    this.unseen = true
    run.replay((taken) => {
      this.logs.append(taken)
      this.timeline.append(choiceCpu(taken.choice), taken.events, { kind: taken.kind, waiting: false })
      if (run.branch.violated?.step === run.cursor) this.markViolation()
      this.logs.keep(run.cursor)
    })
    this.last = null
    this.seek(cursor)
  }

  private markViolation(): void {
    const { violated } = this.run.branch
    if (violated !== null) this.tellViolation(this.timeline, violated)
  }

  private tellViolation(timeline: TimelineBuilder, { step, cpu, mask }: Violated): void {
    const property = this.run.checker.properties.find((_, bit) => (mask & (1 << bit)) !== 0)
    timeline.violation(step - 1, cpu, property?.id ?? 'violation')
  }
}
