import { expect, it } from 'vitest'
import type { Model } from './model.ts'
import { Owner } from './owner.ts'
import { randomModel } from './random-model.ts'
import { replay } from './reference-search.ts'
import { Search } from './search.ts'
import { type OwnerPort, searchShared } from './shared-search.ts'
import { RIVALS, storeBufferToy } from './store-buffer-toy.ts'
import { increments, missedPulse, peterson, philosophers } from './toys.ts'

const PLENTY = { maxStates: 1e6, maxBytes: 1e9 }

/** As if it lived in another thread. */
function port(owner: Owner): OwnerPort {
  return {
    round: async (...args) => owner.round(...args),
    judge: async (...args) => owner.judge(...args),
    origin: async (...args) => owner.origin(...args),
    choice: async (...args) => owner.choice(...args),
    summary: async () => owner.summary(),
  }
}

async function compare(model: Model, owners: number, name: string): Promise<void> {
  const search = new Search(model, PLENTY)
  while (search.run(1e6) === 'running');
  const alone = search.result()
  const ports = Array.from({ length: owners }, (_, i) => port(new Owner(model, owners, i, 1e9)))
  const shared = await searchShared(ports, { maxStates: 1e6, stuck: true, properties: model.properties })
  const where = `${name}, ${owners} owners`
  expect({ ...shared, peakBytes: 0, violations: [], outcomes: [] }, where).toEqual({
    ...{ kind: alone.kind, cut: alone.cut, states: alone.states, transitions: alone.transitions, depth: alone.depth },
    ...{ peakBytes: 0, violations: [], outcomes: [], doomed: alone.deadlock === 'found' },
  })
  const races = alone.violations.filter(({ trap }) => trap === null)
  expect(
    shared.violations.map(({ property, steps, switches }) => [property, steps, switches]),
    where,
  ).toEqual(races.map(({ property, steps, switches }) => [property, steps, switches]))
  for (const { property, steps, switches, schedule } of shared.violations) {
    const run = replay(model, schedule)
    expect([run.steps, run.switches, (run.mask & (1 << model.properties.indexOf(property))) !== 0], where).toEqual([steps, switches, true])
  }
  expect(
    shared.outcomes.map(({ key, states, schedule }) => [key, states, replay(model, schedule).steps]),
    where,
  ).toEqual(alone.outcomes.map(({ key, states, schedule }) => [key, states, replay(model, schedule).steps]))
}

it.each(Array.from({ length: 5 }, (_, i) => 100 * i))('several owners say what one search says of 100 random models from seed %i', async (first) => {
  for (let seed = first; seed < first + 100; seed++) {
    const model = randomModel(seed)
    if (model.checkWhole === undefined) await compare(model, 1 + (seed % 4), `seed ${seed}`)
  }
})

it.each([
  ['increments', increments(3)],
  ['philosophers', philosophers(4)],
  ['missed pulse', missedPulse()],
  ['peterson', peterson(false)],
  ['the store buffer toy', storeBufferToy(RIVALS.slice(0, 2))],
] as const)('several owners say what one search says of %s', async (name, model) => {
  if (model.checkWhole !== undefined) return
  await compare(model, 2, name)
  await compare(model, 3, name)
})

it('a limit of states ends it, and it says so', async () => {
  const model = storeBufferToy(RIVALS)
  const ports = [0, 1].map((i) => port(new Owner(model, 2, i, 1e9)))
  expect(await searchShared(ports, { maxStates: 5000, stuck: true, properties: [] })).toMatchObject({ kind: 'cut', cut: 'states' })
})
