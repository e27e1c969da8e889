/** What is known beside the machine's state and follows it through time: the words of the stacks, who holds which cache line, and what was executed at the sites. */
import { highHalf, lowHalf } from '../lib/u64.ts'
import type { Machine } from '../machine/machine.ts'
import { memoryBytes } from '../machine/step.ts'
import type { Instance } from '../scenario/build.ts'
import { lineOf } from '../scenario/cache-lines.ts'
import { PassLog } from '../scenario/pass-log.ts'
import { SPACING, type Taken } from '../scenario/run.ts'
import { StackLog } from '../scenario/stack-log.ts'
import { MesiOverlay } from '../timeline/mesi.ts'

export class Logs {
  readonly stack: StackLog
  readonly cacheLines: MesiOverlay
  readonly passes: PassLog
  /** At the keyframes of the run's present branch. */
  private readonly kept: { readonly stack: unknown; readonly cacheLines: unknown; readonly passes: unknown }[] = []

  /** `machine`: the one that runs; it is asked what memory holds, and must be at the start now. */
  constructor(instance: Instance, machine: Machine) {
    this.stack = new StackLog(instance)
    const byteAt = (address: bigint) => memoryBytes(machine, lowHalf(address), highHalf(address), 1)[0] as number
    this.cacheLines = new MesiOverlay(machine.layout.cpus, (address) => lineOf(machine, address), { byteAt })
    this.passes = new PassLog(instance.sites, machine.layout.cpus)
    this.keep(0)
  }

  /** A step has just been taken. */
  append(taken: Taken): void {
    this.stack.append(taken)
    this.cacheLines.append(taken.events)
    this.passes.append(taken.events)
  }

  /** Remembers what is known before `step`, where that is a keyframe. */
  keep(step: number): void {
    if (step % SPACING === 0) this.kept.push({ stack: this.stack.save(), cacheLines: this.cacheLines.save(), passes: this.passes.save() })
  }

  /** Goes back to what was known at a keyframe. */
  restore(frame: number): void {
    const { stack, cacheLines, passes } = this.kept[frame] as (typeof this.kept)[number]
    this.stack.restore(stack)
    this.cacheLines.restore(cacheLines)
    this.passes.restore(passes)
  }

  /** The branch goes on otherwise from `step`: forgets what was kept behind it. */
  truncate(step: number): void {
    this.kept.length = Math.floor(step / SPACING) + 1
  }
}
