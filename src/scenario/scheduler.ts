/**
 * Schedulers for automatic play: they pick one of the choices that the machine lists. The calm ones behave like a machine at rest: interrupts are taken as soon
 * as they can be, stores become visible at once, and fetch sees what memory holds. Only the random one explores.
 */
import type { Random } from '../lib/random.ts'
import { choiceCpu, choiceKind, choiceVariant, DRAIN, IRQ, NMI, type PackedChoice, STEP } from '../machine/choice.ts'
import { RIP, STORES } from '../machine/layout.ts'
import type { Machine } from '../machine/machine.ts'
import { memoryBytes, stepVariants } from '../machine/step.ts'

export type SchedulerSpec = { readonly kind: 'round-robin' } | { readonly kind: 'random'; readonly seed: number } | { readonly kind: 'same-cpu' }

/** The next choice for `cpu` in a machine at rest, or null where it cannot move. */
export function calmChoice(m: Machine, choices: readonly PackedChoice[], cpu: number): PackedChoice | null {
  const own = choices.filter((choice) => choiceCpu(choice) === cpu)
  const urgent =
    own.find((choice) => choiceKind(choice) === NMI) ??
    own.find((choice) => choiceKind(choice) === IRQ) ??
    own.find((choice) => choiceKind(choice) === DRAIN)
  if (urgent !== undefined) return urgent
  const steps = own.filter((choice) => choiceKind(choice) === STEP)
  if (steps.length <= 1) return steps[0] ?? null
  m.select(cpu)
  const lo = m.w[m.c + RIP] as number
  const hi = m.w[m.c + RIP + 1] as number
  const variants = stepVariants(m)
  const fresh = steps.find((choice) => {
    const bytes = variants[choiceVariant(choice)]?.bytes as Uint8Array
    const memory = memoryBytes(m, lo, hi, bytes.length)
    return bytes.every((byte, i) => byte === memory[i])
  })
  return fresh ?? (steps[0] as PackedChoice)
}

/** The CPU that a round-robin scheduler asks after `last`: the next one that can move. */
export function roundRobin(m: Machine, choices: readonly PackedChoice[], last: number): PackedChoice | null {
  const { cpus } = m.layout
  for (let i = 1; i <= cpus; i++) {
    const choice = calmChoice(m, choices, (last + i) % cpus)
    if (choice !== null) return choice
  }
  return null
}

/** A CPU at random, then one of its choices at random. */
export function randomChoice(choices: readonly PackedChoice[], random: Random): PackedChoice | null {
  if (choices.length === 0) return null
  const cpus = [...new Set(choices.map(choiceCpu))]
  const cpu = random.pick(cpus)
  return random.pick(choices.filter((choice) => choiceCpu(choice) === cpu))
}

/**
 * Stays with a CPU until it cannot get on: it cannot move, or it is back where it was, with the registers that it had, since it was given its turn.
 * With a favourite, the others get one step each then, and it is asked again; without one, the next CPU has its turn: few switches.
 */
export class Steady {
  private readonly favourite: number | null
  private readonly seen = new Set<string>()
  private cpu: number | null = null
  /** CPUs that are still to be given one step. */
  private waiting: number[] = []

  constructor(favourite: number | null) {
    this.favourite = favourite
  }

  next(m: Machine, choices: readonly PackedChoice[], last: number): PackedChoice | null {
    for (let other = this.waiting.shift(); other !== undefined; other = this.waiting.shift()) {
      const choice = calmChoice(m, choices, other)
      if (choice !== null) return choice
    }
    const cpu = this.favourite ?? this.cpu ?? last
    const own = calmChoice(m, choices, cpu)
    if (own !== null && !this.repeats(m, cpu)) {
      this.cpu = cpu
      return own
    }
    this.seen.clear()
    if (this.favourite !== null) {
      const { cpus } = m.layout
      this.waiting = Array.from({ length: cpus - 1 }, (_, i) => (cpu + 1 + i) % cpus)
      for (let other = this.waiting.shift(); other !== undefined; other = this.waiting.shift()) {
        const choice = calmChoice(m, choices, other)
        if (choice !== null) return choice
      }
      return own
    }
    const choice = roundRobin(m, choices, cpu)
    this.cpu = choice === null ? null : choiceCpu(choice)
    return choice
  }

  /** Has this CPU stood here before, with these registers? */
  private repeats(m: Machine, cpu: number): boolean {
    const c = m.layout.parts[cpu] as number
    const key = m.w.subarray(c, c + STORES).join()
    if (this.seen.has(key)) return true
    // A long way without a repetition is progress; what lies far back is forgotten.
    if (this.seen.size > MOST_SEEN) this.seen.clear()
    this.seen.add(key)
    return false
  }
}

const MOST_SEEN = 10_000
