/**
 * Stuck states, judged when every state is known: from every reachable state a final state must stay reachable. Spin loops are
 * cycles of the state graph like any other, and fine as long as some way leads out.
 *
 * A state is *good* if a final or a violating state can be reached from it. (One whose only way on is a violation is no case of its own:
 * that violation is reported.) The others are *doomed*, and whoever is doomed ends up in a *trap*: a strongly connected component of
 * the doomed that nothing leaves. A trap is a state without transitions (deadlock) or a cycle (livelock).
 *
 * Tarjan's algorithm on an explicit stack, with a shortcut: everything open can reach the state where the walk stands, so when that one
 * sees something good, all that is open is good, and the walk is over. Only components of doomed states are ever closed. A good state
 * also makes its ancestors in the search tree good, so mostly only leaves of that tree are expanded, and these up to the first good
 * successor. Linear in states and transitions at worst.
 */
import { assert } from '../lib/assert.ts'
import { IntStack } from './int-stack.ts'
import { HEADER, LENGTH, OUTCOME, VIOLATIONS } from './memo.ts'
import type { Pass, PassStatus } from './pass.ts'
import type { Space } from './space.ts'
import { AGENT_BITS, AGENT_MASK } from './tuples.ts'

/** Of each state: 0 not decided, positive while open (its number), or one of these. */
const GOOD = -1
const DOOMED = -2
const TRAPPED = -3

/** Words of a frame: state, its number, the least number that it reaches, its next edge, and whether it leads to a closed component. */
const FRAME = 5
const NUMBER = 1
const LOW = 2
const NEXT = 3
const LEAVES = 4

const NOTHING: Int32Array = new Int32Array(0)

export class StuckAnalysis implements Pass {
  /** Distance of the nearest trap; −1 where there is none. Valid when done. */
  distance = -1
  private readonly space: Space
  private fate: Int32Array = NOTHING
  private stage: 'begin' | 'judge' | 'nearest' = 'begin'
  private cursor = 0
  private numbers = 0
  /** The way from where the walk began to where it stands. */
  private readonly frames: IntStack
  /** States that are numbered and in no closed component. */
  private readonly open: IntStack

  constructor(space: Space) {
    this.space = space
    this.frames = new IntStack(space.memory)
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
        this.stage = 'judge'
        return 'more'
      }
      case 'judge':
        return this.judge(budget)
      case 'nearest':
        return this.findNearest(budget)
    }
  }

  dispose(): void {
    this.space.memory.free(this.fate)
    this.fate = NOTHING
    this.frames.dispose()
    this.open.dispose()
  }

  /** Later states first: their ancestors are then decided with them. */
  private judge(budget: number): PassStatus {
    const { frames, fate, space } = this
    const { states } = space
    for (let used = 0; used < budget; used++) {
      if (frames.length > 0) {
        if (!this.advance()) return 'refused'
      } else if (this.cursor === 0) {
        this.stage = 'nearest'
        return 'more'
      } else {
        const state = --this.cursor
        if (fate[state] !== 0) continue
        if (states.isEnded(state) || states.isFinal(state)) this.markWayTo(state)
        else if (!this.enter(state)) return 'refused'
      }
    }
    return 'more'
  }

  private enter(state: number): boolean {
    const { frames, open } = this
    if (!frames.reserve(FRAME) || !open.reserve(1)) return false
    const number = ++this.numbers
    this.fate[state] = number
    open.push(state)
    frames.push(state)
    frames.push(number)
    frames.push(number)
    frames.push(0)
    frames.push(0)
    return true
  }

  /** Follows edges of the topmost frame until one leads on, one leads to something good, or none is left. */
  private advance(): boolean {
    const { frames, fate, space } = this
    const { agents, tuple, memo, states } = space
    const { words } = frames
    const top = frames.length - FRAME
    const next = words[top + NEXT] as number
    let ordinal = next >>> AGENT_BITS
    space.visit(words[top] as number)
    for (let agent = next & AGENT_MASK; agent < agents; agent++) {
      const list = space.outcomes(agent, tuple[agent] as number, tuple[agents] as number)
      assert(list >= 0, 'what was expanded can be expanded again')
      const { arena } = memo
      const count = (arena[list + LENGTH] as number) / OUTCOME
      for (; ordinal < count; ordinal++) {
        const at = list + HEADER + ordinal * OUTCOME
        const target = arena[at + VIOLATIONS] === 0 ? space.follow(agent, arena, at) : -1
        // Every successor is known: one that is not found under its own tuple is there as a violating state.
        const known = target < 0 ? GOOD : (fate[target] as number)
        if (known === GOOD || (known === 0 && states.isFinal(target))) {
          this.rejoice()
          return true
        }
        if (known === 0) {
          words[top + NEXT] = ((ordinal + 1) << AGENT_BITS) | agent
          return this.enter(target)
        }
        if (known < 0) words[top + LEAVES] = 1
        else if (known < (words[top + LOW] as number)) words[top + LOW] = known
      }
      ordinal = 0
    }
    this.close(top)
    return true
  }

  /** Something good was seen from where the walk stands, and so from everything that is open. */
  private rejoice(): void {
    const { open, frames } = this
    for (let i = open.length - 1; i >= 0; i--) this.markWayTo(open.words[i] as number)
    open.length = 0
    frames.length = 0
  }

  private markWayTo(state: number): void {
    for (let at = state; at >= 0 && this.fate[at] !== GOOD; at = this.space.states.parent(at)) this.fate[at] = GOOD
  }

  /** All edges of the topmost frame are followed. */
  private close(top: number): void {
    const { words } = this.frames
    const low = words[top + LOW] as number
    const parent = top - FRAME
    let leaves = words[top + LEAVES] as number
    this.frames.length = top
    if (low === words[top + NUMBER]) {
      let state: number
      do {
        state = this.open.pop()
        this.fate[state] = leaves === 1 ? DOOMED : TRAPPED
      } while (state !== words[top])
      leaves = 1
    } else if (low < (words[parent + LOW] as number)) words[parent + LOW] = low
    if (parent >= 0 && leaves === 1) words[parent + LEAVES] = 1
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
