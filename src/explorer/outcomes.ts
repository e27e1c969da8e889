/** Final states counted under the names that the model gives them, each with the first one found as its sample. */
import type { Space } from './space.ts'
import type { OutcomeRow } from './verdict.ts'

/** What a row takes beside its text: an entry of the map and a record. An estimate, since these are no typed arrays. */
const ROW_BYTES = 100

export class OutcomeTable {
  private readonly space: Space
  private readonly byKey = new Map<string, { states: number; readonly sample: number }>()

  constructor(space: Space) {
    this.space = space
  }

  /** Counts a final state, whose tuple is in `tuple`. They must come in the order of their distances: then the first is a nearest one. */
  add(state: number, tuple: Int32Array): void {
    const { model, memory } = this.space
    if (model.outcome === undefined) return
    const key = model.outcome(this.space.loadWhole(tuple))
    const row = this.byKey.get(key)
    if (row !== undefined) row.states++
    else {
      this.byKey.set(key, { states: 1, sample: state })
      const bytes = 2 * key.length + ROW_BYTES
      if (!memory.fits(bytes)) memory.relieve()
      memory.charge(bytes)
    }
  }

  rows(): OutcomeRow[] {
    return [...this.byKey]
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, { states, sample }]) => ({ key, states, schedule: this.space.scheduleTo(sample) }))
  }
}
