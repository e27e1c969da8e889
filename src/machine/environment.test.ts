/** NMIs and timer interrupts that come from outside, as choices with a budget. */
import { describe, expect, test } from 'vitest'
import { assemble } from '../assembler/assemble.ts'
import { createDecode } from '../decoder/decode.ts'
import { requestIrq } from './apic.ts'
import type { Environment } from './environment.ts'
import { assembled, Lab } from './lab.ts'

const decode = createDecode()

function lab(code: string, environment: Environment, flags = 0x202): Lab {
  const text = `section .text at 0xffffffff81000000 exec
start: ${code}
end: hlt
 jmp end
timer: mov ecx, 0x80b
 xor eax, eax
 xor edx, edx
 wrmsr
 inc dword ptr [rel ticks]
 iretq
nmi: inc dword ptr [rel nmis]
 iretq
section .data at 0xffffffff82000000 shared
ticks: dd 0
nmis: dd 0
section .stack at 0xffffc90000010000 private=0
 resb 1024
top:
`
  const program = assembled(assemble({ bits: 64, files: [{ name: 'test.asm', text }] }))
  const gates = { 2: { handler: 'nmi' }, 32: { handler: 'timer' }, 64: { handler: 'timer' } }
  return new Lab({ decode, program, gates, cpus: [{ entry: 'start', flags, registers: { rsp: 'top' } }], more: { environment } })
}

const timer = (most: number) => ({ timer: { most, cpus: [0], vector: 0x20 } })
const nmi = (most: number) => ({ nmi: { most, cpus: [0] } })

describe('arrivals', () => {
  test('are offered on the CPUs that the scenario names, while the budget lasts, and are taken at once', () => {
    const t = lab('nop', nmi(1))
    expect(t.choices()).toBe('0s 0N')
    expect(t.take('0N')).toBe('event')
    expect(t.reg('rip')).toBe(t.address('nmi'))
    expect(t.choices()).toBe('0s')
    expect(lab('nop', { nmi: { most: 1, cpus: [1] } }).choices()).toBe('0s')
  })

  test('an NMI that arrives while NMIs are blocked is latched', () => {
    const t = lab('nop', nmi(2))
    t.take('0N')
    expect(t.take('0N')).toBe('arrived')
    expect(t.choices()).toBe('0s')
    t.take('0s 0d 0s')
    expect(t.choices()).toBe('0s 0n')
  })

  test('a timer interrupt comes where interrupts are enabled, and after higher ones', () => {
    expect(lab('nop', timer(1), 2).choices()).toBe('0s')
    const t = lab('nop', timer(1))
    expect(t.choices()).toBe('0s 0T')
    requestIrq(t.m, 0, 0x40)
    expect(t.choices()).toBe('0s 0i')
    t.take('0i 0s*5 0d 0s')
    expect(t.choices()).toBe('0s 0T')
  })

  test('wake a halted CPU', () => {
    const t = lab('hlt', timer(1))
    t.take('0s')
    expect(t.choices()).toBe('0T')
  })

  test('every number of them up to the budget happens', () => {
    const t = lab('nop\n cli\n nop', { ...timer(2), ...nmi(1) })
    const seen = t.outcomes((each) => `${each.memory('ticks', 4)} ${each.memory('nmis', 4)}`)
    // The last HLT stands with interrupts disabled, where only NMIs come.
    expect(seen).toEqual(['0 1', '1 1', '2 1'])
  })
})
