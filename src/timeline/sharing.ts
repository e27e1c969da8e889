/** What CPUs do to each other: stores on their way to memory, fetches that miss them, IPIs and their acknowledgements. */
import { bytesToHex } from '../lib/bytes.ts'
import type { MachineEvent } from '../machine/events.ts'
import { type History, LOADED, STORED } from './history.ts'
import type { Items } from './items.ts'
import type { Arrow, Span } from './model.ts'
import { type Places, shortAddress, spaced, storedBytes } from './names.ts'

type Of<K extends MachineEvent['kind']> = Extract<MachineEvent, { kind: K }>

/** A store in a store buffer. */
interface Buffered {
  /** Bytes of it that are not visible yet. */
  readonly left: number
  readonly step: number
  /** Drawn: it changes code, or something with a name. */
  readonly named: boolean
  /** Issued by an IPI handler: the CPU that sent the IPI; else -1. */
  readonly sender: number
}

interface PendingIpi {
  readonly arrow: number
  readonly target: number
  readonly vector: number
  readonly nmi: boolean
}

/** A visible acknowledgement that the sender of the IPI has not looked at yet. */
interface PendingAck {
  readonly cpu: number
  readonly step: number
  readonly address: bigint
  readonly size: number
  readonly sender: number
}

interface HotStore {
  readonly cpu: number
  readonly step: number
  readonly address: bigint
  readonly bytes: Uint8Array
  readonly label: string
}

/** Stores are at most this long. */
const WIDEST = 8n

export class Sharing {
  private readonly items: Items
  private readonly history: History
  private readonly places: Places
  private readonly buffers: (readonly Buffered[])[] = []
  /** Lists of one element each, so that the journal can put back what they were. */
  private readonly ipis: (readonly PendingIpi[])[] = [[]]
  private readonly acks: (readonly PendingAck[])[] = [[]]
  /** Hot stores that became visible, in order, by the 64-byte line that they begin in. */
  private readonly hotStores = new Map<bigint, HotStore[]>()

  constructor(items: Items, history: History, places: Places) {
    this.items = items
    this.history = history
    this.places = places
  }

  add(cpu: number): void {
    while (this.buffers.length <= cpu) this.buffers.push([])
  }

  /** Bytes that a patcher can change were executed. */
  fetched(event: Of<'execute'>, meaning: Span['meaning'] | 'int3'): void {
    const { cpu, address, bytes, stale } = event
    const number = this.places.number(address)
    const { site, symbol } = this.places.at(number)
    const what = `${spaced(bytes)} at ${site ?? symbol ?? shortAddress(address)}`
    const hex = bytesToHex(bytes)
    if (meaning === 'torn') this.items.mark(cpu, 'torn', what, number, hex)
    else if (stale) this.items.mark(cpu, 'stale', what, number, hex)
    else if (meaning !== null && meaning !== 'int3') this.items.mark(cpu, 'fetch', what, number, hex)
    if (!stale) return
    for (const store of this.missed(address, bytes)) {
      const label = `missed ${store.label}`
      this.items.arrow({ kind: 'missed-store', fromCpu: store.cpu, fromStep: store.step, toCpu: cpu, toStep: this.items.step, label })
    }
  }

  /** The stores that these bytes do not show: the last one to each byte, where it differs. */
  private missed(address: bigint, bytes: Uint8Array): Set<HotStore> {
    const lines = new Set([address - WIDEST, address, address + BigInt(bytes.length)].map((at) => at >> 6n))
    const near = [...lines].flatMap((line) => this.hotStores.get(line) ?? []).sort((a, b) => a.step - b.step)
    const missed = new Set<HotStore>()
    for (let i = 0; i < bytes.length; i++) {
      const offset = (store: HotStore) => Number(address - store.address) + i
      const last = near.findLast((store) => offset(store) >= 0 && offset(store) < store.bytes.length)
      if (last !== undefined && last.bytes[offset(last)] !== bytes[i]) missed.add(last)
    }
    return missed
  }

  load({ cpu, address, size }: Of<'load'>): void {
    const { step } = this.items
    this.history.flags[step] = (this.history.flags[step] as number) | LOADED
    this.history.loaded[step] = this.places.number(address)
    const acks = this.acks[0] as readonly PendingAck[]
    if (acks.length === 0) return
    const seen = acks.filter((ack) => ack.sender === cpu && address < ack.address + BigInt(ack.size) && ack.address < address + BigInt(size))
    if (seen.length === 0) return
    for (const ack of seen) {
      this.items.arrow({ kind: 'ack', fromCpu: ack.cpu, fromStep: ack.step, toCpu: cpu, toStep: step, label: 'acknowledged' })
    }
    const unseen = acks.filter((ack) => !seen.includes(ack))
    this.items.journal.set(this.acks, 0, unseen)
  }

  /** `sender`: the CPU that sent the IPI whose handler stores this, or -1. */
  store(event: Of<'store'>, sender: number): void {
    const { cpu, address, size, hot, buffered } = event
    const { step } = this.items
    this.history.flags[step] = (this.history.flags[step] as number) | STORED
    // What goes straight to memory is private, or told by its 'visible'.
    if (!buffered) return
    const named = hot || this.places.of(address).symbol !== null
    if (named) this.items.mark(cpu, 'store', this.storeLabel(event), this.places.number(address), bytesToHex(storedBytes(event.value, size)))
    this.items.journal.set(this.buffers, cpu, [...this.buffer(cpu), { left: size, step, named, sender: hot ? -1 : sender }])
  }

  visible(event: Of<'visible'>, senderNow: number): void {
    const { cpu, address, size, hot } = event
    const { step } = this.items
    const [oldest, ...younger] = this.buffer(cpu)
    const sender = oldest?.sender ?? (hot ? -1 : senderNow)
    if (oldest !== undefined) {
      if (oldest.named && step > oldest.step) {
        this.items.arrow({ kind: 'visible', fromCpu: cpu, fromStep: oldest.step, toCpu: cpu, toStep: step, label: 'waited in the store buffer' })
      }
      const left = oldest.left - size
      this.items.journal.set(this.buffers, cpu, left > 0 ? [{ ...oldest, left }, ...younger] : younger)
    }
    if (!hot && this.places.of(address).symbol === null) return
    const label = this.storeLabel(event)
    const bytes = storedBytes(event.value, size)
    this.items.mark(cpu, sender < 0 ? 'visible' : 'ack', label, this.places.number(address), bytesToHex(bytes))
    if (sender >= 0) this.items.journal.set(this.acks, 0, [...(this.acks[0] as readonly PendingAck[]), { cpu, step, address, size, sender }])
    if (hot) this.remember({ cpu, step, address, bytes, label })
  }

  private remember(store: HotStore): void {
    const line = store.address >> 6n
    const list = this.hotStores.get(line) ?? []
    this.hotStores.set(line, list)
    this.items.journal.push(list, store)
  }

  private storeLabel({ address, size, value, hot }: Of<'store'> | Of<'visible'>): string {
    const { site, symbol } = this.places.of(address)
    const name = symbol ?? shortAddress(address)
    return hot ? `${spaced(storedBytes(value, size))} → ${site ?? name}` : `${name} = ${value < 10n ? value : `0x${value.toString(16)}`}`
  }

  send({ cpu, target, vector, nmi, collapsed }: Of<'ipi-sent'>): void {
    const label = nmi ? 'NMI' : `IPI 0x${vector.toString(16)}`
    this.items.mark(cpu, 'ipi-sent', `${label} to CPU ${target}${collapsed ? ', which has it pending already' : ''}`)
    const arrow = this.items.arrow({ kind: 'ipi', fromCpu: cpu, fromStep: this.items.step, toCpu: target, toStep: null, label })
    this.items.journal.set(this.ipis, 0, [...(this.ipis[0] as readonly PendingIpi[]), { arrow, target, vector, nmi }])
  }

  /** An event is delivered: if it is an IPI, all sends that merged into it have arrived. The last sender, or -1 where no CPU sent it. */
  taken({ cpu, vector, cause }: Of<'deliver'>): number {
    if (cause !== 'irq' && cause !== 'nmi') return -1
    const pending = this.ipis[0] as readonly PendingIpi[]
    const mine = pending.filter((ipi) => ipi.target === cpu && (cause === 'nmi' ? ipi.nmi : !ipi.nmi && ipi.vector === vector))
    if (mine.length === 0) return -1
    let sender = -1
    for (const { arrow } of mine) {
      const sent = this.items.arrows[arrow] as Arrow
      sender = sent.fromCpu
      this.items.journal.set(this.items.arrows, arrow, { ...sent, toStep: this.items.step })
    }
    const others = pending.filter((ipi) => !mine.includes(ipi))
    this.items.journal.set(this.ipis, 0, others)
    return sender
  }

  private buffer(cpu: number): readonly Buffered[] {
    return this.buffers[cpu] as readonly Buffered[]
  }
}
