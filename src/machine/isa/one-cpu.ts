/** A machine of one CPU with private memory, to run raw bytes on: for tests and benchmarks of instructions. */
import { highHalf, joinHalves, lowHalf } from '../../lib/u64.ts'
import { coherent } from '../fetch.ts'
import type { Decode } from '../instruction.ts'
import { createLayout, GPR, GS_BASE, RIP, SEGMENTS } from '../layout.ts'
import { Machine } from '../machine.ts'
import { createMemoryMap, type RegionSpec } from '../memory-map.ts'

export interface OneCpuSetup {
  readonly bits: 64 | 32
  readonly decode: Decode
  readonly code: { readonly start: number; readonly bytes: Uint8Array }
  readonly data: readonly { readonly name: string; readonly start: number; readonly bytes: Uint8Array; readonly write: boolean }[]
}

/** At CPL 3, without a single gate: whatever raises an exception stops the CPU. */
export function createOneCpu({ bits, decode, code, data }: OneCpuSetup): Machine {
  const text: RegionSpec = { name: 'code', start: BigInt(code.start), bytes: code.bytes, read: true, write: false, exec: true, storage: 'private' }
  const regions = data.map(
    ({ name, start, bytes, write }): RegionSpec => ({ name, start: BigInt(start), bytes, read: true, write, exec: false, storage: 'private' }),
  )
  const map = createMemoryMap(1, [text, ...regions], [])
  const layout = createLayout({ cpus: 1, storeCapacity: 1, ownBytes: map.ownBytes, sharedBytes: map.sharedBytes, fetchWords: 0 })
  const m = new Machine({ bits, layout, map, gates: [], ist: [[]], rsp0: [undefined], kernelCs: 0x10, kernelSs: 0x18, fetch: coherent, decode })
  m.select(0)
  m.u8.set(map.own[0] as Uint8Array, (m.c + layout.ownMemory) * 4)
  const user = bits === 64 ? [0x2b, 0x33, 0x2b, 0x2b, 0, 0] : [0x2b, 0x23, 0x2b, 0x2b, 0, 0]
  m.w.set(user, m.c + SEGMENTS)
  return m
}

export function setRegister(m: Machine, index: number, value: bigint): void {
  m.w[m.c + GPR + 2 * index] = lowHalf(value)
  m.w[m.c + GPR + 2 * index + 1] = m.bits === 64 ? highHalf(value) : 0
}

export function registerOf(m: Machine, index: number): bigint {
  return joinHalves(m.w[m.c + GPR + 2 * index] as number, m.w[m.c + GPR + 2 * index + 1] as number)
}

export function setRip(m: Machine, value: number): void {
  m.w[m.c + RIP] = value
  m.w[m.c + RIP + 1] = 0
}

export function ripOf(m: Machine): bigint {
  return joinHalves(m.w[m.c + RIP] as number, m.w[m.c + RIP + 1] as number)
}

export function setGsBase(m: Machine, value: bigint): void {
  m.w[m.c + GS_BASE] = lowHalf(value)
  m.w[m.c + GS_BASE + 1] = highHalf(value)
}
