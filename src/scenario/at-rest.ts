/** When is a CPU done? A state is final when all of them are. */
import { STATUS, STATUS_HALTED, STOP } from '../machine/layout.ts'
import type { Machine } from '../machine/machine.ts'
import { deliverableIrq, deliverableNmi } from '../machine/step.ts'

/** The selected CPU has halted, all its stores are visible, and nothing is pending that could wake it now. */
export function isAtRest(m: Machine): boolean {
  if (((m.w[m.c + STATUS] as number) & STATUS_HALTED) === 0 || m.w[m.c + STOP] !== 0) return false
  return m.storeCount === 0 && deliverableIrq(m) < 0 && !deliverableNmi(m)
}
