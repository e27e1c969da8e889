/** Model-specific registers: the x2APIC's and the segment bases (Intel SDM vol. 3A 10.12, vol. 4). Reading or writing any other stops with "unsupported". */
import { endOfInterrupt, writeIcr, writeSelfIpi } from '../apic.ts'
import { serialize } from '../delivery.ts'
import { FLAG_IF, FLAGS, FS_BASE, GPR, GS_BASE, KERNEL_GS_BASE } from '../layout.ts'
import { VECTOR_GP } from '../machine.ts'
import { hasFencedStore } from '../store-buffer.ts'
import type { InstructionRecord } from './record.ts'

const RAX = GPR
const RCX = GPR + 2
const RDX = GPR + 4

const MSR_X2APIC_ID = 0x802
const MSR_EOI = 0x80b
const MSR_ICR = 0x830
const MSR_SELF_IPI = 0x83f
const BASES: ReadonlyMap<number, number> = new Map([
  [0xc000_0100, FS_BASE],
  [0xc000_0101, GS_BASE],
  [0xc000_0102, KERNEL_GS_BASE],
])

function isX2apic(msr: number): boolean {
  return msr >= 0x802 && msr <= 0x83f
}

export const msrRecords: readonly InstructionRecord[] = [
  {
    // x2APIC registers are the exception: writing them does not serialise, and the ICR may overtake buffered stores, but for those before an SFENCE (SDM 3A 10.12.3).
    mnemonics: ['wrmsr'],
    meaning: 'writes a model-specific register; serialises, but for the x2APIC ones',
    manual: 'SDM 2C WRMSR',
    microOps: ['serialize'],
    drainsNow: (m) => !isX2apic((m.w[m.c + RCX] as number) >>> 0) || hasFencedStore(m),
    bind: () => (m) => {
      const { w, c } = m
      const msr = (w[c + RCX] as number) >>> 0
      if (msr === MSR_SELF_IPI) return writeSelfIpi(m, w[c + RAX] as number)
      if (msr === MSR_ICR) return writeIcr(m, w[c + RAX] as number, w[c + RDX] as number)
      if (msr === MSR_EOI) {
        if (w[c + RAX] !== 0 || w[c + RDX] !== 0) m.raise(VECTOR_GP, 0)
        endOfInterrupt(m)
        if (((w[c + FLAGS] as number) & FLAG_IF) !== 0) m.visible = true
        return
      }
      const base = BASES.get(msr)
      if (base === undefined) return m.unsupported(`WRMSR of 0x${msr.toString(16)}`)
      const high = w[c + RDX] as number
      if (m.bits === 64 && high >> 15 !== 0 && high >> 15 !== -1) m.raise(VECTOR_GP, 0)
      w[c + base] = w[c + RAX] as number
      w[c + base + 1] = high
      serialize(m, 'wrmsr')
    },
  },
  {
    mnemonics: ['rdmsr'],
    meaning: 'reads a model-specific register',
    manual: 'SDM 2B RDMSR',
    microOps: ['compute'],
    bind: () => (m) => {
      const { w, c } = m
      const msr = (w[c + RCX] as number) >>> 0
      const base = BASES.get(msr)
      if (msr !== MSR_X2APIC_ID && base === undefined) m.unsupported(`RDMSR of 0x${msr.toString(16)}`)
      w[c + RAX] = base === undefined ? m.cpu : (w[c + base] as number)
      w[c + RAX + 1] = 0
      w[c + RDX] = base === undefined ? 0 : (w[c + base + 1] as number)
      w[c + RDX + 1] = 0
    },
  },
  {
    mnemonics: ['swapgs'],
    meaning: 'exchanges the GS base with KERNEL_GS_BASE',
    manual: 'SDM 2B SWAPGS',
    microOps: ['compute'],
    bind: (_, bits) =>
      bits !== 64
        ? null
        : (m) => {
            for (let i = 0; i < 2; i++) {
              const base = m.w[m.c + GS_BASE + i] as number
              m.w[m.c + GS_BASE + i] = m.w[m.c + KERNEL_GS_BASE + i] as number
              m.w[m.c + KERNEL_GS_BASE + i] = base
            }
          },
  },
]
