/**
 * The local x2APIC as far as text patching needs it: ICR by WRMSR 0x830, self IPI by 0x83F, EOI by 0x80B, request (IRR) and service (ISR) bits, task
 * priority 0. CPU n has id n, and so bit n of cluster 0. Intel SDM vol. 3A 10.5, 10.6, 10.8, 10.12. One bit a vector: at most one request pending and one in service, further sends collapse.
 * The ICR write may take effect before earlier stores are visible (10.12.3): it does not touch the store buffer.
 */
import { VECTOR_GP } from './fault.ts'
import { BOX_IRR, BOX_NMI, ISR } from './layout.ts'
import type { Machine } from './machine.ts'

const MODE_FIXED = 0
const MODE_NMI = 4
const LOGICAL = 1 << 11
const BROADCAST = -1
const SELF = 1
const ALL = 2

/** The highest vector whose bit is set in 8 words, or -1. */
export function highestBit(w: Int32Array, at: number): number {
  for (let i = 7; i >= 0; i--) {
    const word = w[at + i] as number
    if (word !== 0) return i * 32 + 31 - Math.clz32(word)
  }
  return -1
}

export function requestIrq(m: Machine, cpu: number, vector: number): boolean {
  const at = (m.layout.boxes[cpu] as number) + BOX_IRR + (vector >> 5)
  const before = m.w[at] as number
  m.w[at] = before | (1 << (vector & 31))
  return (before & (1 << (vector & 31))) !== 0
}

export function requestNmi(m: Machine, cpu: number): boolean {
  const at = (m.layout.boxes[cpu] as number) + BOX_NMI
  const before = m.w[at] as number
  m.w[at] = 1
  return before !== 0
}

/** The vector that the selected CPU would take now if IF and shadows allow, or -1: its priority class must exceed that of what is in service. */
export function pendingIrq(m: Machine): number {
  const vector = highestBit(m.w, (m.layout.boxes[m.cpu] as number) + BOX_IRR)
  if (vector < 16) return -1
  const inService = highestBit(m.w, m.c + ISR)
  return inService >= 0 && vector >> 4 <= inService >> 4 ? -1 : vector
}

/** Moves a request into service. */
export function takeIrr(m: Machine, vector: number): void {
  const bit = 1 << (vector & 31)
  const at = (m.layout.boxes[m.cpu] as number) + BOX_IRR + (vector >> 5)
  m.w[at] = (m.w[at] as number) & ~bit
  const isr = m.c + ISR + (vector >> 5)
  m.w[isr] = (m.w[isr] as number) | bit
}

/** EOI: clears the highest bit in service. */
export function endOfInterrupt(m: Machine): void {
  const vector = highestBit(m.w, m.c + ISR)
  if (vector < 0) return
  const at = m.c + ISR + (vector >> 5)
  m.w[at] = (m.w[at] as number) & ~(1 << (vector & 31))
  if (m.listener !== null) m.listener({ kind: 'eoi', cpu: m.cpu, vector })
}

/** The interrupt command register: EDX = destination x2APIC id, EAX = vector | delivery mode << 8 | logical << 11 | shorthand << 18. */
export function writeIcr(m: Machine, low: number, destination: number): void {
  // Reserved bits; bit 12 was the delivery status of the older interface, which software may write as it read it.
  if ((low & 0xfff3_2000) !== 0) m.raise(VECTOR_GP, 0)
  const vector = low & 0xff
  const mode = (low >> 8) & 7
  const shorthand = (low >> 18) & 3
  if (mode !== MODE_FIXED && mode !== MODE_NMI) m.unsupported(`ICR delivery mode ${mode} (only fixed and NMI)`)
  if (mode === MODE_FIXED && vector < 16) m.unsupported(`ICR vector ${vector} (0..15 are illegal)`)
  for (let target = 0; target < m.layout.cpus; target++) {
    if (!isAddressed(m, target, shorthand, (low & LOGICAL) !== 0, destination)) continue
    const collapsed = mode === MODE_NMI ? requestNmi(m, target) : requestIrq(m, target, vector)
    if (m.listener !== null)
      m.listener({ kind: 'ipi-sent', cpu: m.cpu, target, vector: mode === MODE_NMI ? 2 : vector, nmi: mode === MODE_NMI, collapsed })
  }
  m.visible = true
}

/** SELF IPI: a fixed interrupt to this CPU (SDM 3A 10.12.11). */
export function writeSelfIpi(m: Machine, low: number): void {
  if ((low & ~0xff) !== 0) m.raise(VECTOR_GP, 0)
  writeIcr(m, low | (SELF << 18), 0)
}

function isAddressed(m: Machine, target: number, shorthand: number, logical: boolean, destination: number): boolean {
  const self = target === m.cpu
  if (shorthand !== 0) return shorthand === SELF ? self : shorthand === ALL || !self
  if (destination === BROADCAST) return true
  // A logical id is cluster << 16 | one bit a CPU; all CPUs here are in cluster 0.
  return logical ? destination >>> 16 === 0 && (destination & (1 << target)) !== 0 : destination === target
}
