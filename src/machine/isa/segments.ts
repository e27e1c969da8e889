/** MOV, PUSH and POP of segment registers as far as flat kernels use them: a null selector or one of a flat data segment. Intel SDM vol. 2B MOV, POP; 3A 5.4, 6.8.3. */
import type { MemoryOperand, Operand, SegmentName } from '../instruction.ts'
import { isKnownData } from '../iret.ts'
import { FS_BASE, GPR, GS_BASE, SEGMENTS, SS, STATUS_SS_SHADOW } from '../layout.ts'
import { type Machine, VECTOR_GP, VECTOR_UD } from '../machine.ts'
import { effectiveAddress } from './operands.ts'
import type { Execute } from './record.ts'

export const SEGMENT_INDEX: Readonly<Record<SegmentName, number>> = { es: 0, cs: 1, ss: 2, ds: 3, fs: 4, gs: 5 }

/** MOV to and from segment registers in a flat kernel: null or one of the flat data selectors; SS opens the MOV-SS shadow. */
export function bindSegmentMove(target: Operand, source: Operand): Execute | null {
  if (target.kind === 'seg') {
    const index = SEGMENT_INDEX[target.segment]
    if (target.segment === 'cs') return (m) => m.raise(VECTOR_UD)
    const read = source.kind === 'reg' ? registerReader(source.index) : source.kind === 'mem' ? memoryReader(source) : null
    return read === null ? null : (m) => loadSegment(m, index, read(m))
  }
  if (source.kind !== 'seg') return null
  const index = SEGMENT_INDEX[source.segment]
  if (target.kind === 'reg') {
    const gpr = GPR + 2 * target.index
    const size = target.size
    return (m) => {
      const selector = m.w[m.c + SEGMENTS + index] as number
      m.w[m.c + gpr] = size === 2 ? ((m.w[m.c + gpr] as number) & ~0xffff) | selector : selector
      if (size > 2) m.w[m.c + gpr + 1] = 0
    }
  }
  if (target.kind !== 'mem') return null
  return (m) => {
    effectiveAddress(m, target)
    m.store(m.eaLo, m.eaHi, 2, m.w[m.c + SEGMENTS + index] as number, 0)
  }
}

function registerReader(index: number): (m: Machine) => number {
  return (m) => (m.w[m.c + GPR + 2 * index] as number) & 0xffff
}

function memoryReader(operand: MemoryOperand): (m: Machine) => number {
  return (m) => {
    effectiveAddress(m, operand)
    m.load(m.eaLo, m.eaHi, 2)
    return m.lo
  }
}

/** Loads a data segment register; the flat descriptors are the only ones there are. */
export function loadSegment(m: Machine, index: number, selector: number): void {
  const isNull = (selector & ~3) === 0
  if (index === SS) {
    if (isNull ? m.bits === 32 || m.cpl === 3 || (selector & 3) !== m.cpl : (selector & 3) !== m.cpl) m.raise(VECTOR_GP, isNull ? 0 : selector & ~3)
    m.shadow = STATUS_SS_SHADOW
  }
  if (!isNull && !isKnownData(m, selector)) m.raise(VECTOR_GP, selector & ~3)
  m.w[m.c + SEGMENTS + index] = selector
  if (index >= 4 && m.bits === 64) {
    const base = index === 4 ? FS_BASE : GS_BASE
    m.w[m.c + base] = 0
    m.w[m.c + base + 1] = 0
  }
}
