/**
 * The part of the scenario format that says what a scenario means to a reader: its strategies with their cards, the circumstances under which each is judged,
 * the hazard that a property stands for, and notes at places of the program.
 */
import * as v from 'valibot'

export const word = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'lower-case letters, digits and hyphens'))
export const source = v.strictObject({ kind: v.picklist(['mail', 'commit', 'manual', 'page']), title: v.string(), ref: v.string() })
const settings = v.record(v.string(), v.string())

/** What can go wrong, in the words of the columns of the hazard matrix. A property names the one that its violation is. */
export const HAZARDS = {
  torn: 'an instruction is executed that is neither the old, nor the new, nor int3',
  neither: 'a pass does neither the old nor the new thing: a wrong or mixed target',
  lost: 'a call that has to happen is lost',
  late: 'the old thing is still done after the patcher returned: what it calls may be freed',
  unclaimed: 'nobody claims an int3, or an exception is not handled: oops',
  frame: 'a return address or a pt_regs frame is overwritten, or misread',
  reuse: 'a stub or a descriptor is reused under somebody who still needs it',
  interrupts: 'interrupts are on where they were off, or off where they were on',
  recursion: 'the handler traps into itself',
  deadlock: 'CPUs wait for each other for ever',
} as const

export type Hazard = keyof typeof HAZARDS
export const hazardSchema = v.picklist(Object.keys(HAZARDS) as Hazard[])

/** One way to patch, to handle the breakpoint or to lay out the frame, as its author argued for it. */
const card = v.strictObject({
  /** A value of the parameter that chooses the strategy; any word where there is only one. */
  id: word,
  title: v.string(),
  /** Who proposed it, when, and where it can be read. */
  who: v.string(),
  date: v.string(),
  where: v.string(),
  /** Why its author thought it safe. */
  idea: v.string(),
  objection: v.string(),
  /** What Linux did in the end. */
  linux: v.string(),
  sources: v.optional(v.array(source), []),
})

export const strategiesSchema = v.strictObject({
  /** The parameter that chooses; absent where the scenario is about one strategy. */
  param: v.optional(v.string()),
  cards: v.pipe(v.array(card), v.minLength(1), v.maxLength(16)),
})

/** Parameters under which each strategy is judged for the hazard matrix; the defaults where none are given. */
export const circumstanceSchema = v.strictObject({ title: v.string(), set: settings })

/** What a step rests on. */
export const BASES = {
  architecture: 'guaranteed by the architecture',
  vendor: 'documented by a vendor, not by all',
  folklore: 'known to work, promised by nobody',
  protocol: 'a rule of this protocol itself',
} as const

export type Basis = keyof typeof BASES

/**
 * A note at a label: it holds for the instructions from there to the next label that has one, at most to the end of its function. `says` captions the
 * moment in a race; `basis` is what the step rests on.
 */
export const noteSchema = v.strictObject({
  at: v.string(),
  says: v.string(),
  basis: v.optional(v.picklist(Object.keys(BASES) as Basis[])),
  source: v.optional(v.string()),
  when: v.optional(v.string()),
})
