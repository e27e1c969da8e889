import { expect, test } from 'vitest'
import { parseCase } from './exec-case.ts'

const BASE = { id: 'x', bits: 64, code: '90', rip: '0x1000' }

test('what is left out has its default', () => {
  expect(parseCase(BASE)).toMatchObject({
    ok: true,
    value: { id: 'x', cpl: 0, flags: 2, cs: 0x10, ss: 0x18, mem: [], gates: [], ist: [], rsp0: undefined, events: [], maxSteps: 1000 },
  })
  expect(parseCase({ ...BASE, bits: 32 })).toMatchObject({ value: { cs: 0x60, ss: 0x68 } })
  expect(parseCase({ ...BASE, cpl: 3 })).toMatchObject({ value: { cs: 0x13, ss: 0x1b } })
})

test('fields that nobody knows are left alone, events are put in order', () => {
  const events = [
    { afterStep: 5, kind: 'nmi' },
    { afterStep: '0x2', kind: 'irq', vector: '0x40' },
    { afterStep: 5, kind: 'irq', vector: 32 },
  ]
  expect(parseCase({ ...BASE, expect: {}, events })).toMatchObject({
    ok: true,
    value: {
      events: [
        { afterStep: 2, vector: 64 },
        { afterStep: 5, vector: -1 },
        { afterStep: 5, vector: 32 },
      ],
    },
  })
})

const gate = { handler: '0x2000' }

test.each([
  [null, 'the case must be a JSON object'],
  [{ ...BASE, bits: 16 }, 'bits must be 64 or 32'],
  [{ ...BASE, cpl: 1 }, 'cpl must be 0 or 3'],
  [{ ...BASE, code: '9' }, 'code must be bytes in hexadecimal, two digits each'],
  [{ ...BASE, code: undefined }, 'code must be bytes in hexadecimal, two digits each'],
  [{ ...BASE, rip: '0x' }, 'rip must be a number or a "0x…" string of at most 64 bits'],
  [{ ...BASE, rip: 1.5 }, 'rip must be a number or a "0x…" string of at most 64 bits'],
  [{ ...BASE, rip: '0x7fffffffffff', code: '9090' }, 'code is not at a canonical address'],
  [{ ...BASE, rip: '0x800000000000' }, 'code is not at a canonical address'],
  [{ ...BASE, rip: '0xffffffffffffffff', code: '9090' }, 'code is not at a canonical address'],
  [{ ...BASE, bits: 32, rip: '0xffffffff', code: '9090' }, 'code reaches beyond 4 GiB'],
  [{ ...BASE, bits: 32, rip: '0x100000000' }, 'rip has more than 32 bits'],
  [{ ...BASE, regs: { eax: 1 } }, 'regs.eax is no register of a 64-bit case'],
  [{ ...BASE, bits: 32, regs: { rax: 1 } }, 'regs.rax is no register of a 32-bit case'],
  [{ ...BASE, bits: 32, regs: { eax: '0x100000000' } }, 'regs.eax has more than 32 bits'],
  [{ ...BASE, regs: { rax: 'one' } }, 'regs.rax must be a number or a "0x…" string of at most 64 bits'],
  [{ ...BASE, regs: { rflags: 0x20002 } }, 'regs set the VM flag: virtual-8086 mode is not modelled'],
  [{ ...BASE, mem: {} }, 'mem must be a list'],
  [
    {
      ...BASE,
      mem: [
        { addr: 0, hex: '00' },
        { addr: 0, hex: 'x' },
      ],
    },
    'mem[1].hex must be bytes in hexadecimal, two digits each',
  ],
  [{ ...BASE, idt: { 256: gate } }, 'idt.256 is no vector (0 to 255)'],
  [{ ...BASE, idt: { 3: {} } }, 'idt.3.handler must be a number or a "0x…" string of at most 64 bits'],
  [{ ...BASE, idt: { 3: { ...gate, gate: 'task' } } }, 'idt.3.gate must be "interrupt" or "trap"'],
  [{ ...BASE, idt: { 3: { ...gate, ist: 1 } } }, 'idt.3.ist names IST 1, which the case does not define'],
  [{ ...BASE, bits: 32, idt: { 3: { ...gate, ist: 1 } }, ist: { 1: 0 } }, 'idt.3.ist must be 0: protected mode has no IST'],
  [{ ...BASE, ist: { 8: 0 } }, 'ist.8 is no IST entry (1 to 7)'],
  [{ ...BASE, cs: 0 }, 'cs must be a selector of 16 bits that is not null'],
  [{ ...BASE, cpl: 3, cs: 0x10 }, 'cs must end in the privilege level of the case (its low two bits are 0, not 3)'],
  [{ ...BASE, events: [{ afterStep: -1, kind: 'nmi' }] }, 'events[0].afterStep must be an integer that is not negative'],
  [{ ...BASE, events: [{ afterStep: 1, kind: 'smi' }] }, 'events[0].kind must be "nmi" or "irq"'],
  [{ ...BASE, events: [{ afterStep: 1, kind: 'irq', vector: 3 }] }, 'events[0].vector must be 16 to 255: an APIC sends no others'],
  [{ ...BASE, maxSteps: 'many' }, 'maxSteps must be an integer that is not negative'],
])('a mistake is named with its field: %j', (json, error) => {
  expect(parseCase(json)).toEqual({ ok: false, error })
})
