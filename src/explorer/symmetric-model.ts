/**
 * A family of small random models with interchangeable agents, for tests. What an agent can do depends on its own value, a global one, its own mark in
 * shared memory and how many of the others bear which mark; it may change its mark, the global value, or the marks of all others. Values are spelled
 * differently for each agent, and so are choices, so nothing looks alike from outside. One more agent is different, sees all marks and may set them.
 *
 * With a `flaw`, one agent differs from the others in one row of the table, which a run may reach late or never.
 */
import { Random } from '../lib/random.ts'
import type { Model } from './model.ts'

interface Row {
  readonly outcomes: readonly Outcome[]
  readonly done: boolean
}

interface Outcome {
  readonly cost: number
  readonly violations: number
  readonly own: number
  readonly global: number
  readonly mark: number
  /** null: the others keep theirs. */
  readonly others: number | null
}

export function symmetricModel(seed: number, flaw: boolean): Model {
  const random = new Random(seed)
  const alike = random.pick([2, 2, 3, 3, 4])
  const agents = alike + 1
  const values = 2 + random.below(alike > 3 ? 1 : 2)
  const globals = 1 + random.below(3)
  const marks = 1 + random.below(alike > 3 ? 1 : 2)
  const properties = ['p', 'q'].slice(0, random.below(3))
  const costs = random.pick([[1], [1, 2], [1, 1, 5]])
  const violationRate = random.pick([0, 0, 0.02, 0.1])
  const doneRate = random.pick([0.1, 0.4, 0.7])
  const forward = random.pick([0, 0.8])
  const table = new Map<string, Row>()
  const flawAt = { agent: random.below(alike), row: random.below(values * globals) }

  /** Made when it is first asked for; its seed is its key, so the order does not matter. */
  function rowOf(kind: string, own: number, global: number, mark: number, others: readonly number[]): Row {
    const key = [kind, own, global, mark, ...[...others].sort()].join()
    const known = table.get(key)
    if (known !== undefined) return known
    const dice = new Random(seed * 7919 + hash(key))
    const pick = (bound: number) => dice.below(bound)
    const outcomes = Array.from({ length: pick(4) === 0 ? 0 : 1 + pick(2) }, () => ({
      cost: costs[pick(costs.length)] as number,
      violations: properties.length > 0 && pick(1000) < violationRate * 1000 ? 1 + pick((1 << properties.length) - 1) : 0,
      own: pick(1000) < forward * 1000 ? Math.min(values - 1, own + 1) : pick(values),
      global: pick(2) === 0 ? global : pick(globals),
      mark: pick(2) === 0 ? mark : pick(marks),
      others: pick(4) === 0 ? pick(marks) : null,
    }))
    const row = { outcomes, done: pick(1000) < doneRate * 1000 }
    table.set(key, row)
    return row
  }

  const spell = (agent: number, value: number) => value * 16 + ((agent * 5) % 7)
  const unspell = (word: number) => word >> 4
  const widths = [...Array.from({ length: agents }, () => 1), 1 + alike]

  function look(agent: number, state: Int32Array) {
    const own = unspell(state[agent] as number)
    const global = state[agents] as number
    const all = Array.from(state.subarray(agents + 1))
    const row = agent === alike ? rowOf('other', own, global, 0, all) : rowOf('one', own, global, all[agent] as number, all.toSpliced(agent, 1))
    const flawed = flaw && agent === flawAt.agent && own * globals + global === flawAt.row
    return { row, all, flawed }
  }

  return {
    agents,
    widths,
    properties,
    interchangeable: [Array.from({ length: alike }, (_, agent) => agent)],
    initial(state) {
      for (let agent = 0; agent < agents; agent++) state[agent] = spell(agent, 0)
      state.fill(0, agents)
    },
    expand(agent, state, emit) {
      const { row, all, flawed } = look(agent, state)
      for (const [i, { cost, violations, own, global, mark, others }] of row.outcomes.entries()) {
        state.fill(-1)
        state[agent] = spell(agent, flawed ? 0 : own)
        state[agents] = global
        state.set(
          all.map((before, each) => (each === agent ? mark : (others ?? before))),
          agents + 1,
        )
        emit(10 * agent + i, cost, violations, state)
      }
    },
    done: (agent, state) => look(agent, state).row.done,
    outcome: (state) => Array.from(state.subarray(0, agents), unspell).join(' '),
  }
}

function hash(text: string): number {
  let sum = 0
  for (const letter of text) sum = (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0
  return sum >>> 1
}
