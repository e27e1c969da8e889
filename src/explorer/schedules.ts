/** From states and edges that are held to what the model calls them: schedules that can be replayed. */
import { assert } from '../lib/assert.ts'
import { CHOICE, HEADER, OUTCOME } from './memo.ts'
import type { Space } from './space.ts'
import { AGENT_BITS, AGENT_MASK } from './tuples.ts'

/** Macro choices: agent and the model's name of the choice. */
export type Schedule = readonly (readonly [agent: number, choice: number])[]

/** A choice of a held state: the agent, and which of its outcomes there. */
export interface Move {
  readonly state: number
  readonly agent: number
  readonly ordinal: number
}

export function switchesIn(schedule: Schedule): number {
  return schedule.filter(([agent], i) => i > 0 && agent !== schedule[i - 1]?.[0]).length
}

/** The move behind an edge that leaves `state`. */
export function moveOf(state: number, edge: number): Move {
  return { state, agent: edge & AGENT_MASK, ordinal: edge >>> AGENT_BITS }
}

/** The moves by which `state` was first reached at its distance. */
export function movesTo(space: Space, state: number): Move[] {
  const path = space.pathTo(state)
  return path.slice(1).map((at, i) => moveOf(path[i] as number, space.states.edge(at)))
}

/** The schedule of these moves; with a symmetry, one that leads to this image of the state. */
export function scheduleTo(space: Space, state: number, element = 0): Schedule {
  return told(space, movesTo(space, state), element)
}

/**
 * The agents and choices of moves that follow each other from the initial state on. With a symmetry, each held state stands for images of itself: it
 * is told which of them the run meets (the initial state is its own image). The run ends in the image under `element` of where the last move leads
 * (or in any image, where that one violates something).
 */
export function told(space: Space, moves: readonly Move[], element = 0): Schedule {
  const { symmetry } = space
  if (symmetry === null) return moves.map((move) => [move.agent, choiceOf(space, move, 0)])
  // What leads from each held state to the one that is met, if the first is met as it is.
  const frames = [0]
  for (const { state, agent, ordinal } of moves) {
    space.visit(state)
    const list = space.outcomes(agent, space.tuple[agent] as number, space.tuple[space.agents] as number)
    space.follow(agent, space.memo.arena, list + HEADER + ordinal * OUTCOME)
    frames.push(symmetry.times(frames.at(-1) as number, symmetry.inverse[symmetry.turn] as number))
  }
  const first = symmetry.times(element, symmetry.inverse[frames.at(-1) as number] as number)
  return moves.map((move, i) => {
    const frame = symmetry.times(first, frames[i] as number)
    return [symmetry.to(frame, move.agent), choiceOf(space, move, frame)]
  })
}

/** What the model calls this choice, taken by the image of the agent in the image of the state. */
function choiceOf(space: Space, { state, agent, ordinal }: Move, element: number): number {
  const { symmetry, successor, agents } = space
  space.states.load(state, successor)
  const own = successor[agent] as number
  const shared = successor[agents] as number
  const list =
    symmetry === null
      ? space.outcomes(agent, own, shared)
      : space.outcomes(symmetry.to(element, agent), symmetry.image(element, agent, own), symmetry.image(element, agents, shared))
  assert(list >= 0, 'what was expanded can be expanded again')
  return space.memo.arena[list + HEADER + ordinal * OUTCOME + CHOICE] as number
}
