import { describe, expect, test } from 'vitest'
import linux from '../atlas/recordings/linux-6.1-batches.json'
import { bytesToHex } from '../lib/bytes.ts'
import { hex } from '../lib/u64.ts'
import { batchOrder, int3Answers, parseRecording, type RecordedBatch, type Recording, resolve } from './recording.ts'

function recorded(): Recording {
  const result = parseRecording(linux)
  if (!result.ok) throw new Error(result.error)
  return result.value
}

const GETPPID = 0xffff_ffff_810b_e3a0n

describe('four batches of Linux 6.1', () => {
  const recording = recorded()
  const { batches } = recording

  test('are a jump-label batch of two sites and three batches of one call site', () => {
    expect(batches.map(({ what, sites, events }) => [what, sites.length, events.length])).toEqual([
      ['jump label 2 sites', 2, 42],
      ['a:0f->e8', 1, 155],
      ['a:e8->e8', 1, 165],
      ['a:e8->0f', 1, 107],
    ])
    expect(
      batches.flatMap(({ sites }) =>
        sites.map(({ address, old, new: fresh, emulate }) => [hex(address), bytesToHex(old), bytesToHex(fresh), hex(emulate)]),
      ),
    ).toEqual([
      ['0xffffffff810df8ae', '6690', 'eb44', '0xeb'],
      ['0xffffffff810e1984', '0f1f440000', 'e91f010000', '0xe9'],
      ['0xffffffff810be3a0', '0f1f440000', 'e85b2c143f', '0xe8'],
      ['0xffffffff810be3a0', 'e85b2c143f', 'e8bb82fbff', '0xe8'],
      ['0xffffffff810be3a0', 'e85b2c143f', '0f1f440000', '0xe9'],
    ])
  })

  test('go somewhere, by the bytes of the new instruction', () => {
    expect(batches.flatMap(({ sites }) => sites.map(({ target, destination }) => [target, destination === null ? null : hex(destination)]))).toEqual([
      ['ttwu_do_wakeup+0x64', '0xffffffff810df8f4'],
      ['try_to_wake_up+0x3a8', '0xffffffff810e1aa8'],
      ['module-area+0x20201000', '0xffffffffc0201000'],
      ['ftrace_caller', '0xffffffff81076660'],
      ['__x64_sys_getppid+0x5', '0xffffffff810be3a5'],
    ])
  })

  test('give their symbols a value: the function begins at its site, modules where modules begin', () => {
    expect(recording.symbols.get('__x64_sys_getppid')).toBe(GETPPID)
    expect(recording.symbols.get('module-area')).toBe(0xffff_ffff_a000_0000n)
    expect(resolve(recording, '__x64_sys_getppid+0x5')).toBe(GETPPID + 5n)
    expect(resolve(recording, '0x10')).toBe(16n)
    expect(resolve(recording, 'schedule')).toBe(null)
  })

  test('resume, by symbol, exactly where the bytes of the new instruction go', () => {
    let returns = 0
    for (const { sites, events } of batches) {
      for (const event of events) {
        if (event.event !== 'int3 return') continue
        const site = sites.find(({ address }) => address === event.site)
        expect(resolve(recording, event.resume)).toBe(site?.destination)
        expect(event.resume).toBe(site?.target)
        returns++
      }
    }
    expect(returns).toBe(163)
  })

  test('a call pushes the address behind the site, anything else pushes nothing', () => {
    const answers = batches.map((batch) =>
      int3Answers(recording, batch).map(({ site, resume, spDelta, pushed }) => [hex(site), resume && hex(resume), spDelta, pushed && hex(pushed)]),
    )
    expect(answers).toEqual([
      [['0xffffffff810df8ae', '0xffffffff810df8f4', 0, null]],
      [['0xffffffff810be3a0', '0xffffffffc0201000', -8, '0xffffffff810be3a5']],
      [['0xffffffff810be3a0', '0xffffffff81076660', -8, '0xffffffff810be3a5']],
      [['0xffffffff810be3a0', '0xffffffff810be3a5', 0, null]],
    ])
  })

  test('the patcher writes all first bytes, syncs, all tails, syncs, all first bytes, syncs, and ends', () => {
    const order = batches.map((batch) =>
      batchOrder(batch).map((action) =>
        action.kind === 'write'
          ? `${hex(action.site & 0xffffn)}+${action.offset} ${action.stored}`
          : `${action.kind} ${'sync' in action ? action.sync : ''}`.trim(),
      ),
    )
    const sync = (n: number) => [`sync begin ${n}`, `sync done ${n}`]
    expect(order[0]).toEqual([
      '0xf8ae+0 cc',
      '0x1984+0 cc',
      ...sync(1),
      '0xf8ae+1 44',
      '0x1984+1 1f010000',
      ...sync(2),
      '0xf8ae+0 eb',
      '0x1984+0 e9',
      ...sync(3),
      'end',
    ])
    expect(order[3]).toEqual(['0xe3a0+0 cc', ...sync(1), '0xe3a0+1 1f440000', ...sync(2), '0xe3a0+0 0f', ...sync(3), 'end'])
  })

  test('every sync reaches every CPU once before it is done', () => {
    for (const batch of batches) {
      for (const sync of [1, 2, 3]) {
        const of = (event: string) => batch.events.filter((each) => each.event === event && 'sync' in each && each.sync === sync)
        expect(
          of('sync taken')
            .map(({ cpu }) => cpu)
            .sort(),
        ).toEqual([0, 1, 2, 3])
        expect(
          of('sync ipi taken')
            .map(({ cpu }) => cpu)
            .sort(),
        ).toEqual([1, 2, 3])
        expect(of('sync done')[0]?.seq).toBeGreaterThan(Math.max(...of('sync taken').map(({ seq }) => seq)))
      }
    }
  })
})

describe('mistakes are named with their place', () => {
  const damaged = (change: (copy: { batches: { events: Record<string, unknown>[] }[] }) => void) => {
    const copy = structuredClone(linux) as unknown as { batches: { events: Record<string, unknown>[] }[] }
    change(copy)
    const result = parseRecording(copy)
    return result.ok ? null : result.error
  }
  const target = (batch: number, target: string) =>
    set(batch, 0, { sites: linux.batches[batch]?.events[0]?.sites?.map((site) => ({ ...site, target })) })
  const set = (batch: number, index: number, fields: Record<string, unknown>) =>
    damaged(({ batches }) => Object.assign(batches[batch]?.events[index] as object, fields))

  test.each([
    [() => parseRecording(null), /^the recording: /],
    [() => parseRecording({ kernel: 'x', machine: 'y' }), /^batches: /],
  ])('something else altogether', (parse, message) => {
    expect(parse()).toEqual({ ok: false, error: expect.stringMatching(message) })
  })

  test.each([
    [() => set(0, 1, { event: 'write' }), /^batches\[0\]\.events\[1\]\.event: /],
    [() => set(0, 1, { site: 'here' }), /^batches\[0\]\.events\[1\]\.site: must be an address/],
    [() => set(1, 5, { seq: 3 }), /^batches\[1\]\.events\[5\]\.seq: 3 does not come after/],
    [() => set(0, 1, { stored: 'c' }), /^batches\[0\]\.events\[1\]\.stored: must be bytes/],
    [() => set(0, 1, { offset: 2 }), /^batches\[0\]\.events\[1\]: writes beyond its site/],
    [() => set(0, 1, { site: '0x10' }), /^batches\[0\]\.events\[1\]\.site: 0x10 is no site of this batch/],
    [() => set(0, 0, { nr: 3 }), /^batches\[0\]\.events\[0\]: nr is 3, but there are 2 sites/],
    [() => damaged(({ batches }) => void batches[2]?.events.shift()), /^batches\[2\]\.events\[0\]: must be "batch begin"/],
    [() => damaged(({ batches }) => void batches[2]?.events.pop()), /^batches\[2\]\.events\[163\]: must be "batch end"/],
    [
      () => target(3, 'ftrace_caller'),
      /^batches\[3\]\.events\[0\]\.sites\[0\]\.target: ftrace_caller makes ftrace_caller 0xffffffff810be3a5, but an earlier site made it 0xffffffff81076660/,
    ],
  ])('in a real one (%#)', (change, message) => {
    expect(change()).toMatch(message)
  })

  test('an answer whose symbol no site explains has no address', () => {
    const recording = recorded()
    const [, batch] = recording.batches as [RecordedBatch, RecordedBatch]
    const events = batch.events.map((event) => (event.event === 'int3 return' ? { ...event, resume: 'elsewhere' } : event))
    expect(int3Answers(recording, { ...batch, events })).toEqual([{ site: GETPPID, resume: null, spDelta: -8, pushed: GETPPID + 5n }])
  })
})
