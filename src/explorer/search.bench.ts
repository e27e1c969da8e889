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

interface Times {
  /** Seconds until all states were known, and then until they were judged. */
  readonly forward: number
  readonly stuck: number
}

function measure(model: Model): Times {
  const search = new Search(model, PLENTY)
  const begun = performance.now()
  let known = begun
  while (search.run(100_000) === 'running') if (search.progress().phase === 'forward') known = performance.now()
  return { forward: (known - begun) / 1000, stuck: (performance.now() - known) / 1000 }
}

/** The median of five: the machine may be shared. */
function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] as number
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
    const times = Array.from({ length: 5 }, () => measure(model))
    rows.push(
      {
        name,
        value: transitions / median(times.map(({ forward }) => forward)),
        unit: 'transitions/s',
        note: `${states} states, ${transitions} transitions`,
      },
      { name: `${name}: memory`, value: peakBytes / states, unit: 'bytes/state', note: 'at its peak, memo included' },
      { name: `${name}: stuck analysis`, value: median(times.map(({ forward, stuck }) => (100 * stuck) / forward)), unit: '% more time' },
    )
  }
  return rows
}
