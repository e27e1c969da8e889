import { describe, expect, it } from 'vitest'
import type { Model } from './model.ts'
import { randomModel } from './random-model.ts'
import { ReferenceSearch, replay } from './reference-search.ts'
import { Search, type SearchOptions } from './search.ts'
import { increments, missedPulse, peterson, philosophers } from './toys.ts'
import type { Verdict } from './verdict.ts'

const PLENTY = { maxStates: 1e6, maxBytes: 1e9 }

function search(model: Model, options: Partial<SearchOptions> = {}): Verdict {
  const search = new Search(model, { ...PLENTY, ...options })
  while (search.run(1e6) === 'running');
  return search.result()
}

describe('the search', () => {
  it('finds the lost update, and counts the outcomes', () => {
    const verdict = search(increments())
    expect(verdict.kind).toBe('violated')
    expect(verdict.complete).toBe(true)
    expect(verdict.violations).toMatchObject([{ property: 'no-lost-update', steps: 4, switches: 2, fewestSteps: true, fewestSwitches: true }])
    expect(verdict.violations[0]?.schedule).toEqual([
      [0, 0],
      [1, 0],
      [1, 0],
      [0, 0],
    ])
    expect(verdict.outcomes).toEqual([
      {
        key: 'counter=2',
        states: 1,
        schedule: [
          [0, 0],
          [0, 0],
          [1, 0],
          [1, 0],
        ],
      },
    ])
  })

  it('finds that store buffers break the lock of Peterson, and that a fence mends it', () => {
    const without = search(peterson(false))
    expect(without.violations).toMatchObject([{ property: 'mutual-exclusion', switches: 1 }])
    const fenced = search(peterson(true))
    expect(fenced).toMatchObject({ kind: 'exhausted', complete: true, deadlock: 'none', cut: null, violations: [] })
  })
})

describe('against the reference search', () => {
  it.each(Array.from({ length: 40 }, (_, i) => 50 * i))('agrees on 50 random models from seed %i', (first) => {
    for (let seed = first; seed < first + 50; seed++) compare(randomModel(seed), `seed ${seed}`)
  })

  it.each([
    ['increments', increments(3)],
    ['philosophers', philosophers(4)],
    ['missed pulse', missedPulse()],
    ['peterson', peterson(false)],
    ['peterson fenced', peterson(true)],
  ])('agrees on %s', (name, model) => compare(model, name))
})

function compare(model: Model, name: string): void {
  const reference = new ReferenceSearch(model)
  const verdict = search(model)
  const expected = reference.violations()
  const traps = reference.traps()
  const nearest = [...traps.values()].sort((a, b) => a.steps - b.steps || a.switches - b.switches)[0]
  if (nearest !== undefined) expected.set('no-deadlock', nearest)
  const found = new Map(verdict.violations.map(({ property, steps, switches }) => [property, { steps, switches }]))
  expect(found, name).toEqual(expected)
  expect([verdict.states, verdict.transitions, verdict.depth], name).toEqual([reference.nodes.size, reference.transitions, reference.depth()])
  expect(verdict, name).toMatchObject({ complete: true, cut: null, kind: expected.size > 0 ? 'violated' : 'exhausted' })
  expect(verdict.deadlock, name).toBe(nearest === undefined ? 'none' : 'found')
  const outcomes = verdict.outcomes.map(({ key, states, schedule }) => [key, { states, steps: replay(model, schedule).steps }] as const)
  expect(new Map(outcomes), name).toEqual(reference.outcomes())

  for (const { property, steps, switches, schedule, fewestSteps, fewestSwitches, trap } of verdict.violations) {
    const run = replay(model, schedule)
    const end = run.keys[run.keys.length - 1] as string
    expect(run, name).toMatchObject({ steps, switches })
    expect([fewestSteps, fewestSwitches], name).toEqual([true, true])
    if (trap === null) {
      expect(run.mask & (1 << model.properties.indexOf(property)), name).not.toBe(0)
      continue
    }
    expect(traps.has(end), name).toBe(true)
    expect(trap.kind, name).toBe(reference.nodes.get(end)?.edges.length === 0 ? 'deadlock' : 'livelock')
    const doomed = reference.doomed()
    expect(trap.sealedAfter, name).toBe(run.costs[run.keys.findIndex((key) => doomed.has(key))])
    if (trap.kind === 'deadlock') continue
    const round = replay(model, trap.cycle, run.state)
    expect(round.keys[round.keys.length - 1], name).toBe(end)
    expect(round.steps, name).toBe(reference.cycleLength(end))
  }
}
