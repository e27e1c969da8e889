/** What each CPU runs, inside which handlers, with interrupts on or off: from executed instructions and deliveries to spans and shades. */
import type { MachineEvent } from '../machine/events.ts'
import { CONDITIONAL, type History, PAUSED } from './history.ts'
import type { Items } from './items.ts'
import type { Span } from './model.ts'
import { branchTarget, type NameResolver, type Place, type Places, runName, shortAddress, vectorName } from './names.ts'
import { type CpuState, type Handler, handlerKind, handlersEnded, type Run, START, wasLeft } from './nesting.ts'
import { waitLoop, watched } from './spin.ts'

type Of<K extends MachineEvent['kind']> = Extract<MachineEvent, { kind: K }>

/** What the one who steps knows of a step beyond its events. */
export interface StepMoment {
  /** 'iteration': one turn of a repeated string instruction, which is no wait loop. */
  readonly kind: string
  /** It is known that the CPU waits here; wait loops are recognised without it. */
  readonly waiting: boolean
}

export class Running {
  private readonly items: Items
  private readonly history: History
  private readonly places: Places
  private readonly names: NameResolver
  /** The CPU whose instructions tell the patch phase, or -1. */
  private readonly patcher: number
  private readonly cpus: CpuState[] = []

  constructor(items: Items, history: History, places: Places, names: NameResolver, patcher: number) {
    this.items = items
    this.history = history
    this.places = places
    this.names = names
    this.patcher = patcher
  }

  add(cpu: number, interrupts: boolean): void {
    while (this.cpus.length <= cpu) this.cpus.push(START)
    this.interrupts(cpu, interrupts)
  }

  /** The CPU that sent the IPI whose handler this CPU is in, or -1. */
  senderOf(cpu: number): number {
    return this.cpu(cpu).handler?.sender ?? -1
  }

  /** `meaning`: of the bytes, where they are executed at a patched site. */
  execute(event: Of<'execute'>, meaning: Span['meaning'] | 'int3', moment: StepMoment): void {
    const { cpu, address, mnemonic } = event
    const number = this.places.number(address)
    const place = this.places.at(number)
    const conditional = mnemonic.startsWith('j') && mnemonic !== 'jmp'
    this.shadow(event)
    this.history.execute(this.items.step, number, (conditional ? CONDITIONAL : 0) | (mnemonic === 'pause' ? PAUSED : 0))
    if (cpu === this.patcher && place.phase !== null) this.items.phase(place.phase)
    // An int3 is told by the handler's span; until that begins, the CPU is where it was.
    if (meaning === 'int3' && this.cpu(cpu).run !== null) return
    if (meaning === null || meaning === 'int3') this.advance(cpu, place, moment)
    else this.pass(event, place, meaning)
  }

  /** An ordinary instruction: the run goes on, a wait begins or ends, or another function begins. */
  private advance(cpu: number, place: Place, moment: StepMoment): void {
    const { run } = this.cpu(cpu)
    const name = runName(place)
    const loop = moment.kind === 'iteration' ? null : waitLoop(this.history, this.places, this.items.step, run?.loop ?? null)
    const waits = moment.waiting || loop !== null
    const goesOn = waits ? run?.kind === 'wait' : run?.kind === 'code' && (run.name === name || run.absorbs === name)
    if (goesOn && run !== null) {
      if (run.loop !== loop) this.update(cpu, { run: { ...run, loop } })
    } else if (waits) {
      const symbol = watched(this.history, this.places, this.items.step)
      const label = this.names.wait?.(place.address) ?? (symbol === null ? 'waits' : `waits for ${symbol}`)
      this.begin(cpu, 'wait', label, null, { name, absorbs: null, loop })
    } else this.begin(cpu, 'code', name, place.outcome, { name, absorbs: null, loop: null })
  }

  /** A pass through a patched site: one span with what was called there, if that is all it does. */
  private pass(event: Of<'execute'>, place: Place, meaning: Span['meaning']): void {
    const target = branchTarget(event.address, event.bytes)
    const to = target === null ? null : this.places.of(target)
    const label = to === null ? event.mnemonic : `${event.mnemonic} ${to.symbol ?? shortAddress(to.address)}`
    const absorbs = to === null || to.func === place.func ? null : to.func
    this.begin(event.cpu, 'code', label, meaning, { name: `${label} at ${place.site}`, absorbs, loop: null }, event.stale)
  }

  halt(cpu: number): void {
    this.items.mark(cpu, 'halt', 'hlt')
    this.rest(cpu, 'halted', 'halted')
  }

  stop({ cpu, reason, vector, detail }: Of<'stop'>): void {
    const why = reason === 'exception' ? vectorName(vector) : reason === 'shutdown' ? 'triple fault' : 'not supported'
    this.items.mark(cpu, 'stop', detail === '' ? why : `${why}: ${detail}`)
    this.rest(cpu, 'stopped', `stopped: ${why}`)
  }

  private rest(cpu: number, kind: 'halted' | 'stopped', label: string): void {
    if (cpu === this.patcher) this.items.endPhase()
    this.begin(cpu, kind, label, null, { name: this.cpu(cpu).run?.name ?? label, absorbs: null, loop: null })
  }

  /** `sender`: the CPU that sent this interrupt, or -1. */
  deliver(event: Of<'deliver'>, sender: number): void {
    const { cpu, vector, cause, frame, interruptedSp } = event
    if (this.cpu(cpu).shadow >= 0) this.endShadow(cpu, this.items.step)
    while (wasLeft(this.cpu(cpu).handler, interruptedSp)) this.leave(cpu, this.items.step)
    const { run } = this.cpu(cpu)
    // Woken: what was halted is a function again, and the handler interrupts that.
    if (run?.kind === 'halted') this.begin(cpu, 'code', run.name, null, { name: run.name, absorbs: null, loop: null })
    const label = cause === 'irq' ? `${sender < 0 ? 'IRQ' : 'IPI'} 0x${vector.toString(16)}` : vectorName(vector)
    if (cause === 'int3') {
      const number = this.places.number(event.returnAddress - 1n)
      const { site, symbol, address } = this.places.at(number)
      this.items.mark(cpu, 'int3', `int3 at ${site ?? symbol ?? shortAddress(address)}`, number, 'cc')
    } else this.items.mark(cpu, cause === 'exception' ? 'exception' : 'ipi-taken', label)
    const { handler: outer, run: interrupted } = this.cpu(cpu)
    const depth = outer === null ? 1 : outer.depth + 2
    const span = this.items.span(cpu, depth, handlerKind(cause), label, null)
    this.update(cpu, { handler: { span, depth, frame, sender, interrupted, outer }, run: null })
    this.interrupts(cpu, event.ifAfter ?? false)
    if (cause === 'nmi' && this.cpu(cpu).nmi < 0) this.update(cpu, { nmi: this.items.shade(cpu, 'nmi-blocked') })
  }

  iret({ cpu, sp, address, ifAfter }: Of<'iret'>): void {
    const end = this.items.step + 1
    const last = this.history.lastOf(cpu)
    const from = last < 0 ? null : this.places.at(this.history.place[last] as number)
    const ended = handlersEnded(this.cpu(cpu).handler, sp, from, this.places.of(address))
    for (let i = 0; i < ended; i++) this.leave(cpu, end)
    this.interrupts(cpu, ifAfter)
    const { nmi } = this.cpu(cpu)
    if (nmi >= 0) {
      this.items.endShade(nmi, end)
      this.update(cpu, { nmi: -1 })
    }
  }

  interrupts(cpu: number, enabled: boolean): void {
    const { if0 } = this.cpu(cpu)
    if (enabled && if0 >= 0) {
      this.items.endShade(if0, this.items.step + 1)
      this.update(cpu, { if0: -1 })
    } else if (!enabled && if0 < 0) this.update(cpu, { if0: this.items.shade(cpu, 'if0') })
  }

  /** Another instruction begins: the shadow of the last one is over with it, and STI or a load of SS opens one, unless it stood in one (SDM 2B STI). */
  private shadow({ cpu, mnemonic, bytes }: Of<'execute'>): void {
    const { shadow, if0 } = this.cpu(cpu)
    if (shadow >= 0) this.endShadow(cpu, this.items.step + 1)
    else if (mnemonic === 'sti' ? if0 >= 0 : loadsSs(mnemonic, bytes))
      this.update(cpu, { shadow: this.items.shade(cpu, 'shadow', this.items.step + 1) })
  }

  private endShadow(cpu: number, end: number): void {
    this.items.endShade(this.cpu(cpu).shadow, end)
    this.update(cpu, { shadow: -1 })
  }

  /** The innermost handler is over; what it interrupted goes on. */
  private leave(cpu: number, end: number): void {
    const { handler, run } = this.cpu(cpu)
    const { span, interrupted, outer } = handler as Handler
    if (run !== null) this.items.endSpan(run.span, end)
    this.items.endSpan(span, end)
    this.update(cpu, { handler: outer, run: interrupted })
  }

  /** Ends the present run at this nesting level and begins another. */
  private begin(cpu: number, kind: Run['kind'], label: string, meaning: Span['meaning'], run: Omit<Run, 'span' | 'kind'>, stale = false): void {
    const { run: before, handler } = this.cpu(cpu)
    const { items } = this
    let span = before?.span ?? -1
    if (before !== null && items.spans[span]?.start === items.step) items.replaceSpan(span, kind, label, meaning, stale)
    else {
      if (before !== null) items.endSpan(span, items.step)
      span = items.span(cpu, handler === null ? 0 : handler.depth + 1, kind, label, meaning, stale)
    }
    this.update(cpu, { run: { ...run, kind, span } })
  }

  /** All spans that have not ended: of every CPU, what it runs, its handlers, and what they interrupted. */
  isWaiting(cpu: number): boolean {
    const { run, handler } = this.cpu(cpu)
    if (run?.kind === 'wait') return true
    for (let each = handler; each !== null; each = each.outer) if (each.interrupted?.kind === 'wait') return true
    return false
  }

  *openSpans(): Generator<number, void, void> {
    for (const { run, handler } of this.cpus) {
      if (run !== null) yield run.span
      for (let each = handler; each !== null; each = each.outer) {
        yield each.span
        if (each.interrupted !== null) yield each.interrupted.span
      }
    }
  }

  *openShades(): Generator<number, void, void> {
    for (const { if0, nmi, shadow } of this.cpus) {
      if (if0 >= 0) yield if0
      if (nmi >= 0) yield nmi
      if (shadow >= 0) yield shadow
    }
  }

  private cpu(cpu: number): CpuState {
    return this.cpus[cpu] as CpuState
  }

  private update(cpu: number, change: Partial<CpuState>): void {
    this.items.journal.set(this.cpus, cpu, { ...this.cpu(cpu), ...change })
  }
}

/** MOV to SS, and POP SS of 32-bit code (SDM 3A 6.8.3); LSS opens none. */
function loadsSs(mnemonic: string, bytes: Uint8Array): boolean {
  let at = 0
  while (PREFIXES.has(bytes[at] ?? 0)) at++
  if (mnemonic === 'pop') return bytes[at] === 0x17
  return mnemonic === 'mov' && bytes[at] === 0x8e && (((bytes[at + 1] ?? 0) >> 3) & 7) === 2
}

/** Operand and address size, segments, REX. */
const PREFIXES: ReadonlySet<number> = new Set([0x66, 0x67, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, ...Array.from({ length: 16 }, (_, i) => 0x40 + i)])
