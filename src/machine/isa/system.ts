/**
 * Ring 0 and the events that instructions raise: software interrupts, IRET, interrupt flag, HLT, fences, serialising instructions, MSRs, segment moves
 * as far as flat kernels use them. Intel SDM vol. 2 (each record names its page), vol. 3A 8.3 (serialising instructions), 6.8 (shadows).
 *
 * Left out: LGDT/LIDT/LTR, MOV CR0/CR4/DRn, far transfers, SYSCALL/SYSRET: they stop with "unsupported".
 */
import { endOfInterrupt, writeIcr } from '../apic.ts'
import { deliverSoftware, iret, serialize } from '../delivery.ts'
import type { Instruction, MemoryOperand, Operand, SegmentName } from '../instruction.ts'
import {
  CR2,
  CR3,
  FLAG_AC,
  FLAG_ID,
  FLAG_IF,
  FLAG_IOPL,
  FLAG_RF,
  FLAG_VM,
  FLAGS,
  FS_BASE,
  GPR,
  GS_BASE,
  KERNEL_GS_BASE,
  RIP,
  SEGMENTS,
  SS,
  STATUS,
  STATUS_HALTED,
  STATUS_SS_SHADOW,
  STATUS_STI_SHADOW,
} from '../layout.ts'
import { type Machine, VECTOR_BP, VECTOR_DB, VECTOR_GP, VECTOR_OF, VECTOR_UD } from '../machine.ts'
import { effectiveAddress } from './operands.ts'
import type { Execute, InstructionRecord } from './record.ts'
import { bindPeek, bindPush, bindStackAdjust, pushSize } from './stack-pointer.ts'

const RAX = GPR
const RCX = GPR + 2
const RDX = GPR + 4
const RBX = GPR + 6

export const SEGMENT_INDEX: Readonly<Record<SegmentName, number>> = { es: 0, cs: 1, ss: 2, ds: 3, fs: 4, gs: 5 }

function always(execute: Execute): () => Execute {
  return () => execute
}

/** INT3, INT n, INTO: the frame holds the address after the instruction; the gate's DPL must not be below CPL (SDM 3A 6.12.1.2). */
function softwareInterrupt(m: Machine, vector: number): void {
  const gate = m.config.gates[vector]
  if (gate !== undefined && gate.dpl < m.cpl) m.raise(VECTOR_GP, vector * 8 + 2)
  const { w, c } = m
  const ripLo = w[c + RIP] as number
  const ripHi = w[c + RIP + 1] as number
  w[c + RIP] = m.nextLo
  w[c + RIP + 1] = m.nextHi
  try {
    deliverSoftware(m, vector)
  } catch (thrown) {
    w[c + RIP] = ripLo
    w[c + RIP + 1] = ripHi
    throw thrown
  }
  m.nextLo = w[c + RIP] as number
  m.nextHi = w[c + RIP + 1] as number
  m.visible = true
}

function ring0(m: Machine): void {
  if (m.cpl !== 0) m.raise(VECTOR_GP, 0)
}

function ioPrivilege(m: Machine): void {
  if (m.cpl > ((m.w[m.c + FLAGS] as number) & FLAG_IOPL) >> 12) m.raise(VECTOR_GP, 0)
}

function setIf(m: Machine, enabled: boolean): void {
  const flags = m.w[m.c + FLAGS] as number
  if (((flags & FLAG_IF) !== 0) === enabled) return
  m.w[m.c + FLAGS] = enabled ? flags | FLAG_IF : flags & ~FLAG_IF
  m.visible = true
  if (m.listener !== null) m.listener({ kind: 'if', cpu: m.cpu, enabled })
}

function bindInt(instruction: Instruction): Execute | null {
  const operand = instruction.operands[0]
  return operand?.kind === 'imm' ? (m) => softwareInterrupt(m, operand.lo & 0xff) : null
}

const interrupts: InstructionRecord[] = [
  {
    mnemonics: ['int3'],
    meaning: 'breakpoint: delivers #BP, the frame holds the address after it',
    manual: 'SDM 2A INT3',
    microOps: ['deliver'],
    drains: true,
    bind: always((m) => softwareInterrupt(m, VECTOR_BP)),
  },
  { mnemonics: ['int'], meaning: 'software interrupt n', manual: 'SDM 2A INT n', microOps: ['deliver'], drains: true, bind: bindInt },
  {
    mnemonics: ['int1'],
    meaning: 'delivers #DB',
    manual: 'SDM 2A INT1',
    microOps: ['deliver'],
    drains: true,
    bind: always((m) => softwareInterrupt(m, VECTOR_DB)),
  },
  {
    mnemonics: ['into'],
    meaning: 'overflow trap, 32-bit only',
    manual: 'SDM 2A INTO',
    microOps: ['deliver'],
    drains: true,
    bind: always((m) => {
      if (((m.w[m.c + FLAGS] as number) & 0x800) !== 0) softwareInterrupt(m, VECTOR_OF)
    }),
  },
  {
    mnemonics: ['ud0', 'ud1', 'ud2'],
    meaning: 'raises #UD',
    manual: 'SDM 2B UD',
    microOps: ['raise'],
    drains: true,
    bind: always((m) => m.raise(VECTOR_UD)),
  },
  {
    mnemonics: ['iretq', 'iretd', 'iret'],
    meaning: 'returns from a handler; serialises; unblocks NMIs',
    manual: 'SDM 2A IRET',
    microOps: ['load', 'load', 'load', 'load', 'load', 'serialize', 'branch'],
    drains: true,
    keepsRf: true,
    bind(instruction) {
      const word = instruction.mnemonic === 'iretq' ? 8 : instruction.mnemonic === 'iretd' ? 4 : 2
      return (m) => iret(m, word)
    },
  },
]

const flagsAndHalt: InstructionRecord[] = [
  {
    mnemonics: ['sti'],
    meaning: 'IF := 1; maskable interrupts wait one more boundary',
    manual: 'SDM 2B STI',
    microOps: ['compute'],
    bind: always((m) => {
      ioPrivilege(m)
      if (((m.w[m.c + FLAGS] as number) & FLAG_IF) === 0) m.shadow = STATUS_STI_SHADOW
      setIf(m, true)
    }),
  },
  {
    mnemonics: ['cli'],
    meaning: 'IF := 0',
    manual: 'SDM 2A CLI',
    microOps: ['compute'],
    bind: always((m) => {
      ioPrivilege(m)
      setIf(m, false)
    }),
  },
  {
    mnemonics: ['hlt'],
    meaning: 'waits for an interrupt',
    manual: 'SDM 2A HLT',
    microOps: ['compute'],
    bind: always((m) => {
      ring0(m)
      m.w[m.c + STATUS] = (m.w[m.c + STATUS] as number) | STATUS_HALTED
      m.visible = true
      if (m.listener !== null) m.listener({ kind: 'halt', cpu: m.cpu })
    }),
  },
  {
    mnemonics: ['pushfq', 'pushfd', 'pushf'],
    meaning: 'pushes the flags, RF and VM as 0',
    manual: 'SDM 2B PUSHF',
    microOps: ['store'],
    bind(instruction, bits) {
      const push = bindPush(instruction, bits)
      return (m) => push(m, ((m.w[m.c + FLAGS] as number) & ~(FLAG_RF | FLAG_VM)) | 2, 0)
    },
  },
  {
    mnemonics: ['popfq', 'popfd', 'popf'],
    meaning: 'pops the flags; IF only if CPL ≤ IOPL, IOPL only at CPL 0',
    manual: 'SDM 2B POPF',
    microOps: ['load'],
    bind(instruction, bits) {
      const word = pushSize(instruction, bits)
      const peek = bindPeek(word, bits)
      const adjust = bindStackAdjust(bits)
      return (m) => {
        peek(m)
        const { w, c, lo: popped } = m
        const flags = w[c + FLAGS] as number
        // CF PF AF ZF SF TF DF OF NT, and AC ID beyond 16 bits.
        let allowed = 0x4dd5 | (word === 2 ? 0 : FLAG_AC | FLAG_ID)
        if (m.cpl === 0) allowed |= FLAG_IOPL
        if (m.cpl <= (flags & FLAG_IOPL) >> 12) setIf(m, (popped & FLAG_IF) !== 0)
        const kept = w[c + FLAGS] as number
        w[c + FLAGS] = ((kept & ~allowed) | (popped & allowed) | 2) & ~FLAG_RF
        adjust(m, word)
      }
    },
  },
]

const fences: InstructionRecord[] = [
  // MFENCE does not refresh fetch on Intel; AMD documents that it does (facts: x86.md §2): that is the fetch model's business.
  {
    mnemonics: ['mfence'],
    meaning: 'all earlier stores are visible first',
    manual: 'SDM 2B MFENCE',
    microOps: ['fence'],
    drains: true,
    bind: always((m) => {
      m.visible = true
    }),
  },
  {
    mnemonics: ['lfence', 'sfence'],
    meaning: 'no-ops for ordinary memory on x86-TSO',
    manual: 'SDM 2A LFENCE, 2B SFENCE',
    microOps: [],
    bind: always(() => {}),
  },
  {
    mnemonics: ['serialize'],
    meaning: 'serialises',
    manual: 'SDM 2B SERIALIZE',
    microOps: ['serialize'],
    drains: true,
    bind: always((m) => serialize(m, 'serialize')),
  },
  {
    mnemonics: ['cpuid'],
    meaning: 'identifies the processor; serialises',
    manual: 'SDM 2A CPUID',
    microOps: ['serialize'],
    drains: true,
    bind: always(cpuid),
  },
  {
    mnemonics: ['invlpg'],
    meaning: 'drops a translation; serialises',
    manual: 'SDM 2A INVLPG',
    microOps: ['serialize'],
    drains: true,
    bind: always((m) => {
      ring0(m)
      serialize(m, 'invlpg')
    }),
  },
]

/** A small, honest processor: it says what it has that this project is about (x2APIC, SERIALIZE), and nothing else. */
function cpuid(m: Machine): void {
  const { w, c } = m
  const leaf = (w[c + RAX] as number) >>> 0
  let [a, b, cx, d] = [0, 0, 0, 0]
  if (leaf === 0)
    [a, b, d, cx] = [7, 0x656b_6f50, 0x706f_6373, 0x2036_3878] // "Poke" "scop" "x86 "
  else if (leaf === 1) [a, b, cx, d] = [0x0000_06f0, m.cpu << 24, 1 << 21, (1 << 4) | (1 << 8) | (1 << 15)]
  else if (leaf === 7 && w[c + RCX] === 0) d = 1 << 14
  const write = (register: number, value: number) => {
    w[c + register] = value | 0
    w[c + register + 1] = 0
  }
  write(RAX, a)
  write(RBX, b)
  write(RCX, cx)
  write(RDX, d)
  serialize(m, 'cpuid')
}

const MSR_X2APIC_ID = 0x802
const MSR_EOI = 0x80b
const MSR_ICR = 0x830
const BASES: Readonly<Record<number, number>> = { 3221225728: FS_BASE, 3221225729: GS_BASE, 3221225730: KERNEL_GS_BASE }

const msrs: InstructionRecord[] = [
  {
    // x2APIC registers are the exception: writing them does not serialise, and the ICR may overtake buffered stores (SDM 3A 10.12.3).
    mnemonics: ['wrmsr'],
    meaning: 'writes a model-specific register; serialises, but for the x2APIC ones',
    manual: 'SDM 2C WRMSR',
    microOps: ['serialize'],
    bind: always((m) => {
      ring0(m)
      const { w, c } = m
      const msr = (w[c + RCX] as number) >>> 0
      if (msr === MSR_ICR) return writeIcr(m, w[c + RAX] as number, w[c + RDX] as number)
      if (msr === MSR_EOI) {
        if (w[c + RAX] !== 0 || w[c + RDX] !== 0) m.raise(VECTOR_GP, 0)
        endOfInterrupt(m)
        if (((w[c + FLAGS] as number) & FLAG_IF) !== 0) m.visible = true
        return
      }
      const base = BASES[msr]
      if (base === undefined) return m.unsupported(`WRMSR of 0x${msr.toString(16)}`)
      m.drainAll()
      w[c + base] = w[c + RAX] as number
      w[c + base + 1] = w[c + RDX] as number
      serialize(m, 'wrmsr')
    }),
  },
  {
    mnemonics: ['rdmsr'],
    meaning: 'reads a model-specific register',
    manual: 'SDM 2B RDMSR',
    microOps: ['compute'],
    bind: always((m) => {
      ring0(m)
      const { w, c } = m
      const msr = (w[c + RCX] as number) >>> 0
      const base = BASES[msr]
      if (msr !== MSR_X2APIC_ID && base === undefined) m.unsupported(`RDMSR of 0x${msr.toString(16)}`)
      w[c + RAX] = base === undefined ? m.cpu : (w[c + base] as number)
      w[c + RAX + 1] = 0
      w[c + RDX] = base === undefined ? 0 : (w[c + base + 1] as number)
      w[c + RDX + 1] = 0
    }),
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
            ring0(m)
            for (let i = 0; i < 2; i++) {
              const base = m.w[m.c + GS_BASE + i] as number
              m.w[m.c + GS_BASE + i] = m.w[m.c + KERNEL_GS_BASE + i] as number
              m.w[m.c + KERNEL_GS_BASE + i] = base
            }
          },
  },
]

/** MOV to and from CR2 and CR3; writing serialises. */
export function bindControlMove(target: Operand, source: Operand): Execute | null {
  const control = target.kind === 'cr' ? target : source
  const register = target.kind === 'cr' ? source : target
  if (control.kind !== 'cr' || register.kind !== 'reg') return null
  const at = control.index === 2 ? CR2 : control.index === 3 ? CR3 : -1
  if (at < 0) return null
  const gpr = GPR + 2 * register.index
  if (target.kind !== 'cr') {
    return (m) => {
      ring0(m)
      m.w[m.c + gpr] = m.w[m.c + at] as number
      m.w[m.c + gpr + 1] = m.w[m.c + at + 1] as number
    }
  }
  return (m) => {
    ring0(m)
    m.drainAll()
    m.w[m.c + at] = m.w[m.c + gpr] as number
    m.w[m.c + at + 1] = m.w[m.c + gpr + 1] as number
    serialize(m, `mov cr${control.index}`)
  }
}

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
  if (!isNull && selector !== m.config.kernelSs && (selector & 3) !== 3) m.raise(VECTOR_GP, selector & ~3)
  m.w[m.c + SEGMENTS + index] = selector
  if (index >= 4 && m.bits === 64) {
    const base = index === 4 ? FS_BASE : GS_BASE
    m.w[m.c + base] = 0
    m.w[m.c + base + 1] = 0
  }
}

export const systemRecords: readonly InstructionRecord[] = [...interrupts, ...flagsAndHalt, ...fences, ...msrs]
