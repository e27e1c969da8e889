/** The fast search and the reference must agree on everything that a verdict says, on random models and on the toys. */
import { expect, it } from 'vitest'
import type { Model } from './model.ts'
import { randomModel } from './random-model.ts'
import { ReferenceSearch, replay } from './reference-search.ts'
import { Search } from './search.ts'
import { increments, missedPulse, peterson, philosophers } from './toys.ts'
import type { Violation } from './verdict.ts'

const PLENTY = { maxStates: 1e6, maxBytes: 1e9 }
const GROUP = 100

it.each(Array.from({ length: 15 }, (_, i) => GROUP * i))(`agrees on ${GROUP} random models from seed %i`, (first) => {
  for (let seed = first; seed < first + GROUP; seed++) compare(randomModel(seed), `seed ${seed}`)
})

it.each([
  ['increments', increments(3)],
  ['philosophers', philosophers(4)],
  ['missed pulse', missedPulse()],
  ['peterson', peterson(false)],
  ['peterson fenced', peterson(true)],
])('agrees on %s', (name, model) => compare(model, name))

function compare(model: Model, name: string): void {
  const reference = new ReferenceSearch(model)
  expect(judge(model, reference), name).toEqual(judgeSlowly(model, reference))
}

/** The verdict of the fast search, with its schedules replaced by what they do when they are replayed. */
function judge(model: Model, reference: ReferenceSearch) {
  const search = new Search(model, PLENTY)
  while (search.run(1e6) === 'running');
  const { kind, complete, cut, states, transitions, depth, finalStates, deadlock, violations, outcomes } = search.result()
  return {
    ...{ kind, complete, cut, states, transitions, depth, finalStates, deadlock },
    violations: violations.map((violation) => replayViolation(model, reference, violation)),
    outcomes: outcomes.map(({ key, states, schedule }) => ({ key, states, steps: replay(model, schedule).steps })),
  }
}

function replayViolation(model: Model, reference: ReferenceSearch, { property, schedule, trap, preemptions: _, ...told }: Violation) {
  const run = replay(model, schedule)
  const { steps, switches } = run
  expect(told).toEqual({ steps, switches, fewestSteps: true, fewestSwitches: true })
  if (trap === null) return { property, steps, switches, violates: (run.mask & (1 << model.properties.indexOf(property))) !== 0 }
  const end = run.keys[run.keys.length - 1] as string
  const round = replay(model, trap.cycle, run.state)
  expect(trap.sealedAfter).toBe(run.costs[run.keys.findIndex((key) => reference.doomed.has(key))])
  expect(trap.kind).toBe(reference.nodes.get(end)?.edges.length === 0 ? 'deadlock' : 'livelock')
  expect(round.keys[round.keys.length - 1]).toBe(end)
  expect(round.steps).toBe(trap.kind === 'deadlock' ? 0 : reference.cycleLength(end))
  return { property, steps, switches, violates: reference.traps.has(end) }
}

function judgeSlowly(model: Model, reference: ReferenceSearch) {
  const violations = [...reference.violations()]
  const [trap] = [...reference.traps.values()].sort((a, b) => a.steps - b.steps || a.switches - b.switches)
  if (trap !== undefined) violations.push(['no-deadlock', trap])
  const outcomes = [...reference.outcomes()].map(([key, row]) => ({ key, ...row }))
  return {
    kind: violations.length > 0 ? 'violated' : 'exhausted',
    complete: true,
    cut: null,
    states: reference.nodes.size,
    transitions: reference.transitions,
    depth: reference.depth(),
    finalStates: [...reference.nodes.values()].filter(({ final }) => final).length,
    deadlock: trap === undefined ? 'none' : 'found',
    violations: violations
      .map(([property, best]) => ({ property, ...best, violates: true }))
      .sort((a, b) => rank(model, a.property) - rank(model, b.property)),
    outcomes: outcomes.sort((a, b) => (a.key < b.key ? -1 : 1)),
  }
}

/** Violations come in the order of the model's properties, `no-deadlock` last. */
function rank(model: Model, property: string): number {
  return property === 'no-deadlock' ? model.properties.length : model.properties.indexOf(property)
}
