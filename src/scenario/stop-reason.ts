/** Why a CPU stopped, in words. Derived from the state alone, so that a state that was reached by seeking says the same. */
import { hex, highHalf, joinHalves, lowHalf } from '../lib/u64.ts'
import {
  CR2,
  ERROR_CODE,
  RIP,
  STOP,
  STOP_COLD_TEXT,
  STOP_DEAD_STACK,
  STOP_EXCEPTION,
  STOP_FETCH_SET,
  STOP_PRIVATE,
  STOP_SHUTDOWN,
} from '../machine/layout.ts'
import type { Machine } from '../machine/machine.ts'

const NAMES: Readonly<Record<number, string>> = {
  0: '#DE',
  1: '#DB',
  2: 'NMI',
  3: '#BP',
  4: '#OF',
  5: '#BR',
  6: '#UD',
  7: '#NM',
  8: '#DF',
  10: '#TS',
  11: '#NP',
  12: '#SS',
  13: '#GP',
  14: '#PF',
  17: '#AC',
}

export function vectorName(vector: number): string {
  return NAMES[vector] ?? `vector 0x${vector.toString(16)}`
}

/** null while the CPU runs. */
export function stopReason(m: Machine, cpu: number): string | null {
  const c = m.layout.parts[cpu] as number
  const stop = m.w[c + STOP] as number
  if (stop === 0) return null
  const at = joinHalves(m.w[c + RIP] as number, m.w[c + RIP + 1] as number)
  const vector = stop >> 8
  switch (stop & 0xff) {
    case STOP_EXCEPTION: {
      const address = vector === 14 ? ` on ${hex(joinHalves(m.w[c + CR2] as number, m.w[c + CR2 + 1] as number))}` : ''
      const error = (m.w[c + ERROR_CODE] as number) >= 0 && vector >= 8 ? `, error code ${hex(m.w[c + ERROR_CODE] as number)}` : ''
      return `${vectorName(vector)}${address}${error} at ${hex(at)}: nobody handles it, the kernel oopses`
    }
    case STOP_SHUTDOWN:
      return `a fault while delivering ${vectorName(vector)}: shutdown`
    case STOP_PRIVATE:
      return `the instruction at ${hex(at)} touches memory that the scenario declares private to another CPU`
    case STOP_COLD_TEXT:
      return `the instruction at ${hex(at)} writes text that the scenario does not declare as a site`
    case STOP_FETCH_SET:
      return `one fetch unit has more distinct values than the fetch model keeps`
    case STOP_DEAD_STACK:
      return `the instruction at ${hex(at)} reads a stack below the stack pointer, or one that the stack pointer does not lie in`
    default:
      return `unsupported: the instruction at ${hex(at)} is outside of what the machine models${m.find(lowHalf(at), highHalf(at)) === null ? ' (nothing is mapped there)' : ''}`
  }
}
