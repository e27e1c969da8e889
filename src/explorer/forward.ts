/**
 * The forward search: expands states in the order of their distance, until none is left or a bound refuses. Its inner function is the
 * one that must be fast.
 *
 * Expanding can be repeated: a state whose expansion a bound interrupted stays in the queue, its transitions are not counted, and a later
 * attempt finds what the first one added as known. So a search that was cut goes on as if nothing had happened.
 */
import { assert } from '../lib/assert.ts'
import { BucketQueue } from './bucket-queue.ts'
import { COST, HEADER, LENGTH, OUTCOME, OWN_AFTER, SHARED_AFTER, VIOLATIONS, WHO } from './memo.ts'
import { OutcomeTable } from './outcomes.ts'
import type { Space } from './space.ts'
import { AGENT_BITS, ENDED, hashOfSum, sumOf, term } from './tuples.ts'

/** The first edge found that violates a property at the least distance found so far. */
export interface Candidate {
  readonly distance: number
  /** −1: the initial state itself violates it. */
  readonly source: number
  readonly edge: number
}

const MAX_DISTANCE = 2 ** 31 - 1

export class Forward {
  readonly space: Space
  readonly queue: BucketQueue
  readonly outcomes: OutcomeTable
  /** For each property. */
  readonly candidates: (Candidate | null)[]
  maxStates: number
  transitions = 0
  expanded = 0
  /** States that violate. */
  ended = 0
  /** Greatest distance expanded. */
  depth = 0
  finalStates = 0
  /** The bound that made the last `run` fail; with `symmetry`, its claim was false, and everything has to be looked at again without it. */
  refusedBy: 'states' | 'memory' | 'symmetry' = 'memory'
  /** Of the state that was expanded last: how many it stands for. */
  private weight = 1
  private started = false

  constructor(space: Space, maxStates: number) {
    this.space = space
    this.queue = new BucketQueue(space.memory)
    this.outcomes = new OutcomeTable(space)
    this.candidates = space.model.properties.map(() => null)
    this.maxStates = maxStates
  }

  /** Every state nearer than this is expanded; infinite when nothing is left. */
  get settled(): number {
    return this.started && this.queue.size === 0 ? Number.POSITIVE_INFINITY : this.queue.distance
  }

  get frontier(): number {
    return this.space.states.count - this.expanded - this.ended
  }

  /**
   * Expands states until about `budget` transitions were looked at, the distance moves on, or nothing is left. Answers how much of the
   * budget was used; −1 where a bound refused.
   */
  run(budget: number): number {
    if (!this.started && !this.start()) return -1
    const { queue, space } = this
    const { states, memory } = space
    if (!memory.fits(0)) {
      this.refusedBy = 'memory' // the names of outcomes are charged without asking
      return -1
    }
    let used = 0
    let state = queue.peek()
    const distance = queue.distance
    while (state >= 0 && queue.distance === distance && used < budget) {
      // An entry is stale when a shorter way was found later.
      if (states.distance(state) === distance) {
        const found = this.expand(state, distance)
        if (found < 0) return -1
        this.transitions += found * this.weight
        this.expanded++
        this.depth = distance
        used += found
      }
      used++
      queue.pop()
      state = queue.peek()
    }
    return used
  }

  /** Gives its memory back. */
  dispose(): void {
    this.queue.dispose()
    this.outcomes.dispose()
  }

  private start(): boolean {
    if (this.maxStates < 1) return this.refuse('states')
    if (!this.space.memory.fits(0) || !this.queue.reserve(1)) return this.refuse('memory')
    const violations = this.space.start()
    if (violations < 0) return this.refuse('memory')
    this.started = true
    if (violations === 0) this.queue.push(0, 0)
    else {
      this.ended++
      this.record(violations, 0, -1, 0)
    }
    return true
  }

  /** Answers the number of outcomes, −1 where a bound refused. */
  private expand(state: number, distance: number): number {
    const { space } = this
    const { states, memo, agents, successor, tuple, symmetry } = space
    states.load(state, tuple)
    if (symmetry !== null) {
      symmetry.settle(tuple)
      this.weight = symmetry.size
    }
    for (let place = 0; place < agents; place++) successor[place] = tuple[place] as number
    const shared = tuple[agents] as number
    const sum = sumOf(tuple, agents)
    let found = 0
    let allDone = 1
    for (let agent = 0; agent < agents; agent++) {
      const own = tuple[agent] as number
      const list = space.outcomes(agent, own, shared)
      if (list < 0) {
        this.refusedBy = symmetry?.broken === true ? 'symmetry' : 'memory'
        return -1
      }
      const arena = memo.arena
      allDone &= arena[list + WHO] as number
      const rest = sum - term(agent, own)
      const first = list + HEADER
      const end = first + (arena[list + LENGTH] as number)
      for (let at = first; at < end; at += OUTCOME) {
        const ownAfter = arena[at + OWN_AFTER] as number
        const sharedAfter = arena[at + SHARED_AFTER] as number
        const next = distance + (arena[at + COST] as number)
        const violations = arena[at + VIOLATIONS] as number
        if (violations === 0 && ownAfter === own && sharedAfter === shared) continue
        if (symmetry !== null) successor.set(tuple)
        successor[agent] = ownAfter
        successor[agents] = sharedAfter
        symmetry?.settle(successor)
        if (violations === 0) {
          const turned = symmetry !== null && symmetry.turn !== 0
          const hash = hashOfSum(turned ? sumOf(successor, agents + 1) : (rest + term(agent, ownAfter) + term(agents, sharedAfter)) | 0)
          const known = states.find(successor, hash)
          if (known >= 0 && states.distance(known) <= next) continue
          if (!this.arrive(known, hash, next, state, (((at - first) / OUTCOME) << AGENT_BITS) | agent)) return -1
        } else {
          const mask = violations | space.violationsOfSuccessor()
          if (!this.end(mask, next, state, (((at - first) / OUTCOME) << AGENT_BITS) | agent)) return -1
        }
      }
      found += (end - first) / OUTCOME
      successor[agent] = own
    }
    if (allDone === 1) {
      states.markFinal(state)
      this.finalStates += this.weight
      this.outcomes.add(state, tuple)
    }
    return found
  }

  /** The successor is new, or `known` and reached on a shorter way. */
  private arrive(known: number, hash: number, distance: number, parent: number, edge: number): boolean {
    const { states } = this.space
    assert(distance <= MAX_DISTANCE, 'a distance beyond 32 bits')
    if (!this.queue.reserve(distance - this.queue.distance)) return this.refuse('memory')
    if (known >= 0) {
      states.improve(known, distance, parent, edge)
      this.queue.push(distance, known)
      return true
    }
    const violations = this.space.violationsOfSuccessor()
    if (violations !== 0) return this.end(violations, distance, parent, edge)
    if (states.count >= this.maxStates) return this.refuse('states')
    if (!states.hasRoom()) {
      if (!states.reserve()) return this.refuse('memory')
      states.find(this.space.successor, hash)
    }
    this.queue.push(distance, this.space.add(hash, distance, parent, edge))
    return true
  }

  /** The successor violates something: it is counted, and never expanded. */
  private end(violations: number, distance: number, parent: number, edge: number): boolean {
    const { states, successor, agents } = this.space
    successor[agents] = (successor[agents] as number) | ENDED
    const hash = hashOfSum(sumOf(successor, agents + 1))
    let known = states.find(successor, hash)
    if (known < 0) {
      if (states.count >= this.maxStates) return this.refuse('states')
      if (!states.reserve()) return this.refuse('memory')
      states.find(successor, hash)
      known = this.space.add(hash, distance, parent, edge)
      this.ended++
    } else if (states.distance(known) > distance) states.improve(known, distance, parent, edge)
    this.record(violations, distance, parent, edge)
    return true
  }

  private record(violations: number, distance: number, source: number, edge: number): void {
    for (let rest = violations; rest !== 0; rest &= rest - 1) {
      const property = 31 - Math.clz32(rest & -rest)
      const best = this.candidates[property]
      if (best === null || best === undefined || distance < best.distance) this.candidates[property] = { distance, source, edge }
    }
  }

  private refuse(bound: 'states' | 'memory'): false {
    this.refusedBy = bound
    return false
  }
}
