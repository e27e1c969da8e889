/**
 * Lists for looking things up that grow at their end, as traces do: columns with room to grow, seen through views of their present length. An earlier view
 * stays what it was while the list grows; only the end of what had not ended moves on.
 */
import { lowerBound, Pyramid } from './pyramid.ts'

/** Stretches that do not overlap, in ascending order. `item`: index into the data's list. */
export interface Stretches {
  readonly start: Int32Array
  readonly end: Int32Array
  readonly item: Int32Array
  readonly ranks: Pyramid
}

/** Points in ascending order. */
export interface Points {
  readonly step: Int32Array
  readonly item: Int32Array
  readonly ranks: Pyramid
}

export class Growing {
  private start = new Int32Array(16)
  private end = new Int32Array(16)
  private item = new Int32Array(16)
  private readonly ranks = new Pyramid()

  push(start: number, end: number, item: number, rank: number): void {
    const { length } = this.ranks
    if (length === this.start.length) {
      this.start = doubled(this.start)
      this.end = doubled(this.end)
      this.item = doubled(this.item)
    }
    this.start[length] = start
    this.end[length] = end
    this.item[length] = item
    this.ranks.push(rank)
  }

  /** The last item has another end now; false where `item` is not the last. */
  prolong(item: number, start: number, end: number): boolean {
    const last = this.ranks.length - 1
    if (last < 0 || this.item[last] !== item || this.start[last] !== start) return false
    this.end[last] = end
    return true
  }

  stretches(): Stretches {
    const { length } = this.ranks
    return { start: this.start.subarray(0, length), end: this.end.subarray(0, length), item: this.item.subarray(0, length), ranks: this.ranks }
  }

  points(): Points {
    const { length } = this.ranks
    return { step: this.start.subarray(0, length), item: this.item.subarray(0, length), ranks: this.ranks }
  }
}

/** The end of an arrow that is still on its way. */
export const UNDERWAY = 2 ** 31 - 1

/** Arrows of one kind, in the order of their earlier step; one that is told late (a store that is missed long after) finds its place near the end. */
export class GrowingArrows {
  private start = new Int32Array(16)
  private end = new Int32Array(16)
  private item = new Int32Array(16)
  private reach = new Int32Array(16)
  length = 0

  insert(start: number, end: number, item: number): void {
    if (this.length === this.start.length) {
      this.start = doubled(this.start)
      this.end = doubled(this.end)
      this.item = doubled(this.item)
      this.reach = doubled(this.reach)
    }
    let at = this.length++
    while (at > 0 && (this.start[at - 1] as number) > start) at--
    for (const list of [this.start, this.end, this.item]) list.copyWithin(at + 1, at, this.length - 1)
    this.start[at] = start
    this.end[at] = end
    this.item[at] = item
    this.measure(at)
  }

  /** The arrow has arrived; false where it is not among these. */
  arrive(start: number, item: number, end: number): boolean {
    for (let at = lowerBound(this.start.subarray(0, this.length), start); at < this.length && this.start[at] === start; at++) {
      if (this.item[at] !== item) continue
      this.end[at] = end
      this.measure(at)
      return true
    }
    return false
  }

  view(): { start: Int32Array; end: Int32Array; item: Int32Array; reach: Int32Array } {
    const { length } = this
    return {
      start: this.start.subarray(0, length),
      end: this.end.subarray(0, length),
      item: this.item.subarray(0, length),
      reach: this.reach.subarray(0, length),
    }
  }

  /** The latest end among each and all before it, from `at` on. */
  private measure(at: number): void {
    let latest = at === 0 ? 0 : (this.reach[at - 1] as number)
    for (let i = at; i < this.length; i++) {
      latest = Math.max(latest, this.end[i] as number)
      this.reach[i] = latest
    }
  }
}

function doubled(list: Int32Array): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(2 * list.length)
  wider.set(list)
  return wider
}
