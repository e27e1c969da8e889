/**
 * The best schedule of a known length: of all that reach their goal in exactly `distance` unit steps (the fewest there are), one with the
 * fewest switches between agents, and of these the first in the order of agents and outcomes.
 *
 * Edges that keep distances exact (distance of the source + cost = distance of the target) form a DAG. Going back over it from the goal,
 * each state learns the fewest switches to go. What counts is only who moves first: if m is the least over all first moves, arriving by an
 * agent that attains m costs m, and by any other m + 1 (one may always switch). So a state needs two words: m, and the set of agents
 * that attain it. Going forward from the initial state then picks the first move that keeps the promise.
 *
 * Every state nearer than `distance` must be expanded. Takes 8 bytes for every state and 4 more for the near ones while it runs.
 */
import { assert } from '../lib/assert.ts'
import { COST, HEADER, LENGTH, OUTCOME, VIOLATIONS } from './memo.ts'
import type { Pass, PassStatus } from './pass.ts'
import { type Move, type Schedule, told } from './schedules.ts'
import type { Space } from './space.ts'

/** What a schedule leads to: an edge that violates a property (its bit), or a state. */
export type Goal = { readonly kind: 'edge'; readonly bit: number } | { readonly kind: 'state'; readonly holds: (state: number) => boolean }

const ALL_AGENTS = -1
const NOBODY = -1
const UNREACHABLE = 2 ** 31 - 1
const NOTHING: Int32Array = new Int32Array(0)

export class ShortestSchedule implements Pass {
  /** Filled when done. */
  schedule: Schedule = []
  switches = 0
  /** The states passed through, the initial one first; where the goal is a state, it is the last. */
  readonly path: number[] = [0]
  private readonly space: Space
  private readonly distance: number
  private readonly goal: Goal
  /** The states nearer than the goal, by distance. */
  private order = NOTHING
  /** For each distance, where its next state goes in `order`. */
  private places = NOTHING
  /** For each state: fewest switches to go + 1 (0: the goal cannot be reached in time), and the agents that attain them. */
  private toGo = NOTHING
  private stage: 'begin' | 'count' | 'sort' | 'judge' = 'begin'
  private cursor = 0

  constructor(space: Space, distance: number, goal: Goal) {
    this.space = space
    this.distance = distance
    this.goal = goal
  }

  run(budget: number): PassStatus {
    switch (this.stage) {
      case 'begin':
        return this.begin()
      case 'count':
        return this.count(budget)
      case 'sort':
        return this.sort(budget)
      case 'judge':
        return this.judge(budget)
    }
  }

  dispose(): void {
    for (const array of [this.order, this.places, this.toGo]) this.space.memory.free(array)
    this.order = this.places = this.toGo = NOTHING
  }

  private begin(): PassStatus {
    const { memory, states } = this.space
    const places = memory.allocate(this.distance + 1)
    if (places === null) return 'refused'
    this.places = places
    const toGo = memory.allocate(2 * states.count)
    if (toGo === null) return 'refused'
    this.toGo = toGo
    this.stage = 'count'
    return 'more'
  }

  private count(budget: number): PassStatus {
    const { states } = this.space
    const { places, goal } = this
    for (const end = Math.min(states.count, this.cursor + budget); this.cursor < end; this.cursor++) {
      const distance = states.distance(this.cursor)
      if (distance > this.distance || states.isEnded(this.cursor)) continue
      if (distance < this.distance) places[distance] = (places[distance] as number) + 1
      else if (goal.kind === 'state' && goal.holds(this.cursor)) {
        this.toGo[2 * this.cursor] = 1
        this.toGo[2 * this.cursor + 1] = ALL_AGENTS
      }
    }
    if (this.cursor < states.count) return 'more'
    let total = 0
    for (let distance = 0; distance < this.distance; distance++) {
      const here = places[distance] as number
      places[distance] = total
      total += here
    }
    const order = this.space.memory.allocate(total)
    if (order === null) return 'refused'
    this.order = order
    this.cursor = 0
    this.stage = 'sort'
    return 'more'
  }

  private sort(budget: number): PassStatus {
    const { states } = this.space
    for (const end = Math.min(states.count, this.cursor + budget); this.cursor < end; this.cursor++) {
      const distance = states.distance(this.cursor)
      if (distance >= this.distance || states.isEnded(this.cursor)) continue
      const place = this.places[distance] as number
      this.order[place] = this.cursor
      this.places[distance] = place + 1
    }
    if (this.cursor < states.count) return 'more'
    this.cursor = this.order.length
    this.stage = 'judge'
    return 'more'
  }

  /** From the farthest state to the initial one. */
  private judge(budget: number): PassStatus {
    for (let used = 0; this.cursor > 0 && used < budget; ) used += this.judgeState(this.order[--this.cursor] as number)
    if (this.cursor > 0) return 'more'
    this.walk()
    return 'done'
  }

  private judgeState(state: number): number {
    const { space, toGo } = this
    const { agents, tuple, memo } = space
    const distance = space.states.distance(state)
    let least = UNREACHABLE
    let attainedBy = 0
    let looked = 1
    space.visit(state)
    for (let agent = 0; agent < agents; agent++) {
      const list = space.outcomes(agent, tuple[agent] as number, tuple[agents] as number)
      assert(list >= 0, 'what was expanded can be expanded again')
      const arena = memo.arena
      const end = list + HEADER + (arena[list + LENGTH] as number)
      for (let at = list + HEADER; at < end; at += OUTCOME) {
        const switches = this.afterOutcome(agent, distance, arena, at)
        looked++
        if (switches < least) {
          least = switches
          attainedBy = 1 << agent
        } else if (switches === least) attainedBy |= 1 << agent
      }
    }
    if (least !== UNREACHABLE) {
      toGo[2 * state] = least + 1
      toGo[2 * state + 1] = attainedBy
    }
    return looked
  }

  /** The fewest switches from behind this outcome of the visited state to the goal, counting the one right behind it. */
  private afterOutcome(agent: number, distance: number, arena: Int32Array, at: number): number {
    const { space, goal } = this
    const next = distance + (arena[at + COST] as number)
    if (next > this.distance) return UNREACHABLE
    const violations = arena[at + VIOLATIONS] as number
    const last = next === this.distance
    if (last && goal.kind === 'edge') {
      if ((violations & goal.bit) !== 0) return 0
      if (space.model.checkWhole === undefined) return UNREACHABLE
      // A successor that is among the states seen, and not as the end of a run, has passed this check before.
      const known = space.follow(agent, arena, at)
      if (violations === 0 && known >= 0) return UNREACHABLE
      return (space.violationsOfSuccessor() & goal.bit) !== 0 ? 0 : UNREACHABLE
    }
    if (violations !== 0) return UNREACHABLE
    const target = space.follow(agent, arena, at)
    if (target < 0 || space.states.distance(target) !== next) return UNREACHABLE
    return this.arriving(target, space.turned(agent))
  }

  /** The fewest switches from a state to the goal, when `agent` has just moved. */
  private arriving(state: number, agent: number): number {
    const least = (this.toGo[2 * state] as number) - 1
    if (least < 0) return UNREACHABLE
    return agent === NOBODY || ((this.toGo[2 * state + 1] as number) & (1 << agent)) !== 0 ? least : least + 1
  }

  private walk(): void {
    const { space, goal } = this
    const moves: Move[] = []
    let state = 0
    let mover = NOBODY
    this.switches = this.arriving(0, NOBODY)
    assert(this.switches !== UNREACHABLE, `nothing of the kind is ${this.distance} steps away`)
    for (let distance = 0; distance < this.distance; ) {
      const wanted = this.arriving(state, mover)
      const [agent, ordinal, at] = this.firstMove(state, distance, mover, wanted)
      const { arena } = space.memo
      moves.push({ state, agent, ordinal })
      distance += arena[at + COST] as number
      if (distance === this.distance && goal.kind === 'edge') break
      state = space.follow(agent, arena, at)
      this.path.push(state)
      mover = space.turned(agent)
    }
    this.schedule = told(space, moves)
  }

  /** The first outcome of `state` that leaves `wanted` switches: who moves, which of its outcomes, and where that lies in the arena. */
  private firstMove(state: number, distance: number, mover: number, wanted: number): [agent: number, ordinal: number, at: number] {
    const { agents, tuple, memo } = this.space
    this.space.visit(state)
    for (let agent = 0; agent < agents; agent++) {
      const list = this.space.outcomes(agent, tuple[agent] as number, tuple[agents] as number)
      const arena = memo.arena
      const end = list + HEADER + (arena[list + LENGTH] as number)
      const turn = mover === NOBODY || mover === agent ? 0 : 1
      for (let at = list + HEADER; at < end; at += OUTCOME) {
        if (turn + this.afterOutcome(agent, distance, arena, at) === wanted) return [agent, (at - list - HEADER) / OUTCOME, at]
      }
    }
    throw new Error(`internal error: the way back at state ${state} does not exist forward`)
  }
}
