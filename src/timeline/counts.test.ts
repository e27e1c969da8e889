import { expect, test } from 'vitest'
import type { MachineEvent } from '../machine/events.ts'
import { Counter } from './counts.ts'

const sent = (cpu: number, target: number): MachineEvent => ({ kind: 'ipi-sent', cpu, target, vector: 0xfb, nmi: false, collapsed: false })
const visible = (address: bigint, size: number, hot = true): MachineEvent => ({ kind: 'visible', cpu: 0, address, size, value: 0n, hot })
const deliver = (cause: 'int3' | 'irq', frame: bigint): MachineEvent => ({
  kind: 'deliver',
  cpu: 1,
  vector: cause === 'int3' ? 3 : 0xfb,
  cause,
  frame,
  frameBytes: 40,
  interruptedSp: frame + 40n,
  returnAddress: 0n,
  handler: 0n,
  ifBefore: true,
})
const iret = (sp: bigint): MachineEvent => ({ kind: 'iret', cpu: 1, frame: 0n, sp, address: 0n, ifAfter: true })

test('one ICR write to many targets is one broadcast', () => {
  const counter = new Counter(3)
  counter.tell(sent(0, 1), 10)
  counter.tell(sent(0, 2), 10)
  counter.tell(sent(0, 1), 30)
  counter.tell(sent(1, 2), 30)
  expect(counter.counts([])).toMatchObject({ broadcasts: 3, ipis: 4 })
})

test('a write to text counts once, also where it becomes visible in two pieces, in either order', () => {
  const counter = new Counter(1)
  counter.tell(visible(0x1000n, 4), 0)
  counter.tell(visible(0x103en, 2), 0)
  counter.tell(visible(0x1040n, 2), 0)
  counter.tell(visible(0x1080n, 2), 0)
  counter.tell(visible(0x107en, 2), 0)
  counter.tell(visible(0x2000n, 4, false), 0)
  counter.tell(visible(0x1082n, 4), 0)
  expect(counter.counts([]).pokes).toBe(4)
})

test('a handler is counted from its first instruction to its IRET; an IRET to itself ends nothing', () => {
  const counter = new Counter(2)
  // The int3 is the 6th instruction, its handler has 10, the last one being the IRET that leaves a call behind.
  counter.tell(deliver('int3', 0x1000n), 5)
  counter.tell(iret(0x1020n), 15)
  // An interrupt after 20 instructions; sync_core inside; 8 instructions in all.
  counter.tell(deliver('irq', 0x1000n), 20)
  counter.tell(iret(0xff0n), 23)
  counter.tell(iret(0x1028n), 27)
  expect(counter.counts([7, 40]).cpus).toEqual([
    { instructions: 7, int3: 0, int3Instructions: 0, interrupts: 0, interruptInstructions: 0 },
    { instructions: 40, int3: 1, int3Instructions: 10, interrupts: 1, interruptInstructions: 8 },
  ])
})
