/** Why something does not happen, in words. Why nobody moves by itself: what the CPUs have come to, and what could still happen. From the state and the choices that exist. */
import { choiceCpu, choiceKind, DRAIN, IRQ, NMI, NMI_ARRIVES, type PackedChoice, PREFETCH, STEP, TIMER_ARRIVES } from '../machine/choice.ts'
import { STATUS, STATUS_HALTED, STOP } from '../machine/layout.ts'
import type { Machine } from '../machine/machine.ts'

const WHAT: Readonly<Record<number, string>> = {
  [DRAIN]: 'a store becoming visible',
  [NMI_ARRIVES]: 'an NMI',
  [TIMER_ARRIVES]: 'a timer interrupt',
  [PREFETCH]: 'a prefetch',
}

type Standing = 'halted' | 'stopped' | 'waits'

/** "Both CPUs have halted; only an NMI can come." */
export function standstill(m: Machine, choices: readonly PackedChoice[]): string {
  const standings = Array.from({ length: m.layout.cpus }, (_, cpu) => standingOf(m, cpu))
  const clauses = (['halted', 'stopped', 'waits'] as const).flatMap((standing) => {
    const cpus = standings.flatMap((each, cpu) => (each === standing ? [cpu] : []))
    return cpus.length === 0 ? [] : [`${subject(cpus, standings.length)} ${predicate(standing, cpus.length > 1)}`]
  })
  const kinds = [...new Set(choices.map(choiceKind))].map((kind) => WHAT[kind] ?? 'a step of its own')
  const rest = kinds.length === 0 ? 'nothing can happen any more' : `only ${kinds.join(' or ')} can come`
  return `${clauses.join(', ')}; ${rest}.`
}

/** Why this CPU, whose turn it is, does not move, where others may. */
export function standsStill(m: Machine, choices: readonly PackedChoice[], cpu: number): string {
  const others = [...new Set(choices.map(choiceCpu))].filter((each) => each !== cpu)
  const calm = choices.some((choice) => WHAT[choiceKind(choice)] === undefined || choiceKind(choice) === DRAIN)
  if (!calm) return standstill(m, choices)
  const why = `CPU ${cpu} ${predicate(standingOf(m, cpu), false)}`
  return others.length === 0 ? `${why}.` : `${why}; ${subject(others, m.layout.cpus)} can move.`
}

/** Why this choice, which is none of those that there are, cannot happen. */
export function impossible(choices: readonly PackedChoice[], choice: PackedChoice): string {
  const cpu = choiceCpu(choice)
  const kind = choiceKind(choice)
  const otherwise = choices.some((each) => choiceCpu(each) === cpu && choiceKind(each) === kind)
  switch (kind) {
    case STEP:
      return otherwise ? `CPU ${cpu} cannot fetch those bytes there` : `CPU ${cpu} cannot move there`
    case DRAIN:
      return otherwise ? `CPU ${cpu} has not that store in its buffer there` : `CPU ${cpu} has no store in its buffer there`
    case IRQ:
      return `CPU ${cpu} has no interrupt to take there`
    case NMI:
      return `CPU ${cpu} has no NMI to take there`
    case NMI_ARRIVES:
      return `no NMI can come to CPU ${cpu} there`
    case TIMER_ARRIVES:
      return `no timer interrupt can come to CPU ${cpu} there`
    default:
      return `CPU ${cpu} cannot prefetch that there`
  }
}

function standingOf(m: Machine, cpu: number): Standing {
  const c = m.layout.parts[cpu] as number
  if (m.w[c + STOP] !== 0) return 'stopped'
  return ((m.w[c + STATUS] as number) & STATUS_HALTED) !== 0 ? 'halted' : 'waits'
}

function subject(cpus: readonly number[], count: number): string {
  if (cpus.length === count && count > 1) return count === 2 ? 'Both CPUs' : `All ${count} CPUs`
  if (cpus.length === 1) return `CPU ${cpus[0]}`
  return `CPUs ${cpus.slice(0, -1).join(', ')} and ${cpus.at(-1)}`
}

function predicate(standing: Standing, several: boolean): string {
  if (standing === 'halted') return several ? 'have halted' : 'has halted'
  if (standing === 'stopped') return several ? 'have stopped' : 'has stopped'
  return 'cannot move now'
}
