/**
 * What comes from outside: NMIs and timer interrupts, at most so many in a run, on the CPUs that the scenario names. Each arrival is a choice.
 *
 * One that can be taken is taken at once: to arrive and be taken later is the same as to arrive later, for nobody can see what is only pending. So
 * arrivals are offered where they can be taken; an NMI also while NMIs are blocked, where it is latched.
 */
import { pendingIrq, requestIrq, requestNmi } from './apic.ts'
import { admitsIrq, admitsNmi } from './boundary.ts'
import { deliverIrq, deliverNmi } from './delivery.ts'
import { BOX_IRR, BOX_NMI, BUDGET_NMI, BUDGET_TIMER_SHIFT, STATUS, STATUS_NMI_BLOCKED, STOP } from './layout.ts'
import type { Machine } from './machine.ts'

export type Arrival = 'nmi' | 'timer'

/** What may happen by itself, at most so often in a run, on these CPUs. */
export interface Environment {
  readonly nmi?: { readonly most: number; readonly cpus: readonly number[] }
  readonly timer?: { readonly most: number; readonly cpus: readonly number[]; readonly vector: number }
}

const NO_VECTOR = -1

function timerVector(m: Machine): number {
  return m.config.environment?.timer?.vector ?? NO_VECTOR
}

/** The word of the state that says what may still arrive, at the start. */
export function fullBudget(environment: Environment | undefined): number {
  return (environment?.nmi?.most ?? 0) | ((environment?.timer?.most ?? 0) << BUDGET_TIMER_SHIFT)
}

/** Can this arrive at the selected CPU now? */
export function canArrive(m: Machine, what: Arrival): boolean {
  const source = m.config.environment?.[what]
  if (source === undefined || !source.cpus.includes(m.cpu) || left(m, what) === 0 || m.w[m.c + STOP] !== 0) return false
  const box = m.layout.boxes[m.cpu] as number
  if (what === 'nmi') {
    if (m.w[box + BOX_NMI] !== 0) return false
    return ((m.w[m.c + STATUS] as number) & STATUS_NMI_BLOCKED) !== 0 || (admitsNmi(m) && m.storeCount === 0)
  }
  if (!admitsIrq(m) || m.storeCount !== 0) return false
  // It is taken at once only where it comes before all that is pending and in service.
  const vector = timerVector(m)
  const word = box + BOX_IRR + (vector >> 5)
  const before = m.w[word] as number
  if ((before & (1 << (vector & 31))) !== 0) return false
  m.w[word] = before | (1 << (vector & 31))
  const first = pendingIrq(m) === vector
  m.w[word] = before
  return first
}

export function arrive(m: Machine, what: Arrival): void {
  m.w[m.layout.environment] = (m.w[m.layout.environment] as number) - (what === 'nmi' ? 1 : 1 << BUDGET_TIMER_SHIFT)
  m.visible = true
  if (what === 'nmi') {
    requestNmi(m, m.cpu)
    if (admitsNmi(m)) deliverNmi(m)
  } else {
    const vector = timerVector(m)
    requestIrq(m, m.cpu, vector)
    deliverIrq(m, vector)
  }
}

function left(m: Machine, what: Arrival): number {
  const budget = m.w[m.layout.environment] as number
  return what === 'nmi' ? budget & BUDGET_NMI : budget >>> BUDGET_TIMER_SHIFT
}
