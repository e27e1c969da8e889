/**
 * What each word of a stack is, learnt from who wrote it: the CPU's own frame, a register that the entry code pushed, a copy of a frame word (the copied
 * original is then the gap), a return address. No layout is typed in here, so a handler that builds a wrong frame shows a wrong frame.
 */
import { joinHalves } from '../lib/u64.ts'
import type { MachineEvent } from '../machine/events.ts'
import type { Instance } from './build.ts'
import type { Taken } from './run.ts'

export interface StackEntry {
  readonly label: string
  readonly kind: 'hardware' | 'software' | 'gap' | 'return' | 'plain'
  /** Index of the frame it belongs to, outermost 0; -1 outside handlers. */
  readonly frame: number
  /** Value when it was pushed. */
  readonly value: bigint
  /** It was written again, other than by a push: "was …". */
  readonly altered: string | null
}

export interface OpenFrame {
  readonly vector: number
  readonly label: string
  /** Lowest address of the frame that the CPU pushed. */
  readonly frame: bigint
  readonly interruptedSp: bigint
}

interface CpuLog {
  readonly words: Map<bigint, StackEntry>
  readonly frames: OpenFrame[]
}

const LONG_FRAME = ['rip', 'cs', 'rflags', 'rsp', 'ss']
const SHORT_FRAME = ['eip', 'cs', 'eflags', 'esp', 'ss']

export class StackLog {
  private cpus: CpuLog[]
  private readonly instance: Instance
  private readonly word: number

  constructor(instance: Instance) {
    this.instance = instance
    this.word = instance.scenario.file.bits / 8
    this.cpus = instance.cpus.map(() => ({ words: new Map(), frames: [] }))
  }

  entry(cpu: number, address: bigint): StackEntry | null {
    return this.cpus[cpu]?.words.get(address) ?? null
  }

  /** Handlers that the CPU is in, outermost first. */
  frames(cpu: number): readonly OpenFrame[] {
    return this.cpus[cpu]?.frames ?? []
  }

  /** For going back: what is known now, to be given to `restore` later. */
  save(): unknown {
    return this.cpus.map(({ words, frames }) => ({ words: new Map(words), frames: [...frames] }))
  }

  restore(saved: unknown): void {
    this.cpus = (saved as CpuLog[]).map(({ words, frames }) => ({ words: new Map(words), frames: [...frames] }))
  }

  append(taken: Taken): void {
    let loaded: Extract<MachineEvent, { kind: 'load' }> | null = null
    let executed: Extract<MachineEvent, { kind: 'execute' }> | null = null
    const delivered = taken.events.find((event) => event.kind === 'deliver')
    for (const event of taken.events) {
      if (event.kind === 'execute') executed = event
      else if (event.kind === 'load') loaded ??= event
      else if (event.kind === 'store' && delivered === undefined) this.stored(event, executed, loaded)
      else if (event.kind === 'deliver') this.delivered(event)
      else if (event.kind === 'iret') {
        const { frames } = this.cpus[event.cpu] as CpuLog
        while (frames.length > 0 && (frames[frames.length - 1] as OpenFrame).frame < event.sp) frames.pop()
      }
    }
  }

  private delivered(event: Extract<MachineEvent, { kind: 'deliver' }>): void {
    const log = this.cpus[event.cpu] as CpuLog
    const label = this.instance.gateNames.get(event.vector) ?? (event.cause === 'nmi' ? 'NMI' : `vector ${event.vector}`)
    log.frames.push({
      vector: event.vector,
      label: event.cause === 'irq' ? `${label} 0x${event.vector.toString(16)}` : label,
      frame: event.frame,
      interruptedSp: event.interruptedSp,
    })
    const frame = log.frames.length - 1
    const count = event.frameBytes / this.word
    const names = this.word === 8 ? LONG_FRAME : SHORT_FRAME
    const withError = this.word === 8 ? count === 6 : count === 4 || count === 6
    const labels = withError ? ['error code', ...names] : names
    for (let i = 0; i < count; i++) {
      const address = event.frame + BigInt(i * this.word)
      log.words.set(address, { label: labels[i] ?? '', kind: 'hardware', frame, value: 0n, altered: null })
    }
    // Values were stored before the event was told; they are read from memory when shown.
  }

  private stored(
    event: Extract<MachineEvent, { kind: 'store' }>,
    executed: Extract<MachineEvent, { kind: 'execute' }> | null,
    loaded: Extract<MachineEvent, { kind: 'load' }> | null,
  ): void {
    const log = this.cpus[event.cpu] as CpuLog
    const address = event.address - (event.address % BigInt(this.word))
    const frame = log.frames.length - 1
    const mnemonic = executed?.mnemonic ?? ''
    if (mnemonic === 'call') {
      log.words.set(address, { label: 'return address', kind: 'return', frame, value: event.value, altered: null })
      return
    }
    if (mnemonic.startsWith('push')) {
      const source = loaded === null ? undefined : log.words.get(loaded.address)
      if (loaded !== null && source !== undefined && source.frame === frame && source.kind !== 'plain') {
        log.words.set(address, { ...source, value: event.value, altered: null })
        log.words.set(loaded.address, { label: 'gap', kind: 'gap', frame, value: source.value, altered: null })
        return
      }
      const register = pushedRegister(executed)
      const label = mnemonic.startsWith('pushf')
        ? 'flags'
        : (register ?? (event.value === (1n << BigInt(8 * this.word)) - 1n ? 'orig_ax = −1' : 'pushed'))
      log.words.set(address, { label, kind: frame >= 0 ? 'software' : 'plain', frame, value: event.value, altered: null })
      return
    }
    const before = log.words.get(address)
    if (before === undefined) return
    // A plain store into somebody's frame: the emulated push into the gap, a moved stack pointer, a changed return address; or an accident.
    const altered = before.kind === 'gap' ? 'written by the handler' : 'rewritten by the handler'
    log.words.set(address, {
      ...before,
      kind: before.kind === 'gap' ? 'return' : before.kind,
      label: before.kind === 'gap' ? 'return address, emulated push' : before.label,
      altered,
    })
  }
}

const NAMES = ['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15']

/** The register of a one-byte push (50+r, with or without REX.B), or null. */
function pushedRegister(executed: Extract<MachineEvent, { kind: 'execute' }> | null): string | null {
  if (executed === null) return null
  const { bytes } = executed
  const rex = bytes.length === 2 && ((bytes[0] as number) & 0xf0) === 0x40
  const opcode = bytes[rex ? 1 : 0] as number
  if (bytes.length !== (rex ? 2 : 1) || opcode < 0x50 || opcode > 0x57) return null
  return NAMES[(opcode & 7) + (rex && ((bytes[0] as number) & 1) !== 0 ? 8 : 0)] as string
}

export function stackPointer(m: { readonly w: Int32Array; readonly c: number }): bigint {
  return joinHalves(m.w[m.c + 8] as number, m.w[m.c + 9] as number)
}
