/** The x2APIC. Expected values: Intel SDM vol. 3A 10.6.1 (ICR), 10.8 (priority, IRR, ISR, EOI), 10.12 (x2APIC). */
import { describe, expect, test } from 'vitest'
import { assemble } from '../assembler/assemble.ts'
import { createDecode } from '../decoder/decode.ts'
import { requestIrq } from './apic.ts'
import { assembled, Lab } from './lab.ts'
import { BOX_IRR, BOX_NMI, ISR, STOP_UNSUPPORTED } from './layout.ts'

const decode = createDecode()

/** CPU 0 runs the code, the others (four in all) have halted; all take interrupts. */
function lab(code: string, registers: Record<string, bigint> = {}): Lab {
  const stacks = [0, 1, 2, 3].map((cpu) => `section .stack${cpu} at 0xffffc900000${cpu + 1}0000 private=${cpu}\n resb 1024\nstack${cpu}:\n`).join('')
  const text = `section .text at 0xffffffff81000000 exec\nstart: ${code}\nrest: hlt\nh: hlt\n${stacks}`
  const gates = Object.fromEntries([2, 0x20, 0x2f, 0x31, 0x40, 0x41, 0xf3].map((vector) => [vector, { handler: 'h' }]))
  const program = assembled(assemble({ bits: 64, files: [{ name: 'test.asm', text }] }))
  const t = new Lab({
    decode,
    program,
    gates,
    cpus: [0, 1, 2, 3].map((cpu) => ({
      entry: cpu === 0 ? 'start' : 'rest',
      flags: 0x202,
      registers: { rsp: `stack${cpu}`, ...(cpu === 0 ? registers : {}) },
    })),
  })
  t.take('1s 2s 3s')
  return t
}

/** Vectors requested at a CPU, and "nmi". */
function requested(t: Lab, cpu: number): (number | string)[] {
  const box = t.m.layout.boxes[cpu] as number
  const vectors: (number | string)[] = Array.from({ length: 256 }, (_, vector) => vector).filter(
    (vector) => (((t.m.w[box + BOX_IRR + (vector >> 5)] as number) >>> (vector & 31)) & 1) === 1,
  )
  return t.m.w[box + BOX_NMI] === 0 ? vectors : [...vectors, 'nmi']
}

function inService(t: Lab, cpu: number): number[] {
  return Array.from({ length: 256 }, (_, vector) => vector).filter((vector) => ((t.word(ISR + (vector >> 5), cpu) >>> (vector & 31)) & 1) === 1)
}

const write = (msr: bigint, eax: bigint, edx = 0n) => ({ rcx: msr, rax: eax, rdx: edx })

describe('the interrupt command register', () => {
  test.each([
    ['one CPU', 0x40n, 2n, [2]],
    ['a CPU that there is not', 0x40n, 9n, []],
    ['broadcast', 0x40n, 0xffffffffn, [0, 1, 2, 3]],
    ['shorthand self', 0x4_0040n, 0n, [0]],
    ['shorthand all', 0x8_0040n, 0n, [0, 1, 2, 3]],
    ['shorthand all but self', 0xc_0040n, 0n, [1, 2, 3]],
    ['a logical destination: one bit a CPU', 0x840n, 0b1010n, [1, 3]],
    ['a logical destination in another cluster', 0x840n, 0x1_000fn, []],
    ['level and trigger bits change nothing', 0xc040n, 1n, [1]],
  ] as [string, bigint, bigint, number[]][])('%s', (_, eax, edx, targets) => {
    const t = lab('wrmsr', write(0x830n, eax, edx))
    t.take('0s')
    expect([0, 1, 2, 3].map((cpu) => requested(t, cpu))).toEqual([0, 1, 2, 3].map((cpu) => (targets.includes(cpu) ? [0x40] : [])))
    expect(t.events.flatMap((event) => (event.kind === 'ipi-sent' ? [event.target] : []))).toEqual(targets)
  })

  test('NMI mode sends an NMI, whatever the vector', () => {
    const t = lab('wrmsr', write(0x830n, 0xc_0440n))
    t.take('0s')
    expect([0, 1, 2, 3].map((cpu) => requested(t, cpu))).toEqual([[], ['nmi'], ['nmi'], ['nmi']])
    expect(t.choices()).toBe('0s 1n 2n 3n')
  })

  test('the self IPI register', () => {
    const t = lab('wrmsr', write(0x83fn, 0xf3n))
    t.take('0s')
    expect(requested(t, 0)).toEqual([0xf3])
  })

  test('the id of a CPU', () => {
    const t = lab('rdmsr', { rcx: 0x802n, rax: -1n, rdx: -1n })
    t.take('0s')
    expect([t.reg('rax'), t.reg('rdx')]).toEqual([0n, 0n])
  })

  test.each([
    ['a reserved bit', write(0x830n, 0x2040n)],
    ['EOI of another value than 0', write(0x80bn, 1n)],
    ['self IPI with more than a vector', write(0x83fn, 0x140n)],
  ])('%s raises #GP(0)', (_, registers) => {
    const t = lab('wrmsr', registers)
    t.take('0s')
    expect(t.stopped()).toEqual({ reason: 1, vector: 13 })
  })

  test.each([
    ['INIT', write(0x830n, 0x500n)],
    ['start-up', write(0x830n, 0x600n)],
    ['vector 15', write(0x830n, 0xfn)],
    ['another register', write(0x808n, 0n)],
    ['another MSR', write(0x1bn, 0n)],
  ])('%s is honestly unsupported', (_, registers) => {
    const t = lab('wrmsr', registers)
    t.take('0s')
    expect(t.stopped()?.reason).toBe(STOP_UNSUPPORTED)
  })
})

describe('requests', () => {
  test('collapse: one pending and one in service a vector', () => {
    const t = lab('nop')
    expect(requestIrq(t.m, 1, 0x40)).toBe(false)
    expect(requestIrq(t.m, 1, 0x40)).toBe(true)
    t.take('1i')
    expect([requested(t, 1), inService(t, 1)]).toEqual([[], [0x40]])
    expect(requestIrq(t.m, 1, 0x40)).toBe(false)
    expect([requested(t, 1), inService(t, 1)]).toEqual([[0x40], [0x40]])
  })

  test('the highest vector comes first', () => {
    const t = lab('nop')
    requestIrq(t.m, 1, 0x31)
    requestIrq(t.m, 1, 0xf3)
    t.take('1i')
    expect(inService(t, 1)).toEqual([0xf3])
  })

  test.each([
    [0x40, 0x41, false],
    [0x40, 0x31, false],
    [0x31, 0x40, true],
    [0x20, 0x2f, false],
  ])('while 0x%s is in service, 0x%s is taken only if its class (the upper digit) is higher', (served, asking, taken) => {
    const t = lab('nop')
    requestIrq(t.m, 1, served)
    t.take('1i')
    // The handler enables interrupts.
    t.m.select(1)
    t.m.w[t.m.c + 34] = 0x202
    requestIrq(t.m, 1, asking)
    expect(t.choices().includes('1i')).toBe(taken)
  })

  test('EOI ends the highest one in service', () => {
    const t = lab('wrmsr\n wrmsr\n wrmsr', write(0x80bn, 0n))
    for (const vector of [0x31, 0x40]) {
      requestIrq(t.m, 0, vector)
      t.m.select(0)
      t.take('0i')
      t.m.select(0)
      t.m.w[t.m.c + 34] = 0x202
    }
    expect(inService(t, 0)).toEqual([0x31, 0x40])
    t.setReg('rip', t.address('start'))
    t.take('0s')
    expect(inService(t, 0)).toEqual([0x31])
    t.take('0s*2')
    expect(inService(t, 0)).toEqual([])
    expect(t.events.flatMap((event) => (event.kind === 'eoi' ? [event.vector] : []))).toEqual([0x40, 0x31])
  })
})
