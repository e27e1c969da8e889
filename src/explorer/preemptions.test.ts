/** The fewest preemptions, against the most obvious method: all pairs of state and last mover, improved until nothing changes. */
import { expect, it, test } from 'vitest'
import type { Model } from './model.ts'
import { randomModel } from './random-model.ts'
import { ReferenceSearch, replay } from './reference-search.ts'
import { Search } from './search.ts'
import { increments, missedPulse, peterson, philosophers } from './toys.ts'

const PLENTY = { maxStates: 1e6, maxBytes: 1e9, preemptions: true }
const GROUP = 100

it.each(Array.from({ length: 10 }, (_, i) => GROUP * i))(
  `finds the fewest preemptions, then steps, in ${GROUP} random models from seed %i`,
  (first) => {
    for (let seed = first; seed < first + GROUP; seed++) compare(randomModel(seed), `seed ${seed}`)
  },
)

it.each([
  ['increments', increments(3)],
  ['philosophers', philosophers(4)],
  ['missed pulse', missedPulse()],
  ['peterson', peterson(false)],
])('finds the fewest preemptions, then steps, in %s', (name, model) => compare(model, name))

test('four philosophers deadlock by one preemption: the others come to wait for a fork by themselves', () => {
  const [deadlock] = searched(philosophers(4))
  expect(deadlock?.preemptions?.count).toBe(1)
})

test('where memory does not allow to look for it, the verdict stands without it', () => {
  const search = new Search(increments(3), { ...PLENTY, preemptions: false })
  while (search.run(1e6) === 'running');
  expect(search.result().violations.map(({ preemptions }) => preemptions)).toEqual([null])
})

function searched(model: Model) {
  const search = new Search(model, PLENTY)
  while (search.run(50) === 'running');
  return search.result().violations
}

function compare(model: Model, name: string): void {
  const reference = new ReferenceSearch(model)
  for (const { property, preemptions, schedule } of searched(model)) {
    if (schedule.length === 0) continue
    const bit = model.properties.indexOf(property)
    const best = bestOf(model, reference, (mask, key) => (bit < 0 ? reference.traps.has(key) : (mask & (1 << bit)) !== 0))
    const run = replay(model, preemptions?.schedule ?? [])
    const where = `${name}: ${property}`
    expect({ count: preemptions?.count, steps: preemptions?.steps }, where).toEqual(best)
    expect(run.steps, where).toBe(best?.steps)
    expect(bit < 0 ? reference.traps.has(run.keys.at(-1) as string) : (run.mask & (1 << bit)) !== 0, where).toBe(true)
    expect(countAlong(model, reference, run.keys, preemptions?.schedule ?? []), where).toBe(best?.count)
  }
}

interface Cost {
  readonly count: number
  readonly steps: number
}

const isLess = (a: Cost, b: Cost | undefined) => b === undefined || a.count < b.count || (a.count === b.count && a.steps < b.steps)

/** Bellman and Ford over (state, last mover). */
function bestOf(model: Model, reference: ReferenceSearch, isGoal: (mask: number, key: string) => boolean): Cost | undefined {
  const best = new Map<string, Map<number, Cost>>([[reference.start, new Map([[-1, { count: 0, steps: 0 }]])]])
  const waits = new Map<string, boolean>()
  const waitsAt = (agent: number, key: string, state: Int32Array) => {
    const name = `${agent} ${key}`
    const known = waits.get(name) ?? cannotGoOn(model, agent, state)
    waits.set(name, known)
    return known
  }
  let goal: Cost | undefined
  for (let changed = true; changed; ) {
    changed = false
    for (const [key, node] of reference.nodes) {
      for (const [last, { count, steps }] of best.get(key) ?? []) {
        for (const { agent, cost, mask, to } of node.edges) {
          const preempts = last >= 0 && last !== agent && !waitsAt(last, key, node.state) ? 1 : 0
          const arrival = { count: count + preempts, steps: steps + cost }
          if (isGoal(mask, to) && isLess(arrival, goal)) goal = arrival
          const there = best.get(to) ?? new Map<number, Cost>()
          if (!isLess(arrival, there.get(agent))) continue
          best.set(to, there.set(agent, arrival))
          changed = true
        }
      }
    }
  }
  return goal
}

function countAlong(model: Model, reference: ReferenceSearch, keys: readonly string[], schedule: readonly (readonly [number, number])[]): number {
  return schedule.filter(([agent], i) => {
    const last = schedule[i - 1]?.[0]
    return last !== undefined && last !== agent && !cannotGoOn(model, last, reference.nodes.get(keys[i] as string)?.state as Int32Array)
  }).length
}

/** No choice at all; or, alone, only a circle that comes back and leaves what is shared alone. */
function cannotGoOn(model: Model, agent: number, from: Int32Array): boolean {
  const offset = (place: number) => model.widths.slice(0, place).reduce((sum, width) => sum + width, 0)
  const part = (state: Int32Array, place: number) => [...state.subarray(offset(place), offset(place + 1))]
  const alone = new Map<string, Set<string>>()
  const open = [from]
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    const leads = new Set<string>()
    alone.set(JSON.stringify(part(state, agent)), leads)
    let escapes = false
    const here = state
    model.expand(agent, state.slice(), (_choice, _cost, violations, after) => {
      if (violations !== 0 || JSON.stringify(part(after, model.agents)) !== JSON.stringify(part(here, model.agents))) escapes = true
      const next = here.slice()
      next.set(part(after, agent), offset(agent))
      leads.add(JSON.stringify(part(next, agent)))
      if (!alone.has(JSON.stringify(part(next, agent)))) open.push(next)
    })
    if (escapes) return false
  }
  const home = JSON.stringify(part(from, agent))
  const reaches = (key: string, seen = new Set<string>()): boolean => {
    if (key === home) return true
    if (seen.has(key)) return false
    seen.add(key)
    return [...(alone.get(key) ?? [])].some((next) => reaches(next, seen))
  }
  return [...alone.keys()].every((key) => reaches(key))
}
