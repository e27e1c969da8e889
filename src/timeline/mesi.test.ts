import { describe, expect, test } from 'vitest'
import { Random } from '../lib/random.ts'
import type { MachineEvent } from '../machine/events.ts'
import { type CoherenceProtocol, type LineState, MesiOverlay } from './mesi.ts'

/** Memory from 0x1000 on is shared, and shown at 0x9000 again; what lies below is nobody's business. */
function lineOf(address: bigint): bigint | null {
  if (address < 0x1000n) return null
  return (address >= 0x9000n ? address - 0x8000n : address) & ~63n
}

const LINE = 0x1000n
const VALUE = { value: 1n, hot: true }

const load = (cpu: number, address = LINE, size = 4): MachineEvent => ({ kind: 'load', cpu, address, size, value: 0n, locked: false })
const lockedLoad = (cpu: number, address = LINE): MachineEvent => ({ kind: 'load', cpu, address, size: 4, value: 0n, locked: true })
const buffered = (cpu: number, address = LINE): MachineEvent => ({ kind: 'store', cpu, address, size: 4, buffered: true, locked: false, ...VALUE })
const drain = (cpu: number, address = LINE, size = 4): MachineEvent => ({ kind: 'visible', cpu, address, size, ...VALUE })
const fetch = (cpu: number, address = LINE, bytes = [0x90], stale = false): MachineEvent => ({
  kind: 'execute',
  cpu,
  address,
  bytes: Uint8Array.from(bytes),
  mnemonic: 'nop',
  hot: true,
  stale,
})

function letters(overlay: MesiOverlay, address = LINE): string {
  return overlay
    .line(address)
    .map(({ state, instructions }) => state + (instructions ? 'i' : ''))
    .join(' ')
}

/** What three CPUs hold of the line after these events, a step each. */
function held(events: readonly MachineEvent[], protocol: CoherenceProtocol = 'mesi'): string {
  const overlay = new MesiOverlay(3, lineOf, { protocol })
  for (const event of events) overlay.append([event])
  return letters(overlay)
}

describe('the rules', () => {
  test.each<[string, MachineEvent[], string]>([
    ['nobody has touched it', [], 'I I I'],
    ['the first reader has it exclusively', [load(1)], 'I E I'],
    ['a hit changes nothing', [load(1), load(1)], 'I E I'],
    ['two readers share it', [load(1), load(2)], 'I S S'],
    ['a store in the buffer changes nothing', [load(1), buffered(0)], 'I E I'],
    ['a visible store takes it from everybody', [load(1), load(2), buffered(0), drain(0)], 'M I I'],
    ['an exclusive line becomes modified silently', [load(1), drain(1)], 'I M I'],
    ['a modified line stays so for its owner', [drain(1), load(1), drain(1)], 'I M I'],
    ['a reader makes the writer write back', [drain(0), load(2)], 'S I S'],
    ['and the writer takes it again', [drain(0), load(2), drain(0)], 'M I I'],
    ['a locked load holds it modified at once', [load(0), load(1), lockedLoad(2)], 'I I M'],
    ['instructions come shared, not exclusive', [fetch(1)], 'I Si I'],
    ['and make a writer write back', [drain(0), fetch(1)], 'S Si I'],
    ['a store elsewhere takes the copy of instructions away', [fetch(1), fetch(2), drain(0)], 'M I I'],
    ['a load after a fetch is a hit', [fetch(1), load(1)], 'I Si I'],
    ['a fetch of what one has written leaves it modified', [drain(1), fetch(1)], 'I Mi I'],
    ['a prefetch is a fetch', [{ kind: 'prefetch', cpu: 1, address: LINE, size: 16 }], 'I Si I'],
    ['stale bytes come out of the queue', [fetch(1), drain(0), fetch(1, LINE, [0x90], true)], 'M I I'],
    ['cold text is not looked at', [{ ...(fetch(1) as Extract<MachineEvent, { kind: 'execute' }>), hot: false }], 'I I I'],
    ['private memory has no lines', [load(1, 0x800n), drain(1, 0x800n)], 'I I I'],
  ])('%s', (_, events, expected) => {
    expect(held(events)).toBe(expected)
  })

  test.each<[CoherenceProtocol, string, MachineEvent[], string]>([
    ['moesi', 'a writer whose line is read owns it', [drain(0), load(1), load(2)], 'O S S'],
    ['moesi', 'and writes again', [drain(0), load(1), drain(0)], 'M I I'],
    ['moesi', 'another writer takes it', [drain(0), load(1), drain(1)], 'I M I'],
    ['mesif', 'the newest reader forwards', [load(0), load(1), load(2)], 'S S F'],
    ['mesif', 'after a write-back too', [drain(0), load(1)], 'S F I'],
    ['mesif', 'until somebody writes', [load(0), load(1), drain(0)], 'M I I'],
  ])('%s: %s', (protocol, _, events, expected) => {
    expect(held(events, protocol)).toBe(expected)
  })
})

test('a store through an alias hits the line of what it shows', () => {
  const overlay = new MesiOverlay(2, lineOf)
  overlay.append([fetch(1, 0x1008n)])
  overlay.append([drain(0, 0x9008n)])
  expect(letters(overlay, 0x1008n)).toBe('M I')
  expect(letters(overlay, 0x9030n)).toBe('M I')
})

test('an access across a boundary touches both lines, and stale bytes are told apart where memory can be asked', () => {
  const memory = new Map([
    [0x103fn, 0xcc],
    [0x1040n, 0x02],
  ])
  const overlay = new MesiOverlay(2, lineOf, { byteAt: (address) => memory.get(address) ?? 0 })
  overlay.append([fetch(1, 0x103fn, [0xcc, 0x02])])
  expect([letters(overlay, 0x1000n), letters(overlay, 0x1040n)]).toEqual(['I Si', 'I Si'])
  overlay.append([drain(0, 0x103fn, 2)])
  expect([letters(overlay, 0x1000n), letters(overlay, 0x1040n)]).toEqual(['M I', 'M I'])
  overlay.append([fetch(1, 0x103fn, [0xe8, 0x02], true)])
  expect([letters(overlay, 0x1000n), letters(overlay, 0x1040n)]).toEqual(['M I', 'S Si'])
})

test('what the last step changed is told, and only that', () => {
  const overlay = new MesiOverlay(2, lineOf)
  overlay.append([load(1)])
  expect(overlay.line(LINE)).toEqual([
    { state: 'I', before: null, instructions: false },
    { state: 'E', before: 'I', instructions: false },
  ])
  overlay.append([drain(0)])
  expect(overlay.line(LINE).map(({ before }) => before)).toEqual(['I', 'E'])
  overlay.append([buffered(1)])
  expect(overlay.line(LINE).map(({ before }) => before)).toEqual([null, null])
})

const FORBIDDEN: Readonly<Record<CoherenceProtocol, (states: readonly LineState[]) => boolean>> = {
  mesi: (states) => states.some((state) => state === 'O' || state === 'F'),
  moesi: (states) => states.includes('F') || count(states, 'O') > 1,
  mesif: (states) => states.includes('O') || count(states, 'F') > 1,
}

function count(states: readonly LineState[], wanted: LineState): number {
  return states.filter((state) => state === wanted).length
}

function randomEvents(random: Random): MachineEvent[] {
  return Array.from({ length: 1 + random.below(3) }, () => {
    const cpu = random.below(4)
    const address = (random.below(2) === 0 ? 0x1000n : 0x9000n) + BigInt(random.below(130))
    return random.pick([load, lockedLoad, buffered, drain, fetch])(cpu, address)
  })
}

test.each(['mesi', 'moesi', 'mesif'] as const)('%s: a line that may be written is nobody else’s, 3,000 random steps from seed 41', (protocol) => {
  const random = new Random(41)
  const overlay = new MesiOverlay(4, lineOf, { protocol })
  for (let step = 0; step < 3000; step++) {
    overlay.append(randomEvents(random))
    for (const line of [0x1000n, 0x1040n, 0x1080n]) {
      const states = overlay.line(line).map(({ state }) => state)
      const copies = states.filter((state) => state !== 'I')
      const exclusive = copies.includes('M') || copies.includes('E')
      expect(exclusive && copies.length > 1, `step ${step}: ${states}`).toBe(false)
      expect(FORBIDDEN[protocol](states), `step ${step}: ${states}`).toBe(false)
      for (const copy of overlay.line(line)) expect(copy.instructions && copy.state === 'I', `step ${step}`).toBe(false)
    }
  }
})

test('what was saved comes back, from seed 42', () => {
  const random = new Random(42)
  const overlay = new MesiOverlay(4, lineOf)
  const step = () => overlay.append(randomEvents(random))
  for (let i = 0; i < 50; i++) step()
  const saved = overlay.save()
  const seen = () => [0x1000n, 0x1040n, 0x1080n].map((line) => letters(overlay, line))
  const before = seen()
  for (let i = 0; i < 50; i++) step()
  expect(seen()).not.toEqual(before)
  overlay.restore(saved)
  expect(seen()).toEqual(before)
  step()
  overlay.restore(saved)
  expect(seen()).toEqual(before)
})

test('many savings, of which each holds only what changed, come back in any order, and what follows is what followed then, from seed 43', () => {
  const random = new Random(43)
  const overlay = new MesiOverlay(4, lineOf)
  const seen = () => [0x1000n, 0x1040n, 0x1080n].map((line) => letters(overlay, line))
  const steps = Array.from({ length: 100 }, () => randomEvents(random))
  const kept = steps.map((events) => {
    const saved = overlay.save()
    const before = seen()
    overlay.append(events)
    return { saved, before, events, after: seen() }
  })
  for (let round = 0; round < 300; round++) {
    const at = random.below(kept.length)
    const { saved, before } = kept[at] as (typeof kept)[number]
    overlay.restore(saved)
    expect(seen(), `round ${round}`).toEqual(before)
    const to = Math.min(kept.length, at + random.below(5))
    for (const { events, after } of kept.slice(at, to)) {
      overlay.append(events)
      expect(seen(), `round ${round}`).toEqual(after)
    }
    // A new beginning from here is as good as the old one.
    if (to < kept.length) kept[to] = { ...(kept[to] as (typeof kept)[number]), saved: overlay.save() }
  }
})
