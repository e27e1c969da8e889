/**
 * Stuck states, judged when every state is known: from every reachable state a final state must stay reachable. Spin loops are
 * cycles of the state graph like any other, and fine as long as some way leads out.
 *
 * A state is *good* if a final or a violating state can be reached from it. (One whose only way on is a violation is no case of its own:
 * that violation is reported.) The others are *doomed*, and whoever is doomed ends up in a *trap*: a strongly connected component of
 * the doomed that nothing leaves. A trap is a state without transitions (deadlock) or a cycle (livelock).
 *
 * First pass, states backwards: a good state makes all its ancestors in the search tree good, so only the leaves of the tree have to
 * be expanded, and these only until one successor is known to be good. Usually nothing is left. Second pass, over the rest: Tarjan's
 * algorithm on an explicit stack, each state expanded once. Both are linear.
 */
import { assert } from '../lib/assert.ts'
import { IntStack } from './int-stack.ts'
import { HEADER, LENGTH, OUTCOME, VIOLATIONS } from './memo.ts'
import type { Pass, PassStatus } from './pass.ts'
import type { Space } from './space.ts'

/** Of each state: 0 not decided, positive while on Tarjan's stack (its number), or one of these. */
const GOOD = -1
const DOOMED = -2
const TRAPPED = -3

/** Words of a frame: state, its number, the least number that it reaches, where its successors begin, and what was seen on the way. */
const FRAME = 5
const NUMBER = 1
const LOW = 2
const SUCCESSORS = 3
const SEEN = 4
const SEES_GOOD = 1
const SEES_OTHER_DOOMED = 2

const NOTHING: Int32Array = new Int32Array(0)

export class StuckAnalysis implements Pass {
  /** Distance of the nearest trap; −1 where there is none. Valid when done. */
  distance = -1
  private readonly space: Space
  private fate: Int32Array = NOTHING
  private stage: 'begin' | 'backwards' | 'components' | 'nearest' = 'begin'
  private cursor = 0
  private numbers = 0
  private readonly frames: IntStack
  private readonly successors: IntStack
  private readonly open: IntStack

  constructor(space: Space) {
    this.space = space
    this.frames = new IntStack(space.memory)
    this.successors = new IntStack(space.memory)
    this.open = new IntStack(space.memory)
  }

  /** After the analysis: can this state reach neither a final nor a violating one? */
  isDoomed(state: number): boolean {
    return (this.fate[state] as number) <= DOOMED
  }

  isTrapped(state: number): boolean {
    return this.fate[state] === TRAPPED
  }

  run(budget: number): PassStatus {
    switch (this.stage) {
      case 'begin': {
        const fate = this.space.memory.allocate(this.space.states.count)
        if (fate === null) return 'refused'
        this.fate = fate
        this.cursor = fate.length
        this.stage = 'backwards'
        return 'more'
      }
      case 'backwards':
        return this.backwards(budget)
      case 'components':
        return this.judgeComponents(budget)
      case 'nearest':
        return this.findNearest(budget)
    }
  }

  dispose(): void {
    this.space.memory.free(this.fate)
    this.fate = NOTHING
    for (const stack of [this.frames, this.successors, this.open]) stack.dispose()
  }

  private backwards(budget: number): PassStatus {
    const { states } = this.space
    for (let used = 0; this.cursor > 0 && used < budget; used++) {
      const state = --this.cursor
      if (this.fate[state] === GOOD) continue
      if (states.isEnded(state) || states.isFinal(state) || this.seesGood(state)) this.markWayTo(state)
    }
    if (this.cursor > 0) return 'more'
    this.stage = 'components'
    return 'more'
  }

  private markWayTo(state: number): void {
    for (let at = state; at >= 0 && this.fate[at] !== GOOD; at = this.space.states.parent(at)) this.fate[at] = GOOD
  }

  private seesGood(state: number): boolean {
    const { space, fate } = this
    const { agents, memo, states } = space
    space.visit(state)
    for (let agent = 0; agent < agents; agent++) {
      const list = this.outcomes(agent)
      const arena = memo.arena
      const end = list + HEADER + (arena[list + LENGTH] as number)
      for (let at = list + HEADER; at < end; at += OUTCOME) {
        if (arena[at + VIOLATIONS] !== 0) return true
        const target = space.follow(agent, arena, at)
        // Every successor is known: one that is not found under its own tuple is there as a violating state.
        if (target < 0 || fate[target] === GOOD || states.isFinal(target)) return true
      }
    }
    return false
  }

  private outcomes(agent: number): number {
    const { tuple, agents } = this.space
    const list = this.space.outcomes(agent, tuple[agent] as number, tuple[agents] as number)
    assert(list >= 0, 'what was expanded can be expanded again')
    return list
  }

  private judgeComponents(budget: number): PassStatus {
    const { frames, fate } = this
    for (let used = 0; used < budget; used++) {
      if (frames.length > 0) {
        if (!this.advance()) return 'refused'
      } else if (this.cursor === fate.length) {
        this.cursor = 0
        this.stage = 'nearest'
        return 'more'
      } else {
        const state = this.cursor++
        if (fate[state] === 0 && !this.enter(state)) return 'refused'
      }
    }
    return 'more'
  }

  /** Opens a frame: expands the state, and keeps those successors that are not decided. */
  private enter(state: number): boolean {
    const { space, fate, frames, successors, open } = this
    const { agents, memo } = space
    if (!frames.reserve(FRAME) || !open.reserve(1)) return false
    const number = ++this.numbers
    fate[state] = number
    open.push(state)
    const begin = successors.length
    let low = number
    let seen = 0
    space.visit(state)
    for (let agent = 0; agent < agents; agent++) {
      const list = this.outcomes(agent)
      const arena = memo.arena
      const end = list + HEADER + (arena[list + LENGTH] as number)
      if (!successors.reserve(end - list)) return false
      for (let at = list + HEADER; at < end; at += OUTCOME) {
        const target = arena[at + VIOLATIONS] === 0 ? space.follow(agent, arena, at) : -1
        const known = target < 0 ? GOOD : (fate[target] as number)
        if (known === 0) successors.push(target)
        else if (known === GOOD) seen |= SEES_GOOD
        else if (known < 0) seen |= SEES_OTHER_DOOMED
        else if (known < low) low = known
      }
    }
    frames.push(state)
    frames.push(number)
    frames.push(low)
    frames.push(begin)
    frames.push(seen)
    return true
  }

  /** Looks at one more successor of the topmost frame, or closes it. */
  private advance(): boolean {
    const { frames, successors, fate } = this
    const top = frames.length - FRAME
    const { words } = frames
    if (successors.length === words[top + SUCCESSORS]) {
      this.close(top)
      return true
    }
    const target = successors.pop()
    const known = fate[target] as number
    if (known === 0) return this.enter(target)
    if (known === GOOD) words[top + SEEN] = (words[top + SEEN] as number) | SEES_GOOD
    else if (known < 0) words[top + SEEN] = (words[top + SEEN] as number) | SEES_OTHER_DOOMED
    else if (known < (words[top + LOW] as number)) words[top + LOW] = known
    return true
  }

  private close(top: number): void {
    const { words } = this.frames
    const low = words[top + LOW] as number
    let seen = words[top + SEEN] as number
    this.frames.length = top
    const parent = top - FRAME
    if (low === words[top + NUMBER]) {
      const verdict = (seen & SEES_GOOD) !== 0 ? GOOD : (seen & SEES_OTHER_DOOMED) !== 0 ? DOOMED : TRAPPED
      let state: number
      do {
        state = this.open.pop()
        this.fate[state] = verdict
      } while (state !== words[top])
      seen = verdict === GOOD ? SEES_GOOD : SEES_OTHER_DOOMED
    } else if (low < (words[parent + LOW] as number)) words[parent + LOW] = low
    if (parent >= 0) words[parent + SEEN] = (words[parent + SEEN] as number) | seen
  }

  private findNearest(budget: number): PassStatus {
    const { states } = this.space
    for (const end = Math.min(this.fate.length, this.cursor + budget); this.cursor < end; this.cursor++) {
      if (this.fate[this.cursor] !== TRAPPED) continue
      const distance = states.distance(this.cursor)
      if (this.distance < 0 || distance < this.distance) this.distance = distance
    }
    return this.cursor < this.fate.length ? 'more' : 'done'
  }
}
