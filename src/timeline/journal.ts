/**
 * Lists that remember how they came about, so that a trace can be cut back to any step: every push and every replacement is written down with
 * the step that caused it. Items are never changed in place; whoever holds one keeps what it was.
 */

/** What has become of a list since somebody looked. */
export interface Watch {
  /** Items before this index are there still, but for those in `changed`. */
  keep: number
  readonly changed: Set<number>
}

export class Journal {
  /** The step being told; never less than before, save by `rewind`. */
  step = 0
  private readonly steps: number[] = []
  private readonly lists: unknown[][] = []
  private readonly indices: number[] = []
  private readonly olds: unknown[] = []
  private readonly watches = new Map<unknown[], Watch>()

  /** Tells from now on what becomes of the list; who looks sets `keep` to the list's length and clears `changed`. */
  watch(list: unknown[]): Watch {
    const watch: Watch = { keep: 0, changed: new Set() }
    this.watches.set(list, watch)
    return watch
  }

  /** Appends, and returns the new item's index. */
  push<T>(list: T[], item: T): number {
    const index = list.length
    this.note(list, index, undefined)
    list.push(item)
    return index
  }

  set<T>(list: T[], index: number, item: T): void {
    this.note(list, index, list[index])
    list[index] = item
  }

  /** Undoes everything that step `to` and later ones did. */
  rewind(to: number): void {
    while (this.steps.length > 0 && (this.steps[this.steps.length - 1] as number) >= to) {
      this.steps.pop()
      const list = this.lists.pop() as unknown[]
      const index = this.indices.pop() as number
      const old = this.olds.pop()
      if (old === undefined) list.length = index
      else list[index] = old
      const watch = this.watches.get(list)
      if (watch === undefined) continue
      if (old !== undefined) watch.changed.add(index)
      else if (index < watch.keep) watch.keep = index
    }
    this.step = Math.min(this.step, to)
  }

  private note(list: unknown[], index: number, old: unknown): void {
    this.steps.push(this.step)
    this.lists.push(list)
    this.indices.push(index)
    this.olds.push(old)
    if (old === undefined) return
    const watch = this.watches.get(list)
    if (watch !== undefined && index < watch.keep) watch.changed.add(index)
  }
}
