/**
 * How fast the explorer is on toy models: where nearly every outcome is remembered (what a real scenario tends to, since agents meet the
 * same components again and again), and where none ever is. The model's own work is part of the second figure.
 */
import type { Model } from './model.ts'
import { Search } from './search.ts'
import { forgetfulToy, RIVALS, storeBufferToy } from './store-buffer-toy.ts'

interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly note?: string
}

const PLENTY = { maxStates: 2 ** 30, maxBytes: 2 ** 32 }

/** The median of three: the machine may be shared. */
function median(measure: () => number): number {
  return [measure(), measure(), measure()].sort((a, b) => a - b)[1] as number
}

function seconds(model: Model, stuck: boolean): number {
  const search = new Search(model, { ...PLENTY, stuck })
  const begun = performance.now()
  while (search.run(100_000) === 'running');
  return (performance.now() - begun) / 1000
}

export function bench(): Row[] {
  const rows: Row[] = []
  for (const [name, model] of [
    ['outcomes remembered, 38 words a state', storeBufferToy(RIVALS)],
    ['outcomes remembered, 246 words a state', storeBufferToy(RIVALS, 52)],
    ['nothing remembered, 250 words a state', forgetfulToy(18, 120, 130)],
  ] as const) {
    const search = new Search(model, { ...PLENTY, stuck: false })
    while (search.run(1e6) === 'running');
    const { states, transitions, peakBytes } = search.result()
    const time = median(() => seconds(model, false))
    const withStuck = median(() => seconds(model, true))
    rows.push(
      { name, value: transitions / time, unit: 'transitions/s', note: `${states} states, ${transitions} transitions` },
      { name: `${name}: memory`, value: peakBytes / states, unit: 'bytes/state', note: 'at its peak, memo included' },
      { name: `${name}: stuck analysis`, value: (100 * (withStuck - time)) / time, unit: '% of the search' },
    )
  }
  return rows
}
