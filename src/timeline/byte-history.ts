/**
 * Who wrote some bytes of memory, when that became visible, and who has executed or loaded them since. Goes through a trace once, and on with it as it
 * grows; what it tells is as of any moment.
 */
import type { Mark, TimelineData } from './model.ts'

/** A mark that touched the bytes, or a load (a step). */
export interface Touch {
  readonly step: number
  readonly cpu: number
  /** Index into data.marks; -1 for a load. */
  readonly mark: number
}

export class ByteHistory {
  readonly address: string
  readonly size: number
  /** Stores that became visible, executions, loads: each in the order of their steps. */
  readonly writes: Touch[] = []
  readonly fetches: Touch[] = []
  readonly loads: Touch[] = []
  /** Steps that executed the instruction which begins here, where nobody can change it. */
  readonly executions: Touch[] = []
  private readonly start: bigint
  private readonly at = { mark: 0, step: 0, place: 0 }
  /** Places that begin at most a line below. */
  private readonly near = new Map<number, bigint>()

  constructor(address: string, size: number) {
    this.address = address
    this.size = size
    this.start = BigInt(address)
  }

  /** Takes in the trace as it has become. It must be a continuation of what was told before. */
  goOn(data: TimelineData): this {
    const { at, near } = this
    const { marks, places = [], loaded, executed } = data
    for (; at.place < places.length; at.place++) {
      const start = BigInt((places[at.place] as NonNullable<TimelineData['places']>[number]).address)
      if (start < this.start + BigInt(this.size) && this.start < start + WIDEST) near.set(at.place, start)
    }
    for (; at.mark < marks.length; at.mark++) {
      const { place = -1, bytes = '', kind, step, cpu } = marks[at.mark] as Mark
      const list = LISTS[kind]
      if (list !== undefined && this.covers(place, bytes.length >> 1)) this[list].push({ step, cpu, mark: at.mark })
    }
    for (; at.step < data.steps; at.step++) {
      const own = executed?.[at.step] ?? -1
      if (own >= 0 && near.get(own) === this.start) this.executions.push({ step: at.step, cpu: data.movers[at.step] as number, mark: -1 })
      const place = loaded?.[at.step] ?? -1
      // How much was loaded is not told: what begins there counts.
      if (place >= 0 && this.covers(place, 1)) this.loads.push({ step: at.step, cpu: data.movers[at.step] as number, mark: -1 })
    }
    return this
  }

  private covers(place: number, size: number): boolean {
    const start = this.near.get(place)
    return start !== undefined && this.start < start + BigInt(size)
  }

  /** What a mark says of the first of the bytes: two digits, or null where it does not reach it. A load says nothing. */
  valueIn({ places = [], marks }: TimelineData, { mark }: Touch): string | null {
    if (mark < 0) return null
    const { place = -1, bytes = '' } = marks[mark] as Mark
    const start = places[place]?.address
    if (start === undefined) return null
    const at = Number(this.start - BigInt(start))
    return at < 0 || 2 * at >= bytes.length ? null : bytes.slice(2 * at, 2 * at + 2)
  }
}

/** No instruction and no store is longer. */
const WIDEST = 16n

const LISTS: Readonly<Partial<Record<Mark['kind'], 'writes' | 'fetches'>>> = {
  visible: 'writes',
  ack: 'writes',
  fetch: 'fetches',
  stale: 'fetches',
  torn: 'fetches',
  int3: 'fetches',
}

/** The last one before the cursor (which counts steps taken), or null. */
export function lastBefore(touches: readonly Touch[], cursor: number, holds: (touch: Touch) => boolean = () => true): Touch | null {
  return touches.findLast((touch) => touch.step < cursor && holds(touch)) ?? null
}

export function firstFrom(touches: readonly Touch[], cursor: number): Touch | null {
  return touches.find((touch) => touch.step >= cursor) ?? null
}
