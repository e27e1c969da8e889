/** Instruction boundaries: which events may the selected CPU take there? Intel SDM vol. 3A 6.7.1, 6.8, 6.9, 10.8. */
import { pendingIrq } from './apic.ts'
import { BOX_NMI, FLAG_IF, FLAGS, PROGRESS, STATUS, STATUS_NMI_BLOCKED, STATUS_SS_SHADOW, STATUS_STI_SHADOW, STOP } from './layout.ts'
import type { Machine } from './machine.ts'

/** Is the selected CPU at an instruction boundary, and not stopped? */
export function atBoundary(m: Machine): boolean {
  return m.w[m.c + STOP] === 0 && m.w[m.c + PROGRESS] === 0
}

/** Do IF and the shadows let maskable interrupts through at this boundary? */
export function admitsIrq(m: Machine): boolean {
  const { w, c } = m
  if (!atBoundary(m) || ((w[c + FLAGS] as number) & FLAG_IF) === 0) return false
  return ((w[c + STATUS] as number) & (STATUS_STI_SHADOW | STATUS_SS_SHADOW)) === 0
}

/** After STI an NMI may be taken: the manual leaves it open, so it is a choice. */
export function admitsNmi(m: Machine): boolean {
  return atBoundary(m) && ((m.w[m.c + STATUS] as number) & (STATUS_NMI_BLOCKED | STATUS_SS_SHADOW)) === 0
}

/** The vector that the selected CPU may take at this boundary (its store buffer being empty), or -1. */
export function deliverableIrq(m: Machine): number {
  return admitsIrq(m) ? pendingIrq(m) : -1
}

/** Is there an NMI that the selected CPU may take at this boundary (its store buffer being empty)? */
export function deliverableNmi(m: Machine): boolean {
  return m.w[(m.layout.boxes[m.cpu] as number) + BOX_NMI] !== 0 && admitsNmi(m)
}
