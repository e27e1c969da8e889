/** Frames, gates, stacks and faults on the way into a handler. Expected values: Intel SDM vol. 3A chapter 6 (sections named with each table). */
import { describe, expect, test } from 'vitest'
import { assemble } from '../assembler/assemble.ts'
import { createDecode } from '../decoder/decode.ts'
import { requestIrq, requestNmi } from './apic.ts'
import { assembled, Lab, type LabCpu, type LabSetup } from './lab.ts'
import { CR2, CS, FLAG_IF, FLAG_NT, FLAG_RF, FLAG_TF, FLAGS, SEGMENTS, SS, STOP_EXCEPTION, STOP_SHUTDOWN, STOP_UNSUPPORTED } from './layout.ts'

const decode = createDecode()
const HIGH = 0xffffffff81000000n
const LOW = 0xc1000000n

interface Options extends Partial<Omit<LabSetup, 'cpus'>> {
  readonly cpu?: Partial<LabCpu>
}

/** `code` at `start`, handlers at `h`, a stack and a second one, each private. */
function lab(code: string, options: Options = {}): Lab {
  const bits = options.bits ?? 64
  const text = `section .text at ${bits === 64 ? HIGH : LOW} exec
start:
 ${code}
after:
 hlt
h: hlt
h2: nop
 hlt
section .stack at ${bits === 64 ? 0xffffc90000010000n : 0xc2000000n} private=0
 resb 512
middle:
 resb 512
top:
section .other at ${bits === 64 ? 0xffffc90000020000n : 0xc3000000n} private=0
 resb 512
other:
section .rodata at ${bits === 64 ? 0xffffffff82000000n : 0xc4000000n}
constants: dq 0
`
  const { cpu, ...more } = options
  const stack = bits === 64 ? 'rsp' : 'esp'
  const given = cpu?.registers ?? {}
  return new Lab({
    bits,
    decode,
    program: assembled(assemble({ bits, files: [{ name: 'test.asm', text }] })),
    cpus: [{ entry: 'start', flags: 0x202, ...cpu, registers: { ...(given[stack] === undefined ? { [stack]: 'middle' } : {}), ...given } }],
    ...more,
  })
}

const h = { handler: 'h' }

describe('the 64-bit frame (SDM 3A 6.14.2): RSP is aligned down to 16, then SS, RSP, RFLAGS, CS, RIP and the error code', () => {
  test.each(Array.from({ length: 16 }, (_, i) => i))('old RSP ≡ %i mod 16, without error code', (low) => {
    const t = lab('int3', { gates: { 3: h } })
    const old = t.address('middle') + BigInt(low)
    t.setReg('rsp', old)
    t.take('0s')
    const frame = (old & ~15n) - 40n
    expect(t.reg('rsp')).toBe(frame)
    expect(frame & 15n).toBe(8n)
    expect(t.words(frame, 5)).toEqual([t.address('after'), 0x10n, 0x202n, old, 0x18n])
  })

  test.each(Array.from({ length: 16 }, (_, i) => i))('old RSP ≡ %i mod 16, with error code', (low) => {
    const t = lab('mov eax, [rax]', { gates: { 14: h }, cpu: { registers: { rax: 0x1234n } } })
    const old = t.address('middle') + BigInt(low)
    t.setReg('rsp', old)
    t.take('0s')
    const frame = (old & ~15n) - 48n
    expect(t.reg('rsp')).toBe(frame)
    expect(t.words(frame, 6)).toEqual([0n, t.address('start'), 0x10n, BigInt(0x202 | FLAG_RF), old, 0x18n])
    expect(t.wide(CR2)).toBe(0x1234n)
  })

  test('where old RSP is aligned, the SS slot lies directly below it: an emulated push would overwrite it', () => {
    const t = lab('int3', { gates: { 3: h } })
    t.setReg('rsp', t.address('middle'))
    t.take('0s')
    expect(t.memory(t.address('middle') - 8n)).toBe(0x18n)
  })
})

describe('the 32-bit frame (SDM 3A 6.12.1): no SS and ESP without a change of privilege, and no alignment', () => {
  test.each([0, 1, 2, 3, 4, 8, 12])('old ESP ≡ %i mod 16', (low) => {
    const t = lab('int3', { bits: 32, gates: { 3: h } })
    const old = t.address('middle') + BigInt(low)
    t.setReg('esp', old)
    t.take('0s')
    expect(t.reg('esp')).toBe(old - 12n)
    expect(t.words(old - 12n, 3)).toEqual([t.address('after'), 0x60n, 0x202n])
  })

  test('an error code lies below EIP', () => {
    const t = lab('mov eax, [0x1000]', { bits: 32, gates: { 14: h } })
    t.take('0s')
    expect(t.words(t.reg('esp'), 4)).toEqual([0n, t.address('start'), 0x60n, BigInt(0x202 | FLAG_RF)])
  })

  test('from CPL 3 the stack is the one of ring 0, and SS and ESP are pushed', () => {
    const t = lab('int3', { bits: 32, gates: { 3: { ...h, dpl: 3 } }, cpu: { cs: 0x23, ss: 0x2b, rsp0: 'other' } })
    t.take('0s')
    const old = t.address('middle')
    expect(t.reg('esp')).toBe(t.address('other') - 20n)
    expect(t.words(t.reg('esp'), 5)).toEqual([t.address('after'), 0x23n, 0x202n, old, 0x2bn])
    expect([t.word(SEGMENTS + CS), t.word(SEGMENTS + SS)]).toEqual([0x60, 0x68])
  })
})

describe('which stack (SDM 3A 6.14.4, 6.14.5)', () => {
  test('from CPL 3: RSP0, and a null SS', () => {
    const t = lab('int3', { gates: { 3: { ...h, dpl: 3 } }, cpu: { cs: 0x33, ss: 0x2b, rsp0: 'other' } })
    t.take('0s')
    expect(t.reg('rsp')).toBe(t.address('other') - 40n)
    expect(t.words(t.reg('rsp'), 5)).toEqual([t.address('after'), 0x33n, 0x202n, t.address('middle'), 0x2bn])
    expect([t.word(SEGMENTS + CS), t.word(SEGMENTS + SS)]).toEqual([0x10, 0])
  })

  test('an IST entry is used always, also where nothing else changes; SS stays', () => {
    const t = lab('int3', { gates: { 3: { ...h, ist: 2 } }, cpu: { ist: { 2: 'other' } } })
    t.take('0s')
    expect(t.reg('rsp')).toBe(t.address('other') - 40n)
    expect(t.word(SEGMENTS + SS)).toBe(0x18)
  })

  test('an IST entry that is used again while it is in use is overwritten', () => {
    const t = lab('int3', { gates: { 3: { handler: 'start', ist: 1 } }, cpu: { ist: { 1: 'other' } } })
    t.take('0s*2')
    expect(t.reg('rsp')).toBe(t.address('other') - 40n)
    expect(t.memory(t.reg('rsp') + 24n)).toBe(t.address('other') - 40n)
  })

  test('a stack that the scenario does not give ends the run, honestly', () => {
    const ist = lab('int3', { gates: { 3: { ...h, ist: 1 } } })
    expect(ist.take('0s')).toBe('stopped')
    expect(ist.stopped()?.reason).toBe(STOP_UNSUPPORTED)
    expect(ist.m.stopDetail).toContain('IST 1')
    const rsp0 = lab('int3', { gates: { 3: { ...h, dpl: 3 } }, cpu: { cs: 0x33, ss: 0x2b } })
    rsp0.take('0s')
    expect(rsp0.m.stopDetail).toContain('ring 0 stack')
  })
})

describe('flags in the handler (SDM 3A 6.12.1.2)', () => {
  test.each([
    ['interrupt', 0],
    ['trap', FLAG_IF],
  ] as const)('an %s gate', (type, left) => {
    const t = lab('int3', { gates: { 3: { ...h, type } }, cpu: { flags: 0x8d7 | FLAG_IF | FLAG_NT } })
    t.take('0s')
    expect(t.flags()).toBe(0x8d7 | left)
    expect(t.memory(t.reg('rsp') + 16n)).toBe(BigInt(0x8d7 | FLAG_IF | FLAG_NT))
    const told = t.events.find((event) => event.kind === 'deliver')
    expect(told).toMatchObject({ ifBefore: true, ifAfter: left !== 0 })
  })

  test('TF is cleared', () => {
    const t = lab('int3', { gates: { 3: h }, cpu: { flags: 2 | FLAG_TF } })
    t.take('0s')
    expect(t.flags() & FLAG_TF).toBe(0)
    expect(t.memory(t.reg('rsp') + 16n) & BigInt(FLAG_TF)).toBe(BigInt(FLAG_TF))
  })
})

describe('RF in the frame (SDM 3B 17.3.1.1)', () => {
  const pushed = (t: Lab) =>
    (t.memory(t.reg('rsp') + 16n + (t.events.some((event) => event.kind === 'deliver' && event.frameBytes === 48) ? 8n : 0n)) & BigInt(FLAG_RF)) !==
    0n
  test.each([
    ['a fault', 'ud2', 6, 0, true],
    ['a fault with an error code', 'mov eax, [0x10]', 14, 0, true],
    ['INT3', 'int3', 3, FLAG_RF, false],
    ['INT n', 'int 0x80', 0x80, FLAG_RF, false],
    ['INT1', 'int1', 1, FLAG_RF, false],
  ] as const)('%s', (_, code, vector, live, expected) => {
    const t = lab(code, { gates: { [vector]: h }, cpu: { flags: 0x202 | live } })
    t.take('0s')
    expect(pushed(t)).toBe(expected)
    expect(t.flags() & FLAG_RF).toBe(0)
  })

  test.each([0, FLAG_RF])('an interrupt pushes RF as it is: %i', (live) => {
    const t = lab('nop', { gates: { 64: h }, cpu: { flags: 0x202 | live } })
    requestIrq(t.m, 0, 0x40)
    t.take('0i')
    expect(pushed(t)).toBe(live !== 0)
  })

  test('an interrupt between two iterations of a string instruction pushes 1, after the last one 0', () => {
    const code = 'rep stosb'
    for (const iterations of [1, 2, 3]) {
      const t = lab(code, { gates: { 64: h }, cpu: { registers: { rdi: 0xffffc90000020000n, rcx: 3n } } })
      t.take(`0s*${iterations}`)
      requestIrq(t.m, 0, 0x40)
      t.take('0i')
      expect(pushed(t), `${iterations}`).toBe(iterations < 3)
      expect(t.memory(t.reg('rsp'))).toBe(t.address(iterations < 3 ? 'start' : 'after'))
    }
  })

  test('an instruction that completes clears RF', () => {
    const t = lab('nop', { cpu: { flags: 0x202 | FLAG_RF } })
    t.take('0s')
    expect(t.flags() & FLAG_RF).toBe(0)
  })
})

describe('what the frame says about where (SDM 3A 6.5, table 6-1)', () => {
  test.each([
    ['int3', 3, 'after'],
    ['int 0x55', 0x55, 'after'],
    ['int1', 1, 'after'],
    ['ud2', 6, 'start'],
    ['mov eax, [0x10]', 14, 'start'],
    ['wrmsr', 13, 'start'],
  ] as const)('%s', (code, vector, label) => {
    const user = code === 'wrmsr'
    const t = lab(code, { gates: { [vector]: { ...h, dpl: 3 } }, cpu: user ? { cs: 0x33, ss: 0x2b, rsp0: 'other' } : {} })
    t.take('0s')
    const withError = vector === 13 || vector === 14
    expect(t.memory(t.reg('rsp') + (withError ? 8n : 0n))).toBe(t.address(label))
  })
})

describe('privilege of gates (SDM 3A 6.12.1.2)', () => {
  const user = { cs: 0x33, ss: 0x2b, rsp0: 'other' }
  test.each([
    ['int3', 3, 3 * 8 + 2],
    ['int 0x55', 0x55, 0x55 * 8 + 2],
  ] as const)('%s through a gate of DPL 0 raises #GP with the vector in the error code, at the instruction', (code, vector, error) => {
    const t = lab(code, { gates: { [vector]: h, 13: { handler: 'h2' } }, cpu: user })
    t.take('0s')
    expect(t.reg('rip')).toBe(t.address('h2'))
    expect(t.words(t.reg('rsp'), 2)).toEqual([BigInt(error), t.address('start')])
  })

  test('INT1, faults, interrupts and NMIs do not ask', () => {
    const t = lab('int1', { gates: { 1: h, 2: h, 64: h }, cpu: user })
    t.take('0s')
    expect(t.reg('rip')).toBe(t.address('h'))
    const irq = lab('nop', { gates: { 64: h }, cpu: user })
    requestIrq(irq.m, 0, 0x40)
    irq.take('0i')
    expect(irq.reg('rip')).toBe(irq.address('h'))
    const nmi = lab('nop', { gates: { 2: h }, cpu: user })
    requestNmi(nmi.m, 0)
    nmi.take('0n')
    expect(nmi.reg('rip')).toBe(nmi.address('h'))
  })
})

describe('page faults: error code and CR2 (SDM 3A 4.7)', () => {
  const user = { cs: 0x33, ss: 0x2b, rsp0: 'other' }
  test.each([
    ['a read of what is not mapped', 'mov rax, [0x1000]', {}, 0, 0x1000n],
    ['a write of what is not mapped', 'mov [0x1000], rax', {}, 2, 0x1000n],
    ['a write of what is read-only', 'mov [rel constants], al', {}, 3, 0xffffffff82000000n],
    ['a locked read-modify-write of what is read-only', 'lock inc byte ptr [rel constants]', {}, 3, 0xffffffff82000000n],
    ['from CPL 3', 'mov rax, [0x1000]', user, 4, 0x1000n],
    ['a fetch of what is not mapped', 'jmp rbx', { registers: { rbx: 0x5000n } }, 16, 0x5000n],
    ['a fetch of what is not executable', 'jmp rbx', { registers: { rbx: 0xffffffff82000000n } }, 17, 0xffffffff82000000n],
    ['an access that runs off the end: CR2 is its first byte beyond', 'mov rax, [rel constants + 4]', {}, 0, 0xffffffff82000008n],
  ] as [string, string, Partial<LabCpu>, number, bigint][])('%s', (_, code, cpu, error, cr2) => {
    const t = lab(code, { gates: { 14: h }, cpu })
    t.run(0, 'h')
    expect(t.memory(t.reg('rsp'))).toBe(BigInt(error))
    expect(t.wide(CR2)).toBe(cr2)
  })

  test('an instruction that straddles the end of what is executable faults on its first byte beyond', () => {
    const t = lab('jmp rbx', { gates: { 14: h } })
    const end = t.address('h2') + 2n
    t.setReg('rbx', end - 1n)
    t.m.map.rom[t.m.map.rom.length - 9] = 0xb8
    t.run(0, 'h')
    expect(t.words(t.reg('rsp'), 2)).toEqual([16n, end - 1n])
    expect(t.wide(CR2)).toBe(end)
  })

  test.each([
    ['a data access', 'mov rax, [rbx]', 13],
    ['a stack access', 'mov rax, [rbp]', 12],
    ['push', 'push rax', 12],
    ['pop', 'pop rax', 12],
    ['call', 'call start', 12],
    ['ret', 'ret', 12],
    ['iretq', 'iretq', 12],
    ['pushfq', 'pushfq', 12],
    ['popfq', 'popfq', 12],
    ['leave', 'leave', 12],
  ])('an address that is not canonical: %s (SDM 1 5.3.1)', (_, code, vector) => {
    const bad = 0x0000_9000_0000_0000n
    const t = lab(code, { gates: { [vector]: { ...h, ist: 1 } }, cpu: { registers: { rbx: bad, rbp: bad, rsp: bad }, ist: { 1: 'other' } } })
    t.take('0s')
    expect(t.reg('rip')).toBe(t.address('h'))
    expect(t.words(t.reg('rsp'), 2)).toEqual([0n, t.address('start')])
  })
})

describe('events without a gate stop the CPU', () => {
  test.each([
    ['ud2', 6],
    ['int3', 3],
    ['mov eax, [0x10]', 14],
  ])('%s', (code, vector) => {
    const t = lab(code)
    expect(t.run()).toBeUndefined()
    expect(t.stopped()).toEqual({ reason: STOP_EXCEPTION, vector })
    expect(t.m.stopDetail).toBe(`vector ${vector} has no gate`)
    expect(t.choices()).toBe('')
  })
})

describe('faults while a frame is pushed (SDM 3A 6.15, interrupt 8, tables 6-4 and 6-5)', () => {
  const UNMAPPED = 0x7000n
  const ODD = 0x0000_9000_0000_0000n
  const good = { 8: { handler: 'h2', ist: 1 } } as const
  const onIst = (vectors: number[]) => Object.fromEntries(vectors.map((vector) => [vector, { handler: 'h', ist: 1 }]))
  const cases: [string, string, bigint, number[], number, bigint | null, 'start' | 'after'][] = [
    // [name, code, RSP, vectors with a good stack, the vector that is delivered, its error code, RIP in the frame]
    ['INT3 and an unmapped stack: a page fault of the instruction', 'int3', UNMAPPED, [14], 14, 2n, 'start'],
    ['INT3 and a stack that is not canonical: #SS(0)', 'int3', ODD, [12], 12, 0n, 'start'],
    ['#UD (benign) and a page fault: one after the other', 'ud2', UNMAPPED, [14], 14, 2n, 'start'],
    ['#UD (benign) and #SS: one after the other, EXT set', 'ud2', ODD, [12], 12, 1n, 'start'],
    ['#PF and a page fault: double fault', 'mov eax, [0x10]', UNMAPPED, [], 8, 0n, 'start'],
    ['#PF and #SS: double fault', 'mov eax, [0x10]', ODD, [], 8, 0n, 'start'],
    ['#DE (contributory) and #SS: double fault', 'div bl', ODD, [], 8, 0n, 'start'],
    ['#DE (contributory) and a page fault: one after the other', 'div bl', UNMAPPED, [14], 14, 2n, 'start'],
    ['#GP and a page fault: one after the other', 'mov eax, [rsi]', UNMAPPED, [14], 14, 2n, 'start'],
  ]
  test.each(cases)('%s', (_, code, rsp, ist, vector, error, label) => {
    const gates = { 0: h, 3: h, 6: h, 13: h, 14: h, 12: h, ...onIst(ist), ...good }
    const t = lab(code, { gates, cpu: { registers: { rsp, rsi: ODD }, ist: { 1: 'other' } } })
    t.take('0s')
    const delivered = t.events.filter((event) => event.kind === 'deliver')
    expect(delivered.map((event) => event.vector)).toEqual([vector])
    expect(t.reg('rsp')).toBe(t.address('other') - 48n)
    expect(t.words(t.reg('rsp'), 2)).toEqual([error, t.address(label)])
  })

  test('an interrupt and an unmapped stack: the page fault comes first, the request is in service', () => {
    const t = lab('nop', { gates: { 64: h, ...onIst([14]), ...good }, cpu: { registers: { rsp: UNMAPPED }, ist: { 1: 'other' } } })
    requestIrq(t.m, 0, 0x40)
    t.take('0i')
    expect(t.events.flatMap((event) => (event.kind === 'deliver' ? [event.vector] : []))).toEqual([14])
    expect(t.words(t.reg('rsp'), 2)).toEqual([2n, t.address('start')])
  })

  test('a fault while the double fault is delivered shuts the CPU down', () => {
    const t = lab('mov eax, [0x10]', { gates: { 14: h, 8: h }, cpu: { registers: { rsp: UNMAPPED } } })
    expect(t.take('0s')).toBe('stopped')
    expect(t.stopped()).toEqual({ reason: STOP_SHUTDOWN, vector: 8 })
  })

  test('a frame is written with the rights of ring 0: the U bit of its fault is 0', () => {
    const t = lab('int3', {
      gates: { 3: { ...h, dpl: 3 }, ...onIst([14]) },
      cpu: { cs: 0x33, ss: 0x2b, rsp0: UNMAPPED, ist: { 1: 'other' } },
    })
    t.take('0s')
    expect(t.memory(t.reg('rsp'))).toBe(2n)
  })

  test('in 32-bit mode a frame does not wrap round below address 0', () => {
    const t = lab('int3', { bits: 32, gates: { 3: h }, cpu: { registers: { esp: 8n } } })
    expect(t.take('0s')).toBe('stopped')
    expect(t.stopped()).toEqual({ reason: STOP_EXCEPTION, vector: 12 })
  })
})

test('a repeated string instruction that faults has done what came before', () => {
  const t = lab('rep stosb', { gates: { 14: h }, cpu: { registers: { rcx: 5n } } })
  t.setReg('rdi', t.address('top') - 2n)
  t.take('0s*3')
  expect(t.reg('rip')).toBe(t.address('h'))
  expect([t.reg('rcx'), t.reg('rdi')]).toEqual([3n, t.address('top')])
  expect(t.word(FLAGS) & FLAG_RF).toBe(0)
})
