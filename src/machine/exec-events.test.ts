import { describe, expect, test } from 'vitest'
import { createDecode } from '../decoder/decode.ts'
import type { ExecResult } from './exec.ts'
import { at, CODE, createExec, HANDLER, STACK, words } from './exec-fixture.ts'

const exec = createExec(createDecode())

describe('flags: RF', () => {
  const RF = 0x10000
  const flags = (result: ExecResult) => Number(result.regs.rflags ?? result.regs.eflags) & RF

  test('is 1 in what a fault reports, 0 after an int3', () => {
    expect(flags(exec('0f0b'))).toBe(RF)
    expect(flags(exec('cc'))).toBe(0)
    expect(flags(exec('cc', { regs: { rflags: '0x10002' } }))).toBe(0)
  })

  test('an instruction that retires clears it', () => {
    expect(flags(exec('90', { regs: { rflags: '0x10002' }, maxSteps: 0 }))).toBe(RF)
    expect(flags(exec('90', { regs: { rflags: '0x10002' }, maxSteps: 1 }))).toBe(0)
  })

  test('is pushed as it is by an interrupt, as 1 by a fault, as 0 by an int3; handlers start with 0', () => {
    const pushed = (code: string, vector: number, more = {}) => {
      const result = exec(code, { idt: { [vector]: { handler: HANDLER } }, mem: [at(HANDLER, 'f4')], ...more })
      expect(flags(result)).toBe(0)
      return Number(words(result, STACK + 0x800 - 24, 1)[0]) & RF
    }
    expect(pushed('0f0b', 6)).toBe(RF)
    expect(pushed('cc', 3, { regs: { rflags: '0x10002' } })).toBe(0)
    expect(pushed('90', 0x40, { events: [{ afterStep: 0, kind: 'irq', vector: 0x40 }], regs: { rflags: '0x10202' } })).toBe(RF)
    expect(pushed('90', 0x40, { events: [{ afterStep: 1, kind: 'irq', vector: 0x40 }], regs: { rflags: '0x10202' } })).toBe(0)
  })

  test('IRET restores it for one instruction', () => {
    // iretq to 0x30000 with RF: nop
    const frame = ['0000030000000000', '1000000000000000', '0200010000000000', '0008020000000000', '1800000000000000'].join('')
    const at1 = (maxSteps: number) => flags(exec('48cf', { regs: { rsp: 0x6000 }, mem: [at(0x6000, frame), at(HANDLER, '9090')], maxSteps }))
    expect([at1(1), at1(2)]).toEqual([RF, 0])
  })

  test('is 1 in what an interrupt within a repeated string instruction pushes', () => {
    // sti; rep stosb: the shadow of STI ends after the first iteration
    const result = exec('fb f3aa', {
      regs: { rdi: STACK, rcx: 5 },
      idt: { 64: { handler: HANDLER } },
      mem: [at(HANDLER, 'f4')],
      events: [{ afterStep: 0, kind: 'irq', vector: 64 }],
    })
    expect(result.regs.rcx).toBe('0x4')
    expect(words(result, STACK + 0x800 - 40, 3)).toEqual(['0x10001', '0x10', '0x10202'])
  })
})

describe('single step', () => {
  test('TF traps after the instruction that began with it', () => {
    expect(exec('90 90', { regs: { rflags: '0x102' } })).toMatchObject({ vector: 1, steps: 1, regs: { rip: '0x10001', rflags: '0x102' } })
    // push 0x102; popfq; nop
    expect(exec('6802010000 9d 90 90')).toMatchObject({ vector: 1, steps: 3, regs: { rip: '0x10007' } })
  })

  test('a software interrupt does not trap', () => {
    expect(exec('cc', { regs: { rflags: '0x102' }, idt: { 3: { handler: HANDLER } }, mem: [at(HANDLER, '90 f4')] })).toMatchObject({
      stop: 'halt',
      steps: 3,
    })
  })
})

describe('frames', () => {
  const idt = (vector: number, more = {}) => ({ idt: { [vector]: { handler: HANDLER, ...more } } })

  test('64 bit: five words below an aligned stack pointer, and an error code', () => {
    const hlt = { mem: [at(HANDLER, 'f4')] }
    const int3 = exec('cc', { ...idt(3), ...hlt, regs: { rsp: STACK + 0x808 } })
    expect(int3).toMatchObject({ stop: 'halt', steps: 2, regs: { rsp: '0x207d8', rip: '0x30001' } })
    expect(words(int3, STACK + 0x7d8, 5)).toEqual(['0x10001', '0x10', '0x2', '0x20808', '0x18'])
    const pf = exec('8a042500000000', { ...idt(14), ...hlt })
    expect(words(pf, STACK + 0x7d0, 6)).toEqual(['0x0', '0x10000', '0x10', '0x10002', '0x20800', '0x18'])
    expect(pf.steps).toBe(1)
  })

  test('32 bit: three words, no alignment', () => {
    const result = exec('cc', { bits: 32, ...idt(3), mem: [at(HANDLER, 'f4')], regs: { esp: STACK + 0x802 } })
    expect(result.regs.esp).toBe('0x207f6')
    expect(words(result, STACK + 0x7f6, 3, 4)).toEqual(['0x10001', '0x60', '0x2'])
  })

  test('an interrupt gate clears IF, a trap gate leaves it', () => {
    const mem = [at(HANDLER, 'f4')]
    expect(exec('cc', { ...idt(3), mem, regs: { rflags: 0x202 } }).regs.rflags).toBe('0x2')
    expect(exec('cc', { ...idt(3, { gate: 'trap' }), mem, regs: { rflags: 0x202 } }).regs.rflags).toBe('0x202')
  })

  test('IST takes its stack top; selectors are pushed as given', () => {
    const result = exec('cc', { ...idt(3, { ist: 2 }), ist: { 2: STACK + 0x108 }, cs: 0x8, ss: 0x20, mem: [at(HANDLER, 'f4')] })
    expect(words(result, STACK + 0x100 - 40, 5)).toEqual(['0x10001', '0x8', '0x2', '0x20800', '0x20'])
  })

  test('from CPL 3: the default selectors say so, the stack is that of the IST or of rsp0', () => {
    const mem = [at(HANDLER, 'f4')]
    const ist = exec('cc', { cpl: 3, ...idt(3, { ist: 1 }), ist: { 1: STACK + 0x100 }, mem })
    expect(words(ist, STACK + 0x100 - 40, 5)).toEqual(['0x10001', '0x13', '0x2', '0x20800', '0x1b'])
    const rsp0 = exec('cc', { bits: 32, cpl: 3, ...idt(3), rsp0: STACK + 0x100, mem })
    expect(words(rsp0, STACK + 0x100 - 20, 5, 4)).toEqual(['0x10001', '0x63', '0x2', '0x20800', '0x6b'])
    expect(exec('cc', { cpl: 3, ...idt(3), mem })).toMatchObject({ stop: 'unsupported', detail: expect.stringContaining('ring 0 stack') })
  })

  test('a gate of privilege 0 refuses an int3 of CPL 3, but not a fault', () => {
    const gate = { handler: HANDLER, ist: 1, dpl: 0 }
    const more = { cpl: 3, idt: { 3: gate, 6: gate }, ist: { 1: STACK + 0x100 }, mem: [at(HANDLER, 'f4')] }
    expect(exec('cc', more)).toMatchObject({ vector: 13, error: 3 * 8 + 2, steps: 0, regs: { rip: '0x10000' } })
    expect(exec('0f0b', more)).toMatchObject({ stop: 'halt' })
  })

  test('a fault while a frame is pushed is reported as that fault', () => {
    const bad = { regs: { rsp: '0x5000' } }
    // The int3 itself has faulted: it has not retired.
    expect(exec('cc', { ...idt(3), ...bad })).toMatchObject({
      vector: 14,
      error: 2,
      cr2: '0x4fd8',
      steps: 0,
      regs: { rip: '0x10000', rsp: '0x5000', rflags: '0x10002' },
    })
    expect(exec('0f0b', { ...idt(6), ...bad })).toMatchObject({ vector: 14, error: 2, steps: 0 })
    expect(exec('90', { ...idt(64), regs: { rsp: '0x5000', rflags: 0x202 }, events: [{ afterStep: 0, kind: 'irq', vector: 64 }] })).toMatchObject({
      vector: 14,
      steps: 0,
    })
  })

  test('a fault while a frame is pushed is delivered, if that is possible', () => {
    const result = exec('cc', {
      idt: { 3: { handler: HANDLER }, 14: { handler: HANDLER, ist: 1 } },
      ist: { 1: STACK + 0x100 },
      regs: { rsp: '0x5000' },
      mem: [at(HANDLER, 'f4')],
    })
    expect(result).toMatchObject({ stop: 'halt', steps: 1 })
    expect(words(result, STACK + 0x100 - 48, 3)).toEqual(['0x2', '0x10000', '0x10'])
  })

  test('a page fault while a page fault is delivered is a double fault; a triple fault is reported as one', () => {
    const bad = { regs: { rsp: '0x5000' } }
    const access = '8a042500000000'
    expect(exec(access, { ...idt(14), ...bad })).toMatchObject({ vector: 8, error: 0, steps: 0 })
    expect(exec(access, { ...idt(14), ...bad })).not.toHaveProperty('detail')
    const both = { idt: { 14: { handler: HANDLER }, 8: { handler: HANDLER } } }
    expect(exec(access, { ...both, ...bad })).toMatchObject({
      stop: 'exception',
      vector: 8,
      error: 0,
      detail: expect.stringContaining('triple fault'),
    })
    const delivered = exec(access, {
      idt: { ...both.idt, 8: { handler: HANDLER, ist: 1 } },
      ist: { 1: STACK + 0x100 },
      ...bad,
      mem: [at(HANDLER, 'f4')],
    })
    expect(words(delivered, STACK + 0x100 - 48, 2)).toEqual(['0x0', '0x10000'])
  })

  test('a handler that returns: int3, iretq', () => {
    expect(exec('cc 48ffc0 f4', { ...idt(3), mem: [at(HANDLER, '48cf')] })).toMatchObject({
      stop: 'halt',
      steps: 4,
      regs: { rax: '0x1', rsp: '0x20800', rip: '0x10005' },
    })
  })

  test('a handler that faults for ever on a stack of its own ends', () => {
    const result = exec('0f0b', { ...idt(6, { ist: 1 }), ist: { 1: STACK + 0x100 }, mem: [at(HANDLER, '0f0b')] })
    expect(result).toMatchObject({ stop: 'steps', steps: 0, detail: expect.stringContaining('no instruction retired') })
  })
})

describe('events', () => {
  const HLT = { mem: [at(HANDLER, 'f4')] }
  const gates = (...vectors: number[]) => ({ idt: Object.fromEntries(vectors.map((vector) => [vector, { handler: HANDLER + vector * 16 }])) })
  const irq = (afterStep: number, vector: number) => ({ afterStep, kind: 'irq', vector })
  const nmi = (afterStep: number) => ({ afterStep, kind: 'nmi' })
  const handlers = (code: string, ...vectors: number[]) => ({ mem: vectors.map((vector) => at(HANDLER + vector * 16, code)) })

  test('become pending after so many retired instructions', () => {
    for (const afterStep of [0, 1, 3]) {
      const result = exec('90 90 90 90 90', { events: [irq(afterStep, 64)], ...gates(64), ...handlers('f4', 64), regs: { rflags: 0x202 } })
      expect(words(result, STACK + 0x800 - 40, 1)).toEqual([`0x${(CODE + afterStep).toString(16)}`])
      expect(result.steps).toBe(afterStep + 1)
    }
  })

  test('without a gate stop the run with their vector', () => {
    expect(exec('90 90', { events: [irq(1, 64)], regs: { rflags: 0x202 } })).toMatchObject({
      stop: 'exception',
      vector: 64,
      steps: 1,
      regs: { rip: '0x10001' },
    })
    expect(exec('90 90', { events: [nmi(1)] })).toMatchObject({ stop: 'exception', vector: 2, steps: 1 })
    expect(exec('90 90', { events: [nmi(1)] })).not.toHaveProperty('error')
  })

  test('interrupts wait for IF, NMIs do not', () => {
    expect(exec('90 90 cc', { events: [irq(0, 64)] })).toMatchObject({ vector: 3, steps: 3 })
    expect(exec('90 fb 90 90', { events: [irq(0, 64)] })).toMatchObject({ vector: 64, steps: 3, regs: { rip: '0x10003' } })
    expect(exec('90 90', { events: [nmi(0)] })).toMatchObject({ vector: 2, steps: 0 })
  })

  test('the shadow of STI lasts for one boundary; a second STI opens none; CLI closes the window', () => {
    const events = [irq(0, 64)]
    expect(exec('fb fb 90 90', { events }).regs.rip).toBe('0x10002')
    expect(exec('fb fa 90 cc', { events })).toMatchObject({ vector: 3 })
    expect(exec('fb 90', { events: [irq(0, 64)], regs: { rflags: 0x202 } }).regs.rip).toBe('0x10000')
  })

  test('the shadow of MOV SS holds NMIs back too', () => {
    // mov ss, ax; nop
    expect(exec('8ed0 90 90', { events: [nmi(1)], regs: { rax: 0x18 } })).toMatchObject({ vector: 2, steps: 2 })
  })

  test('an NMI comes before an interrupt, higher vectors before lower ones', () => {
    const more = { ...gates(2, 64, 80), mem: [2, 64, 80].map((vector) => at(HANDLER + vector * 16, '48cf')), regs: { rflags: 0x202 } }
    const order = (events: unknown[], maxSteps: number) => exec('90 90', { ...more, events, maxSteps }).regs.rip
    const events = [irq(1, 64), irq(1, 80), nmi(1)]
    // No EOI: 64 is below the class of 80, which is still in service, so it stays pending.
    expect([order(events, 2), order(events, 3), order(events, 4)]).toEqual(['0x10001', '0x10001', '0x10002'])
    const taken = (list: unknown[]) =>
      exec('90 f4', { ...gates(2, 64, 80), ...handlers('f4', 2, 64, 80), events: list, regs: { rflags: 0x202 } }).regs.rip
    expect(taken(events)).toBe(`0x${(HANDLER + 2 * 16 + 1).toString(16)}`)
    expect(taken([irq(1, 64), irq(1, 80)])).toBe(`0x${(HANDLER + 80 * 16 + 1).toString(16)}`)
  })

  test('an EOI lets lower vectors through', () => {
    // handler: mov ecx, 0x80b; xor eax, eax; xor edx, edx; wrmsr; iretq
    const eoi = 'b90b080000 31c0 31d2 0f30 48cf'
    const result = exec('90 f4', { ...gates(64, 80), ...handlers(eoi, 64, 80), events: [irq(1, 64), irq(1, 80)], regs: { rflags: 0x202 } })
    expect(result).toMatchObject({ stop: 'halt', steps: 2 + 10 })
  })

  test('one request a vector is pending, one in service; more collapse', () => {
    const count = '48ffc3 b90b080000 31c0 31d2 0f30 48cf'
    const run = (events: unknown[]) => exec('90 fb 90 f4', { ...gates(64), ...handlers(count, 64), events }).regs.rbx
    expect(run([irq(0, 64), irq(0, 64), irq(1, 64)])).toBe('0x1')
    expect(run([irq(0, 64), irq(4, 64), irq(5, 64)])).toBe('0x2')
  })

  test('an NMI during an NMI waits for the IRET, and one is latched', () => {
    const more = { ...gates(2), ...handlers('48ffc3 90 90 90 48cf', 2) }
    expect(exec('90 90 f4', { ...more, events: [nmi(1), nmi(2), nmi(3)] })).toMatchObject({ stop: 'halt', steps: 13, regs: { rbx: '0x2' } })
  })

  test('an int3 within an NMI handler lets the next NMI in at its IRET', () => {
    const more = {
      idt: { 2: { handler: HANDLER }, 3: { handler: HANDLER + 0x100 } },
      mem: [at(HANDLER, '48ffc3 cc 90 48cf'), at(HANDLER + 0x100, '48cf')],
    }
    // NMI 1: inc, int3 (IRET opens), then NMI 2 is taken before the nop.
    const result = exec('90 f4', { ...more, events: [nmi(1), nmi(2)], maxSteps: 5 })
    expect(result.regs).toMatchObject({ rbx: '0x2', rip: '0x30003' })
  })

  test('an NMI that is pending at an int3 is taken before the first instruction of its handler', () => {
    const result = exec('cc', { ...gates(2, 3), ...handlers('f4', 2, 3), events: [nmi(1)] })
    expect(result.regs.rip).toBe(`0x${(HANDLER + 2 * 16 + 1).toString(16)}`)
    expect(result.steps).toBe(2)
  })

  test('HLT ends the run where nothing can be delivered; a masked request stays pending', () => {
    expect(exec('f4')).toMatchObject({ stop: 'halt', steps: 1, regs: { rip: '0x10001' } })
    expect(exec('f4', { events: [irq(0, 64)] })).toMatchObject({ stop: 'halt', steps: 1 })
    expect(exec('f4', { events: [irq(5, 64), nmi(7)], regs: { rflags: 0x202 } })).toMatchObject({ stop: 'halt', steps: 1 })
    expect(exec('f4', { maxSteps: 1 })).toMatchObject({ stop: 'halt', steps: 1 })
  })

  test('HLT wakes up behind itself, also right after STI', () => {
    const more = { ...gates(64), ...handlers('48ffc3 48cf', 64) }
    expect(exec('f4 f4', { ...more, events: [irq(1, 64)], regs: { rflags: 0x202 } })).toMatchObject({
      stop: 'halt',
      steps: 4,
      regs: { rbx: '0x1', rip: '0x10002' },
    })
    expect(exec('fb f4 f4', { ...more, events: [irq(0, 64)] })).toMatchObject({ stop: 'halt', steps: 5, regs: { rbx: '0x1', rip: '0x10003' } })
    expect(exec('f4', { cpl: 3 })).toMatchObject({ stop: 'exception', vector: 13, error: 0, steps: 0 })
  })

  test('x2APIC: a self-IPI and an NMI to itself', () => {
    // mov ecx, 0x830; mov eax, N; xor edx, edx; wrmsr; sti; nop; hlt
    const send = (eax: string) => `b930080000 b8${eax} 31d2 0f30 fb 90 f4`
    const more = { ...gates(2, 64), ...handlers('48ffc3 48cf', 2, 64) }
    expect(exec(send('40000000'), more)).toMatchObject({ stop: 'halt', steps: 9, regs: { rbx: '0x1' } })
    expect(exec(send('00040000'), more)).toMatchObject({ stop: 'halt', steps: 9, regs: { rbx: '0x1' } })
    // rdmsr 0x802: its id is 0
    expect(exec('b902080000 0f32 f4', { regs: { rax: 5, rdx: 5 } }).regs).toMatchObject({ rax: '0x0', rdx: '0x0' })
  })

  test('x2APIC MSRs need CPL 0', () => {
    expect(exec('0f30', { cpl: 3, regs: { rcx: 0x830 } })).toMatchObject({ vector: 13, error: 0 })
  })

  test('HLT in an interrupt handler with the interrupt flag off ends the run', () => {
    expect(exec('cc', { ...gates(3), ...HLT, ...handlers('f4', 3), regs: { rflags: 0x202 }, events: [irq(2, 64)] })).toMatchObject({
      stop: 'halt',
      steps: 2,
    })
  })
})
