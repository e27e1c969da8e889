/** Whether interchangeable agents are recognised must not be seen in anything but what is held: counts, verdicts, lengths, outcomes are those of the plain search. */
import { expect, it } from 'vitest'
import type { Model } from './model.ts'
import { randomModel } from './random-model.ts'
import { replay } from './reference-search.ts'
import { Search } from './search.ts'
import { symmetricModel } from './symmetric-model.ts'
import { increments, missedPulse, peterson, philosophers, toy } from './toys.ts'

const PLENTY = { maxStates: 1e6, maxBytes: 1e9 }

function searched(model: Model, symmetry: boolean, { slice = 1e6, stuck = true } = {}) {
  const search = new Search(model, { ...PLENTY, symmetry, stuck, preemptions: true })
  while (search.run(slice) === 'running');
  return search.result()
}

/** Everything that a verdict says, with schedules replaced by what they do when they are replayed. */
function told(model: Model, symmetry: boolean, options: Parameters<typeof searched>[2] = {}) {
  const { violations, outcomes, held: _, bytes: __, peakBytes: ___, ...counts } = searched(model, symmetry, options)
  return {
    ...counts,
    violations: violations.map(({ property, steps, switches, fewestSteps, fewestSwitches, schedule, trap, preemptions }) => {
      const run = replay(model, schedule)
      expect([run.steps, run.switches]).toEqual([steps, switches])
      if (trap === null) expect(run.mask & (1 << model.properties.indexOf(property))).not.toBe(0)
      const calm = preemptions === null ? null : replay(model, preemptions.schedule)
      if (calm !== null) expect(calm.steps).toBe(preemptions?.steps)
      if (calm !== null && trap === null) expect(calm.mask & (1 << model.properties.indexOf(property))).not.toBe(0)
      return {
        property,
        steps,
        switches,
        fewestSteps,
        fewestSwitches,
        trap: trap?.kind,
        round: trap?.cycle.length,
        calm: [preemptions?.count, calm?.steps],
      }
    }),
    outcomes: outcomes.map(({ key, states, schedule }) => {
      const run = replay(model, schedule)
      expect(model.outcome?.(run.state), key).toBe(key)
      return { key, states, steps: run.steps }
    }),
  }
}

it.each(Array.from({ length: 6 }, (_, i) => 100 * i))('changes nothing that is told of 100 symmetric models from seed %i', (first) => {
  let held = 0
  let states = 0
  for (let seed = first; seed < first + 100; seed++) {
    const model = symmetricModel(seed, false)
    // Livelocks are searched for again without it, so half of the models are not asked for any.
    const stuck = seed % 2 === 0
    expect(told(model, true, { stuck }), `seed ${seed}`).toEqual(told(model, false, { stuck }))
    if (stuck) continue
    held += searched(model, true, { stuck }).held
    states += searched(model, true, { stuck }).states
  }
  expect(held / states).toBeLessThan(0.5)
})

it.each(Array.from({ length: 4 }, (_, i) => 100 * i))('changes nothing where one agent is a little different, 100 models from seed %i', (first) => {
  for (let seed = first; seed < first + 100; seed++) {
    const model = symmetricModel(seed, true)
    expect(told(model, true, { slice: 1 + (seed % 50) }), `seed ${seed}`).toEqual(told(model, false))
  }
})

it('a hint that is plain wrong costs time and nothing else, on 300 random models', () => {
  for (let seed = 0; seed < 300; seed++) {
    const model = randomModel(seed)
    const hinted = { ...model, interchangeable: [Array.from({ length: model.agents }, (_, agent) => agent)] }
    expect(told(hinted, true), `seed ${seed}`).toEqual(told(model, false))
  }
})

it('each state behind a held one has a number of its own', () => {
  for (let seed = 1; seed < 60; seed += 2) {
    const model = symmetricModel(seed, false)
    const search = new Search(model, { ...PLENTY, stuck: false })
    while (search.run(1e6) === 'running');
    const plain = new Search(model, { ...PLENTY, stuck: false, symmetry: false })
    while (plain.run(1e6) === 'running');
    const numbers = new Map<number, number>()
    for (const state of walk(model, 300)) numbers.set(plain.locate(state), search.locate(state))
    expect(numbers.get(-1) ?? -1, `seed ${seed}`).toBe(-1)
    numbers.delete(-1)
    expect([...numbers.values()].every((number) => number >= 0) && new Set(numbers.values()).size === numbers.size, `seed ${seed}`).toBe(true)
  }
})

/** States met by always taking the first choice of the agents in turn, and then the last. */
function walk(model: Model, steps: number): Int32Array[] {
  const start = new Int32Array(model.widths.reduce((sum, width) => sum + width, 0))
  model.initial(start)
  const offset = (place: number) => model.widths.slice(0, place).reduce((sum, width) => sum + width, 0)
  const met: Int32Array[] = [start]
  for (let i = 0; i < steps; i++) {
    const state = met.at(-1) as Int32Array
    const agent = (i * 7 + (i >> 4)) % model.agents
    const afters: Int32Array[] = []
    model.expand(agent, state.slice(), (_, __, violations, after) => {
      if (violations !== 0) return
      const next = state.slice()
      for (const place of [agent, model.agents]) next.set(after.subarray(offset(place), offset(place + 1)), offset(place))
      afters.push(next)
    })
    const next = afters.at(i % 3 === 0 ? -1 : 0)
    if (next !== undefined) met.push(next)
  }
  return met
}

it.each([
  ['increments', increments(3), 0.5],
  ['philosophers, who are not: left and right neighbours differ', philosophers(4), 1],
  ['missed pulse', missedPulse(), 1],
  ['peterson, whose turn word names an agent at the start', peterson(false), 1],
] as const)('on the toys: %s', (_, model, most) => {
  const { checkWhole: __, ...plain } = model
  const hinted = { ...plain, interchangeable: [Array.from({ length: model.agents }, (_, agent) => agent)] }
  expect(told(hinted, true)).toEqual(told(plain, false))
  const { held, states } = searched(hinted, true)
  expect(held / states).toBeLessThanOrEqual(most)
})

it('five agents are taken for what they are: no more than four are exchanged at once', () => {
  const model = increments(5)
  const { checkWhole: _, ...plain } = model
  expect(searched({ ...plain, interchangeable: [[0, 1, 2, 3, 4]] }, true).held).toBe(searched(plain, false).states)
})

/** CPU 0 waits for the flags of the others in their order: what `for_each_cpu` does. */
function waiting(inOrder: boolean): Model {
  return toy({
    agents: 3,
    own: [0],
    shared: [0, 0],
    moves: (agent, [next = 0], shared) => {
      if (agent > 0) return next === 0 ? [{ own: [1], shared: shared.map((flag, i) => (i === agent - 1 ? 1 : flag)) }] : []
      const up = shared.filter((flag) => flag === 1).length
      const may = inOrder ? shared[next] === 1 : up > next
      return next < 2 && may ? [{ own: [next + 1] }] : []
    },
    done: (agent, [next]) => next === (agent === 0 ? 2 : 1),
    outcome: () => 'end',
  })
}

it('who waits for the others one after another in a fixed order tells them apart', () => {
  const plain = searched(waiting(true), false)
  const tried = searched({ ...waiting(true), interchangeable: [[1, 2]] }, true)
  expect([tried.held, tried.states]).toEqual([plain.states, plain.states])
  const counted = searched({ ...waiting(false), interchangeable: [[1, 2]] }, true)
  expect(counted.held).toBeLessThan(counted.states)
  expect(counted.states).toBe(searched(waiting(false), false).states)
})
