/**
 * A second search, for tests: whole states as JSON keys of a Map, no components, no memo, no queue but a sorted one, and every answer
 * found by the most obvious method. It shares no code with the fast one. Also `replay`, which follows one schedule.
 */
import type { Model } from './model.ts'

interface Node {
  readonly state: Int32Array
  /** A run ended here with a violation. */
  readonly ended: boolean
  final: boolean
  edges: Edge[]
}

interface Edge {
  readonly agent: number
  readonly choice: number
  readonly cost: number
  readonly mask: number
  readonly to: string
}

export interface Best {
  readonly steps: number
  readonly switches: number
}

export class ReferenceSearch {
  readonly nodes = new Map<string, Node>()
  readonly start: string
  transitions = 0
  /** The mask of the initial state. */
  readonly initially: number
  /** Nodes from which neither a final nor a violating one can be reached. */
  readonly doomed: ReadonlySet<string>
  /** Doomed nodes to which one can return from wherever one gets to, and the best way to each. */
  readonly traps: ReadonlyMap<string, Best>
  private readonly model: Model
  /** For each node and each agent that moved last (−1 at the start): least steps, then least switches. */
  private readonly best = new Map<string, Map<number, Best>>()

  constructor(model: Model) {
    this.model = model
    const initial = initialState(model)
    this.initially = model.checkWhole?.(initial.slice()) ?? 0
    this.start = this.add(initial, this.initially !== 0)
    for (const [key, node] of this.nodes) this.expand(key, node) // a Map's iteration meets what is added meanwhile
    this.findBest()
    this.doomed = this.findDoomed()
    this.traps = this.findTraps()
  }

  /** For each violated property: fewest steps, then fewest switches. */
  violations(): Map<string, Best> {
    const found = new Map<string, Best>()
    const note = (mask: number, best: Best) => {
      for (const [i, property] of this.model.properties.entries()) {
        if ((mask & (1 << i)) !== 0 && isBetter(best, found.get(property))) found.set(property, best)
      }
    }
    note(this.initially, { steps: 0, switches: 0 })
    for (const [key, node] of this.nodes) {
      for (const { agent, cost, mask } of node.edges) {
        for (const [last, { steps, switches }] of this.best.get(key) ?? []) {
          note(mask, { steps: steps + cost, switches: switches + (last < 0 || last === agent ? 0 : 1) })
        }
      }
    }
    return found
  }

  /** Steps to the farthest node that is expanded. */
  depth(): number {
    return Math.max(0, ...[...this.nodes].filter(([, { ended }]) => !ended).map(([key]) => this.bestTo(key).steps))
  }

  bestTo(key: string): Best {
    let best: Best | undefined
    for (const candidate of this.best.get(key)?.values() ?? []) if (isBetter(candidate, best)) best = candidate
    if (best === undefined) throw new Error('a node without a way to it')
    return best
  }

  outcomes(): Map<string, { states: number; steps: number }> {
    const rows = new Map<string, { states: number; steps: number }>()
    for (const [key, { final, state }] of this.nodes) {
      if (!final || this.model.outcome === undefined) continue
      const row = rows.get(this.model.outcome(state.slice()))
      const { steps } = this.bestTo(key)
      rows.set(this.model.outcome(state.slice()), { states: (row?.states ?? 0) + 1, steps: Math.min(steps, row?.steps ?? steps) })
    }
    return rows
  }

  /** All but those from which one can, found step by step. */
  private findDoomed(): Set<string> {
    const doomed = new Set(this.nodes.keys())
    for (let before = -1; before !== doomed.size; ) {
      before = doomed.size
      for (const key of doomed) {
        const { final, ended, edges } = this.node(key)
        if (final || ended || edges.some(({ to }) => !doomed.has(to))) doomed.delete(key)
      }
    }
    return doomed
  }

  private findTraps(): Map<string, Best> {
    const reachable = new Map([...this.doomed].map((key) => [key, this.reachableFrom(key)]))
    const traps = [...reachable].filter(([key, others]) => [...others].every((other) => reachable.get(other)?.has(key)))
    return new Map(traps.map(([key]) => [key, this.bestTo(key)]))
  }

  /** Steps of the shortest way from a node back to itself. */
  cycleLength(key: string): number {
    const distances = new Map([[key, 0]])
    let shortest = Number.POSITIVE_INFINITY
    for (let changed = true; changed; ) {
      changed = false
      for (const [at, distance] of [...distances]) {
        for (const { to, cost } of this.node(at).edges) {
          if (to === key) shortest = Math.min(shortest, distance + cost)
          if (distance + cost >= (distances.get(to) ?? Number.POSITIVE_INFINITY)) continue
          distances.set(to, distance + cost)
          changed = true
        }
      }
    }
    return shortest
  }

  /** The node itself, and what can be reached from it. */
  private reachableFrom(key: string): Set<string> {
    const reached = new Set([key])
    for (const at of reached) for (const { to } of this.node(at).edges) reached.add(to)
    return reached
  }

  private node(key: string): Node {
    const node = this.nodes.get(key)
    if (node === undefined) throw new Error('an edge to nowhere')
    return node
  }

  private add(state: Int32Array, ended: boolean): string {
    const key = keyOf(state, ended)
    if (!this.nodes.has(key)) this.nodes.set(key, { state, ended, final: false, edges: [] })
    return key
  }

  private expand(_key: string, node: Node): void {
    if (node.ended) return
    node.final = Array.from({ length: this.model.agents }, (_, agent) => this.model.done(agent, node.state.slice())).every(Boolean)
    for (const { state, ...edge } of successors(this.model, node.state)) node.edges.push({ ...edge, to: this.add(state, edge.mask !== 0) })
    this.transitions += node.edges.length
  }

  /** Bellman and Ford, until nothing changes. */
  private findBest(): void {
    this.best.set(this.start, new Map([[-1, { steps: 0, switches: 0 }]]))
    for (let changed = true; changed; ) {
      changed = false
      for (const [key, node] of this.nodes) {
        for (const { agent, cost, to } of node.edges) {
          for (const [last, { steps, switches }] of this.best.get(key) ?? []) {
            const candidate = { steps: steps + cost, switches: switches + (last < 0 || last === agent ? 0 : 1) }
            const there = this.best.get(to) ?? new Map<number, Best>()
            if (!isBetter(candidate, there.get(agent))) continue
            this.best.set(to, there.set(agent, candidate))
            changed = true
          }
        }
      }
    }
  }
}

/** Where a schedule leads: what it costs, the key of every state on its way, and what its last choice violates. */
export function replay(model: Model, schedule: readonly (readonly [agent: number, choice: number])[], from = initialState(model)) {
  let steps = 0
  let mask = model.checkWhole?.(from.slice()) ?? 0
  let state = from
  const keys = [keyOf(state, mask !== 0)]
  const costs = [0]
  for (const [agent, choice] of schedule) {
    const next = successors(model, state).find((edge) => edge.agent === agent && edge.choice === choice)
    if (next === undefined || mask !== 0) throw new Error(`agent ${agent} has no choice ${choice} after ${keys.length - 1} choices`)
    steps += next.cost
    mask = next.mask
    state = next.state
    keys.push(keyOf(state, mask !== 0))
    costs.push(steps)
  }
  const switches = schedule.filter(([agent], i) => i > 0 && agent !== schedule[i - 1]?.[0]).length
  return { steps, switches, mask, keys, costs, state }
}

function initialState(model: Model): Int32Array {
  const state = new Int32Array(model.widths.reduce((sum, width) => sum + width, 0))
  model.initial(state)
  return state
}

function successors(model: Model, state: Int32Array) {
  const found: { agent: number; choice: number; cost: number; mask: number; state: Int32Array }[] = []
  const offset = (place: number) => model.widths.slice(0, place).reduce((sum, width) => sum + width, 0)
  for (let agent = 0; agent < model.agents; agent++) {
    model.expand(agent, state.slice(), (choice, cost, violations, after) => {
      const next = state.slice()
      for (const place of [agent, model.agents]) next.set(after.subarray(offset(place), offset(place + 1)), offset(place))
      found.push({ agent, choice, cost, mask: violations | (model.checkWhole?.(next.slice()) ?? 0), state: next })
    })
  }
  return found
}

function keyOf(state: Int32Array, ended: boolean): string {
  return JSON.stringify([[...state], ended])
}

function isBetter(candidate: Best, than: Best | undefined): boolean {
  return than === undefined || candidate.steps < than.steps || (candidate.steps === than.steps && candidate.switches < than.switches)
}
