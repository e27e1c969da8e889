/** Recording a run and looking at it: counts and the coarse picture while it is recorded, then any moment of it with what happened around. */
import { joinHalves } from '../lib/u64.ts'
import { choiceCpu } from '../machine/choice.ts'
import { FLAG_IF, FLAGS, RIP, STATUS, STATUS_HALTED } from '../machine/layout.ts'
import type { Instance } from '../scenario/build.ts'
import { programNames } from '../scenario/names.ts'
import type { Checker } from '../scenario/properties.ts'
import { RecordedRun } from '../scenario/recorded-run.ts'
import { readWord } from '../scenario/scope.ts'
import { stackPointer } from '../scenario/stack-log.ts'
import { TimelineBuilder } from '../timeline/build.ts'
import { CoarsePicture } from '../timeline/coarse.ts'
import { Counter, type Counts } from '../timeline/counts.ts'
import type { TimelineData } from '../timeline/model.ts'

/** Where a CPU stands. */
export interface CpuMoment {
  readonly role: string
  /** "caller+0x12", and the line of the source that it is in. */
  readonly symbol: string
  readonly source: string | null
  readonly interrupts: boolean
  readonly halted: boolean
  readonly instructions: number
}

export interface RecordedMoment {
  readonly step: number
  readonly cpus: readonly CpuMoment[]
  readonly phase: string | null
  /** What happened around, step by step; `from` is the step at which it begins. */
  readonly around: { readonly from: number; readonly data: TimelineData }
}

/** Words of the patcher's stack that are looked at for its phase, in bytes; phases kept. */
const DEEPEST = 512n
const MOST_PHASES = 400_000
/** Steps shown before and behind a moment. */
const AROUND = 300

export class RecordingSession {
  readonly run: RecordedRun
  private readonly instance: Instance
  private readonly counter: Counter
  private readonly picture: CoarsePicture
  private readonly names: ReturnType<typeof programNames>
  private counted: Counts
  private phases: { readonly step: number; readonly label: string | null }[] = []

  constructor(instance: Instance, checker: Checker, seed: number) {
    this.instance = instance
    this.run = new RecordedRun(instance, checker, seed)
    this.names = programNames(instance)
    this.counter = new Counter(instance.cpus.length)
    this.picture = new CoarsePicture(instance.cpus.map(({ role }) => role))
    this.counted = this.counter.counts(this.run.retired)
  }

  get counts(): Counts {
    return this.counted
  }

  /** Records about so many more steps; false at the end. */
  record(steps: number): boolean {
    const patcher = Math.max(
      0,
      this.instance.cpus.findIndex(({ role }) => role === 'patcher'),
    )
    const goesOn = this.run.record(steps, {
      event: (event, retired, step) => {
        this.counter.tell(event, retired)
        this.picture.event(event, step)
      },
      turn: (cpu, from, end) => {
        this.picture.moved(cpu, from, end)
        if (cpu === patcher) this.notePhase(patcher, end)
      },
    })
    this.counted = this.counter.counts(this.run.retired)
    return goesOn
  }

  /** The whole run, coarsely. */
  overview(): TimelineData {
    return this.picture.data(this.run.length)
  }

  moment(step: number): RecordedMoment {
    const { run, instance } = this
    const target = Math.max(0, Math.min(step, run.length))
    const from = Math.max(0, target - AROUND)
    run.seek(from)
    const lanes = instance.cpus.map(({ role }, cpu) => ({ cpu, role, interrupts: this.interruptsOn(cpu) }))
    const builder = new TimelineBuilder(lanes, this.names)
    run.follow(2 * AROUND, (choice, events) => builder.append(choiceCpu(choice), events, { kind: 'retired', waiting: false }))
    const data = builder.data()
    run.seek(target)
    const cpus = instance.cpus.map(({ role }, cpu) => this.cpuAt(cpu, role))
    const phase = this.phases.findLast((each) => each.step <= target)?.label ?? null
    return { step: target, cpus, phase, around: { from, data } }
  }

  private cpuAt(cpu: number, role: string): CpuMoment {
    const m = this.run.machine
    m.select(cpu)
    const rip = joinHalves(m.w[m.c + RIP] as number, m.w[m.c + RIP + 1] as number)
    return {
      role,
      symbol: this.names.site(rip) ?? this.instance.program.name(rip),
      source: this.instance.program.line(rip)?.source ?? null,
      interrupts: this.interruptsOn(cpu),
      halted: ((m.w[m.c + STATUS] as number) & STATUS_HALTED) !== 0,
      instructions: this.run.retired[cpu] ?? 0,
    }
  }

  private interruptsOn(cpu: number): boolean {
    const m = this.run.machine
    m.select(cpu)
    return ((m.w[m.c + FLAGS] as number) & FLAG_IF) !== 0
  }

  /** The phase that the patcher's next instruction names; inside of functions that name none, that of the call: the byte before a return address tells. */
  private notePhase(patcher: number, step: number): void {
    const m = this.run.machine
    m.select(patcher)
    const { program, cpus } = this.instance
    let label = program.phase(joinHalves(m.w[m.c + RIP] as number, m.w[m.c + RIP + 1] as number))
    const top = cpus[patcher]?.stackTop ?? 0n
    for (let at = stackPointer(m); label === null && at < top && at + DEEPEST > top; at += 8n) label = program.phase(readWord(m, at, 8) - 1n)
    if (label === null) return
    const last = this.phases[this.phases.length - 1]
    if (last?.label === label) return
    if (this.phases.length < MOST_PHASES) this.phases.push({ step, label })
    this.picture.phase(step, label)
  }
}
