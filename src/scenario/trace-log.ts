/**
 * What stepping like a debugger needs to know of a trace, one row a step: who moved, whether an instruction ended, whether a line began, and how deep the CPU
 * was in calls and handlers then. Kept beside the run and brought up to date when it is asked for: plain stepping pays nothing.
 *
 * Depth follows what the machine did, not what the assembly says: a CALL's return address, a delivered frame, and an IRET that leaves one word more on
 * the interrupted stack than it found (an emulated call). Stacks that are swapped under a CPU (tasks) are not told apart.
 */
import { joinHalves } from '../lib/u64.ts'
import { choiceCpu, type PackedChoice } from '../machine/choice.ts'
import type { MachineEvent } from '../machine/events.ts'
import { RIP } from '../machine/layout.ts'
import type { Machine } from '../machine/machine.ts'
import { apply } from '../machine/step.ts'
import type { Instance } from './build.ts'
import { type PagedState, restorePages } from './paged-state.ts'
import { type Branch, SPACING, type Taken } from './run.ts'

/** Persistent: rows share what lies below. */
export interface Frame {
  readonly handler: boolean
  /** Where the return address, or the CPU's frame, lies. */
  readonly at: bigint
  /** Stack pointer and address of what was interrupted. */
  readonly interrupted: { readonly sp: bigint; readonly address: bigint } | null
  /** The line that called. */
  readonly line: string
  readonly below: Frame | null
  readonly depth: number
}

export interface Row {
  readonly choice: PackedChoice
  readonly cpu: number
  /** An instruction ended, or a handler was entered. */
  readonly instruction: boolean
  /** The CPU stands at the beginning of a line of the program; coming back into the middle of the line that called is none. */
  readonly line: boolean
  /** Calls and handlers that the CPU is in after the step. */
  readonly depth: number
  readonly visible: boolean
  /** The CPU has taken an int3: it stands in the handler. */
  readonly int3: boolean
  readonly top: Frame | null
}

export class TraceLog {
  readonly rows: Row[] = []
  /** Stands behind the last row. */
  readonly machine: Machine
  private readonly instance: Instance
  private readonly word: bigint
  private branch: Branch | null = null
  private tops: (Frame | null)[]
  private lines: string[]

  constructor(instance: Instance) {
    this.instance = instance
    this.machine = instance.machine()
    this.word = BigInt(instance.scenario.file.bits / 8)
    this.tops = instance.cpus.map(() => null)
    this.lines = instance.cpus.map((_, cpu) => this.lineOf(cpu))
  }

  /** Makes the rows those of this branch, at most so many new ones at once; false while some are missing. */
  sync(branch: Branch, most = Number.POSITIVE_INFINITY): boolean {
    if (branch !== this.branch) this.goOver(branch)
    const { rows } = this
    const { schedule } = branch
    const end = Math.min(schedule.length, rows.length + most)
    while (rows.length < end) this.append(schedule[rows.length] as PackedChoice)
    return rows.length === schedule.length
  }

  /** Keeps the rows that the other branch has, too. A branch itself only grows. */
  private goOver(branch: Branch): void {
    const { rows } = this
    const { schedule, keyframes } = branch
    this.branch = branch
    let same = 0
    while (same < rows.length && same < schedule.length && (rows[same] as Row).choice === schedule[same]) same++
    if (same < rows.length) {
      const frame = Math.floor(same / SPACING)
      rows.length = frame * SPACING
      restorePages(this.machine.w, keyframes[frame] as PagedState)
      this.tops = this.tops.map((_, cpu) => rows.findLast((row) => row.cpu === cpu)?.top ?? null)
      this.lines = this.lines.map((_, cpu) => this.lineOf(cpu))
    }
  }

  /** Takes a step of its own, which the run takes, too. */
  append(choice: PackedChoice): Taken {
    const taken = perform(this.machine, choice)
    const cpu = choiceCpu(choice)
    const before = this.lines[cpu] as string
    const left = this.follow(cpu, taken.events, before)
    const after = this.lineOf(cpu)
    const top = this.tops[cpu] ?? null
    this.lines[cpu] = after
    this.rows.push({
      choice,
      cpu,
      instruction: taken.kind === 'retired' || taken.kind === 'event' || taken.kind === 'stopped',
      line: after !== (left ?? before),
      depth: top?.depth ?? 0,
      visible: taken.visible,
      int3: taken.events.some((event) => event.kind === 'deliver' && event.vector === 3),
      top,
    })
    return taken
  }

  /** Calls and handlers that the CPU is in after so many steps. */
  depthAt(cpu: number, step: number): number {
    return this.frameAt(cpu, step)?.depth ?? 0
  }

  /** The innermost of them; null: none. */
  frameAt(cpu: number, step: number): Frame | null {
    for (let i = step - 1; i >= 0; i--) {
      const row = this.rows[i] as Row
      if (row.cpu === cpu) return row.top
    }
    return null
  }

  /** Answers the line that the CPU has come back to, where it has left a call or a handler. */
  private follow(cpu: number, events: readonly MachineEvent[], line: string): string | null {
    let mnemonic = ''
    let left: string | null = null
    let top = this.tops[cpu] ?? null
    const push = (frame: Pick<Frame, 'handler' | 'at' | 'interrupted'>) => {
      top = { ...frame, line, below: top, depth: (top?.depth ?? 0) + 1 }
    }
    const pop = (found: Frame | null) => {
      if (found === null) return
      left = found.line
      top = found.below
    }
    for (const event of events) {
      if (event.kind === 'execute') mnemonic = event.mnemonic
      else if (event.kind === 'deliver')
        push({ handler: true, at: event.frame, interrupted: { sp: event.interruptedSp, address: event.returnAddress } })
      else if (event.kind === 'store' && mnemonic === 'call') push({ handler: false, at: event.address, interrupted: null })
      else if (event.kind === 'load' && mnemonic.startsWith('ret')) {
        pop(find(top, (frame) => !frame.handler && frame.at === event.address))
        // What a RET has read once, it does not read again.
        mnemonic = ''
      } else if (event.kind === 'iret') {
        const found = find(top, (frame) => frame.handler && frame.at === event.frame) ?? find(top, (frame) => frame.handler)
        pop(found)
        const { interrupted } = found ?? { interrupted: null }
        if (interrupted !== null && event.address !== interrupted.address && event.sp === interrupted.sp - this.word)
          push({ handler: false, at: event.sp, interrupted: null })
      }
    }
    this.tops[cpu] = top
    return left
  }

  private lineOf(cpu: number): string {
    const line = this.instance.program.line(addressOf(this.machine, cpu))
    return line === null ? '' : `${line.func} ${line.source}`
  }
}

/** Is the CPU whose innermost frame is `top` still inside this one? */
export function isInside(top: Frame | null, frame: Frame): boolean {
  return find(top, ({ depth }) => depth <= frame.depth) === frame
}

function find(top: Frame | null, wanted: (frame: Frame) => boolean): Frame | null {
  let frame = top
  while (frame !== null && !wanted(frame)) frame = frame.below
  return frame
}

/** One step, with all that it did. */
export function perform(machine: Machine, choice: PackedChoice): Taken {
  const events: MachineEvent[] = []
  machine.listener = (event) => events.push(event)
  const { kind } = apply(machine, choice)
  machine.listener = null
  return { choice, kind, visible: machine.visible, events }
}

/** Where a CPU stands. */
export function addressOf(m: Machine, cpu: number): bigint {
  const c = m.layout.parts[cpu] as number
  return joinHalves(m.w[c + RIP] as number, m.w[c + RIP + 1] as number)
}
