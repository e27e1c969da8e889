/**
 * Toy models for tests, small enough to work out by hand, and written to be copied. `toy` makes a Model of plain functions over small
 * arrays of numbers; it is slow and readable. Each model's header draws what goes wrong in it.
 */
import type { Model } from './model.ts'

/** What a choice does. Components left out stay as they are. */
export interface Move {
  readonly choice?: number
  readonly cost?: number
  readonly violations?: number
  readonly own?: readonly number[]
  readonly shared?: readonly number[]
}

export interface Toy {
  readonly agents: number
  readonly own: readonly number[]
  readonly shared: readonly number[]
  readonly moves: (agent: number, own: readonly number[], shared: readonly number[]) => readonly Move[]
  readonly done: (agent: number, own: readonly number[], shared: readonly number[]) => boolean
  readonly properties?: readonly string[]
  /** All own components, and the shared one. */
  readonly checkWhole?: (owns: readonly (readonly number[])[], shared: readonly number[]) => number
  readonly outcome?: (owns: readonly (readonly number[])[], shared: readonly number[]) => string
}

/** Every agent starts with the same own component. Moves without a `choice` are numbered in order. */
export function toy({ agents, own, shared, moves, done, properties = [], checkWhole, outcome }: Toy): Model {
  const sharedAt = agents * own.length
  const ownOf = (agent: number, state: Int32Array) => [...state.subarray(agent * own.length, (agent + 1) * own.length)]
  const sharedOf = (state: Int32Array) => [...state.subarray(sharedAt)]
  const ownsOf = (state: Int32Array) => Array.from({ length: agents }, (_, agent) => ownOf(agent, state))
  return {
    agents,
    widths: [...Array.from({ length: agents }, () => own.length), shared.length],
    properties,
    initial(state) {
      for (let agent = 0; agent < agents; agent++) state.set(own, agent * own.length)
      state.set(shared, sharedAt)
    },
    expand(agent, state, emit) {
      const before = { own: ownOf(agent, state), shared: sharedOf(state) }
      for (const [i, move] of moves(agent, before.own, before.shared).entries()) {
        state.fill(-1) // the explorer must not rely on what it lent
        state.set(move.own ?? before.own, agent * own.length)
        state.set(move.shared ?? before.shared, sharedAt)
        emit(move.choice ?? i, move.cost ?? 1, move.violations ?? 0, state)
      }
    },
    done: (agent, state) => done(agent, ownOf(agent, state), sharedOf(state)),
    ...(checkWhole && { checkWhole: (state) => checkWhole(ownsOf(state), sharedOf(state)) }),
    ...(outcome && { outcome: (state) => outcome(ownsOf(state), sharedOf(state)) }),
  }
}

/**
 * Two agents load a counter, add one and store it, without a lock.
 *
 *     agent 0   agent 1
 *     load 0
 *               load 0
 *               store 1
 *     store 1             one increment is lost
 */
export function increments(agents = 2): Model {
  return toy({
    agents,
    own: [0, 0], // next instruction, register
    shared: [0], // the counter
    properties: ['no-lost-update'],
    moves: (_, [next = 0, register = 0], [counter = 0]) =>
      next === 0 ? [{ own: [1, counter] }] : next === 1 ? [{ own: [2, 0], shared: [register + 1] }] : [],
    done: (_, [next]) => next === 2,
    checkWhole: (owns, [counter]) => (owns.every(([next]) => next === 2) && counter !== agents ? 1 : 0),
    outcome: (_, [counter]) => `counter=${counter}`,
  })
}

/**
 * Philosophers who each take the fork at their left, then the one at their right, eat, and put both back.
 *
 *     agent 0     agent 1     agent 2
 *     take 0
 *                 take 1
 *                             take 2
 *     (waits for 1)  (waits for 2)  (waits for 0)
 */
export function philosophers(agents = 3): Model {
  return toy({
    agents,
    own: [0],
    shared: [0], // a bit a fork: taken
    moves: (agent, [next = 0], [forks = 0]) => {
      const left = 1 << agent
      const right = 1 << ((agent + 1) % agents)
      if (next === 2) return [{ own: [3], shared: [forks & ~left & ~right] }]
      const fork = next === 0 ? left : right
      return next < 2 && (forks & fork) === 0 ? [{ own: [next + 1], shared: [forks | fork] }] : []
    },
    done: (_, [next]) => next === 3,
  })
}

/**
 * Agent 1 raises a signal and takes it back; agent 0 spins until it sees it. Spinning itself is fine. Missing the pulse is not: a loop
 * of two steps (look, jump back) that nothing ends.
 *
 *     agent 0    agent 1
 *                raise
 *                lower
 *     look 0
 *     jump back
 *     look 0 …
 */
export function missedPulse(): Model {
  return toy({
    agents: 2,
    own: [0, 0], // next instruction, what was seen
    shared: [0],
    moves: (agent, [next = 0, seen = 0], [signal = 0]) => {
      if (agent === 1) return next < 2 ? [{ own: [next + 1, 0], shared: [1 - next] }] : []
      if (next === 0) return [{ own: [1, signal] }]
      return next === 1 ? [{ own: seen === 1 ? [2, 0] : [0, 0] }] : []
    },
    done: (_, [next]) => next === 2,
  })
}

/**
 * Peterson's lock on a machine with store buffers, each agent entering once. Own: next instruction, then the buffer (length, and two
 * pairs of variable and value). Shared: flag 0, flag 1, turn, and how many are inside (seen by no instruction).
 *
 *     agent 0                        agent 1
 *     flag 0 := 1   (buffered)
 *     turn := 1     (buffered)
 *                                    flag 1 := 1   (buffered)
 *                                    turn := 0     (buffered)
 *     flag 1 is 0: enter
 *                                    flag 0 is 0: enter
 */
export function peterson(fence: boolean): Model {
  const TURN = 2
  const INSIDE = 3
  return toy({
    agents: 2,
    own: [0, 0, 0, 0, 0, 0],
    shared: [0, 0, 0, 0],
    properties: ['mutual-exclusion'],
    moves: (agent, own, shared) => {
      const [next = 0, length = 0, ...buffer] = own
      const other = 1 - agent
      const step = (to: number, change: Omit<Move, 'own' | 'choice'> = {}): Move => ({ choice: 0, own: [to, length, ...buffer], ...change })
      const store = (variable: number, value: number): Move[] => {
        if (length === 2) return []
        const stored = [...buffer]
        stored.splice(2 * length, 2, variable, value)
        return [{ choice: 0, own: [next + 1, length + 1, ...stored] }]
      }
      const load = (variable: number) => {
        for (let i = length - 1; i >= 0; i--) if (buffer[2 * i] === variable) return buffer[2 * i + 1]
        return shared[variable]
      }
      const replaced = (variable: number, value: number) => shared.map((old, i) => (i === variable ? value : old))
      const inside = shared[INSIDE] as number
      const program: readonly (() => readonly Move[])[] = [
        () => store(agent, 1),
        () => store(TURN, other),
        () => (fence && length > 0 ? [] : [step(3)]),
        () => [step(load(other) === 0 ? 5 : 4)],
        () => [step(load(TURN) === other ? 3 : 5)],
        () => [step(6, { shared: replaced(INSIDE, inside + 1), violations: inside > 0 ? 1 : 0 })],
        () => [step(7, { shared: replaced(INSIDE, inside - 1) })],
        () => store(agent, 0),
      ]
      const moves = [...(program[next]?.() ?? [])]
      if (length > 0) {
        const [variable = 0, value = 0, ...rest] = buffer
        moves.push({ choice: 1, own: [next, length - 1, ...rest, 0, 0], shared: replaced(variable, value) })
      }
      return moves
    },
    done: (_, [next, length]) => next === 8 && length === 0,
  })
}
