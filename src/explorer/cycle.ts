/**
 * The shortest way from a state back to itself, for showing a livelock: a search of its own from that state over the edges already known,
 * which ends with the first ring that it can close. Nothing leaves a trap, so all that it meets belongs to the livelock. Not for a space with a symmetry:
 * a way back to an image of the state is no ring.
 */
import { assert } from '../lib/assert.ts'
import { BucketQueue } from './bucket-queue.ts'
import { COST, HEADER, LENGTH, OUTCOME } from './memo.ts'
import type { Pass, PassStatus } from './pass.ts'
import { type Move, moveOf, type Schedule, told } from './schedules.ts'
import type { Space } from './space.ts'
import { AGENT_BITS } from './tuples.ts'

/** Words of a state met: distance from the entry + 1 (0: not met), whence, by which edge. */
const VISIT = 3
const NOTHING: Int32Array = new Int32Array(0)

export class ShortestCycle implements Pass {
  /** Filled when done. */
  schedule: Schedule = []
  private readonly space: Space
  private readonly entry: number
  private readonly queue: BucketQueue
  private visits = NOTHING
  /** The best last edge so far. */
  private length = Number.POSITIVE_INFINITY
  private lastState = 0
  private lastEdge = 0

  constructor(space: Space, entry: number) {
    this.space = space
    this.entry = entry
    this.queue = new BucketQueue(space.memory)
  }

  run(budget: number): PassStatus {
    const { queue, space, entry } = this
    if (this.visits.length === 0) {
      const visits = space.memory.allocate(VISIT * space.states.count)
      if (visits === null || !queue.reserve(1)) return 'refused'
      this.visits = visits
      visits[VISIT * entry] = 1
      queue.push(0, entry)
    }
    for (let used = 0; used < budget; used++) {
      const state = queue.peek()
      if (state < 0 || queue.distance >= this.length) {
        assert(this.length < Number.POSITIVE_INFINITY, 'a state of a livelock leads back to itself')
        this.walk()
        return 'done'
      }
      if (this.visits[VISIT * state] === queue.distance + 1 && !this.expand(state)) return 'refused'
      queue.pop()
    }
    return 'more'
  }

  dispose(): void {
    this.queue.dispose()
    this.space.memory.free(this.visits)
    this.visits = NOTHING
  }

  private expand(state: number): boolean {
    const { space, queue, visits } = this
    const { agents, tuple, memo } = space
    space.visit(state)
    for (let agent = 0; agent < agents; agent++) {
      const list = space.outcomes(agent, tuple[agent] as number, tuple[agents] as number)
      assert(list >= 0, 'what was expanded can be expanded again')
      const arena = memo.arena
      const first = list + HEADER
      const end = first + (arena[list + LENGTH] as number)
      for (let at = first; at < end; at += OUTCOME) {
        const target = space.follow(agent, arena, at)
        const distance = queue.distance + (arena[at + COST] as number)
        const edge = (((at - first) / OUTCOME) << AGENT_BITS) | agent
        if (target === this.entry && distance < this.length) {
          this.length = distance
          this.lastState = state
          this.lastEdge = edge
        }
        const met = (visits[VISIT * target] as number) - 1
        if (met >= 0 && met <= distance) continue
        if (!queue.reserve(distance - queue.distance)) return false
        visits[VISIT * target] = distance + 1
        visits[VISIT * target + 1] = state
        visits[VISIT * target + 2] = edge
        queue.push(distance, target)
      }
    }
    return true
  }

  private walk(): void {
    const moves: Move[] = []
    let state = this.lastState
    let edge = this.lastEdge
    for (;;) {
      moves.push(moveOf(state, edge))
      if (state === this.entry) break
      edge = this.visits[VISIT * state + 2] as number
      state = this.visits[VISIT * state + 1] as number
    }
    this.schedule = told(this.space, moves.reverse())
  }
}
