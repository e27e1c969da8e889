import { expect, test } from 'vitest'
import type { MachineEvent } from '../machine/events.ts'
import { CoarsePicture } from './coarse.ts'

const deliver = (cpu: number): MachineEvent => ({
  kind: 'deliver',
  cpu,
  vector: 3,
  cause: 'int3',
  frame: 0x1000n,
  frameBytes: 40,
  interruptedSp: 0x1028n,
  returnAddress: 0n,
  handler: 0n,
  ifBefore: true,
})
const iret = (cpu: number, sp = 0x1020n): MachineEvent => ({ kind: 'iret', cpu, frame: 0n, sp, address: 0n, ifAfter: true })

test('handlers, phases, rests and who moved', () => {
  const picture = new CoarsePicture(['patcher', 'caller'])
  picture.phase(0, 'int3')
  picture.moved(0, 0, 10)
  picture.event(deliver(1), 12)
  picture.event(iret(1, 0xff0n), 14)
  picture.event(iret(1), 18)
  picture.moved(1, 10, 30)
  picture.phase(30, 'sync 1')
  picture.event({ kind: 'halt', cpu: 1 }, 29)
  picture.moved(0, 30, 40)
  const data = picture.data(40)
  expect(data.spans.map(({ cpu, start, end, kind }) => [cpu, start, end, kind])).toEqual([
    [0, 0, 40, 'code'],
    [1, 0, 29, 'code'],
    [1, 12, 19, 'bp'],
    [1, 29, 40, 'halted'],
  ])
  expect(data.phases).toEqual([
    { start: 0, end: 30, label: 'int3' },
    { start: 30, end: 40, label: 'sync 1' },
  ])
  expect([...data.movers]).toEqual([...Array(10).fill(0), ...Array(20).fill(1), ...Array(10).fill(0)])
})

test('half a million handlers and phases are still a picture: neighbours become one', () => {
  const picture = new CoarsePicture(['patcher', 'caller'])
  for (let i = 0; i < 500_000; i++) {
    picture.phase(40 * i, i % 2 === 0 ? 'int3' : 'sync 1')
    picture.event(deliver(1), 40 * i)
    picture.event(iret(1), 40 * i + 20)
  }
  const { spans, phases } = picture.data(20_000_000)
  expect(spans.length).toBeLessThan(50_000)
  expect(phases.length).toBeLessThan(50_000)
  expect(phases[0]?.start).toBe(0)
  expect(phases[phases.length - 1]?.end).toBe(20_000_000)
})
