/**
 * A toy multiprocessor for measuring speed: CPUs with four registers and a first-in, first-out store buffer of four entries, eight shared
 * bytes, and programs of twelve instructions (load, store, add, jump if not zero). A store becomes visible in a step of its own. Written
 * like a real model: typed arrays, nothing allocated while it runs.
 *
 * Own component: next instruction, buffer length, registers, buffer (value << 8 | address), then padding, so that the width of a state
 * can be chosen. The padding changes with the instruction counter (own) and never (shared).
 */
import type { Emit, Model } from './model.ts'

/** `[LOAD, register, address]`, `[STORE, address, register]`, `[ADD, register, constant]`, `[JNZ, register, target]` */
export type ToyInstruction = readonly [operation: number, a: number, b: number]

export const LOAD = 0
export const STORE = 1
export const ADD = 2
export const JNZ = 3

const LENGTH = 1
const REGISTERS = 2
const BUFFER = 6
const OWN_WORDS = 10
const SHARED_WORDS = 8
const DEPTH = 4

export const STEP = 0
export const DRAIN = 1

export function storeBufferToy(programs: readonly (readonly ToyInstruction[])[], padding = 0): Model {
  const agents = programs.length
  const width = OWN_WORDS + padding
  const sharedWidth = SHARED_WORDS + padding
  const sharedAt = agents * width
  const after = new Int32Array(sharedAt + sharedWidth)

  return {
    agents,
    widths: [...programs.map(() => width), sharedWidth],
    properties: [],
    initial(state) {
      for (let i = 0; i < padding; i++) state[sharedAt + SHARED_WORDS + i] = i
    },
    done: (agent, state) => state[agent * width] === (programs[agent] as readonly ToyInstruction[]).length && state[agent * width + LENGTH] === 0,
    expand(agent, state, emit) {
      step(agent, state, emit)
      drain(agent, state, emit)
    },
  }

  function begin(agent: number, state: Int32Array): number {
    const own = agent * width
    for (let i = own; i < own + width; i++) after[i] = state[i] as number
    for (let i = sharedAt; i < sharedAt + sharedWidth; i++) after[i] = state[i] as number
    return own
  }

  function step(agent: number, state: Int32Array, emit: Emit): void {
    const program = programs[agent] as readonly ToyInstruction[]
    const next = state[agent * width] as number
    if (next === program.length) return
    const [operation, a, b] = program[next] as ToyInstruction
    const length = state[agent * width + LENGTH] as number
    if (operation === STORE && length === DEPTH) return
    const own = begin(agent, state)
    after[own] = next + 1
    if (operation === LOAD) after[own + REGISTERS + a] = load(own, length, b)
    else if (operation === ADD) after[own + REGISTERS + a] = ((after[own + REGISTERS + a] as number) + b) & 255
    else if (operation === STORE) {
      after[own + BUFFER + length] = ((after[own + REGISTERS + b] as number) << 8) | a
      after[own + LENGTH] = length + 1
    } else if (after[own + REGISTERS + a] !== 0) after[own] = b
    for (let i = 0; i < padding; i++) after[own + OWN_WORDS + i] = (after[own] as number) * i
    emit(STEP, 1, 0, after)
  }

  function load(own: number, length: number, address: number): number {
    for (let i = length - 1; i >= 0; i--) {
      const entry = after[own + BUFFER + i] as number
      if ((entry & 255) === address) return entry >> 8
    }
    return after[sharedAt + address] as number
  }

  function drain(agent: number, state: Int32Array, emit: Emit): void {
    const length = state[agent * width + LENGTH] as number
    if (length === 0) return
    const own = begin(agent, state)
    const entry = after[own + BUFFER] as number
    after[sharedAt + (entry & 255)] = entry >> 8
    for (let i = 1; i < DEPTH; i++) after[own + BUFFER + i - 1] = i < length ? (after[own + BUFFER + i] as number) : 0
    after[own + BUFFER + DEPTH - 1] = 0
    after[own + LENGTH] = length - 1
    emit(DRAIN, 1, 0, after)
  }
}

/** Three CPUs that write and read each other's variables, each with a loop that ends when another CPU was seen. */
export const RIVALS: readonly (readonly ToyInstruction[])[] = [0, 1, 2].map((cpu) => [
  [ADD, 0, cpu + 1],
  [STORE, cpu, 0],
  [LOAD, 1, (cpu + 1) % 3],
  [STORE, 3, 1],
  [LOAD, 2, (cpu + 2) % 3],
  [ADD, 2, 1],
  [LOAD, 3, 3],
  [ADD, 0, 255],
  [JNZ, 0, 7],
  [STORE, 7, 3],
  [LOAD, 1, 7],
  [ADD, 1, 1],
])

/**
 * One agent that sets bits in any order, half of them in its own component and half in the shared one: every
 * state is a new pair of components, so nothing that was remembered ever helps.
 */
export function forgetfulToy(bits: number, ownWidth: number, sharedWidth: number): Model {
  const after = new Int32Array(ownWidth + sharedWidth)
  /** Bits are spread over the words of both components. */
  const wordOf = (bit: number) => (bit % 2 === 0 ? (bit * 7) % ownWidth : ownWidth + ((bit * 7) % sharedWidth))
  const words = Int32Array.from({ length: bits }, (_, bit) => wordOf(bit))
  return {
    agents: 1,
    widths: [ownWidth, sharedWidth],
    properties: [],
    initial() {},
    done: (_, state) => words.every((word, bit) => ((state[word] as number) & (1 << bit)) !== 0),
    expand(_, state, emit) {
      for (let bit = 0; bit < bits; bit++) {
        const word = words[bit] as number
        if (((state[word] as number) & (1 << bit)) !== 0) continue
        for (let i = 0; i < after.length; i++) after[i] = state[i] as number
        after[word] = (after[word] as number) | (1 << bit)
        emit(bit, 1, 0, after)
      }
    },
  }
}
