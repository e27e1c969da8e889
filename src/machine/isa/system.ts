/**
 * Ring 0 and the events that instructions raise: software interrupts, IRET, interrupt flag, HLT, fences, serialising instructions, control registers.
 * Model-specific registers: msr.ts; segment registers: segments.ts. Intel SDM vol. 2 (each record names its page), vol. 3A 8.3 (serialising
 * instructions), 6.8 (shadows).
 *
 * Left out: LGDT/LIDT/LTR, MOV CR0/CR4/CR8/DRn, far transfers, SYSCALL/SYSRET: they stop with "unsupported".
 */
import { deliverSoftware, serialize } from '../delivery.ts'
import type { Instruction, Operand } from '../instruction.ts'
import { iret } from '../iret.ts'
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
  GPR,
  RIP,
  STATUS,
  STATUS_HALTED,
  STATUS_STI_SHADOW,
} from '../layout.ts'
import { type Machine, VECTOR_BP, VECTOR_DB, VECTOR_GP, VECTOR_OF, VECTOR_UD } from '../machine.ts'
import { fenceStores } from '../store-buffer.ts'
import { msrRecords } from './msr.ts'
import type { Execute, InstructionRecord } from './record.ts'
import { bindPeek, bindPush, bindStackAdjust, pushSize } from './stack-pointer.ts'

const RAX = GPR
const RCX = GPR + 2
const RDX = GPR + 4
const RBX = GPR + 6

function always(execute: Execute): () => Execute {
  return () => execute
}

/** INT3, INT n, INTO: the gate's DPL must not be below CPL (SDM 3A 6.12.1.2). */
function softwareInterrupt(m: Machine, vector: number): void {
  const gate = m.config.gates[vector]
  if (gate !== undefined && gate.dpl < m.cpl) m.raise(VECTOR_GP, vector * 8 + 2)
  deliverBehind(m, vector)
}

/** The frame holds the address after the instruction; where it cannot be pushed, the instruction itself has faulted. */
function deliverBehind(m: Machine, vector: number): void {
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
    meaning: 'delivers #DB, whatever the privilege that its gate asks for',
    manual: 'SDM 2A INT1',
    microOps: ['deliver'],
    drains: true,
    bind: always((m) => deliverBehind(m, VECTOR_DB)),
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
      m.config.fetch.rest?.(m)
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
      const refreshed = m.config.fetch.fence?.(m) === true
      if (refreshed && m.listener !== null) m.listener({ kind: 'serialize', cpu: m.cpu, by: 'mfence' })
    }),
  },
  {
    mnemonics: ['lfence'],
    meaning: 'a no-op for ordinary memory on x86-TSO',
    manual: 'SDM 2A LFENCE',
    microOps: [],
    bind: always(() => {}),
  },
  {
    mnemonics: ['sfence'],
    meaning: 'a no-op for ordinary memory on x86-TSO; an x2APIC write after it waits for the stores before it',
    manual: 'SDM 2B SFENCE',
    microOps: [],
    bind: always(fenceStores),
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
    m.w[m.c + at] = m.w[m.c + gpr] as number
    m.w[m.c + at + 1] = m.w[m.c + gpr + 1] as number
    serialize(m, `mov cr${control.index}`)
  }
}

export { bindSegmentMove, loadSegment, SEGMENT_INDEX } from './segments.ts'

export const systemRecords: readonly InstructionRecord[] = [...interrupts, ...flagsAndHalt, ...fences, ...msrRecords]
