/** A case on our machine, reported as the test image reports it. */
import { requestIrq, requestNmi } from '../../machine/apic.ts'
import { deliverableIrq, deliverableNmi } from '../../machine/boundary.ts'
import { deliverIrq, deliverNmi } from '../../machine/delivery.ts'
import { coherent } from '../../machine/fetch.ts'
import type { Decode } from '../../machine/instruction.ts'
import { CR2, CS, createLayout, DS, ES, FLAGS, GPR, RIP, SEGMENTS, SS, STATUS, STATUS_HALTED, STOP } from '../../machine/layout.ts'
import { type Gate, Machine } from '../../machine/machine.ts'
import { createMemoryMap, type RegionSpec } from '../../machine/memory-map.ts'
import { memoryBytes, stepSelected } from '../../machine/step.ts'
import type { Ring0Case } from './cases.ts'
import { STACK_WORDS } from './driver.ts'
import { nmiHandler, snippet, startOf } from './image.ts'
import { FILLING, GATES, ICR, IST, RING0, SELECTORS, STACK, STACK_BYTES, STUB_BYTES, STUBS } from './places.ts'

export interface Report {
  readonly vector: number
  readonly sp: bigint
  readonly flags: bigint
  readonly cs: bigint
  readonly ss: bigint
  readonly cr2: bigint
  readonly words: readonly bigint[]
}

const MOST_STEPS = 1000

/** What the first handler finds, or why there was none. */
export function runOurs(given: Ring0Case, index: number, decode: Decode): Report | string {
  const m = createMachine(given, index, decode)
  const { w, c } = m
  const icr = m.map.pieces.find((piece) => piece.region === 'icr')
  const icrAt = c + m.layout.ownMemory + ((icr?.offset ?? 0) >> 2)
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const ip = w[c + RIP] as number
    if (w[c + STOP] !== 0) return `stopped: ${m.stopDetail}`
    // What is pending is taken before the handler's first instruction.
    if (deliverableNmi(m)) deliverNmi(m)
    else if (deliverableIrq(m) >= 0) deliverIrq(m, deliverableIrq(m))
    else if (ip >= STUBS && ip < STUBS + 256 * STUB_BYTES) return report(m, (ip - STUBS) / STUB_BYTES)
    else if (((w[c + STATUS] as number) & STATUS_HALTED) !== 0) return 'halted for ever'
    else stepSelected(m, 0)
    const sent = w[icrAt] as number
    if (sent === 0) continue
    w[icrAt] = 0
    if (((sent >> 8) & 7) === 4) requestNmi(m, 0)
    else requestIrq(m, 0, sent & 0xff)
  }
  return 'no event'
}

function report(m: Machine, vector: number): Report {
  const { w, c } = m
  const size = m.bits / 8
  const wide = (at: number) => (BigInt((w[c + at + 1] as number) >>> 0) << 32n) | BigInt((w[c + at] as number) >>> 0)
  const sp = wide(GPR + 8)
  const words = Array.from({ length: STACK_WORDS }, (_, i) => {
    const address = sp + BigInt(i * size)
    const bytes = memoryBytes(m, Number(address & 0xffff_ffffn) | 0, Number(address >> 32n) | 0, size)
    return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
  })
  const segment = (index: number) => BigInt(w[c + SEGMENTS + index] as number)
  return { vector, sp, flags: BigInt(w[c + FLAGS] as number), cs: segment(CS), ss: segment(SS), cr2: m.bits === 64 ? wide(CR2) : 0n, words }
}

function createMachine(given: Ring0Case, index: number, decode: Decode): Machine {
  const { bits } = given
  const program = snippet(given, index)
  const data = { read: true, write: true, exec: false, storage: 'private' as const, owner: 0 }
  const region = (name: string, start: number, bytes: Uint8Array): RegionSpec => ({ name, start: BigInt(start), bytes, ...data })
  const filled = () => new Uint8Array(STACK_BYTES).fill(FILLING)
  const map = createMemoryMap(
    1,
    [
      { name: 'case', start: program.address, bytes: program.bytes, read: true, write: false, exec: true, storage: 'rom' },
      region('stack', STACK, filled()),
      region('ist', IST, filled()),
      region('ring0', RING0, filled()),
      region('icr', ICR, new Uint8Array(16)),
    ],
    [],
  )
  const gates = Array.from({ length: 256 }, (_, vector): Gate => {
    const { type = 'interrupt', dpl = 0, ist = 0 } = GATES[vector] ?? {}
    const handlerLo = vector === 2 ? Number(nmiHandler(given, index)) : STUBS + vector * STUB_BYTES
    return { handlerLo, handlerHi: 0, type, dpl, ist: bits === 64 ? ist : 0 }
  })
  const layout = createLayout({ cpus: 1, storeCapacity: 8, ownBytes: map.ownBytes, sharedBytes: map.sharedBytes, fetchWords: 0 })
  const m = new Machine({
    bits,
    layout,
    map,
    gates,
    ist: [[undefined, [IST + STACK_BYTES, 0]]],
    rsp0: [[RING0 + STACK_BYTES, 0]],
    kernelCs: SELECTORS[bits].code,
    kernelSs: SELECTORS[bits].data,
    fetch: coherent,
    decode,
  })
  m.select(0)
  m.u8.set(map.own[0] as Uint8Array, (m.c + layout.ownMemory) * 4)
  const start = startOf(given, index)
  const { w, c } = m
  const set = (at: number, value: bigint) => {
    w[c + at] = Number(value & 0xffff_ffffn) | 0
    w[c + at + 1] = bits === 64 ? Number((value >> 32n) & 0xffff_ffffn) | 0 : 0
  }
  set(RIP, start.ip)
  set(GPR + 8, start.sp)
  set(GPR, BigInt(SELECTORS[bits].data))
  if (bits === 64) {
    set(GPR + 28, start.r14)
    set(GPR + 30, start.r15)
  } else {
    set(GPR + 12, start.r14)
    set(GPR + 14, start.r15)
  }
  w[c + FLAGS] = Number(start.flags)
  w[c + SEGMENTS + CS] = Number(start.cs)
  w[c + SEGMENTS + SS] = Number(start.ss)
  for (const segment of [DS, ES]) w[c + SEGMENTS + segment] = Number(bits === 64 || given.user !== true ? SELECTORS[bits].data : start.ss)
  return m
}
