/**
 * What a run cost, counted from its events: interrupts between CPUs, traps, the instructions spent in their handlers, writes to text. A pure fold: tell it every
 * event of the run in order (what every single instruction does may be left out), each with the instructions that its CPU had retired before that step.
 */
import type { MachineEvent } from '../machine/events.ts'

export interface CpuCounts {
  /** Instructions retired. */
  readonly instructions: number
  /** int3 taken, and instructions from the handler's first to its IRET. */
  readonly int3: number
  readonly int3Instructions: number
  /** The same for interrupts. */
  readonly interrupts: number
  readonly interruptInstructions: number
}

export interface Counts {
  /** Times that a CPU sent an interrupt to others, and interrupts sent. */
  readonly broadcasts: number
  readonly ipis: number
  /** Writes to text, however they tear. */
  readonly pokes: number
  readonly int3: number
  readonly int3Instructions: number
  readonly cpus: readonly CpuCounts[]
}

interface Handler {
  readonly int3: boolean
  readonly from: number
  readonly frame: bigint
  readonly interruptedSp: bigint
}

interface CpuCounting {
  int3: number
  int3Instructions: number
  interrupts: number
  interruptInstructions: number
  readonly handlers: Handler[]
}

const LINE = 64n

export class Counter {
  private readonly cpus: CpuCounting[]
  private broadcasts = 0
  private ipis = 0
  private pokes = 0
  private sender = -1
  private sentAt = -1
  /** The last piece of text that became visible: a tear goes on where it began or ended. */
  private pieceStart = -1n
  private pieceEnd = -1n

  constructor(cpus: number) {
    this.cpus = Array.from({ length: cpus }, () => ({ int3: 0, int3Instructions: 0, interrupts: 0, interruptInstructions: 0, handlers: [] }))
  }

  /** `retired`: instructions that the event's CPU had retired before the step that this is an event of. */
  tell(event: MachineEvent, retired: number): void {
    const cpu = this.cpus[event.cpu] as CpuCounting
    switch (event.kind) {
      case 'ipi-sent':
        this.ipis++
        if (this.sender !== event.cpu || this.sentAt !== retired) this.broadcasts++
        this.sender = event.cpu
        this.sentAt = retired
        break
      case 'visible':
        if (event.hot) this.wrote(event.address, event.address + BigInt(event.size))
        break
      case 'deliver': {
        const int3 = event.cause === 'int3'
        if (int3) cpu.int3++
        else if (event.cause === 'irq') cpu.interrupts++
        // The int3 itself is an instruction of what it interrupts.
        cpu.handlers.push({ int3, from: int3 ? retired + 1 : retired, frame: event.frame, interruptedSp: event.interruptedSp })
        break
      }
      case 'iret': {
        const handler = cpu.handlers[cpu.handlers.length - 1]
        // An IRET that stays inside the handler's own stack is somebody's way to serialise.
        if (handler === undefined || (event.sp <= handler.frame && event.sp !== handler.interruptedSp)) break
        cpu.handlers.pop()
        const instructions = retired + 1 - handler.from
        if (handler.int3) cpu.int3Instructions += instructions
        else cpu.interruptInstructions += instructions
        break
      }
    }
  }

  /** `retired`: instructions of each CPU so far. */
  counts(retired: ArrayLike<number>): Counts {
    const cpus = this.cpus.map(({ handlers: _, ...counted }, cpu) => ({ instructions: retired[cpu] ?? 0, ...counted }))
    const sum = (of: (each: CpuCounts) => number) => cpus.reduce((total, each) => total + of(each), 0)
    return {
      broadcasts: this.broadcasts,
      ipis: this.ipis,
      pokes: this.pokes,
      int3: sum((each) => each.int3),
      int3Instructions: sum((each) => each.int3Instructions),
      cpus,
    }
  }

  private wrote(start: bigint, end: bigint): void {
    const goesOn = (start === this.pieceEnd && start % LINE === 0n) || (end === this.pieceStart && end % LINE === 0n)
    if (!goesOn) this.pokes++
    this.pieceStart = goesOn ? -1n : start
    this.pieceEnd = goesOn ? -1n : end
  }
}
