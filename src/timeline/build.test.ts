import { expect, test } from 'vitest'
import { Random } from '../lib/random.ts'
import type { MachineEvent } from '../machine/events.ts'
import { TimelineBuilder } from './build.ts'
import {
  ACKS,
  anyStep,
  atSite,
  CALLEE_A,
  CALLEE_B,
  deliver,
  execute,
  HANDLER,
  IPI,
  iret,
  load,
  NAMES,
  NEW,
  OLD,
  PATCHER,
  SITE,
  SYNC_CORE,
  sendIpi,
  store,
  TORN,
  visible,
} from './fixtures/events.ts'
import type { Span, TimelineData } from './model.ts'

const LANES = [
  { cpu: 0, role: 'patcher' },
  { cpu: 1, role: 'caller' },
]
const MOMENT = { kind: 'retired', waiting: false }

/** Each element is a step: the events of one CPU. */
function build(...steps: (MachineEvent | MachineEvent[])[]): TimelineBuilder {
  const builder = new TimelineBuilder(LANES, NAMES)
  for (const step of steps) {
    const events = Array.isArray(step) ? step : [step]
    builder.append((events[0] as MachineEvent).cpu, events, MOMENT)
  }
  return builder
}

/** A lane's spans as text: depth, label and extent; "…" for one that is open. */
function lane(data: TimelineData, cpu: number): string[] {
  const order = (a: Span, b: Span) => a.depth - b.depth || a.start - b.start
  const line = (span: Span) =>
    `${span.depth} ${span.label} ${span.start}-${span.open ? '…' : span.end}${span.meaning === null ? '' : ` ${span.meaning}`}`
  return data.spans
    .filter((span) => span.cpu === cpu)
    .sort(order)
    .map(line)
}

function marks(data: TimelineData, cpu: number): string[] {
  return data.marks.filter((mark) => mark.cpu === cpu).map((mark) => `${mark.step} ${mark.kind}: ${mark.label}`)
}

function arrows(data: TimelineData, kind: string): string[] {
  return data.arrows
    .filter((arrow) => arrow.kind === kind)
    .map(({ fromCpu, fromStep, toCpu, toStep }) => `${fromCpu}@${fromStep} → ${toCpu}@${toStep}`)
}

test('consecutive execution in one function is one span, until the CPU executes something else', () => {
  const data = build(execute(1, 0xf00n), execute(0, PATCHER), execute(1, 0xf04n), execute(1, CALLEE_A), execute(1, 0xf08n)).data()
  expect(lane(data, 1)).toEqual(['0 caller 0-3', '0 callee_a 3-4', '0 caller 4-…'])
  expect(lane(data, 0)).toEqual(['0 text_poke 1-…'])
  expect([...data.movers]).toEqual([1, 0, 1, 1, 1])
  expect(data.spans.filter((span) => span.open).map((span) => span.end)).toEqual([5, 5])
})

test('a pass through a site is one span with the function that it calls, and says which version ran', () => {
  const data = build(
    execute(1, 0xf00n),
    atSite(1, OLD),
    execute(1, CALLEE_A),
    execute(1, CALLEE_A + 2n),
    execute(1, 0xf08n),
    atSite(1, NEW),
    execute(1, CALLEE_A),
  ).data()
  expect(lane(data, 1)).toEqual(['0 caller 0-1', '0 call callee_a 1-4 old', '0 caller 4-5', '0 call callee_b 5-6 new', '0 callee_a 6-…'])
})

test('a torn instruction is marked, and its span says where it leads', () => {
  const data = build(atSite(1, TORN, true)).data()
  expect(lane(data, 1)).toEqual(['0 call …3000 0-… torn'].map((line) => line.replace('…3000', '0x113000')))
  expect(marks(data, 1)).toEqual(['0 torn: e8 fb 1f 11 00 at site'])
})

test('a breakpoint opens a handler one deeper, its functions nest inside, and IRET above the frame closes it', () => {
  const data = build(
    execute(1, 0xf00n),
    [atSite(1, [0xcc]), deliver(1, 'int3', 0x7f00n)],
    execute(1, HANDLER),
    execute(1, SYNC_CORE),
    [execute(1, HANDLER + 4n, 'iretq'), iret(1, 0x7f28n, CALLEE_B)],
    execute(1, CALLEE_B),
  ).data()
  expect(lane(data, 1)).toEqual([
    '0 caller 0-5',
    '0 callee_b 5-…',
    '1 #BP 1-5',
    '2 poke_int3_handler 2-3',
    '2 sync_core 3-4',
    '2 poke_int3_handler 4-5',
  ])
  expect(marks(data, 1)).toEqual(['1 int3: int3 at site'])
  expect(data.shades).toEqual([{ cpu: 1, start: 1, end: 5, kind: 'if0' }])
})

test('an IRET to itself inside a handler (sync_core) does not close it; one from a copied frame does', () => {
  const data = build(
    execute(1, 0xf00n),
    deliver(1, 'irq', 0x7f00n),
    execute(1, SYNC_CORE),
    [execute(1, SYNC_CORE + 4n, 'iretq'), iret(1, 0x7ef0n, SYNC_CORE + 6n, false)],
    execute(1, SYNC_CORE + 6n),
    // The frame was copied further down; what counts is where the stack pointer ends up.
    [execute(1, HANDLER, 'iretq'), { kind: 'iret', cpu: 1, frame: 0x7e00n, sp: 0x7f20n, address: 0xf04n, ifAfter: true }],
    execute(1, 0xf04n),
  ).data()
  expect(lane(data, 1)).toEqual(['0 caller 0-…', '1 IRQ 0xfb 1-6', '2 sync_core 2-5', '2 poke_int3_handler 5-6'])
  expect(data.shades).toEqual([{ cpu: 1, start: 1, end: 6, kind: 'if0' }])
})

test('a handler on an interrupt stack above the interrupted one ends when it returns elsewhere; the outer handler stays', () => {
  const data = build(
    deliver(1, 'int3', 0x7f00n),
    execute(1, HANDLER),
    { ...deliver(1, 'nmi', 0xff00n, 2), interruptedSp: 0x7e00n } as MachineEvent,
    execute(1, IPI),
    [execute(1, IPI + 8n, 'iretq'), iret(1, 0x7e00n, HANDLER + 4n, false)],
    execute(1, HANDLER + 4n),
  ).data()
  expect(lane(data, 1)).toEqual(['1 #BP 0-…', '2 poke_int3_handler 1-…', '3 NMI 2-5', '4 do_sync_core 3-5'])
  expect(data.shades.map(({ kind, start, end }) => `${kind} ${start}-${end}`)).toEqual(['if0 0-6', 'nmi-blocked 2-5'])
})

test('a nested breakpoint that returns into the outer handler closes the inner one only', () => {
  const data = build(
    deliver(1, 'nmi', 0x7f00n, 2),
    execute(1, IPI),
    deliver(1, 'int3', 0x7e00n),
    execute(1, HANDLER),
    [execute(1, HANDLER + 2n, 'iretq'), iret(1, 0x7e28n, IPI + 4n, false)],
    execute(1, IPI + 4n),
  ).data()
  expect(lane(data, 1)).toEqual(['1 NMI 0-…', '2 do_sync_core 1-…', '3 #BP 2-5', '4 poke_int3_handler 3-5'])
  // IRET unblocks NMIs, whichever handler executes it.
  expect(data.shades.find((shade) => shade.kind === 'nmi-blocked')).toEqual({ cpu: 1, start: 0, end: 5, kind: 'nmi-blocked' })
})

test('a handler that was left without IRET ends when an event finds the stack pointer above its frame', () => {
  const data = build(
    execute(1, 0xf00n),
    deliver(1, 'irq', 0x7f00n),
    execute(1, HANDLER),
    execute(1, 0xf04n),
    deliver(1, 'int3', 0x7f10n),
    execute(1, HANDLER),
  ).data()
  expect(lane(data, 1).filter((line) => line.startsWith('1'))).toEqual(['1 IRQ 0xfb 1-4', '1 #BP 4-…'])
})

test('cli and sti bound the shade; a lane can start with interrupts off', () => {
  const builder = new TimelineBuilder([{ cpu: 0, role: 'caller', interrupts: false }], NAMES)
  builder.append(0, [execute(0, 0xf00n)], MOMENT)
  builder.append(0, [execute(0, 0xf01n, 'sti'), { kind: 'if', cpu: 0, enabled: true }], MOMENT)
  builder.append(0, [execute(0, 0xf02n, 'cli'), { kind: 'if', cpu: 0, enabled: false }], MOMENT)
  const expected = [
    { cpu: 0, start: 0, end: 2, kind: 'if0' },
    { cpu: 0, start: 2, end: 3, kind: 'shadow' },
    { cpu: 0, start: 2, end: 3, kind: 'if0' },
  ]
  expect(builder.data().shades).toEqual(expected)
  builder.truncate(0)
  builder.append(0, [execute(0, 0xf00n)], MOMENT)
  expect(builder.data().shades).toEqual([{ cpu: 0, start: 0, end: 1, kind: 'if0' }])
})

test('STI that sets IF, and a load of SS, shadow the next instruction of their CPU, or until an event is delivered; not within a shadow', () => {
  const shadows = (...steps: Parameters<typeof build>) =>
    build(...steps)
      .data()
      .shades.flatMap(({ kind, start, end }) => (kind === 'shadow' ? [`${start}-${end}`] : []))
  const masked: MachineEvent = { kind: 'if', cpu: 1, enabled: false }
  const sti = execute(1, 0xf02n, 'sti')
  const movSs = { ...execute(1, 0xf02n, 'mov'), bytes: new Uint8Array([0x41, 0x8e, 0xd2]) } as MachineEvent
  const on: MachineEvent = { kind: 'if', cpu: 1, enabled: true }
  expect(shadows([execute(1, 0xf01n, 'cli'), masked], [sti, on], execute(0, PATCHER), execute(1, 0xf03n))).toEqual(['2-4'])
  expect(shadows([execute(1, 0xf01n, 'cli'), masked], [sti, on], execute(0, PATCHER), deliver(1, 'nmi', 0x7f00n, 2))).toEqual(['2-3'])
  expect(shadows(execute(1, 0xf01n), [sti, on], execute(1, 0xf03n))).toEqual([])
  expect(shadows(movSs, movSs, execute(1, 0xf03n), execute(1, 0xf04n))).toEqual(['1-2'])
  expect(shadows({ ...movSs, bytes: new Uint8Array([0xb8, 0x8e, 0xd2, 0, 0]) } as MachineEvent, execute(1, 0xf03n))).toEqual([])
})

test('a handler through a trap gate leaves interrupts on', () => {
  const data = build(execute(1, 0xf00n), { ...deliver(1, 'int3', 0x7f00n), ifAfter: true } as MachineEvent).data()
  expect(data.shades).toEqual([])
})

const LOOP = [0n, 3n, 6n, 8n].map((offset) => PATCHER + offset)
/** 1: cmp [acks], 2; je done; pause; jmp 1b */
const turn = (): MachineEvent[][] => [
  [execute(0, LOOP[0] as bigint, 'cmp'), load(0, ACKS)],
  [execute(0, LOOP[1] as bigint, 'je')],
  [execute(0, LOOP[2] as bigint, 'pause')],
  [execute(0, LOOP[3] as bigint, 'jmp')],
]

test('a pause loop is a wait, named after what it looks at, until the CPU executes something outside it', () => {
  const done = PATCHER + 10n
  const data = build(execute(0, PATCHER - 4n + 4n), ...turn(), ...turn(), ...turn().slice(0, 2), execute(0, done)).data()
  expect(lane(data, 0)).toEqual(['0 text_poke 0-3', '0 waits for acks 3-11', '0 text_poke 11-…'])
  expect(data.spans.map((span) => span.kind)).toEqual(['code', 'wait', 'code'])
})

test('a loop without pause is a wait after two turns that load from the same places; a search through memory is none', () => {
  const spin = (at: bigint): MachineEvent[][] => [[execute(0, PATCHER, 'cmp'), load(0, at)], [execute(0, PATCHER + 4n, 'jne')]]
  const waits = build(...spin(ACKS), ...spin(ACKS), ...spin(ACKS)).data()
  expect(lane(waits, 0)).toEqual(['0 text_poke 0-4', '0 waits for acks 4-…'])
  const searches = build(...spin(ACKS), ...spin(ACKS + 4n), ...spin(ACKS + 8n), ...spin(ACKS + 12n)).data()
  expect(lane(searches, 0)).toEqual(['0 text_poke 0-…'])
  const stores = build(...[0, 1, 2, 3].flatMap(() => [...spin(ACKS), [execute(0, PATCHER + 2n), store(0, ACKS, 1n)]])).data()
  expect(lane(stores, 0)).toEqual(['0 text_poke 0-…'])
})

test('a handler that interrupts a wait loop does not end the wait', () => {
  const data = build(
    ...turn(),
    ...turn(),
    deliver(0, 'irq', 0x7f00n),
    execute(0, IPI),
    [execute(0, IPI + 4n, 'iretq'), iret(0, 0x7f28n, LOOP[0] as bigint)],
    ...turn(),
  ).data()
  expect(lane(data, 0)).toEqual(['0 text_poke 0-2', '0 waits for acks 2-…', '1 IRQ 0xfb 8-11', '2 do_sync_core 9-11'])
})

test('the source may say what is waited for', () => {
  const builder = new TimelineBuilder(LANES, { ...NAMES, wait: () => 'waits until all have synchronised' })
  for (const events of [...turn(), ...turn()]) builder.append(0, events, MOMENT)
  expect(lane(builder.data(), 0)[1]).toBe('0 waits until all have synchronised 2-…')
})

test('an IPI is on its way from its sending until the target takes it; its acknowledgement until the sender looks', () => {
  const builder = build(execute(0, PATCHER), [execute(0, PATCHER + 2n, 'wrmsr'), sendIpi(0, 1)])
  expect(arrows(builder.data(), 'ipi')).toEqual(['0@1 → 1@null'])
  for (const events of [
    [deliver(1, 'irq', 0x7f00n)],
    [execute(1, IPI), store(1, ACKS, 1n)],
    [visible(1, ACKS, 1n)],
    [execute(0, PATCHER + 4n), load(0, ACKS)],
    [execute(0, PATCHER + 6n), load(0, ACKS)],
  ]) {
    builder.append((events[0] as MachineEvent).cpu, events, MOMENT)
  }
  const data = builder.data()
  expect(arrows(data, 'ipi')).toEqual(['0@1 → 1@2'])
  expect(arrows(data, 'ack')).toEqual(['1@4 → 0@5'])
  expect(arrows(data, 'visible')).toEqual(['1@3 → 1@4'])
  expect(marks(data, 0)).toEqual(['1 ipi-sent: IPI 0xfb to CPU 1'])
  expect(marks(data, 1)).toEqual(['2 ipi-taken: IPI 0xfb', '3 store: acks = 1', '4 ack: acks = 1'])
  expect(lane(data, 1)[0]).toBe('1 IPI 0xfb 2-…')
})

test('two IPIs that merged arrive together', () => {
  const data = build([sendIpi(0, 1)], [sendIpi(0, 1)], [deliver(1, 'irq', 0x7f00n)]).data()
  expect(arrows(data, 'ipi')).toEqual(['0@0 → 1@2', '0@1 → 1@2'])
})

test('a stale fetch points to the stores that it missed, the last one to each byte that differs', () => {
  const data = build(
    [execute(0, PATCHER), store(0, SITE, 0xccn, true)],
    visible(0, SITE, 0xccn, true),
    visible(0, SITE + 1n, 0x1ffbn, true, 4),
    visible(0, SITE, 0xe8n, true),
    atSite(1, OLD, true),
    atSite(1, [0xcc], true),
  ).data()
  // OLD has the right first byte again, but not the new tail; int3 misses the last store to the first byte.
  expect(arrows(data, 'missed-store')).toEqual(['0@2 → 1@4', '0@3 → 1@5'])
  expect(marks(data, 0)).toEqual(['0 store: cc → site', '1 visible: cc → site', '2 visible: fb 1f 00 00 → site', '3 visible: e8 → site'])
  expect(marks(data, 1)).toEqual(['4 stale: e8 fb 0f 00 00 at site', '5 stale: cc at site'])
})

test('a halted CPU is woken into the function that it halted in', () => {
  const data = build([execute(1, 0xf00n, 'hlt'), { kind: 'halt', cpu: 1 }], execute(0, PATCHER), deliver(1, 'irq', 0x7f00n), execute(1, IPI)).data()
  expect(lane(data, 1)).toEqual(['0 halted 0-2', '0 caller 2-…', '1 IRQ 0xfb 2-…', '2 do_sync_core 3-…'])
})

test('a stopped CPU stays so', () => {
  const stop: MachineEvent = { kind: 'stop', cpu: 1, reason: 'exception', vector: 14, detail: '' }
  const data = build(execute(1, 0xf00n), [execute(1, 0x123456n), stop], execute(0, PATCHER)).data()
  expect(lane(data, 1)).toEqual(['0 caller 0-1', '0 stopped: #PF 1-…'])
  expect(marks(data, 1)).toEqual(['1 stop: #PF'])
})

test('phases are contiguous runs of what the patcher executes; helpers without a phase belong to the present one', () => {
  const data = build(execute(0, PATCHER), execute(1, 0xf00n), execute(0, SYNC_CORE), execute(0, PATCHER + 8n), execute(0, PATCHER + 0x100n), [
    execute(0, PATCHER + 0x104n, 'hlt'),
    { kind: 'halt', cpu: 0 },
  ]).data()
  expect(data.phases).toEqual([
    { start: 0, end: 4, label: 'int3' },
    { start: 4, end: 5, label: 'tail' },
  ])
})

test('a violation is marked at its step, and forgotten with it', () => {
  const builder = build(execute(1, 0xf00n), execute(1, 0xf01n), execute(1, 0xf02n))
  builder.violation(1, 1, 'no-oops')
  expect(builder.data().violation).toEqual({ step: 1, cpu: 1, property: 'no-oops' })
  expect(marks(builder.data(), 1)).toEqual(['1 violation: no-oops'])
  builder.truncate(2)
  expect(builder.data().violation).not.toBeNull()
  builder.truncate(1)
  expect(builder.data().violation).toBeNull()
})

test.each([1, 2, 3, 4, 5, 6, 7, 8])('cut back anywhere and continued, a build equals a fresh one (seed %i)', (seed) => {
  const random = new Random(seed)
  const steps = Array.from({ length: 300 }, () => anyStep(random, 3))
  const lanes = [0, 1, 2].map((cpu) => ({ cpu, role: cpu === 0 ? 'patcher' : 'caller', interrupts: cpu !== 2 }))
  const fresh = (count: number) => {
    const builder = new TimelineBuilder(lanes, NAMES)
    for (const { cpu, events } of steps.slice(0, count)) builder.append(cpu, events, MOMENT)
    return builder.data()
  }
  const builder = new TimelineBuilder(lanes, NAMES)
  let at = 0
  for (let round = 0; round < 30; round++) {
    const to = random.below(steps.length + 1)
    if (to < at) builder.truncate(to)
    else for (const { cpu, events } of steps.slice(at, to)) builder.append(cpu, events, MOMENT)
    at = to
    expect(builder.data(), `seed ${seed}, round ${round}`).toEqual(fresh(to))
  }
})

test.each([11, 12, 13, 14])(
  'spans of one row never overlap, deeper ones lie inside shallower ones, all in order of their start (seed %i)',
  (seed) => {
    const random = new Random(seed)
    const builder = new TimelineBuilder(LANES, NAMES)
    for (let i = 0; i < 400; i++) {
      const { cpu, events } = anyStep(random, 2)
      builder.append(cpu, events, MOMENT)
    }
    const data = builder.data()
    for (let i = 1; i < data.spans.length; i++) expect((data.spans[i] as Span).start).toBeGreaterThanOrEqual((data.spans[i - 1] as Span).start)
    for (const a of data.spans) {
      expect(a.start < a.end && a.end <= data.steps).toBe(true)
      for (const b of data.spans) {
        if (a === b || a.cpu !== b.cpu || b.start >= a.end || a.start >= b.end) continue
        expect(a.depth, `seed ${seed}: ${JSON.stringify([a, b])}`).not.toBe(b.depth)
        const [outer, inner] = a.depth < b.depth ? [a, b] : [b, a]
        if (inner.depth % 2 === 0)
          expect(inner.start >= outer.start && inner.end <= outer.end, `seed ${seed}: ${JSON.stringify([outer, inner])}`).toBe(true)
      }
    }
  },
)

test('items that have ended are the same objects in later pictures', () => {
  const builder = build(execute(1, 0xf00n), atSite(1, OLD), execute(1, 0xf08n))
  const before = builder.data()
  builder.append(1, [execute(1, CALLEE_B)], MOMENT)
  const after = builder.data()
  expect(after.spans[0]).toBe(before.spans[0])
  expect(after.marks[0]).toBe(before.marks[0])
})
