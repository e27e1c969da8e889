/**
 * What each CPU executed when it last went through a call site: the very bytes that it had fetched, which memory may no longer hold. Learnt from what happened, so
 * that a reader sees beside “what may be fetched now” what was. No part of the state.
 */
import type { MachineEvent } from '../machine/events.ts'
import { indexOf, type Site, type SiteIndex } from './sites.ts'

export interface Pass {
  /** Steps taken when it was over, counted from 1. */
  readonly step: number
  /** Where in the site the bytes begin: 0 but for who jumped into it. */
  readonly offset: number
  readonly bytes: Uint8Array
  /** Memory held something else then. */
  readonly stale: boolean
}

/** The newest of so many sites are remembered for each CPU: no more are ever shown. */
const REMEMBERED = 64

type Passes = Map<Site, Pass>

export class PassLog {
  private step = 0
  private cpus: Passes[]
  private readonly index: SiteIndex

  constructor(sites: readonly Site[], cpus: number) {
    this.index = indexOf(sites)
    this.cpus = Array.from({ length: cpus }, () => new Map())
  }

  /** What the CPU executed at the site last, or null. */
  last(cpu: number, site: Site): Pass | null {
    return this.cpus[cpu]?.get(site) ?? null
  }

  /** The events of one step. */
  append(events: readonly MachineEvent[]): void {
    this.step++
    for (const event of events) if (event.kind === 'execute' && event.hot) this.executed(event)
  }

  /** What is known now, to be given to `restore` later. */
  save(): unknown {
    return { step: this.step, cpus: this.cpus.map((passes) => new Map(passes)) }
  }

  restore(saved: unknown): void {
    const { step, cpus } = saved as { step: number; cpus: Passes[] }
    this.step = step
    this.cpus = cpus.map((passes) => new Map(passes))
  }

  private executed({ cpu, address, bytes, stale }: Extract<MachineEvent, { kind: 'execute' }>): void {
    const site = this.index.at(address)
    const passes = this.cpus[cpu]
    if (site === null || passes === undefined) return
    const offset = Number(address - site.address)
    const before = passes.get(site)
    passes.delete(site)
    // A slot can hold several instructions: one that begins where the last one ended belongs to the same pass.
    const goesOn = before !== undefined && offset > 0 && before.offset + before.bytes.length === offset
    passes.set(
      site,
      goesOn
        ? { step: this.step, offset: before.offset, bytes: joined(before.bytes, bytes), stale: before.stale || stale }
        : { step: this.step, offset, bytes: bytes.slice(), stale },
    )
    if (passes.size > REMEMBERED) passes.delete(passes.keys().next().value as Site)
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length)
  all.set(a)
  all.set(b, a.length)
  return all
}
