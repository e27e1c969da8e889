/**
 * Lists for looking things up that grow at their end, as traces do: columns with room to grow, seen through views of their present length. An earlier view
 * stays what it was while the list grows; only the end of what had not ended moves on.
 */
import { Pyramid } from './pyramid.ts'

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

function doubled(list: Int32Array): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(2 * list.length)
  wider.set(list)
  return wider
}
