/**
 * The schedule with the fewest preemptions, and of these one with the fewest unit steps: people understand it before the shortest one.
 *
 * A preemption is a switch away from an agent that could have gone on. One that has no choice, or that alone would go round in a circle for ever (it spins
 * until another agent acts), waits: leaving it is none. Both are facts of the agent's own and the shared component.
 *
 * A node is a state and who moved last. Levels are numbers of preemptions: within one, nodes come out by steps (Dial's queue); an edge that preempts
 * leads to the next level. That is Dijkstra's algorithm over pairs (preemptions, steps), compared in that order. Every state must be expanded. Takes 16 bytes
 * for every state and agent while it runs.
 */
import { assert } from '../lib/assert.ts'
import { BucketQueue } from './bucket-queue.ts'
import { IntStack } from './int-stack.ts'
import { COST, HEADER, LENGTH, OUTCOME, OWN_AFTER, SHARED_AFTER, VIOLATIONS } from './memo.ts'
import type { Pass, PassStatus } from './pass.ts'
import { type Move, moveOf, type Schedule, told } from './schedules.ts'
import type { Space } from './space.ts'
import { AGENT_BITS } from './tuples.ts'

/** Edges that violate (a bit each, each a goal of its own), or states. */
export type Goals = { readonly kind: 'edges'; readonly mask: number } | { readonly kind: 'states'; readonly holds: (state: number) => boolean }

export interface Preempted {
  readonly count: number
  /** Unit steps. */
  readonly steps: number
  readonly schedule: Schedule
}

/** Words of a node: preemptions + 1 (0: not met yet), steps, the node before it, and by which edge of that one's state. */
const NODE = 4
const STEPS = 1
const BEFORE = 2
const EDGE = 3

const START = -1
/** A circle of more states than this counts as going on. */
const LONGEST_CIRCLE = 16
const MOST_REMEMBERED = 1 << 18
const NOTHING: Int32Array = new Int32Array(0)

interface Arrival {
  readonly count: number
  readonly steps: number
  /** The node before, and the last move; −1 where the node itself is the goal. */
  readonly node: number
  readonly agent: number
  readonly ordinal: number
}

export class FewestPreemptions implements Pass {
  /** Filled when done: by bit of the goal, 0 where states are the goal. */
  readonly found = new Map<number, Preempted>()
  private readonly space: Space
  private readonly goals: Goals
  private readonly best = new Map<number, Arrival>()
  private readonly waiting = new Map<number, boolean>()
  private nodes = NOTHING
  private queue: BucketQueue
  /** Nodes of the next level, with their steps. */
  private readonly later: IntStack
  private level = 0
  private begun = false

  constructor(space: Space, goals: Goals) {
    this.space = space
    this.goals = goals
    this.queue = new BucketQueue(space.memory)
    this.later = new IntStack(space.memory)
  }

  run(budget: number): PassStatus {
    if (!this.begun && !this.begin()) return 'refused'
    for (let used = 0; used < budget; ) {
      const node = this.queue.peek()
      if (this.isOver(node)) return this.finish()
      if (node < 0) {
        if (!this.rise()) return 'refused'
        continue
      }
      const { distance } = this.queue
      this.queue.pop()
      used++
      const at = NODE * node
      if (this.nodes[at] !== this.level + 1 || this.nodes[at + STEPS] !== distance) continue
      const found = this.expand(node, distance)
      if (found < 0) return 'refused'
      used += found
    }
    return 'more'
  }

  dispose(): void {
    this.space.memory.free(this.nodes)
    this.nodes = NOTHING
    this.queue.dispose()
    this.later.dispose()
    this.waiting.clear()
  }

  private begin(): boolean {
    const { space } = this
    const nodes = space.memory.allocate(NODE * space.states.count * space.agents)
    if (nodes === null) return false
    this.nodes = nodes
    this.begun = true
    return this.expand(START, 0) >= 0
  }

  /** Is nothing left that could be better than what was found? */
  private isOver(node: number): boolean {
    if (node < 0 && this.later.length === 0) return true
    const wanted = this.goals.kind === 'states' ? 1 : bits(this.goals.mask)
    if (this.best.size < wanted) return false
    for (const { count, steps } of this.best.values()) {
      if (count > this.level || (count === this.level && (node < 0 ? false : steps > this.queue.distance))) return false
    }
    return true
  }

  /** To the next level. */
  private rise(): boolean {
    this.queue.dispose()
    this.queue = new BucketQueue(this.space.memory)
    this.level++
    const { words, length } = this.later
    for (let i = 0; i < length; i += 2) {
      const node = words[i] as number
      const steps = words[i + 1] as number
      if (this.nodes[NODE * node] !== this.level + 1 || this.nodes[NODE * node + STEPS] !== steps) continue
      if (!this.queue.reserve(steps)) return false
      this.queue.push(steps, node)
    }
    this.later.length = 0
    return true
  }

  /** Answers the number of outcomes, −1 where memory refused. */
  private expand(node: number, steps: number): number {
    const { space } = this
    const { agents, tuple, memo } = space
    const state = this.stateOf(node)
    const last = node === START ? START : node % agents
    if (this.goals.kind === 'states' && this.goals.holds(state)) {
      this.arrive(0, { count: this.level, steps, node, agent: -1, ordinal: 0 })
      return 0
    }
    space.visit(state)
    const shared = tuple[agents] as number
    const preempts = last !== START && !this.waits(last, tuple[last] as number, shared) ? 1 : 0
    let looked = 0
    for (let agent = 0; agent < agents; agent++) {
      const list = space.outcomes(agent, tuple[agent] as number, shared)
      assert(list >= 0, 'what was expanded can be expanded again')
      const { arena } = memo
      const count = this.level + (agent === last ? 0 : preempts)
      const outcomes = (arena[list + LENGTH] as number) / OUTCOME
      for (let ordinal = 0; ordinal < outcomes; ordinal++) {
        const at = list + HEADER + ordinal * OUTCOME
        if (!this.follow({ count, steps: steps + (arena[at + COST] as number), node, agent, ordinal }, arena, at)) return -1
      }
      looked += outcomes
    }
    return looked
  }

  private follow(arrival: Arrival, arena: Int32Array, at: number): boolean {
    const { space, goals } = this
    const violations = arena[at + VIOLATIONS] as number
    const target = space.follow(arrival.agent, arena, at)
    if (violations !== 0 || target < 0) {
      // A successor that is not among the states seen is there as the end of a run.
      const mask = goals.kind === 'edges' ? (violations | space.violationsOfSuccessor()) & goals.mask : 0
      for (let rest = mask; rest !== 0; rest &= rest - 1) this.arrive(rest & -rest, arrival)
      return true
    }
    const next = target * space.agents + space.turned(arrival.agent)
    const { nodes } = this
    const known = nodes[NODE * next] as number
    const better = known === 0 || arrival.count + 1 < known || (arrival.count + 1 === known && arrival.steps < (nodes[NODE * next + STEPS] as number))
    if (!better) return true
    nodes[NODE * next] = arrival.count + 1
    nodes[NODE * next + STEPS] = arrival.steps
    nodes[NODE * next + BEFORE] = arrival.node
    nodes[NODE * next + EDGE] = (arrival.ordinal << AGENT_BITS) | arrival.agent
    if (arrival.count > this.level) {
      if (!this.later.reserve(2)) return false
      this.later.push(next)
      this.later.push(arrival.steps)
      return true
    }
    if (!this.queue.reserve(arrival.steps - this.queue.distance)) return false
    this.queue.push(arrival.steps, next)
    return true
  }

  private arrive(goal: number, arrival: Arrival): void {
    const best = this.best.get(goal)
    if (best === undefined || arrival.count < best.count || (arrival.count === best.count && arrival.steps < best.steps)) this.best.set(goal, arrival)
  }

  /** Can this agent not go on by itself? Either it has no choice, or every way that it can go alone leads back here and changes nothing shared. */
  private waits(agent: number, own: number, shared: number): boolean {
    const key = (own * 2 ** 26 + shared) * 16 + agent
    const known = this.waiting.get(key)
    if (known !== undefined) return known
    const waits = this.isCircle(agent, own, shared)
    if (this.waiting.size >= MOST_REMEMBERED) this.waiting.clear()
    this.waiting.set(key, waits)
    return waits
  }

  private isCircle(agent: number, own: number, shared: number): boolean {
    const circle = [own]
    /** For each of them, a bit mask of where it leads. */
    const leads: number[] = []
    for (let i = 0; i < circle.length; i++) {
      const list = this.space.outcomes(agent, circle[i] as number, shared)
      const { arena } = this.space.memo
      const end = list + HEADER + (arena[list + LENGTH] as number)
      let mask = 0
      for (let at = list + HEADER; at < end; at += OUTCOME) {
        if (arena[at + VIOLATIONS] !== 0 || arena[at + SHARED_AFTER] !== shared) return false
        const after = arena[at + OWN_AFTER] as number
        let place = circle.indexOf(after)
        if (place < 0) place = circle.push(after) - 1
        if (place >= LONGEST_CIRCLE) return false
        mask |= 1 << place
      }
      leads.push(mask)
    }
    let back = 1
    for (let before = 0; before !== back; ) {
      before = back
      for (const [i, mask] of leads.entries()) if ((mask & back) !== 0) back |= 1 << i
    }
    return back === 2 ** circle.length - 1
  }

  private finish(): PassStatus {
    for (const [goal, arrival] of this.best) {
      const moves: Move[] = []
      if (arrival.agent >= 0) moves.push({ state: this.stateOf(arrival.node), agent: arrival.agent, ordinal: arrival.ordinal })
      for (let node = arrival.node; node !== START; ) {
        const before = this.nodes[NODE * node + BEFORE] as number
        moves.push(moveOf(this.stateOf(before), this.nodes[NODE * node + EDGE] as number))
        node = before
      }
      this.found.set(goal, { count: arrival.count, steps: arrival.steps, schedule: told(this.space, moves.reverse()) })
    }
    return 'done'
  }

  private stateOf(node: number): number {
    return node === START ? 0 : Math.floor(node / this.space.agents)
  }
}

function bits(mask: number): number {
  let count = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++
  return count
}
