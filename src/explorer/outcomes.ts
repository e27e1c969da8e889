/** Final states counted under the names that the model gives them, each with the first one found as its sample. */
import { scheduleTo } from './schedules.ts'
import type { Space } from './space.ts'
import type { OutcomeRow } from './verdict.ts'

/** What a row takes beside its text: an entry of the map and a record. An estimate, since these are no typed arrays. */
const ROW_BYTES = 100

export class OutcomeTable {
  private readonly space: Space
  private readonly byKey = new Map<string, { states: number; readonly sample: number; readonly element: number }>()

  constructor(space: Space) {
    this.space = space
  }

  dispose(): void {
    for (const key of this.byKey.keys()) this.space.memory.charge(-bytesOf(key))
  }

  /** Counts a final state, whose tuple is in `tuple`. They must come in the order of their distances: then the first is a nearest one. */
  add(state: number, tuple: Int32Array): void {
    const { model, symmetry } = this.space
    if (model.outcome === undefined) return
    if (symmetry === null) this.count(model.outcome(this.space.loadWhole(tuple)), state, 0)
    else {
      // Its images may have other names.
      const image = new Int32Array(tuple.length)
      for (const element of symmetry.members(tuple)) {
        symmetry.apply(element, tuple, image)
        this.count(model.outcome(this.space.loadWhole(image)), state, element)
      }
    }
  }

  private count(key: string, sample: number, element: number): void {
    const { memory } = this.space
    const row = this.byKey.get(key)
    if (row !== undefined) row.states++
    else {
      this.byKey.set(key, { states: 1, sample, element })
      const bytes = bytesOf(key)
      if (!memory.fits(bytes)) memory.relieve()
      memory.charge(bytes)
    }
  }

  rows(): OutcomeRow[] {
    return [...this.byKey]
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, { states, sample, element }]) => ({ key, states, schedule: scheduleTo(this.space, sample, element) }))
  }
}

function bytesOf(key: string): number {
  return 2 * key.length + ROW_BYTES
}
