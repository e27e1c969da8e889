/** Exchanges on memory that several CPUs share: what goes through the store buffer, and what does not. */
import { expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import { hexToBytes } from '../../lib/bytes.ts'
import { coherent, fetchVariants } from '../fetch.ts'
import { createLayout, FLAG_ZF, FLAGS, GPR, RIP } from '../layout.ts'
import { Machine } from '../machine.ts'
import { createMemoryMap } from '../memory-map.ts'
import { stepSelected } from '../step.ts'

const TEXT = 0x1000
const DATA = 0x2000

/** A machine about to execute these bytes, with rdi at a shared word that holds 5, rax = `rax` and rcx = 9. */
function machineAt(code: string, rax: number): Machine {
  const map = createMemoryMap(
    2,
    [
      { name: 'text', start: BigInt(TEXT), bytes: hexToBytes(code) as Uint8Array, read: true, write: false, exec: true, storage: 'rom' },
      { name: 'data', start: BigInt(DATA), bytes: Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0), read: true, write: true, exec: false, storage: 'shared' },
    ],
    [],
  )
  const layout = createLayout({ cpus: 2, storeCapacity: 12, ownBytes: map.ownBytes, sharedBytes: map.sharedBytes, fetchWords: 0 })
  const m = new Machine({
    bits: 64,
    layout,
    map,
    gates: [],
    ist: [[], []],
    rsp0: [undefined, undefined],
    kernelCs: 0x10,
    kernelSs: 0x18,
    fetch: coherent,
    decode: createDecode(),
  })
  m.u8.set(map.shared, layout.sharedMemory * 4)
  m.select(0)
  m.w[m.c + RIP] = TEXT
  m.w[m.c + GPR] = rax
  m.w[m.c + GPR + 2] = 9
  m.w[m.c + GPR + 14] = DATA
  return m
}

function inMemory(m: Machine): number {
  return m.w[m.layout.sharedMemory] as number
}

const CASES = [
  { code: 'f0010f', text: 'lock add [rdi], ecx', waits: true, memory: 14, buffered: 0 },
  { code: '010f', text: 'add [rdi], ecx', waits: false, memory: 5, buffered: 1 },
  { code: '870f', text: 'xchg [rdi], ecx', waits: true, memory: 9, buffered: 0 },
  { code: 'f00fb10f', text: 'lock cmpxchg [rdi], ecx, which fails', waits: true, memory: 5, buffered: 0 },
  { code: '0fb10f', text: 'cmpxchg [rdi], ecx, which fails and writes back', waits: false, memory: 5, buffered: 1 },
  { code: 'f00fc10f', text: 'lock xadd [rdi], ecx', waits: true, memory: 14, buffered: 0 },
  { code: 'f00fba2f03', text: 'lock bts [rdi], 3', waits: true, memory: 13, buffered: 0 },
]

test.each(CASES)('$text: memory holds $memory, $buffered buffered', ({ code, waits, memory, buffered }) => {
  const m = machineAt(code, 6)
  expect(fetchVariants(m, TEXT, 0)[0]?.bound?.needsEmptyBuffer).toBe(waits)
  stepSelected(m, 0)
  expect(inMemory(m)).toBe(memory)
  expect(m.storeCount).toBe(buffered)
})

test('a succeeding lock cmpxchg stores and sets ZF, a failing one loads the accumulator', () => {
  const success = machineAt('f00fb10f', 5)
  stepSelected(success, 0)
  expect([inMemory(success), (success.w[FLAGS] as number) & FLAG_ZF]).toEqual([9, FLAG_ZF])
  const failure = machineAt('f00fb10f', 6)
  stepSelected(failure, 0)
  expect([failure.w[GPR], (failure.w[FLAGS] as number) & FLAG_ZF]).toEqual([5, 0])
})
