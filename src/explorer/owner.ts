/**
 * One of several owners that share a search: each state belongs to one of them, by its fingerprint, and is kept, compared whole and expanded there only. What an
 * expansion leads to goes to its owner in a batch: an array of words that can be handed to another thread as it is. A component is sent whole once to each other
 * owner, and by its index from then on.
 *
 * Every transition is sent, not only the first to a state. So each owner learns, for every state and every agent that may have moved last, the fewest switches of
 * the shortest ways there; and who leads to whom, for judging stuck states backwards.
 */
import { assert } from '../lib/assert.ts'
import { Fingerprints } from './fingerprint.ts'
import { IntStack } from './int-stack.ts'
import { CHOICE, COST, HEADER, LENGTH, OUTCOME, OWN_AFTER, SHARED_AFTER, VIOLATIONS, WHO } from './memo.ts'
import type { Model } from './model.ts'
import { Space } from './space.ts'
import { AGENT_BITS, ENDED, hashOfSum, sumOf } from './tuples.ts'

/** Where a way comes from: a state (`id` of an owner), who moved last before it (−1: nobody), and which outcome of `agent` was taken. */
export interface Origin {
  readonly owner: number
  readonly id: number
  readonly last: number
  readonly agent: number
  readonly ordinal: number
}

export interface OwnerViolation {
  readonly property: number
  readonly steps: number
  readonly switches: number
  /** null: the initial state itself. */
  readonly origin: Origin | null
}

export interface Round {
  /** For each owner, what belongs to it. */
  readonly out: readonly (Int32Array | null)[]
  /** The least distance that waits here; −1 where nothing does. */
  readonly next: number
  readonly states: number
  readonly transitions: number
  readonly bytes: number
  readonly refused: boolean
}

export interface OwnerSummary {
  readonly violations: readonly OwnerViolation[]
  readonly outcomes: readonly { readonly key: string; readonly states: number; readonly sample: number; readonly steps: number }[]
  readonly finalStates: number
  readonly depth: number
  readonly peakBytes: number
}

/** Words of an entry in a batch behind its tuple: distance, id of the source, switches, who moved last before the source + 1, edge. */
const MORE = 5
/** Words for each state and last mover: switches + 1, origin, and `ordinal << 4 | last of the origin + 1`. */
const WAY = 3
const FIRST = 1024

export class Owner {
  private readonly space: Space
  private readonly prints: Fingerprints
  /** Waiting states by distance. Others may still send one that is nearer than all that wait here, so this is no Dial's queue. */
  private readonly waiting = new Map<number, number[]>()
  private readonly owners: number
  private readonly self: number
  /** Whether the initial state, which is number 0 everywhere, belongs here. */
  private readonly ownsStart: boolean
  private ways: Int32Array
  /** Of each state: its newest predecessor in `edges` + 1; 0 where it has none. */
  private heads: Int32Array
  private good: Uint8Array = new Uint8Array(0)
  private readonly edges: IntStack
  private readonly seeds: IntStack
  /** For each other owner: the batch, which components it has from us, and where its components are here. */
  private readonly batches: IntStack[]
  private readonly sent: Set<number>[][]
  private readonly met: number[][][]
  private readonly violations = new Map<number, OwnerViolation>()
  private readonly outcomes = new Map<string, { states: number; readonly sample: number; readonly steps: number }>()
  private transitions = 0
  private finalStates = 0
  private depth = 0
  private refused = false

  constructor(model: Model, owners: number, self: number, maxBytes: number) {
    assert(model.checkWhole === undefined, 'a search that is shared judges no whole states')
    const space = new Space(model, maxBytes)
    const { memory } = space
    const places = space.components
    this.space = space
    this.owners = owners
    this.self = self
    this.prints = new Fingerprints(space)
    this.ways = memory.insist(FIRST * WAY * space.agents)
    this.heads = memory.insist(FIRST)
    this.edges = new IntStack(memory)
    this.seeds = new IntStack(memory)
    this.batches = Array.from({ length: owners }, () => new IntStack(memory))
    this.sent = this.batches.map(() => places.map(() => new Set<number>()))
    this.met = this.batches.map(() => places.map(() => []))
    assert(space.start() === 0, 'the initial state violates nothing without checkWhole')
    space.states.load(0, space.successor)
    this.ownsStart = this.ownerOf(space.successor) === self
    if (this.ownsStart) this.wait(0, 0)
  }

  /** Takes in what others have sent, then expands all states at this distance. */
  round(distance: number, batches: readonly (Int32Array | null)[]): Round {
    for (const [from, batch] of batches.entries()) if (batch !== null && !this.refused) this.receive(from, batch)
    const { space } = this
    const here = this.waiting.get(distance) ?? []
    this.waiting.delete(distance)
    // A state that was met on a shorter way since waits there as well.
    for (const state of here) if (!this.refused && space.states.distance(state) === distance) this.expand(state, distance)
    return {
      out: this.batches.map((batch) => this.takeBatch(batch)),
      next: this.waiting.size === 0 ? -1 : Math.min(...this.waiting.keys()),
      states: space.states.count - (this.ownsStart ? 0 : 1),
      transitions: this.transitions,
      bytes: space.memory.bytes,
      refused: this.refused,
    }
  }

  summary(): OwnerSummary {
    return {
      violations: [...this.violations.values()],
      outcomes: [...this.outcomes].map(([key, row]) => ({ key, ...row })),
      finalStates: this.finalStates,
      depth: this.depth,
      peakBytes: this.space.memory.peak,
    }
  }

  /** The best way to a state: by the given last mover, or by any. */
  origin(id: number, last: number): Origin | null {
    const { agents } = this.space
    let agent = last
    for (let a = 0; last < 0 && a < agents; a++) {
      const switches = this.ways[(id * agents + a) * WAY] as number
      if (switches !== 0 && (agent < 0 || switches < (this.ways[(id * agents + agent) * WAY] as number))) agent = a
    }
    if (agent < 0) return null
    const at = (id * agents + agent) * WAY
    if (this.ways[at] === 0) return null
    const from = this.ways[at + 1] as number
    const how = this.ways[at + 2] as number
    return { owner: from % this.owners, id: Math.floor(from / this.owners), last: (how & 15) - 1, agent, ordinal: how >>> AGENT_BITS }
  }

  /** The model's name of an outcome. */
  choice(id: number, agent: number, ordinal: number): number {
    const { space } = this
    space.visit(id)
    const list = space.outcomes(agent, space.tuple[agent] as number, space.tuple[space.agents] as number)
    return space.memo.arena[list + HEADER + ordinal * OUTCOME + CHOICE] as number
  }

  /**
   * One turn of judging stuck states: marks as good the states with these ids, and all from which they can be reached; answers which states of others those are.
   * Without ids: begins with the final states and those that violate.
   */
  judge(ids: readonly (Int32Array | null)[] | null): { readonly out: readonly (Int32Array | null)[]; readonly good: number } {
    if (ids === null) this.good = new Uint8Array(this.space.states.count)
    const open = ids === null ? [...this.seeds.words.subarray(0, this.seeds.length)] : ids.flatMap((batch) => [...(batch ?? [])])
    const marked: number[] = []
    const mark = (state: number) => {
      if (this.good[state] !== 0) return
      this.good[state] = 1
      marked.push(state)
    }
    for (const state of open) mark(state)
    for (let state = marked.pop(); state !== undefined; state = marked.pop()) {
      for (let at = (this.heads[state] as number) - 1; at >= 0; at = (this.edges.words[2 * at + 1] as number) - 1) {
        const from = this.edges.words[2 * at] as number
        const owner = from % this.owners
        const id = Math.floor(from / this.owners)
        if (owner === this.self) mark(id)
        else if ((this.batches[owner] as IntStack).reserve(1)) (this.batches[owner] as IntStack).push(id)
      }
    }
    return { out: this.batches.map((batch) => this.takeBatch(batch)), good: this.good.reduce((sum, each) => sum + each, 0) }
  }

  private ownerOf(tuple: Int32Array): number {
    if (!this.prints.of(tuple)) this.refused = true
    return (this.prints.hi >>> 0) % this.owners
  }

  private takeBatch(batch: IntStack): Int32Array | null {
    if (batch.length === 0) return null
    const words = batch.words.slice(0, batch.length)
    batch.length = 0
    return words
  }

  private expand(state: number, distance: number): void {
    const { space, ways } = this
    const { agents, tuple, successor, memo } = space
    space.visit(state)
    this.depth = distance
    const shared = tuple[agents] as number
    // Fewest switches to here, whoever moved last.
    let calm = -1
    for (let a = 0; a < agents; a++) {
      const switches = ways[(state * agents + a) * WAY] as number
      if (switches !== 0 && (calm < 0 || switches < (ways[(state * agents + calm) * WAY] as number))) calm = a
    }
    let allDone = 1
    for (let agent = 0; agent < agents; agent++) {
      const own = tuple[agent] as number
      const list = space.outcomes(agent, own, shared)
      if (list < 0) {
        this.refused = true
        return
      }
      const { arena } = memo
      allDone &= arena[list + WHO] as number
      const count = (arena[list + LENGTH] as number) / OUTCOME
      this.transitions += count
      const same = (this.ways[(state * agents + agent) * WAY] as number) - 1
      const other = calm < 0 ? 0 : (this.ways[(state * agents + calm) * WAY] as number)
      const goesOn = calm < 0 || (same >= 0 && same <= other)
      const switches = calm < 0 ? 0 : goesOn ? same : other
      const last = calm < 0 ? -1 : goesOn ? agent : calm
      for (let ordinal = 0; ordinal < count; ordinal++) {
        const at = list + HEADER + ordinal * OUTCOME
        const violations = arena[at + VIOLATIONS] as number
        const ownAfter = arena[at + OWN_AFTER] as number
        const sharedAfter = arena[at + SHARED_AFTER] as number
        if (violations === 0 && ownAfter === own && sharedAfter === shared) continue
        for (let place = 0; place < agents; place++) successor[place] = tuple[place] as number
        successor[agent] = ownAfter
        successor[agents] = violations === 0 ? sharedAfter : sharedAfter | ENDED
        const steps = distance + (arena[at + COST] as number)
        const origin: Origin = { owner: this.self, id: state, last, agent, ordinal }
        if (violations !== 0) this.record(violations, steps, switches, origin)
        this.send(steps, switches, origin)
        if (this.refused) return
      }
    }
    if (allDone === 1) {
      this.finish(state, distance)
      if (this.seeds.reserve(1)) this.seeds.push(state)
      else this.refused = true
    }
  }

  private record(violations: number, steps: number, switches: number, origin: Origin): void {
    for (let rest = violations; rest !== 0; rest &= rest - 1) {
      const property = 31 - Math.clz32(rest & -rest)
      const best = this.violations.get(property)
      if (best === undefined || steps < best.steps || (steps === best.steps && switches < best.switches)) {
        this.violations.set(property, { property, steps, switches, origin })
      }
    }
  }

  private finish(state: number, steps: number): void {
    const { model } = this.space
    this.space.states.markFinal(state)
    this.finalStates++
    if (model.outcome === undefined) return
    const key = model.outcome(this.space.loadWhole(this.space.tuple))
    const row = this.outcomes.get(key)
    if (row === undefined) this.outcomes.set(key, { states: 1, sample: state, steps })
    else row.states++
  }

  /** `successor` goes to its owner. */
  private send(steps: number, switches: number, { id, last, agent, ordinal }: Origin): void {
    const { successor, agents, components } = this.space
    const target = this.ownerOf(successor)
    const how = (ordinal << AGENT_BITS) | agent
    if (this.refused) return
    if (target === this.self) {
      this.arrive(successor, steps, this.self, id, switches, last, how)
      return
    }
    const batch = this.batches[target] as IntStack
    for (let place = 0; place <= agents; place++) {
      const index = (successor[place] as number) & ~ENDED
      const sent = (this.sent[target] as Set<number>[])[place] as Set<number>
      if (sent.has(index)) continue
      sent.add(index)
      const { width } = components[place] as Space['components'][number]
      if (!batch.reserve(2 + width)) {
        this.refused = true
        return
      }
      // A component: −1 − its place, its index here, its words.
      batch.push(-1 - place)
      batch.push(index)
      ;(components[place] as Space['components'][number]).load(index, batch.words, batch.length)
      batch.length += width
    }
    if (!batch.reserve(agents + 2 + MORE)) {
      this.refused = true
      return
    }
    batch.push(0)
    for (let place = 0; place <= agents; place++) batch.push(successor[place] as number)
    batch.push(steps)
    batch.push(id)
    batch.push(switches)
    batch.push(last)
    batch.push(how)
  }

  private receive(from: number, batch: Int32Array): void {
    const { agents, components, successor } = this.space
    const met = this.met[from] as number[][]
    for (let at = 0; at < batch.length && !this.refused; ) {
      const kind = batch[at] as number
      if (kind < 0) {
        const place = -1 - kind
        const component = components[place] as Space['components'][number]
        const index = component.intern(batch, at + 2)
        if (index < 0) this.refused = true
        ;(met[place] as number[])[batch[at + 1] as number] = index
        at += 2 + component.width
        continue
      }
      for (let place = 0; place <= agents; place++) {
        const word = batch[at + 1 + place] as number
        successor[place] = ((met[place] as number[])[word & ~ENDED] as number) | (word & ENDED)
      }
      const rest = at + agents + 2
      this.arrive(
        successor,
        batch[rest] as number,
        from,
        batch[rest + 1] as number,
        batch[rest + 2] as number,
        batch[rest + 3] as number,
        batch[rest + 4] as number,
      )
      at = rest + MORE
    }
  }

  private arrive(tuple: Int32Array, steps: number, owner: number, id: number, switches: number, last: number, how: number): void {
    const { states, agents } = this.space
    const hash = hashOfSum(sumOf(tuple, agents + 1))
    const ended = ((tuple[agents] as number) & ENDED) !== 0
    let state = states.find(tuple, hash)
    if (!this.edges.reserve(2)) {
      this.refused = true
      return
    }
    if (state < 0) {
      if (!states.reserve()) {
        this.refused = true
        return
      }
      states.find(tuple, hash)
      state = states.add(tuple, hash, steps, -1, 0)
      if (!this.makeRoom(state)) return
      if (!ended) this.wait(steps, state)
      else if (this.seeds.reserve(1)) this.seeds.push(state)
      else this.refused = true
    } else if (steps < states.distance(state)) {
      states.improve(state, steps, -1, 0)
      this.ways.fill(0, state * agents * WAY, (state + 1) * agents * WAY)
      if (!ended) this.wait(steps, state)
    }
    const from = id * this.owners + owner
    this.edges.push(from)
    this.edges.push(this.heads[state] as number)
    this.heads[state] = this.edges.length / 2
    if (steps > states.distance(state)) return
    const at = (state * agents + (how & 15)) * WAY
    const known = this.ways[at] as number
    if (known !== 0 && known <= switches + 1) return
    this.ways[at] = switches + 1
    this.ways[at + 1] = from
    this.ways[at + 2] = ((how >>> AGENT_BITS) << AGENT_BITS) | (last + 1)
  }

  private wait(steps: number, state: number): void {
    const here = this.waiting.get(steps)
    if (here === undefined) this.waiting.set(steps, [state])
    else here.push(state)
  }

  private makeRoom(state: number): boolean {
    const { memory, agents } = this.space
    if (state >= this.heads.length) {
      const heads = memory.grow(this.heads, state + 1)
      if (heads === null) this.refused = true
      else this.heads = heads
    }
    if ((state + 1) * agents * WAY > this.ways.length) {
      const ways = memory.grow(this.ways, (state + 1) * agents * WAY)
      if (ways === null) this.refused = true
      else this.ways = ways
    }
    return !this.refused
  }
}
