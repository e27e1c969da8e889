/**
 * What is known of the words of one CPU's stacks, by address. Words need not lie on one grid: a stack pointer may have any value, and the CPU aligns the frame
 * that it pushes. Where something is written across known words, what is left of them stays known.
 */
export interface StackEntry {
  readonly label: string
  readonly kind: 'hardware' | 'software' | 'gap' | 'return' | 'plain'
  /** Index of the frame it belongs to, outermost 0; -1 outside handlers. */
  readonly frame: number
  /** Bytes: a word, or what alignment or a write across words has left of one. */
  readonly size: number
  /** The function that put it there; null for the CPU itself, and where there is no function. */
  readonly by: string | null
  /** Its content has been copied or popped: whoever overwrites it harms nobody. */
  readonly spent: boolean
  /** It was written again, other than by the code that had put it there: by whom, in words. */
  readonly altered: string | null
  /** Altered where nobody should have: a word of the interrupted code, or one that now holds something of another kind. */
  readonly overwritten: boolean
  /** What lay here and was still needed when an inner handler's words came to lie on top of it. */
  readonly under: StackEntry | null
}

type Known = readonly [address: bigint, entry: StackEntry]

export class StackWords {
  private readonly at: Map<bigint, StackEntry>
  private readonly word: number
  /** Everything known lies on the grid of aligned words, so that one look finds what overlaps. */
  private aligned: boolean

  constructor(word: number, at: ReadonlyMap<bigint, StackEntry> = new Map(), aligned = true) {
    this.word = word
    this.at = new Map(at)
    this.aligned = aligned
  }

  clone(): StackWords {
    return new StackWords(this.word, this.at, this.aligned)
  }

  get(address: bigint): StackEntry | null {
    return this.at.get(address) ?? null
  }

  /** Replaces what is known at this address. */
  set(address: bigint, entry: StackEntry): void {
    if (entry.size !== this.word || address % BigInt(this.word) !== 0n) this.aligned = false
    this.at.set(address, entry)
  }

  delete(address: bigint): void {
    this.at.delete(address)
  }

  all(): IterableIterator<Known> {
    return this.at.entries()
  }

  /** Entries with an address from `low` on, below `high`, ascending. */
  between(low: bigint, high: bigint): Known[] {
    return [...this.at].filter(([address]) => address >= low && address < high).sort(([a], [b]) => (a < b ? -1 : 1))
  }

  /** Entries that share a byte with the range. */
  overlapping(address: bigint, size: number): Known[] {
    const found: Known[] = []
    const look = (start: bigint) => {
      const entry = this.at.get(start)
      if (entry !== undefined && start + BigInt(entry.size) > address) found.push([start, entry])
    }
    if (this.aligned) {
      const word = BigInt(this.word)
      for (let start = address - (address % word); start < address + BigInt(size); start += word) look(start)
    } else for (let start = address - BigInt(this.word) + 1n; start < address + BigInt(size); start++) look(start)
    return found
  }

  /** Puts an entry down, and cuts away what it covers of others. */
  put(address: bigint, entry: StackEntry): void {
    const end = address + BigInt(entry.size)
    for (const [start, other] of this.overlapping(address, entry.size)) {
      const otherEnd = start + BigInt(other.size)
      if (start === address && otherEnd === end) continue
      this.at.delete(start)
      if (start < address) this.set(start, { ...other, size: Number(address - start) })
      if (otherEnd > end) this.set(end, { ...other, size: Number(otherEnd - end) })
    }
    this.set(address, entry)
  }
}
