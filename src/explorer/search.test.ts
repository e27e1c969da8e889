import { describe, expect, it } from 'vitest'
import type { Model } from './model.ts'
import { randomModel } from './random-model.ts'
import { Search, type SearchOptions } from './search.ts'
import { forgetfulToy, RIVALS, storeBufferToy } from './store-buffer-toy.ts'
import { increments, missedPulse, peterson, philosophers, toy } from './toys.ts'
import type { Verdict } from './verdict.ts'

const PLENTY = { maxStates: 1e7, maxBytes: 1e9 }

function searchAll(model: Model, options: Partial<SearchOptions> = {}): Verdict {
  const search = new Search(model, { ...PLENTY, ...options })
  while (search.run(1e6) === 'running');
  return search.result()
}

/** What must not depend on slices, bounds and memory. */
function essence({ bytes: _, peakBytes: __, ...verdict }: Verdict) {
  return verdict
}

describe('whoever drives a search is heard in time', () => {
  /** The most calls of the model between two chances to cancel, over all phases of a search. */
  function mostCalls(model: Model, budget: number): { readonly most: number; readonly all: number } {
    let calls = 0
    const counting: Model = {
      ...model,
      expand(agent, state, emit) {
        calls++
        model.expand(agent, state, emit)
      },
    }
    const search = new Search(counting, { ...PLENTY, preemptions: true })
    let most = 0
    let all = 0
    for (let on = true; on; all += calls) {
      calls = 0
      on = search.run(budget) === 'running'
      most = Math.max(most, calls)
    }
    expect(search.result().complete).toBe(true)
    return { most, all }
  }

  it.each([
    ['nothing is ever remembered', forgetfulToy(12, 20, 20)],
    ['nearly all is remembered', storeBufferToy(RIVALS.slice(0, 2))],
  ])('a slice of 4,000 asks the model at most some hundred times where %s', (_, model) => {
    const { most, all } = mostCalls(model, 4000)
    expect(all).toBeGreaterThan(400)
    expect(most).toBeLessThanOrEqual(4000 / 64 + 4 * 64)
  })

  it('a slice of 4,000 looks at about as many transitions, never at twice as many', () => {
    const search = new Search(storeBufferToy(RIVALS), { ...PLENTY, maxStates: 200_000 })
    let before = 0
    while (search.run(4000) === 'running') {
      const { transitions } = search.progress()
      expect(transitions - before).toBeLessThanOrEqual(8000)
      before = transitions
    }
  })
})

describe('a search finds', () => {
  it('the lost update, and the outcome that is left', () => {
    const verdict = searchAll(increments())
    expect(verdict).toMatchObject({ kind: 'violated', complete: true, cut: null, deadlock: 'none', depth: 4 })
    expect(verdict.violations).toEqual([
      {
        property: 'no-lost-update',
        steps: 4,
        switches: 2,
        schedule: [
          [0, 0],
          [1, 0],
          [1, 0],
          [0, 0],
        ],
        fewestSteps: true,
        fewestSwitches: true,
        trap: null,
        preemptions: null,
      },
    ])
    expect(verdict.outcomes).toMatchObject([{ key: 'counter=2', states: 1, schedule: { length: 4 } }])
  })

  it('that store buffers break the lock of Peterson, and that a fence mends it', () => {
    // Each CPU stores twice into its buffer, sees the other's flag down, and enters.
    expect(searchAll(peterson(false)).violations).toMatchObject([{ property: 'mutual-exclusion', steps: 10, switches: 1 }])
    expect(searchAll(peterson(true))).toMatchObject({ kind: 'exhausted', complete: true, deadlock: 'none', cut: null, violations: [] })
  })

  it('the deadlock of the philosophers, and when it has become inevitable', () => {
    const [violation] = searchAll(philosophers()).violations
    expect(violation).toMatchObject({ property: 'no-deadlock', steps: 3, switches: 2, trap: { kind: 'deadlock', sealedAfter: 3, cycle: [] } })
    expect(violation?.schedule.map(([agent]) => agent)).toEqual([0, 1, 2])
  })

  it('the livelock of a missed pulse, with the way round', () => {
    const [violation] = searchAll(missedPulse()).violations
    expect(violation).toMatchObject({ property: 'no-deadlock', steps: 2, switches: 0, trap: { kind: 'livelock', sealedAfter: 2 } })
    expect(violation?.trap?.cycle).toEqual([
      [0, 0],
      [0, 0],
    ])
  })

  it('nothing wrong with a loop that some way leads out of', () => {
    const spin = toy({ agents: 1, own: [0], shared: [0], moves: (_, [at]) => (at === 0 ? [{}, { own: [1] }] : []), done: (_, [at]) => at === 1 })
    expect(searchAll(spin)).toMatchObject({ kind: 'exhausted', states: 2, transitions: 2 })
  })

  it('no stuck state where the only way on is a violation', () => {
    const doomed = toy({
      agents: 1,
      own: [0],
      shared: [],
      moves: (_, [at]) => (at === 0 ? [{ own: [1], violations: 1 }] : []),
      done: () => false,
      properties: ['p'],
    })
    expect(searchAll(doomed)).toMatchObject({ kind: 'violated', deadlock: 'none', violations: [{ property: 'p', steps: 1 }] })
  })

  it('the same components once as the end of a run and once as a state to go on from', () => {
    const moves = (_: number, [at = 0]: readonly number[]) =>
      at === 0
        ? [
            { own: [1], violations: 1 },
            { own: [1], cost: 5 },
          ]
        : at === 1
          ? [{ own: [2] }]
          : []
    const verdict = searchAll(toy({ agents: 1, own: [0], shared: [], moves, done: (_, [at]) => at === 2, properties: ['p'] }))
    expect(verdict).toMatchObject({ states: 4, transitions: 3, depth: 6, finalStates: 1, violations: [{ steps: 1 }] })
  })

  it('a way of many cheap steps shorter than one of a dear choice', () => {
    const moves = (_: number, [at = 0]: readonly number[]) => [...(at < 9 ? [{ own: [at + 1] }] : []), ...(at === 0 ? [{ own: [9], cost: 10 }] : [])]
    const verdict = searchAll(toy({ agents: 1, own: [0], shared: [], moves, done: (_, [at]) => at === 9, outcome: () => 'end' }))
    expect(verdict).toMatchObject({ depth: 9, states: 10, transitions: 10, outcomes: [{ schedule: { length: 9 } }] })
  })

  it('a violation at the start', () => {
    const verdict = searchAll(
      toy({ agents: 1, own: [0], shared: [], moves: () => [{}], done: () => true, properties: ['p', 'q'], checkWhole: () => 2 }),
    )
    expect(verdict).toMatchObject({ kind: 'violated', complete: true, states: 1, transitions: 0 })
    expect(verdict.violations).toMatchObject([{ property: 'q', steps: 0, switches: 0, schedule: [], fewestSteps: true, fewestSwitches: true }])
  })
})

describe('a search in slices', () => {
  it.each([1, 7, 1000])('of %i says the same', (budget) => {
    for (let seed = 0; seed < 60; seed++) {
      const model = randomModel(seed)
      const search = new Search(model, PLENTY)
      while (search.run(budget) === 'running') expect(search.result().cut, `seed ${seed}`).toBe('unfinished')
      expect(essence(search.result()), `seed ${seed}`).toEqual(essence(searchAll(model)))
    }
  })

  it('does about as much as its budget allows', () => {
    const search = new Search(storeBufferToy(RIVALS), PLENTY)
    search.run(200_000)
    expect(search.progress().transitions).toBeGreaterThan(100_000)
    expect(search.progress().transitions).toBeLessThan(200_100)
  })

  it('knows the best schedule as soon as it is proven, long before the end', () => {
    const search = new Search(peterson(false), PLENTY)
    while (search.result().violations.every(({ fewestSwitches }) => !fewestSwitches)) search.run(1)
    const verdict = search.result()
    expect(verdict).toMatchObject({ kind: 'violated', complete: false, deadlock: 'unknown', cut: 'unfinished' })
    expect(verdict.violations).toEqual(searchAll(peterson(false)).violations)
    expect(verdict.states).toBeLessThan(searchAll(peterson(false)).states)
  })

  it('gives a schedule that is not proven yet as such', () => {
    // The dear choice is found first; eight steps of cost 1 are shorter.
    const moves = (_: number, [at = 0]: readonly number[]) =>
      at === 0 ? [{ own: [20], cost: 10, violations: 1 }, { own: [1] }] : at < 8 ? [{ own: [at + 1], violations: at === 7 ? 1 : 0 }] : []
    const search = new Search(toy({ agents: 1, own: [0], shared: [], moves, done: () => true, properties: ['p'] }), PLENTY)
    search.run(1)
    expect(search.result().violations).toMatchObject([{ steps: 10, fewestSteps: false, fewestSwitches: false, schedule: [[0, 0]] }])
    while (search.run(1) === 'running');
    expect(search.result().violations).toMatchObject([{ steps: 8, fewestSteps: true, fewestSwitches: true }])
  })

  it('ends at the first proven violation if it is asked to', () => {
    const verdict = searchAll(peterson(false), { stopAtViolation: true })
    expect(verdict).toMatchObject({ kind: 'violated', complete: false, cut: null })
    expect(verdict.violations).toEqual(searchAll(peterson(false)).violations)
  })

  it('leaves the stuck analysis out if it is asked to', () => {
    expect(searchAll(philosophers(), { stuck: false })).toMatchObject({ kind: 'exhausted', deadlock: 'not-asked' })
  })
})

describe('a bound', () => {
  it('on states is obeyed to the state, and a raised one goes on to the same end', () => {
    for (let seed = 0; seed < 60; seed++) {
      const model = randomModel(seed)
      const whole = searchAll(model)
      expect(searchAll(model, { maxStates: whole.states }).cut, `seed ${seed}`).toBe(null)
      const search = new Search(model, { ...PLENTY, maxStates: 0 })
      for (let maxStates = 0; search.run(1e6) === 'ended' && search.result().cut !== null; maxStates++) {
        expect(search.result(), `seed ${seed}`).toMatchObject({ complete: false, cut: 'states', states: maxStates, deadlock: 'unknown' })
        search.resume({ ...PLENTY, maxStates: maxStates + 1 })
      }
      expect(essence(search.result()), `seed ${seed}`).toEqual(essence(whole))
    }
  })

  it('on time stops a search, which goes on with a new one', () => {
    const model = storeBufferToy(RIVALS.slice(0, 2))
    let asked = 0
    const search = new Search(model, { ...PLENTY, deadline: () => ++asked > 3 })
    expect(search.run(1e9)).toBe('ended')
    expect(search.result()).toMatchObject({ kind: 'cut', complete: false, cut: 'time' })
    search.resume(PLENTY)
    while (search.run(1e6) === 'running');
    expect(essence(search.result())).toEqual(essence(searchAll(model)))
  })

  it('of impatience: a cancelled search keeps what it has', () => {
    const search = new Search(philosophers(), PLENTY)
    search.run(5)
    const { states } = search.progress()
    search.cancel()
    expect(search.run(1000)).toBe('ended')
    expect(search.result()).toMatchObject({ kind: 'cut', cut: 'cancelled', states })
    search.resume(PLENTY)
    while (search.run(5) === 'running');
    expect(essence(search.result())).toEqual(essence(searchAll(philosophers())))
  })

  it('on memory is obeyed at every moment, and a raised one goes on to the same end', () => {
    const model = storeBufferToy(RIVALS.map((program) => program.slice(0, 7)))
    const whole = searchAll(model)
    const search = new Search(model, { ...PLENTY, maxBytes: 100_000 })
    let cuts = 0
    for (let maxBytes = 300_000; search.run(1e7) === 'ended' && search.result().cut !== null; maxBytes *= 1.3) {
      const { cut, peakBytes, states } = search.result()
      expect(cut).toBe('memory')
      expect(peakBytes).toBeLessThanOrEqual(Math.max(300_000, maxBytes / 1.3))
      expect(states).toBeLessThanOrEqual(whole.states)
      search.resume({ ...PLENTY, maxBytes })
      cuts++
    }
    expect(cuts).toBeGreaterThan(5)
    expect(essence(search.result())).toEqual(essence(whole))
  })

  it('on memory makes the memo give way first', () => {
    const model = forgetfulToy(14, 4, 4)
    const whole = searchAll(model)
    for (const share of [0.5, 0.3, 0.15]) {
      const verdict = searchAll(model, { maxBytes: share * whole.peakBytes })
      expect(essence(verdict), `${share} of ${whole.peakBytes} bytes`).toEqual(essence(whole))
      expect(verdict.peakBytes).toBeLessThanOrEqual(share * whole.peakBytes)
    }
  })
})

describe('progress', () => {
  it('counts what is known, what is open and what was remembered', () => {
    const search = new Search(increments(3), PLENTY)
    search.run(20)
    const early = search.progress()
    expect(early).toMatchObject({ phase: 'forward', violated: [] })
    expect(early.frontier).toBeGreaterThan(0)
    while (search.run(100) === 'running');
    const { states, transitions, bytes } = search.result()
    expect(search.progress()).toMatchObject({ phase: 'ended', states, transitions, bytes, frontier: 0, violated: ['no-lost-update'] })
    expect(search.progress().components).toHaveLength(4)
    expect(search.progress().memoHits).toBeGreaterThan(search.progress().memoMisses)
  })

  it('rejects a model whose choices cost nothing', () => {
    const free = toy({ agents: 1, own: [0], shared: [], moves: () => [{ cost: 0 }], done: () => true })
    expect(() => searchAll(free)).toThrow('costs 0 unit steps')
  })
})
