import { expect, it, test } from 'vitest'
import { CompactSearch } from './compact.ts'
import type { Model } from './model.ts'
import { randomModel } from './random-model.ts'
import { replay } from './reference-search.ts'
import { Search } from './search.ts'
import { estimate, leastOf } from './sketch.ts'
import { RIVALS, storeBufferToy } from './store-buffer-toy.ts'
import { increments, missedPulse, philosophers } from './toys.ts'

const PLENTY = { maxStates: 1e6, maxBytes: 1e9 }

function exact(model: Model) {
  const search = new Search(model, { ...PLENTY, stuck: false })
  while (search.run(1e6) === 'running');
  return search.result()
}

function compact(model: Model, options: Partial<ConstructorParameters<typeof CompactSearch>[1]> = {}) {
  const search = new CompactSearch(model, { ...PLENTY, ...options })
  while (search.run(100));
  return search.result()
}

const told = ({ kind, states, violations, outcomes, transitions }: ReturnType<typeof exact> | ReturnType<typeof compact>) => ({
  ...{ kind, states, transitions },
  violations: violations.map(({ property, steps }) => [property, steps]),
  outcomes: outcomes.map(({ key, states }) => [key, states]),
})

it.each(Array.from({ length: 5 }, (_, i) => 100 * i))('says what the exact search says of 100 random models from seed %i', (first) => {
  for (let seed = first; seed < first + 100; seed++) {
    const model = randomModel(seed)
    const verdict = compact(model)
    expect(told(verdict), `seed ${seed}`).toEqual(told(exact(model)))
    for (const { schedule, steps, property } of verdict.violations) {
      const run = replay(model, schedule)
      expect([run.steps, (run.mask & (1 << model.properties.indexOf(property))) !== 0], `seed ${seed}`).toEqual([steps, true])
    }
  }
})

test('a seeded search sees the same states as the exact one where no bound stops it', () => {
  for (const model of [increments(3), missedPulse(), philosophers(4)]) {
    const all = exact(model)
    const { states, outcomes } = compact(model, { seed: 7 })
    expect([states, outcomes.map(({ key }) => key)]).toEqual([all.states, all.outcomes.map(({ key }) => key)])
  }
})

test('a deadlock is found, and its schedule leads there', () => {
  const [deadlock] = compact(philosophers(3), { stuck: true }).violations
  expect(deadlock?.property).toBe('no-deadlock')
  expect(replay(philosophers(3), deadlock?.schedule ?? []).steps).toBe(deadlock?.steps)
})

test('bounds are said, and the probability of an omission is never nothing', () => {
  const model = storeBufferToy(RIVALS)
  const verdict = compact(model, { maxStates: 5000 })
  expect(verdict).toMatchObject({ kind: 'cut', cut: 'states', states: 5000 })
  expect(verdict.omission).toBeGreaterThan(0)
  expect(verdict.omission).toBeLessThan(1e-9)
  expect(compact(model, { maxBytes: 200_000 }).cut).toBe('memory')
})

test('sketches of bounded runs tell how many states they have seen together, within some percent', () => {
  const model = storeBufferToy(RIVALS)
  const runs = [1, 2, 3].map((seed) => compact(model, { seed, maxStates: 20_000 }))
  const single = estimate(runs[0]?.sketch ?? [])
  expect(Math.abs(single - 20_000)).toBeLessThan(2500)
  const together = estimate(leastOf(runs.map(({ sketch }) => sketch)))
  expect(together).toBeGreaterThan(single)
  expect(together).toBeLessThan(66_000)
  expect(estimate(leastOf([runs[0]?.sketch ?? [], runs[0]?.sketch ?? []]))).toBe(single)
})
