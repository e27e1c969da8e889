/**
 * A family of small random models, for comparing two searches. A component is a small number spelled in one to three words of noise, so
 * that interning has something to do; what a choice does, costs and violates is drawn from the seed for every (agent, own, shared).
 */
import { mix } from '../lib/hash.ts'
import { Random } from '../lib/random.ts'
import type { Model } from './model.ts'

interface RandomOutcome {
  readonly choice: number
  readonly cost: number
  readonly violations: number
  readonly own: number
  readonly shared: number
}

export function randomModel(seed: number): Model {
  const random = new Random(seed)
  const agents = random.pick([1, 2, 2, 2, 3, 3, 4])
  const widths = Array.from({ length: agents + 1 }, () => 1 + random.below(3))
  const values = Array.from({ length: agents + 1 }, (_, place) => 2 + random.below(agents < 3 ? 8 : place === agents ? 4 : 3))
  const offsets = widths.map((_, place) => widths.slice(0, place).reduce((sum, width) => sum + width, 0))
  const properties = ['p', 'q', 'r'].slice(0, random.below(4))
  const costs = random.pick([[1], [1], [1, 2], [1, 1, 1, 2, 7], [3, 30], [1, 100], [40, 41, 300]])
  const violationRate = random.pick([0, 0, 0.01, 0.01, 0.03, 0.1])
  const doneRate = random.pick([0, 0.1, 0.3, 0.5, 0.8])
  const wholeRate = properties.length > 0 ? random.pick([0, 0, 0.01, 0.05]) : 0
  const [fewest, most] = random.pick([
    [0, 1],
    [0, 2],
    [1, 2],
    [1, 2],
    [0, 3],
    [1, 3],
  ] as const)
  // Programs that mostly go forward have long ways and few cycles; others are a tangle.
  const forward = random.pick([0, 0.7, 0.95])

  const chance = (rate: number) => random.below(1000) < rate * 1000
  const mask = () => (properties.length === 0 ? 0 : 1 + random.below((1 << properties.length) - 1))
  const goOn = (value: number, bound: number) => (chance(forward) ? Math.min(bound - 1, value + random.below(2)) : random.below(bound))
  const table = new Map<string, { readonly outcomes: readonly RandomOutcome[]; readonly done: boolean }>()
  for (let agent = 0; agent < agents; agent++) {
    for (let own = 0; own < (values[agent] as number); own++) {
      for (let shared = 0; shared < (values[agents] as number); shared++) {
        const outcomes = Array.from({ length: fewest + random.below(most - fewest + 1) }, (_, i) => ({
          choice: 7 * i + agent,
          cost: random.pick(costs),
          violations: chance(violationRate) ? mask() : 0,
          own: goOn(own, values[agent] as number),
          shared: goOn(shared, values[agents] as number),
        }))
        table.set(`${agent} ${own} ${shared}`, { outcomes, done: chance(doneRate) })
      }
    }
  }

  /** Word i of a component that holds `value`: the first is the value, the others follow from it. */
  const wordOf = (value: number, i: number) => (i === 0 ? value : mix(value * 8 + i) << 20)
  const write = (state: Int32Array, place: number, value: number) => {
    for (let i = 0; i < (widths[place] as number); i++) state[(offsets[place] as number) + i] = wordOf(value, i)
  }
  const read = (state: Int32Array, place: number) => {
    const value = state[offsets[place] as number] as number
    for (let i = 0; i < (widths[place] as number); i++) {
      if (state[(offsets[place] as number) + i] !== wordOf(value, i)) throw new Error(`seed ${seed}: component ${place} was mangled`)
    }
    return value
  }
  const rowOf = (agent: number, state: Int32Array) => {
    const row = table.get(`${agent} ${read(state, agent)} ${read(state, agents)}`)
    if (row === undefined) throw new Error(`seed ${seed}: agent ${agent} got a component that it never had`)
    return row
  }
  const digest = (state: Int32Array) => offsets.reduce((sum, _, place) => mix(sum * 31 + read(state, place)), seed)

  return {
    agents,
    widths,
    properties,
    initial(state) {
      for (let place = 0; place <= agents; place++) write(state, place, 0)
    },
    expand(agent, state, emit) {
      for (const { choice, cost, violations, own, shared } of rowOf(agent, state).outcomes) {
        state.fill(0x5eed)
        write(state, agent, own)
        write(state, agents, shared)
        emit(choice, cost, violations, state)
      }
    },
    done: (agent, state) => rowOf(agent, state).done,
    ...(wholeRate > 0 && {
      checkWhole: (state) => ((digest(state) >>> 0) % 1000 < wholeRate * 1000 ? 1 + ((digest(state) >>> 12) % properties.length) : 0),
    }),
    outcome: (state) => `${(digest(state) >>> 0) % 3}`,
  }
}
