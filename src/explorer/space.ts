/**
 * The state space as far as it is known: components, states, and what was learnt of the model. The search makes it grow; the passes that
 * follow (shortest schedule, stuck states, schedules.ts) walk over it.
 */
import { assert } from '../lib/assert.ts'
import { MAX_COST } from './bucket-queue.ts'
import { Components } from './components.ts'
import { HEADER, LENGTH, Memo, OWN_AFTER, SHARED_AFTER } from './memo.ts'
import { Memory } from './memory.ts'
import type { Emit, Model } from './model.ts'
import { Symmetry } from './symmetry.ts'
import { AGENT_MASK, ENDED, hashOfSum, NO_PARENT, sumOf, Tuples, term } from './tuples.ts'

/** Of the cap, the memo may take this much. */
const MEMO_SHARE = 1 / 2

export class Space {
  readonly model: Model
  readonly agents: number
  readonly memory: Memory
  /** The states that are held. With a symmetry, each stands for all its images. */
  states: Tuples
  symmetry: Symmetry | null
  readonly memo: Memo
  readonly components: readonly Components[]
  /** Scratch tuples: of the state being expanded, and of one of its successors. */
  readonly tuple: Int32Array
  readonly successor: Int32Array
  private readonly offsets: readonly number[]
  /** Scratch for the model, laid out as it wants it. */
  private readonly words: Int32Array
  private readonly emit: Emit
  /** Of the visited tuple. */
  private sum = 0
  /** Of the expansion under way. */
  private own = 0
  private shared = 0
  private agent = 0
  private refused = false
  /** The states that stand behind those that are held. */
  private represented = 0

  /** `classes`: agents that may be interchangeable (symmetry.ts). */
  constructor(model: Model, maxBytes: number, classes: readonly (readonly number[])[] = []) {
    const { agents, widths, properties } = model
    assert(agents >= 1 && agents <= AGENT_MASK, `${agents} agents: 1 to ${AGENT_MASK} are possible`)
    assert(widths.length === agents + 1, `${widths.length} components for ${agents} agents`)
    assert(properties.length <= 30, `${properties.length} properties: at most 30 are possible`)
    this.model = model
    this.agents = agents
    this.memory = new Memory(maxBytes)
    this.states = new Tuples(agents + 1, this.memory)
    this.memo = new Memo(this.memory, maxBytes * MEMO_SHARE)
    this.memory.relieve = () => this.memo.shrink()
    this.components = widths.map((width) => new Components(width, this.memory))
    let width = 0
    this.offsets = widths.map((own) => (width += own) - own)
    this.words = this.memory.insist(width)
    this.symmetry = model.checkWhole === undefined ? Symmetry.of(classes, widths, this.memory) : null
    this.tuple = new Int32Array(agents + 1)
    this.successor = new Int32Array(agents + 1)
    this.emit = (choice, cost, violations, after) => this.receive(choice, cost, violations, after)
  }

  set maxBytes(bytes: number) {
    this.memory.limit = bytes
    this.restoreMemo()
  }

  /** Lets the memo grow again, after a pass that needed its room. */
  restoreMemo(): void {
    this.memo.allow(this.memory.limit * MEMO_SHARE)
  }

  /** How many states are known. */
  get known(): number {
    return this.symmetry === null ? this.states.count : this.represented
  }

  /** Forgets all states, and from now on holds each by itself. What was learnt of the model stays. */
  withoutSymmetry(): void {
    this.symmetry?.dispose()
    this.symmetry = null
    this.states.dispose()
    this.states = new Tuples(this.agents + 1, this.memory)
  }

  /** Adds the initial state as number 0. Answers the mask of the properties that it violates, or −1 where there is no memory for it. */
  start(): number {
    const { words, successor } = this
    words.fill(0)
    this.model.initial(words)
    for (let place = 0; place <= this.agents; place++) {
      const index = (this.components[place] as Components).intern(words, this.offsets[place] as number)
      if (index < 0) return -1
      successor[place] = index
    }
    if (this.symmetry?.begin(successor) === false) return -1
    const violations = this.violationsOfSuccessor()
    if (violations !== 0) successor[this.agents] = (successor[this.agents] as number) | ENDED
    const hash = hashOfSum(sumOf(successor, this.agents + 1))
    assert(this.states.find(successor, hash) < 0, 'the space was started twice')
    this.states.add(successor, hash, 0, NO_PARENT, 0)
    this.represented = 1
    return violations
  }

  /** Adds `successor`, which `find` has just not found; it was settled where there is a symmetry. */
  add(hash: number, distance: number, parent: number, edge: number): number {
    if (this.symmetry !== null) this.represented += this.symmetry.size
    return this.states.add(this.successor, hash, distance, parent, edge)
  }

  /**
   * Where, in the memo's arena, the outcomes lie that `agent` has with these components; −1 where memory ran out. The place holds until
   * the next call; whoever keeps the arena itself may read on while the memo shrinks.
   */
  outcomes(agent: number, own: number, shared: number): number {
    const known = this.memo.find(agent, own, shared)
    if (known >= 0) return known
    return this.symmetry === null ? this.compute(agent, own, shared) : this.compare(this.symmetry, agent, own, shared)
  }

  /** The mask of the properties that the whole state `successor` violates. */
  violationsOfSuccessor(): number {
    if (this.model.checkWhole === undefined) return 0
    return this.model.checkWhole(this.loadWhole(this.successor))
  }

  /** The whole state of a tuple, in a scratch array. */
  loadWhole(tuple: Int32Array): Int32Array {
    for (let place = 0; place <= this.agents; place++) this.load(place, (tuple[place] as number) & ~ENDED)
    return this.words
  }

  /** A number for a whole state, in which no run has ended, that no other state has; −1 where it was not seen. */
  locate(state: Int32Array): number {
    const { symmetry } = this
    const tuple = new Int32Array(this.agents + 1)
    for (let place = 0; place <= this.agents; place++) {
      const index = (this.components[place] as Components).find(state, this.offsets[place] as number)
      if (index < 0) return -1
      tuple[place] = index
    }
    if (symmetry === null) return this.find(tuple)
    const wanted = tuple.join()
    symmetry.settle(tuple)
    const held = this.find(tuple)
    if (held < 0) return -1
    const image = new Int32Array(tuple.length)
    const element = symmetry.places.findIndex((_, h) => {
      symmetry.apply(h, tuple, image)
      return image.join() === wanted
    })
    return held * symmetry.order + element
  }

  private find(tuple: Int32Array): number {
    return this.states.find(tuple, hashOfSum(sumOf(tuple, this.agents + 1)))
  }

  /** The states on the way by which `state` was first reached at its distance, from the initial one to itself. */
  pathTo(state: number): number[] {
    const path: number[] = []
    for (let at = state; at !== NO_PARENT; at = this.states.parent(at)) path.push(at)
    return path.reverse()
  }

  /** Takes `state` into `tuple`, for `follow`. */
  visit(state: number): void {
    this.states.load(state, this.tuple)
    this.sum = sumOf(this.tuple, this.agents + 1)
  }

  /**
   * The state that the outcome at `at` in `arena` leads to from the visited one, left in `successor` as well; −1 where it is not among those
   * seen. With a symmetry, it is the one held in its place: `turned` says what became of an agent. For outcomes without violations: a violating state would be under its marked tuple.
   */
  follow(agent: number, arena: Int32Array, at: number): number {
    const { successor, tuple, agents } = this
    for (let place = 0; place < agents; place++) successor[place] = tuple[place] as number
    const own = arena[at + OWN_AFTER] as number
    const shared = arena[at + SHARED_AFTER] as number
    successor[agent] = own
    successor[agents] = shared
    if (this.symmetry !== null) {
      this.symmetry.settle(successor)
      return this.find(successor)
    }
    const rest = this.sum - term(agent, tuple[agent] as number) - term(agents, tuple[agents] as number)
    return this.states.find(successor, hashOfSum((rest + term(agent, own) + term(agents, shared)) | 0))
  }

  /** The agent that, in the state that `follow` has answered, stands for this one of the visited state. */
  turned(agent: number): number {
    return this.symmetry === null ? agent : this.symmetry.to(this.symmetry.turn, agent)
  }

  /** As `compute`, for all images as well: do they agree? −1 also where they do not; the symmetry is broken then. */
  private compare(symmetry: Symmetry, agent: number, own: number, shared: number): number {
    const lists: Int32Array[] = []
    for (let h = 0; h < symmetry.order; h++) {
      const image = [symmetry.to(h, agent), symmetry.image(h, agent, own), symmetry.image(h, this.agents, shared)] as const
      const known = this.memo.find(...image)
      const list = known >= 0 ? known : this.compute(...image)
      if (list < 0) return -1
      const { arena } = this.memo
      lists.push(arena.slice(list, list + HEADER + (arena[list + LENGTH] as number)))
    }
    if (!symmetry.admits(agent, lists)) return -1
    const again = this.memo.find(agent, own, shared)
    return again >= 0 ? again : this.compute(agent, own, shared)
  }

  private compute(agent: number, own: number, shared: number): number {
    this.agent = agent
    this.own = own
    this.shared = shared
    this.refused = false
    this.load(agent, own)
    this.load(this.agents, shared)
    this.memo.begin(agent, own, shared, this.model.done(agent, this.words))
    this.model.expand(agent, this.words, this.emit)
    if (!this.refused) return this.memo.commit()
    this.memo.abandon()
    return -1
  }

  private receive(choice: number, cost: number, violations: number, after: Int32Array): void {
    assert(cost >= 1 && cost <= MAX_COST, `a choice that costs ${cost} unit steps`)
    assert(violations >>> this.model.properties.length === 0, `violations ${violations} of ${this.model.properties.length} properties`)
    const own = this.internAfter(this.agent, this.own, after)
    const shared = this.internAfter(this.agents, this.shared, after)
    if (own < 0 || shared < 0) this.refused = true
    else this.memo.append(choice, cost, violations, own, shared)
  }

  /** Most outcomes leave one of the two components as it was, and comparing is cheaper than hashing. */
  private internAfter(place: number, before: number, after: Int32Array): number {
    const components = this.components[place] as Components
    const offset = this.offsets[place] as number
    return components.equals(before, after, offset) ? before : components.intern(after, offset)
  }

  private load(place: number, index: number): void {
    ;(this.components[place] as Components).load(index, this.words, this.offsets[place] as number)
  }
}
