/**
 * A third search, for tests: the shortest race once more, in another order. It goes as deep as it can, last agent and last outcome first, and comes
 * back to a state whenever it finds a better way to it (fewer steps, or as many and fewer switches, for each agent that may have moved last). Whole
 * states in a Map; it shares no code with the other two.
 */
import type { Model } from './model.ts'

export interface Nearest {
  readonly steps: number
  readonly switches: number
}

interface Node {
  readonly state: Int32Array
  /** null: not looked at yet. */
  edges: Edge[] | null
  /** The best way here, by who moved last (counted from −1: nobody). */
  readonly best: (Nearest | undefined)[]
}

interface Edge {
  readonly agent: number
  readonly cost: number
  readonly violations: number
  /** null: the run ends with a violation. */
  readonly to: Node | null
}

interface Place extends Nearest {
  readonly node: Node
  readonly last: number
}

const START = -1

/**
 * For each property that some run of at most `most` steps violates: the fewest steps, and of these the fewest switches. Null where that takes more than
 * `visits` visits of a state.
 */
export function deepestFirst(model: Model, most: number, visits: number): Map<string, Nearest> | null {
  const nearest = new Map<string, Nearest>()
  const edgesOf = expander(model)
  const start = new Int32Array(model.widths.reduce((sum, width) => sum + width, 0))
  model.initial(start)
  const stack: Place[] = [{ node: { state: start, edges: null, best: [] }, last: START, steps: 0, switches: 0 }]
  for (let visited = 0; stack.length > 0; visited++) {
    if (visited === visits) return null
    const { node, last, steps, switches } = stack.pop() as Place
    const known = node.best[last + 1]
    if (known !== undefined && isBetter(known, { steps, switches })) continue
    for (const { agent, cost, violations, to } of edgesOf(node)) {
      const arrival = { steps: steps + cost, switches: last === START || last === agent ? switches : switches + 1 }
      if (arrival.steps > most) continue
      for (const [i, property] of model.properties.entries()) {
        const before = nearest.get(property)
        if ((violations & (1 << i)) !== 0 && (before === undefined || isBetter(arrival, before))) nearest.set(property, arrival)
      }
      const before = to?.best[agent + 1]
      if (to === null || (before !== undefined && !isBetter(arrival, before))) continue
      to.best[agent + 1] = arrival
      stack.push({ node: to, last: agent, ...arrival })
    }
  }
  return nearest
}

/** Answers the edges of a node, in the order of agents and outcomes. */
function expander(model: Model): (node: Node) => Edge[] {
  const nodes = new Map<string, Node>()
  const offsets = model.widths.map((_, place) => model.widths.slice(0, place).reduce((sum, width) => sum + width, 0))
  const nodeOf = (state: Int32Array) => {
    const text = textOf(state)
    let node = nodes.get(text)
    if (node === undefined) nodes.set(text, (node = { state, edges: null, best: [] }))
    return node
  }
  return (node) => {
    if (node.edges !== null) return node.edges
    const edges: Edge[] = []
    for (let agent = 0; agent < model.agents; agent++) {
      model.expand(agent, node.state.slice(), (_, cost, violations, after) => {
        const next = node.state.slice()
        for (const place of [agent, model.agents]) {
          const from = offsets[place] as number
          next.set(after.subarray(from, from + (model.widths[place] as number)), from)
        }
        edges.push({ agent, cost, violations, to: violations === 0 ? nodeOf(next) : null })
      })
    }
    node.edges = edges
    return edges
  }
}

function isBetter(a: Nearest, b: Nearest): boolean {
  return a.steps < b.steps || (a.steps === b.steps && a.switches < b.switches)
}

/** A key: the words as characters. */
function textOf(state: Int32Array): string {
  const halves = new Uint16Array(state.buffer, state.byteOffset, state.length * 2)
  let text = ''
  for (let at = 0; at < halves.length; at += 4096) text += String.fromCharCode(...halves.subarray(at, at + 4096))
  return text
}
