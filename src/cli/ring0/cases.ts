/**
 * Ring 0 in small programs: each runs until the first event of which nobody but the test's own handler knows, and that handler reports what it finds.
 * `send` in a program writes r14 (esi in 32-bit mode) to the interrupt command register, which r15 (edi) points to: an interrupt or NMI to itself.
 */
import type { Bits } from './places.ts'

export interface Ring0Case {
  readonly name: string
  readonly bits: Bits
  readonly code: string
  readonly flags?: number
  readonly user?: boolean
  /** Stack pointer; the middle of the case's stack where left out. */
  readonly sp?: bigint
  /** What is sent: vector | mode << 8. */
  readonly send?: number
  /** Label of the program's own NMI handler. */
  readonly nmi?: string
  /** Why the second opinion differs, where it is known to; the fields that are not compared then. */
  readonly differs?: { readonly why: string; readonly fields: readonly string[] }
}

export const MIDDLE = 0x30_0800n
const IF = 0x202
const TF = 0x102
const NT = 0x4002
const IRQ = 0x40
const NMI = 0x400
const ODD = 0x0000_9000_0000_0000n
const UNMAPPED = 0x70_0000_0000n

/** The other emulator pushes RF as it is for faults as well. */
const NO_RF = { why: 'QEMU does not set RF in the frame of a fault', fields: ['pushed RF'] } as const

/** Of two readings of the manual the other emulator takes the other one. */
const NULL_SS = {
  why: 'QEMU loads a null SS with every IST stack, the pseudo-code of the manual only on a change of privilege',
  fields: ['ss'],
} as const

const SEND = { 64: 'mov [r15], r14d', 32: 'mov [edi], esi' } as const

function cases(bits: Bits, list: readonly (readonly [name: string, code: string, more?: Partial<Ring0Case>])[]): Ring0Case[] {
  return list.map(([name, code, more]) => ({ name, bits, code: code.replaceAll('send', SEND[bits]), ...more }))
}

const alignments = Array.from({ length: 16 }, (_, i) => i)

const frames64 = cases(64, [
  ...alignments.map((low) => [`INT3, RSP ≡ ${low}`, 'int3', { sp: MIDDLE + BigInt(low) }] as const),
  ...alignments.map(
    (low) => [`#GP with an error code, RSP ≡ ${low}`, 'mov ax, 0x50\n mov ds, ax', { sp: MIDDLE + BigInt(low), differs: NO_RF }] as const,
  ),
  ['INT n', 'int 0x41', { flags: IF }],
  ['INT n, interrupt gate', 'int 0x43', { flags: IF, differs: NULL_SS }],
  ['trap gate, TF and NT', 'int 0x41', { flags: IF | TF | NT }],
  ['INT1', 'int1', { differs: { why: 'QEMU 7.2 raises #UD for INT1', fields: ['vector', 'frame'] } }],
  ['UD2', 'ud2', { differs: NO_RF }],
  ['division', 'xor ecx, ecx\n div ecx', { differs: NO_RF }],
  ['page fault, read', `mov rbx, ${UNMAPPED}\n mov rax, [rbx]`, { differs: NO_RF }],
  ['page fault, write', `mov rbx, ${UNMAPPED}\n mov [rbx], rax`, { differs: NO_RF }],
  ['page fault, fetch', `mov rbx, ${UNMAPPED}\n jmp rbx`, { differs: NO_RF }],
  ['not canonical, data', `mov rbx, ${ODD}\n mov rax, [rbx]`, { differs: NO_RF }],
  [
    'not canonical, stack',
    `mov rbp, ${ODD}\n mov rax, [rbp]`,
    { differs: { why: 'QEMU raises #GP for every address that is not canonical', fields: ['vector', 'sp', 'ss', 'frame', 'pushed RF'] } },
  ],
  ['INT3 from CPL 3', 'int3', { user: true }],
  [
    'INT n from CPL 3 through a gate of DPL 0',
    'int 0x42',
    { user: true, differs: { why: 'QEMU 7.2 multiplies the vector in the error code by 16', fields: ['frame', 'pushed RF'] } },
  ],
  ['HLT from CPL 3', 'hlt', { user: true, differs: NO_RF }],
  ['CLI from CPL 3', 'cli', { user: true, differs: NO_RF }],
  ['page fault from CPL 3', `mov rbx, ${UNMAPPED}\n mov rax, [rbx]`, { user: true, differs: NO_RF }],
  ['IST from CPL 0', 'int 0x43', { differs: NULL_SS }],
  ['IST from CPL 3', 'int 0x43', { user: true }],
  ['INT3 on a stack that is not mapped: double fault', 'int3', { sp: UNMAPPED, differs: NULL_SS }],
  ['page fault on a stack that is not mapped', `mov rbx, ${UNMAPPED}\n mov rax, [rbx]`, { sp: UNMAPPED, differs: NULL_SS }],
])

const frames32 = cases(32, [
  ...[0, 1, 2, 4, 8, 12].map((low) => [`INT3, ESP ≡ ${low}`, 'int3', { sp: MIDDLE + BigInt(low) }] as const),
  ['#GP with an error code', 'mov ax, 0x50\n mov ds, ax', { differs: NO_RF }],
  ['trap gate', 'int 0x41', { flags: IF }],
  ['interrupt gate', 'int3', { flags: IF | NT }],
  ['UD2', 'ud2', { differs: NO_RF }],
  ['INTO', 'mov al, 0x7f\n add al, 1\n into', { user: false }],
  ['INT3 from CPL 3', 'int3', { user: true }],
  ['INT n from CPL 3 through a gate of DPL 0', 'int 0x42', { user: true, differs: NO_RF }],
  ['HLT from CPL 3', 'hlt', { user: true, differs: NO_RF }],
])

/** Pushes a frame for IRETQ. */
const frame64 = (ss: number, sp: string, flags: number, cs: number, ip = 'target') =>
  `push ${ss}\n lea rax, [rel ${ip}]\n mov rbx, ${sp}\n push rbx\n push ${flags}\n push ${cs}\n push rax`

const irets64 = cases(64, [
  ['IRETQ to CPL 0', `${frame64(0x18, '0x300900', IF, 0x10)}\n iretq\ntarget: int3`],
  ['IRETQ to CPL 0 with a null SS', `${frame64(0, '0x300900', IF, 0x10)}\n iretq\ntarget: int3`],
  ['IRETQ to CPL 3', `${frame64(0x2b, '0x300900', 0x203, 0x33)}\n iretq\ntarget: int3`],
  [
    'IRETD in 64-bit mode',
    'sub rsp, 20\n lea rax, [rel target]\n mov [rsp], eax\n mov dword ptr [rsp + 4], 0x10\n mov dword ptr [rsp + 8], 0x246\n mov dword ptr [rsp + 12], 0x300904\n mov dword ptr [rsp + 16], 0x18\n iretd\ntarget: int3',
  ],
  ['IRETQ with NT', `${frame64(0x18, '0x300900', IF, 0x10)}\n pushfq\n or dword ptr [rsp], 0x4000\n popfq\n iretq\ntarget: int3`, { differs: NO_RF }],
  ['IRETQ with a null CS', `${frame64(0x18, '0x300900', IF, 0)}\n iretq\ntarget: int3`, { differs: NO_RF }],
  ['IRETQ with a CS that is none', `${frame64(0x18, '0x300900', IF, 0x48)}\n iretq\ntarget: int3`, { differs: NO_RF }],
  ['IRETQ with a null SS to CPL 3', `${frame64(3, '0x300900', IF, 0x33)}\n iretq\ntarget: int3`, { differs: NO_RF }],
  ['IRETQ with an SS of another privilege', `${frame64(0x2b, '0x300900', IF, 0x10)}\n iretq\ntarget: int3`, { differs: NO_RF }],
  ['IRETQ from CPL 3 to CPL 0', `${frame64(0x18, '0x300900', IF, 0x10)}\n iretq\ntarget: int3`, { user: true, differs: NO_RF }],
  ['IRETQ restores RF, TF, ID and AC', `${frame64(0x18, '0x300900', 0x250302, 0x10)}\n iretq\ntarget: nop\n nop`],
  ['IRETQ at CPL 3 cannot set IF', `${frame64(0x2b, '0x300900', 0x3202, 0x33)}\n iretq\ntarget: int3`, { user: true, flags: 2 }],
])

const irets32 = cases(32, [
  ['IRET to the same privilege', 'push 0x246\n push 0x60\n push target\n iretd\ntarget: int3'],
  ['IRET to CPL 3', 'push 0x2b\n push 0x300900\n push 0x202\n push 0x23\n push target\n iretd\ntarget: int3'],
  ['IRET with a null CS', 'push 2\n push 0\n push target\n iretd\ntarget: int3', { differs: NO_RF }],
  ['IRET to CPL 3 with a null SS', 'push 3\n push 0x300900\n push 2\n push 0x23\n push target\n iretd\ntarget: int3', { differs: NO_RF }],
])

/** Where is an interrupt or an NMI taken? The pushed RIP tells. */
function windows(bits: Bits): Ring0Case[] {
  const data = bits === 64 ? 0x18 : 0x68
  const popf = bits === 64 ? 'push 0x202\n popfq' : 'push 0x202\n popfd'
  return cases(bits, [
    ['an interrupt with IF = 1', 'send\n nop\n nop\n int3', { flags: IF, send: IRQ }],
    ['an interrupt with IF = 0', 'send\n nop\n int3', { send: IRQ }],
    ['STI casts a shadow', 'send\n sti\n nop\n nop\n int3', { send: IRQ }],
    ['STI with IF = 1 casts none', 'sti\n send\n nop\n int3', { flags: IF, send: IRQ }],
    ['STI; STI', 'send\n sti\n sti\n nop\n nop\n int3', { send: IRQ }],
    ['STI; CLI', 'send\n sti\n cli\n nop\n int3', { send: IRQ }],
    ['MOV SS', `mov eax, ${data}\n sti\n nop\n send\n nop\n int3`, { send: IRQ }],
    ['MOV SS holds back an interrupt', `mov eax, ${data}\n cli\n send\n sti\n mov ss, ax\n nop\n nop\n int3`, { send: IRQ }],
    ['POPF sets IF without a shadow', `send\n ${popf}\n nop\n nop\n int3`, { send: IRQ }],
    ['STI; HLT', 'send\n sti\n hlt\n nop\n int3', { send: IRQ }],
    ['the stub push; sti; jmp', 'push 1\n send\n sti\n jmp target\ntarget: nop\n int3', { send: IRQ }],
    ['an NMI with IF = 0', 'send\n nop\n nop\n int3', { send: NMI }],
    ['an NMI ends HLT', 'send\n nop\n hlt\n int3', { send: NMI }],
    ['single step', 'nop\n nop', { flags: TF }],
    ['single step over MOV SS', `mov ss, eax\n nop\n nop`, { flags: TF }],
    ['single step set by POPF', bits === 64 ? 'push 0x102\n popfq\n nop\n nop' : 'push 0x102\n popfd\n nop\n nop'],
    [
      'single step of an iteration',
      `mov ecx, 2\n cld\n${bits === 64 ? ' mov rsi, 0x300000' : ' mov esi, 0x300000'}\n rep lodsb\n nop`,
      { flags: TF },
    ],
    ['INT3 with TF', 'int3\n nop', { flags: TF }],
  ])
}

/** An NMI handler that sends itself one more, and does something before it returns; the second one reports where it came in. */
const nested = (middle: string) => `send
 nop
 nop
 int3
nmi_handler:
 inc ebx
 cmp ebx, 2
 jae second
 send
 nop
 ${middle}
 iretq
second:
 int3`

const nmis64 = cases(64, [
  ['a second NMI waits for the IRET of the first', nested('nop'), { send: NMI, nmi: 'nmi_handler' }],
  [
    'any IRET lets the second one in',
    nested(`${frame64(0x18, 'rsp', 2, 0x10, 'here')}\n mov rax, rsp\n add rax, 40\n mov [rsp + 24], rax\n iretq\nhere: nop\n nop`),
    { send: NMI, nmi: 'nmi_handler' },
  ],
  [
    'an IRET that faults lets it in as well',
    nested(`${frame64(0x18, 'rsp', 2, 0x48, 'here')}\n iretq\nhere: nop`),
    {
      send: NMI,
      nmi: 'nmi_handler',
      differs: { why: 'QEMU keeps NMIs blocked when IRET faults (SDM 3A 6.7.1 does not)', fields: ['vector', 'sp', 'flags', 'frame', 'pushed RF'] },
    },
  ],
])

export const CASES_OF: Readonly<Record<Bits, readonly Ring0Case[]>> = {
  64: [...frames64, ...irets64, ...windows(64), ...nmis64],
  32: [...frames32, ...irets32, ...windows(32)],
}
