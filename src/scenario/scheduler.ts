/**
 * Schedulers for automatic play: they pick one of the choices that the machine lists. The calm ones behave like a machine at rest: interrupts are taken as soon
 * as they can be, stores become visible at once, and fetch sees what memory holds. Only the random one explores.
 */
import type { Random } from '../lib/random.ts'
import { choiceCpu, choiceKind, choiceVariant, DRAIN, IRQ, NMI, type PackedChoice, STEP } from '../machine/choice.ts'
import { RIP } from '../machine/layout.ts'
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
