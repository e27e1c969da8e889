/**
 * What each word of a stack is, learnt from who wrote it: the CPU's own frame, a register that the entry code pushed, a copy of a known word (where a push copied
 * it, the original is then the gap), a return address. No layout is typed in here, so a handler that builds a wrong frame shows a wrong frame, and one that
 * moves a frame shows it moved.
 */
import { joinHalves } from '../lib/u64.ts'
import type { MachineEvent } from '../machine/events.ts'
import type { Instance } from './build.ts'
import { frameNames, pushedName } from './pushed.ts'
import type { Taken } from './run.ts'
import { type StackEntry, StackWords } from './stack-words.ts'

type Event<K extends MachineEvent['kind']> = Extract<MachineEvent, { kind: K }>

export interface OpenFrame {
  readonly vector: number
  readonly label: string
  /** Lowest address of the frame that the CPU pushed. */
  readonly frame: bigint
  readonly interruptedSp: bigint
}

interface CpuLog {
  readonly words: StackWords
  readonly frames: OpenFrame[]
  /** The known word that was loaded last, and what it held: who stores the same has copied it. */
  loaded: { readonly address: bigint; readonly size: number; readonly value: bigint } | null
  /** The instruction that executes. */
  at: bigint
}

export class StackLog {
  /** How often a word was overwritten where nobody should have. */
  accidents = 0
  private cpus: CpuLog[]
  private readonly instance: Instance
  private readonly bits: 32 | 64
  private readonly word: number
  private readonly funcs = new Map<bigint, string | null>()

  constructor(instance: Instance) {
    this.instance = instance
    this.bits = instance.scenario.file.bits
    this.word = this.bits / 8
    this.cpus = instance.cpus.map(() => ({ words: new StackWords(this.word), frames: [], loaded: null, at: 0n }))
  }

  entry(cpu: number, address: bigint): StackEntry | null {
    return this.cpus[cpu]?.words.get(address) ?? null
  }

  /** What is known from `low` on, below `high`, ascending. */
  between(cpu: number, low: bigint, high: bigint): (readonly [address: bigint, entry: StackEntry])[] {
    return this.cpus[cpu]?.words.between(low, high) ?? []
  }

  /** Handlers that the CPU is in, outermost first. */
  frames(cpu: number): readonly OpenFrame[] {
    return this.cpus[cpu]?.frames ?? []
  }

  /** For going back: what is known now, to be given to `restore` later. */
  save(): unknown {
    return this.cpus.map(copyOf)
  }

  restore(saved: unknown): void {
    this.cpus = (saved as CpuLog[]).map(copyOf)
  }

  append(taken: Pick<Taken, 'events'>): void {
    const delivered = taken.events.some((event) => event.kind === 'deliver')
    let executed: Event<'execute'> | null = null
    let loaded: Event<'load'> | null = null
    for (const event of taken.events) {
      if (event.kind === 'execute') {
        executed = event
        const log = this.cpus[event.cpu] as CpuLog
        log.at = event.address
      } else if (event.kind === 'load') {
        loaded ??= event
        this.noticed(event, executed)
      } else if (event.kind === 'store' && !delivered) this.stored(event, executed, loaded)
      else if (event.kind === 'deliver') this.delivered(event)
      else if (event.kind === 'iret') this.returned(event)
    }
  }

  private noticed({ cpu, address, size, value }: Event<'load'>, executed: Event<'execute'> | null): void {
    const log = this.cpus[cpu] as CpuLog
    const entry = log.words.get(address)
    log.loaded = entry === null ? null : { address, size, value }
    if (entry === null) return
    if (executed?.mnemonic.startsWith('pop') === true && !entry.spent) log.words.set(address, { ...entry, spent: true })
  }

  private delivered(event: Event<'deliver'>): void {
    const log = this.cpus[event.cpu] as CpuLog
    const label = this.instance.gateNames.get(event.vector) ?? (event.cause === 'nmi' ? 'NMI' : `vector ${event.vector}`)
    log.frames.push({
      vector: event.vector,
      label: event.cause === 'irq' ? `${label} 0x${event.vector.toString(16)}` : label,
      frame: event.frame,
      interruptedSp: event.interruptedSp,
    })
    log.loaded = null
    // Values were stored before the event was told; they are read from memory when shown.
    for (const [i, name] of frameNames(this.bits, event.frameBytes / this.word).entries())
      this.cover(log, event.frame + BigInt(i * this.word), this.made(log, name, 'hardware', null))
    // Up to 15 bytes of padding, on the stack that was interrupted.
    let address = event.frame + BigInt(event.frameBytes)
    if (address >= event.interruptedSp || event.interruptedSp - address > 15n) return
    for (let size = 0; address < event.interruptedSp; address += BigInt(size)) {
      size = Math.min(this.word, Number(event.interruptedSp - address))
      this.cover(log, address, { ...this.made(log, 'alignment', 'gap', null), size })
    }
  }

  /** Closes the handler that this IRET leaves, if it leaves one: what belongs to it and lies below the stack pointer is gone. */
  private returned({ cpu, frame, sp }: Event<'iret'>): void {
    const log = this.cpus[cpu] as CpuLog
    const { frames, words } = log
    const here = this.stackAround(frame)
    const from = words.get(frame)
    if (from?.kind === 'hardware' && this.isIp(from.label) && from.frame === frames.length - 1) frames.pop()
    else for (let open = frames.at(-1); open !== undefined && here(open.frame) && here(sp) && open.frame < sp; open = frames.at(-1)) frames.pop()
    log.loaded = null
    const innermost = frames.length - 1
    for (const [address, entry] of [...words.all()]) {
      if (entry.frame <= innermost || !here(address)) continue
      if (entry.under !== null) words.set(address, entry.under)
      else if (here(sp) && address >= sp) words.set(address, { ...entry, frame: innermost })
      else words.delete(address)
    }
  }

  private stored(event: Event<'store'>, executed: Event<'execute'> | null, loaded: Event<'load'> | null): void {
    const log = this.cpus[event.cpu] as CpuLog
    const mnemonic = executed?.mnemonic ?? ''
    if (mnemonic === 'call') this.cover(log, event.address, this.made(log, 'return address', 'return', this.funcOf(log)))
    else if (mnemonic.startsWith('push') && executed !== null) this.cover(log, event.address, this.pushed(log, event, executed, loaded))
    else this.written(log, event, loaded)
    log.loaded = null
  }

  private pushed(log: CpuLog, { value }: Event<'store'>, { mnemonic, bytes }: Event<'execute'>, loaded: Event<'load'> | null): StackEntry {
    const source = loaded === null ? null : log.words.get(loaded.address)
    if (loaded !== null && source !== null && source.kind !== 'plain' && source.kind !== 'gap') {
      if (source.frame !== log.frames.length - 1) return this.made(log, `copy of ${source.label}`, 'software', this.funcOf(log))
      log.words.set(loaded.address, { ...source, label: 'gap', kind: 'gap', spent: true, altered: null, overwritten: false })
      return { ...this.made(log, source.label, source.kind, this.funcOf(log)), altered: source.altered, overwritten: source.overwritten }
    }
    const { bits } = this
    const label = mnemonic.startsWith('pushf')
      ? 'flags'
      : (pushedName(bytes, bits) ??
        (loaded !== null ? 'copy' : value === (1n << BigInt(bits)) - 1n ? `orig_${bits === 64 ? 'rax' : 'ax'} = −1` : 'pushed'))
    return this.made(log, label, log.frames.length > 0 ? 'software' : 'plain', this.funcOf(log))
  }

  /** A plain store: a copy, an emulated push, a changed word of pt_regs; or an accident. */
  private written(log: CpuLog, event: Event<'store'>, loaded: Event<'load'> | null): void {
    const { address, size, value } = event
    if (loaded?.address === address && loaded.value === value) return
    const found = log.words.overlapping(address, size)
    if (found.length === 0 && log.loaded === null) return
    const isWord = size === this.word
    const harmed = found.filter(([, entry]) => !entry.spent && entry.kind !== 'gap' && entry.kind !== 'plain')
    const built = harmed.every(([, entry]) => entry.by !== null && entry.by === this.funcOf(log))
    const source = this.sourceOf(log, event, loaded)
    if (isWord && source !== null && (harmed.length === 0 || built)) {
      const entry = log.words.get(source.address) as StackEntry
      log.words.set(source.address, { ...entry, spent: true })
      // A copy of the lower part leaves out what may have been changed above; what was overwritten stays so.
      const altered = source.size < size && !entry.overwritten ? null : entry.altered
      log.words.put(address, { ...entry, spent: false, under: null, altered })
    } else if (harmed.length > 0) {
      if (!built) for (const [start, entry] of harmed) log.words.set(start, this.alteredBy(log, entry, isWord && start === address, value))
    } else if (isWord && found.length > 0) {
      const isCode = this.instance.program.line(value) !== null
      log.words.put(
        address,
        isCode
          ? this.made(log, 'return address, emulated push', 'return', this.funcOf(log))
          : { ...this.made(log, '', 'plain', this.funcOf(log)), altered: `written by ${this.funcOf(log) ?? 'nobody known'}` },
      )
    }
  }

  /** The known word that this store is a copy of, loaded by the same instruction or by one before; narrower loads take the lower part of a word. */
  private sourceOf(log: CpuLog, { address, value }: Event<'store'>, loaded: Event<'load'> | null): CpuLog['loaded'] {
    const from = loaded ?? log.loaded
    if (from === null || from.address === address || from.value !== value) return null
    const entry = log.words.get(from.address)
    const isKnown = entry !== null && entry.kind !== 'plain' && entry.kind !== 'gap'
    return isKnown && this.stackAround(from.address)(address) ? from : null
  }

  private alteredBy(log: CpuLog, entry: StackEntry, whole: boolean, value: bigint): StackEntry {
    const who = this.funcOf(log) ?? 'somebody'
    const isCode = this.instance.program.line(value) !== null
    const holdsCode = this.isIp(entry.label) || entry.label.includes('return address')
    const odd = !whole || entry.frame < log.frames.length - 1 || (isCode && !holdsCode)
    if (odd) this.accidents++
    const how = !odd ? 'changed' : !whole ? 'overwritten in part' : 'overwritten'
    return { ...entry, altered: `${how} by ${who}`, overwritten: entry.overwritten || odd }
  }

  private made(log: CpuLog, label: string, kind: StackEntry['kind'], by: string | null): StackEntry {
    const frame = log.frames.length - 1
    return { label, kind, frame, size: this.word, by, spent: false, altered: null, overwritten: false, under: null }
  }

  /** Puts a word down. Words of an outer handler that are still needed are remembered under it: when this one is gone, they will be found overwritten. */
  private cover(log: CpuLog, address: bigint, entry: StackEntry): void {
    const before = log.words.get(address)
    const live = before?.under ?? before
    const buries =
      live !== null && live !== undefined && live.frame < entry.frame && !live.spent && (live.kind === 'hardware' || live.kind === 'software')
    if (!buries || live.frame < 0) {
      log.words.put(address, entry)
      return
    }
    this.accidents++
    const who = (log.frames[entry.frame] as OpenFrame).label
    const under: StackEntry = { ...live, altered: `overwritten by ${who}`, overwritten: true, under: null }
    log.words.put(address, { ...entry, under })
  }

  /** The function that executes. */
  private funcOf({ at }: CpuLog): string | null {
    let func = this.funcs.get(at)
    if (func === undefined) this.funcs.set(at, (func = this.instance.program.func(at)))
    return func
  }

  private isIp(label: string): boolean {
    return label === (this.bits === 64 ? 'rip' : 'eip')
  }

  /** Does an address lie in the same section, or at its end? */
  private stackAround(address: bigint): (other: bigint) => boolean {
    const section = this.instance.program.assembly.sections.find(
      (each) => address >= each.address && address < each.address + BigInt(each.bytes.length),
    )
    if (section === undefined) return (other) => other === address
    const end = section.address + BigInt(section.bytes.length)
    return (other) => other >= section.address && other <= end
  }
}

function copyOf({ words, frames, loaded, at }: CpuLog): CpuLog {
  return { words: words.clone(), frames: [...frames], loaded, at }
}

export function stackPointer(m: { readonly w: Int32Array; readonly c: number }): bigint {
  return joinHalves(m.w[m.c + 8] as number, m.w[m.c + 9] as number)
}
