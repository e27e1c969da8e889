/**
 * Who goes on by default: the CPU that moved last, as a processor would; the next one where that one only waits for others. Whoever keeps pressing "step" then sees
 * the whole protocol, and not one CPU spinning for ever. The page and whatever plays for it ask here, so that both lead the same way.
 */
import type { ChoiceKind } from '../machine/choice.ts'

interface Candidate {
  readonly cpu: number
  readonly kind: ChoiceKind
}

/** Kinds in the order of preference within one CPU: what is pending is taken at once, a store leaves its buffer when nothing else can be done. */
const PREFERENCE: readonly ChoiceKind[] = ['nmi', 'irq', 'step', 'drain']

/** Index into the choices; -1 where there is none. `isSpinning`: does this CPU only wait? */
export function patientChoice(choices: readonly Candidate[], cpus: number, last: number, isSpinning: (cpu: number) => boolean): number {
  let spinning = -1
  for (let i = 0; i < cpus; i++) {
    const cpu = (last + i) % cpus
    const best = bestOf(choices, cpu)
    if (best < 0) continue
    if (choices[best]?.kind !== 'step' || !isSpinning(cpu)) return best
    if (spinning < 0) spinning = best
  }
  // All spin. What they wait for may still be in a store buffer; only then may the environment act, and it acts last of all.
  const drain = choices.findIndex((choice) => choice.kind === 'drain')
  if (drain >= 0) return drain
  return spinning >= 0 ? spinning : choices.length > 0 ? 0 : -1
}

function bestOf(choices: readonly Candidate[], cpu: number): number {
  let best = -1
  let rank = PREFERENCE.length
  for (const [i, choice] of choices.entries()) {
    const own = PREFERENCE.indexOf(choice.kind)
    if (choice.cpu !== cpu || own < 0 || own >= rank) continue
    best = i
    rank = own
  }
  return best
}
