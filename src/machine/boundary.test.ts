/**
 * What may be taken at which instruction boundary: interrupt shadows, NMI blocking, HLT, single steps, priorities.
 * Expected values: Intel SDM vol. 2B STI, MOV, POP; vol. 3A 6.7, 6.8, 6.9; vol. 3B 17.3.1.4.
 */
import { describe, expect, test } from 'vitest'
import { assemble } from '../assembler/assemble.ts'
import { createDecode } from '../decoder/decode.ts'
import { requestIrq, requestNmi } from './apic.ts'
import { assembled, Lab, type LabCpu } from './lab.ts'
import { FLAG_IF, FLAG_TF, STATUS_HALTED, STATUS_NMI_BLOCKED } from './layout.ts'

const decode = createDecode()

function lab(code: string, cpu: Partial<LabCpu> = {}, bits: 64 | 32 = 64): Lab {
  const text = `section .text at ${bits === 64 ? 0xffffffff81000000n : 0xc1000000n} exec
start: ${code}
end: hlt
irq_handler: ${bits === 64 ? 'iretq' : 'iret'}
nmi_handler: nop
 ${bits === 64 ? 'iretq' : 'iret'}
db_handler: hlt
bp_handler: hlt
section .stack at ${bits === 64 ? 0xffffc90000010000n : 0xc2000000n} private=0
 resb 512
top: resb 64
section .data at ${bits === 64 ? 0xffffffff82000000n : 0xc4000000n} shared
x: dq 0
`
  const gates = {
    1: { handler: 'db_handler' },
    2: { handler: 'nmi_handler' },
    3: { handler: 'bp_handler' },
    64: { handler: 'irq_handler' },
    65: { handler: 'irq_handler' },
  }
  const program = assembled(assemble({ bits, files: [{ name: 'test.asm', text }] }))
  return new Lab({
    bits,
    decode,
    program,
    gates,
    cpus: [{ entry: 'start', flags: 2, ...cpu, registers: { [bits === 64 ? 'rsp' : 'esp']: 'top', ...cpu.registers } }],
  })
}

/** At which boundaries (before instruction 0, 1, …) a pending interrupt and a pending NMI may be taken: "-", "i", "n", "in". */
function windows(code: string, cpu: Partial<LabCpu> = {}): string[] {
  const t = lab(code, cpu)
  requestIrq(t.m, 0, 0x40)
  requestNmi(t.m, 0)
  const seen: string[] = []
  for (let steps = 0; steps < 12; steps++) {
    const choices = t.choices()
    seen.push(`${choices.includes('i') ? 'i' : ''}${choices.includes('n') ? 'n' : ''}` || '-')
    if (t.reg('rip') === t.address('end')) break
    t.take('0s')
  }
  return seen
}

describe('windows for interrupts (i) and NMIs (n), boundary by boundary', () => {
  const ss = { registers: { rax: 0x18n } }
  test.each([
    ['IF = 0', 'nop', {}, ['n', 'n']],
    ['IF = 1', 'nop', { flags: 0x202 }, ['in', 'in']],
    ['STI shadows one boundary', 'sti\n nop\n nop', {}, ['n', 'n', 'in', 'in']],
    ['STI with IF = 1 shadows nothing', 'sti\n nop', { flags: 0x202 }, ['in', 'in', 'in']],
    ['STI; STI: only the first shadows', 'sti\n sti\n nop', {}, ['n', 'n', 'in', 'in']],
    ['STI; CLI: no window', 'sti\n cli\n nop', {}, ['n', 'n', 'n', 'n']],
    ['CLI', 'cli\n nop', { flags: 0x202 }, ['in', 'n', 'n']],
    ['MOV SS shadows both', 'mov ss, ax\n nop', { flags: 0x202, ...ss }, ['in', '-', 'in']],
    ['MOV SS; MOV SS: only the first shadows', 'mov ss, ax\n mov ss, ax\n nop', { flags: 0x202, ...ss }, ['in', '-', 'in', 'in']],
    ['MOV SS; STI: the shadow of MOV SS lasts for STI, which casts none', 'mov ss, ax\n sti\n nop', { ...ss }, ['n', '-', 'in', 'in']],
    ['MOV DS shadows nothing', 'mov ds, ax\n nop', { flags: 0x202, ...ss }, ['in', 'in', 'in']],
    ['POPF sets IF without a shadow', 'push 0x202\n popfq\n nop', {}, ['n', 'n', 'in', 'in']],
    ['a jump does not lengthen a shadow', 'sti\n jmp next\nnext: nop', {}, ['n', 'n', 'in', 'in']],
  ] as [string, string, Partial<LabCpu>, string[]][])('%s', (_, code, cpu, expected) => {
    expect(windows(code, cpu)).toEqual(expected)
  })

  test('POP SS shadows both (32-bit mode)', () => {
    const t = lab('push 0x68\n pop ss\n nop', { flags: 0x202 }, 32)
    requestIrq(t.m, 0, 0x40)
    requestNmi(t.m, 0)
    t.take('0s')
    expect(t.choices()).toBe('0s 0i 0n')
    t.take('0s')
    expect(t.choices()).toBe('0s')
    t.take('0s')
    expect(t.choices()).toBe('0s 0i 0n')
  })

  test('the shadow of STI ends when an event is delivered', () => {
    const t = lab('sti\n nop\n nop')
    requestIrq(t.m, 0, 0x40)
    requestNmi(t.m, 0)
    t.take('0s 0n')
    // In the NMI handler IF is 0; its IRET restores 1, and no shadow is left.
    t.take('0s*2')
    expect(t.choices()).toBe('0s 0i')
    expect(t.reg('rip')).toBe(t.address('start') + 1n)
  })

  test('the stub push; sti; jmp is atomic to interrupts, not to NMIs', () => {
    expect(windows('push 0x1000\n sti\n jmp target\ntarget: nop', {})).toEqual(['n', 'n', 'n', 'in', 'in'])
  })
})

describe('NMIs (SDM 3A 6.7.1)', () => {
  test('are blocked until the next IRET; one more is latched, further ones are lost', () => {
    const t = lab('nop')
    requestNmi(t.m, 0)
    t.take('0n')
    expect(t.status() & STATUS_NMI_BLOCKED).toBe(STATUS_NMI_BLOCKED)
    expect(requestNmi(t.m, 0)).toBe(false)
    expect(requestNmi(t.m, 0)).toBe(true)
    expect(t.choices()).toBe('0s')
    t.take('0s*2')
    expect(t.choices()).toBe('0s 0n')
    t.take('0n 0s*2')
    expect(t.choices()).toBe('0s')
  })

  test('ignore IF', () => {
    const t = lab('nop', { flags: 2 })
    requestNmi(t.m, 0)
    expect(t.choices()).toBe('0s 0n')
  })

  test('an INT3 in the handler opens them again at its IRET', () => {
    const t = lab('nop')
    requestNmi(t.m, 0)
    t.take('0n')
    // What an int3 inside the handler would leave: a frame, and an IRET that is not the NMI handler's own.
    t.setReg('rip', t.address('irq_handler'))
    t.take('0s')
    expect(t.status() & STATUS_NMI_BLOCKED).toBe(0)
  })

  test('a pending one is taken before the first instruction of the #BP handler', () => {
    const t = lab('int3')
    requestNmi(t.m, 0)
    t.take('0s')
    expect(t.reg('rip')).toBe(t.address('bp_handler'))
    expect(t.choices()).toBe('0s 0n')
    t.take('0n')
    expect(t.memory(t.reg('rsp'))).toBe(t.address('bp_handler'))
  })
})

describe('HLT (SDM 2A HLT)', () => {
  test('waits, and resumes behind itself', () => {
    const t = lab('hlt\nbehind: nop', { flags: 0x202 })
    t.take('0s')
    expect(t.choices()).toBe('')
    requestIrq(t.m, 0, 0x40)
    expect(t.choices()).toBe('0i')
    t.take('0i')
    expect(t.memory(t.reg('rsp'))).toBe(t.address('behind'))
    expect(t.status() & STATUS_HALTED).toBe(0)
    t.take('0s')
    expect(t.reg('rip')).toBe(t.address('behind'))
  })

  test('a masked interrupt does not end it, an NMI does', () => {
    const t = lab('hlt')
    t.take('0s')
    requestIrq(t.m, 0, 0x40)
    expect(t.choices()).toBe('')
    requestNmi(t.m, 0)
    expect(t.choices()).toBe('0n')
  })

  test('STI; HLT loses no wake-up', () => {
    const t = lab('sti\n hlt')
    requestIrq(t.m, 0, 0x40)
    t.take('0s')
    expect(t.choices()).toBe('0s')
    t.take('0s')
    expect(t.choices()).toBe('0i')
  })

  test('elsewhere than in ring 0 it raises #GP(0), as CLI and STI do without I/O privilege', () => {
    for (const code of ['hlt', 'cli', 'sti']) {
      const t = lab(code, { cs: 0x33, ss: 0x2b })
      t.take('0s')
      expect(t.stopped(), code).toEqual({ reason: 1, vector: 13 })
    }
    const allowed = lab('cli', { cs: 0x33, ss: 0x2b, flags: 0x3202 })
    allowed.take('0s')
    expect(allowed.flags() & FLAG_IF).toBe(0)
  })
})

describe('single steps (TF)', () => {
  const frame = (t: Lab) => t.events.flatMap((event) => (event.kind === 'deliver' ? [[event.vector, event.returnAddress - t.address('start')]] : []))
  test.each([
    ['an instruction', 'nop\n nop', FLAG_TF, '0s', [[1, 1n]]],
    ['a jump', 'jmp end', FLAG_TF, '0s', [[1, 2n]]],
    ['POPF that sets TF: not after itself', 'push 0x102\n popfq\n nop', 0, '0s*2', []],
    ['POPF that sets TF: after the next', 'push 0x102\n popfq\n nop', 0, '0s*3', [[1, 7n]]],
    ['POPF that clears TF', 'popfq\n nop', FLAG_TF, '0s', [[1, 1n]]],
    ['INT3 delivers #BP only', 'int3\n nop', FLAG_TF, '0s', [[3, 1n]]],
    ['MOV SS: held back and lost', 'mov ss, ax\n nop', FLAG_TF, '0s', []],
    ['the instruction after MOV SS', 'mov ss, ax\n nop\n nop', FLAG_TF, '0s*2', [[1, 3n]]],
    ['HLT', 'hlt', FLAG_TF, '0s', [[1, 1n]]],
  ] as [string, string, number, string, [number, bigint][]][])('%s', (_, code, tf, schedule, expected) => {
    const t = lab(code, { flags: 2 | tf, registers: { rax: 0x18n } })
    t.take(schedule)
    expect(frame(t)).toEqual(expected)
    expect(t.status() & STATUS_HALTED).toBe(0)
  })

  test('each iteration of a string instruction', () => {
    const t = lab('rep lodsb', { flags: 2 | FLAG_TF, registers: { rsi: 'x', rcx: 2n } })
    t.take('0s')
    expect(frame(t)).toEqual([[1, 0n]])
    expect(t.reg('rcx')).toBe(1n)
  })

  test('come before what is pending', () => {
    const t = lab('nop', { flags: 0x202 | FLAG_TF })
    requestNmi(t.m, 0)
    requestIrq(t.m, 0, 0x40)
    t.take('0s')
    expect(frame(t)).toEqual([[1, 1n]])
    expect(t.choices()).toBe('0s 0n')
  })

  test('wait for buffered stores, and nothing else comes in between', () => {
    const t = lab('mov dword ptr [rel x], 1\n nop', { flags: 0x202 | FLAG_TF })
    requestIrq(t.m, 0, 0x40)
    t.take('0s')
    expect(t.choices()).toBe('0d')
    t.take('0d')
    expect(t.choices()).toBe('0s')
    expect(t.take('0s')).toBe('event')
    expect(frame(t)).toEqual([[1, 10n]])
  })

  test('an exception of the instruction comes instead', () => {
    const t = lab('ud2', { flags: 2 | FLAG_TF })
    t.take('0s')
    expect(t.stopped()).toEqual({ reason: 1, vector: 6 })
  })
})
