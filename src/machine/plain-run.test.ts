import { expect, test } from 'vitest'
import { createDecode } from '../decoder/decode.ts'
import { Random } from '../lib/random.ts'
import { coherent, fetchVariants } from './fetch.ts'
import { RECORDS } from './isa/registry.ts'
import { systemRecords } from './isa/system.ts'
import { createLayout, FLAG_IF, FLAGS, GPR, RIP, STATUS, STATUS_HALTED, STOP } from './layout.ts'
import { Machine } from './machine.ts'
import { createMemoryMap } from './memory-map.ts'
import { isPlain, runPlain } from './plain-run.ts'
import { stepSelected } from './step.ts'

const decode = createDecode()
const CODE = 0x1_0000
const DATA = 0x2_0000

function machineOf(bits: 64 | 32, code: Uint8Array): Machine {
  const page = (name: string, start: number, bytes: Uint8Array) => ({
    name,
    start: BigInt(start),
    bytes,
    read: true,
    write: true,
    exec: true,
    storage: 'private' as const,
  })
  const text = new Uint8Array(4096)
  text.set(code)
  const map = createMemoryMap(1, [page('code', CODE, text), page('data', DATA, new Uint8Array(4096))], [])
  const layout = createLayout({ cpus: 1, storeCapacity: 1, ownBytes: map.ownBytes, sharedBytes: 0, fetchWords: 0 })
  const m = new Machine({ bits, layout, map, gates: [], ist: [[]], rsp0: [undefined], kernelCs: 0x10, kernelSs: 0x18, fetch: coherent, decode })
  m.select(0)
  m.u8.set(map.own[0] as Uint8Array, (m.c + layout.ownMemory) * 4)
  m.w[m.c + FLAGS] = 2
  m.w[m.c + RIP] = CODE
  return m
}

/** Instructions that loop, call, push, compute, and write data as well as the code that runs. */
function randomCode(random: Random, bits: 64 | 32): Uint8Array {
  const bytes: number[] = []
  const rex = () => (bits === 64 && random.below(2) === 0 ? [0x48] : [])
  const registers = () => 0xc0 | random.below(64)
  for (let i = 0; i < 60; i++) {
    const small = random.below(256)
    bytes.push(
      ...random.pick([
        () => [...rex(), random.pick([0x01, 0x29, 0x31, 0x21, 0x09, 0x39, 0x11, 0x19, 0x85, 0x89]), registers()],
        () => [...rex(), 0xc1, registers(), small],
        () => [0x70 | random.below(16), random.below(24)],
        () => [0x50 | random.below(8)],
        () => [0x58 | random.pick([0, 1, 2, 3, 6, 7])],
        () => [0x88 | random.below(4), 0x80 | random.below(64), random.below(250), 0x0f, 0, 0].slice(0, 6),
        () => [0xe8, random.below(20), 0, 0, 0],
        () => [0xeb, random.pick([0, 1, 0xf0])],
        () => [0xff, 0xc0 | random.below(16)],
        () => [0xf3, random.pick([0xaa, 0xa4])],
        () => [random.pick([0x90, 0x9c, 0xf8, 0xf9, 0xfc])],
        // Rewrites a byte of this page.
        () =>
          bits === 64
            ? [0xc6, 0x04, 0x25, small, 0, 1, 0, random.pick([0x90, 0x40, 0xcc])]
            : [0xc6, 0x05, small, 0, 1, 0, random.pick([0x90, 0x40, 0xcc])],
        () => [0xf0, 0xff, 0x03],
      ])(),
    )
  }
  return Uint8Array.from(bytes)
}

function prepare(m: Machine, random: Random): void {
  for (let register = 0; register < 8; register++) m.w[m.c + GPR + 2 * register] = DATA + random.below(512) * 4
  m.w[m.c + GPR + 2] = random.below(40)
  m.w[m.c + GPR + 8] = DATA + 0x800
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])('the fast loop does what single steps do, on code that rewrites itself (seed %i)', (seed) => {
  const random = new Random(seed)
  let total = 0
  for (let round = 0; round < 150; round++) {
    const bits = random.pick([64, 32] as const)
    const code = randomCode(random, bits)
    const slow = machineOf(bits, code)
    const fast = machineOf(bits, code)
    const start = random.bits()
    prepare(slow, new Random(start))
    prepare(fast, new Random(start))
    const limit = 1 + random.below(400)
    let steps = 0
    // Both are driven to the same count; iterations of repeated strings are steps that do not retire.
    for (let i = 0; steps < limit && i < 5000 && slow.w[slow.c + STOP] === 0; i++) if (stepSelected(slow, 0).kind === 'retired') steps++
    let quick = 0
    for (let i = 0; quick < limit && i < 5000 && fast.w[fast.c + STOP] === 0; i++) {
      quick += runPlain(fast, limit - quick)
      if (quick < limit && fast.w[fast.c + STOP] === 0 && stepSelected(fast, 0).kind === 'retired') quick++
    }
    expect(quick).toBe(steps)
    expect(fast.w).toEqual(slow.w)
    total += steps
  }
  expect(total).toBeGreaterThan(1000)
})

test('instructions that change what may happen next are not plain', () => {
  const allowed = new Set(['lfence', 'sfence', 'rdmsr', 'swapgs', 'pushf', 'pushfd', 'pushfq', 'rdtsc', 'rdpmc', 'clac', 'stac'])
  const plainMicroOps = (microOps: readonly string[]) => microOps.every((op) => ['load', 'compute', 'store', 'branch', 'locked'].includes(op))
  for (const record of systemRecords) {
    for (const mnemonic of record.mnemonics) {
      if (allowed.has(mnemonic) || !plainMicroOps(record.microOps)) continue
      const bound = { execute: () => {}, needsEmptyBuffer: false, record }
      const instruction = { ...decode(Uint8Array.of(0x90), 0, 0, 64), mnemonic }
      expect(isPlain({ bound, instruction, bytes: Uint8Array.of(0x90), hot: false, token: 0, fault: null }), mnemonic).toBe(false)
    }
  }
  expect(RECORDS.length).toBeGreaterThan(systemRecords.length)
})

test.each([
  ['sti', 'fb', false],
  ['hlt', 'f4', false],
  ['popfq', '9d', false],
  ['int3', 'cc', false],
  ['iretq', '48cf', false],
  ['mov ss, ax', '8ed0', false],
  ['mov rax, cr2', '0f20d0', false],
  ['rep movsb', 'f3a4', false],
  ['wrmsr', '0f30', false],
  ['no instruction', '0f0b', false],
  ['movsb', 'a4', true],
  ['lock inc [rbx]', 'f0ff03', true],
  ['call', 'e800000000', true],
  ['mov [rax], rbx', '488918', true],
])('%s: plain or not', (_, hex, plain) => {
  const m = machineOf(64, Buffer.from(hex, 'hex'))
  expect(isPlain(fetchVariants(m, CODE, 0)[0] as Parameters<typeof isPlain>[0])).toBe(plain)
})

test('the fast loop does nothing for a CPU that is halted, stopped, or has a flag that needs care', () => {
  const run = (change: (m: Machine) => void) => {
    const m = machineOf(64, Uint8Array.of(0x90, 0x90, 0xf4))
    change(m)
    return runPlain(m, 10)
  }
  expect(run(() => {})).toBe(2)
  expect(run((m) => m.w.fill(FLAG_IF | 2, m.c + FLAGS, m.c + FLAGS + 1))).toBe(2)
  expect(run((m) => m.w.fill(0x102, m.c + FLAGS, m.c + FLAGS + 1))).toBe(0)
  expect(run((m) => m.w.fill(0x10002, m.c + FLAGS, m.c + FLAGS + 1))).toBe(0)
  expect(run((m) => m.w.fill(STATUS_HALTED, m.c + STATUS, m.c + STATUS + 1))).toBe(0)
  expect(run((m) => m.w.fill(1, m.c + STOP, m.c + STOP + 1))).toBe(0)
})
