/**
 * What the explorer knows of a machine: agents that take choices, and a state cut into components.
 *
 * Component a (0 ≤ a < agents) is read and written by agent a alone; the last component (index `agents`) is shared by all. A CPU's registers,
 * private memory and store buffer are its own component; shared memory, fetch state and pending interrupts are the shared one. This cut is what
 * makes wide states cheap: each component is interned once, compared whole, and a global state is a short tuple of indices. It also lets the
 * explorer remember what a choice did: an outcome depends on the pair (own, shared) only, never on the other agents.
 */
export interface Model {
  readonly agents: number
  /** 32-bit words of each component, `agents + 1` of them. */
  readonly widths: readonly number[]
  /** Writes the initial state: all components one after another, in order. */
  initial(state: Int32Array): void
  /**
   * Enumerates what agent `agent` can do. `state` is laid out as in `initial`; only the agent's own component and the shared one hold
   * meaning, the others must not be read. The model may use `state` as scratch: the explorer reloads it. Calls `emit` once an outcome,
   * in canonical order.
   */
  expand(agent: number, state: Int32Array, emit: Emit): void
  /** Is this agent done, by its own and the shared component (as in `expand`)? A state is final when every agent is done. */
  done(agent: number, state: Int32Array): boolean
  /** Names of the properties, in the order of the bits of `violations`; at most 30. */
  readonly properties: readonly string[]
  /**
   * Optional: a predicate over the whole state (all components valid) for properties that look at several agents at once;
   * returns a bit mask of the violated ones.
   */
  checkWhole?(state: Int32Array): number
  /** Optional: groups of agents that may be interchangeable. A hint: the search finds out whether they are (symmetry.ts). */
  readonly interchangeable?: readonly (readonly number[])[]
  /**
   * Optional: the name under which a final state is counted in the table of outcomes, for example the registers and memory that a litmus
   * test asks for. Called with the whole state (all components valid) of final states only.
   */
  outcome?(state: Int32Array): string
}

/**
 * One outcome of a choice: `after` is `state` with own and shared components replaced (read it before returning; it is reused).
 * `choice` identifies it among the agent's choices. `cost`: unit steps that it stands for (≥ 1). `violations`: bit mask of properties violated at its last step.
 * A model stops a run of local steps at the first violation, so a violation always lies at the last unit step.
 */
export type Emit = (choice: number, cost: number, violations: number, after: Int32Array) => void
