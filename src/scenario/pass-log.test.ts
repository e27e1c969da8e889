import { expect, test } from 'vitest'
import type { MachineEvent } from '../machine/events.ts'
import { PassLog } from './pass-log.ts'
import type { Site } from './sites.ts'

const site = (address: bigint, length = 5): Site => ({
  label: `site at ${address}`,
  address,
  length,
  old: new Uint8Array(length),
  new: new Uint8Array(length),
  oldStarts: [0],
  newStarts: [0],
  between: [],
  group: null,
})

const execute = (cpu: number, address: bigint, bytes: readonly number[], stale = false): MachineEvent => ({
  kind: 'execute',
  cpu,
  address,
  bytes: Uint8Array.from(bytes),
  mnemonic: 'nop',
  hot: true,
  stale,
})

test('the newest pass of each CPU is remembered with its bytes and its step, and other places are not', () => {
  const here = site(0x1000n)
  const log = new PassLog([here], 2)
  log.append([execute(0, 0x1000n, [0xe8, 1, 0, 0, 0])])
  log.append([execute(1, 0x2000n, [0x90])])
  log.append([execute(0, 0x1000n, [0xcc], true)])
  expect(log.last(0, here)).toEqual({ step: 3, offset: 0, bytes: Uint8Array.of(0xcc), stale: true })
  expect(log.last(1, here)).toBeNull()
})

test('instructions that follow each other in a slot are one pass; who comes back to its beginning starts another', () => {
  const slot = site(0x1000n)
  const log = new PassLog([slot], 1)
  log.append([execute(0, 0x1000n, [0x66, 0x90])])
  log.append([])
  log.append([execute(0, 0x1002n, [0x0f, 0x1f, 0x00], true)])
  expect(log.last(0, slot)).toEqual({ step: 3, offset: 0, bytes: Uint8Array.of(0x66, 0x90, 0x0f, 0x1f, 0x00), stale: true })
  log.append([execute(0, 0x1000n, [0xcc])])
  expect(log.last(0, slot)).toMatchObject({ step: 4, offset: 0, stale: false })
  log.append([execute(0, 0x1003n, [0x90])])
  expect(log.last(0, slot)).toMatchObject({ step: 5, offset: 3 })
})

test('what was known comes back, whatever happened since', () => {
  const here = site(0x1000n)
  const log = new PassLog([here], 1)
  log.append([execute(0, 0x1000n, [0xe8, 1, 0, 0, 0])])
  const saved = log.save()
  log.append([execute(0, 0x1000n, [0xcc])])
  log.restore(saved)
  expect(log.last(0, here)).toMatchObject({ step: 1 })
  log.append([execute(0, 0x1000n, [0x90])])
  expect(log.last(0, here)).toMatchObject({ step: 2 })
  log.restore(saved)
  expect(log.last(0, here)).toMatchObject({ step: 1 })
})

test('of many sites the ones passed last are remembered', () => {
  const sites = Array.from({ length: 70 }, (_, i) => site(0x1000n + BigInt(16 * i)))
  const log = new PassLog(sites, 1)
  for (const { address } of sites) log.append([execute(0, address, [0x90])])
  expect(sites.filter((each) => log.last(0, each) === null)).toEqual(sites.slice(0, 6))
})
