import { expect, test } from 'vitest'
import { ByteHistory } from './byte-history.ts'
import { detailsOf } from './details.ts'
import { raceTimeline } from './fixtures/race.ts'
import { syntheticBuilder, syntheticSteps } from './fixtures/synthetic.ts'
import { indexTimeline } from './index.ts'
import type { MarkKind } from './model.ts'
import { areaSelection, arrowSelection, bytesSelection, markSelection, type Selection, spanSelection, stepSelection } from './selection.ts'
import { applyUpdate } from './update.ts'

const race = raceTimeline()
const index = indexTimeline(race)

function told(selection: Selection, cursor = race.steps): string[] {
  const bytes = selection.kind === 'bytes' ? new ByteHistory(selection.address as string, selection.size).goOn(race) : null
  const { title, rows } = detailsOf(index, selection, cursor, bytes)
  return [title, ...rows.map(({ label, text, to }) => `${label}: ${text}${to === null ? '' : ` → ${to.kind} ${(to.from ?? 0) + 1}`}`)]
}

const mark = (kind: MarkKind, cpu: number) =>
  markSelection(
    race,
    race.marks.findIndex((each) => each.kind === kind && each.cpu === cpu),
  )

test('a torn fetch says which bytes it executed, and which store it missed', () => {
  expect(told(mark('torn', 1))).toEqual([
    'CPU 1, step 41: neither old nor new executed: e8 fb 1f 11 00 at site',
    'bytes: e8 fb 1f 11 00 at caller+0x100 (0x1000)',
    'missed: cc → site, visible since CPU 0, step 17 → mark 17',
  ])
})

test('a visible store says when it was issued, and who missed it; an interrupt, who took it and when', () => {
  expect(told(mark('visible', 0)).slice(1)).toEqual(['bytes: 01 00 00 00 00 00 00 00 at acks+0x100 (0x9100)', 'issued: CPU 0, step 4 → mark 4'])
  const int3 = race.marks.findIndex(({ kind, bytes }) => kind === 'visible' && bytes === 'cc')
  expect(told(markSelection(race, int3)).at(-1)).toBe('missed by: CPU 1, step 41 → mark 41')
  expect(told(mark('ipi-taken', 2)).at(-1)).toBe('sent by: CPU 0, step 32 → mark 32')
  expect(told(mark('ipi-sent', 0)).at(-1)).toBe('taken by: not yet by CPU 1')
})

test('bytes say who wrote them and who has them, as of the cursor', () => {
  expect(told(bytesSelection('0x1000', 1))).toEqual([
    'Byte at 0x1000 (caller+0x100)',
    'written by: CPU 0, step 17: cc → mark 17',
    'fetched and executed by: CPU 1, step 41: e8 (neither old nor new) → mark 41',
    'fetched and executed by: CPU 2, step 22: cc → mark 22',
  ])
  expect(told(bytesSelection('0x1000', 1, 2), 12)).toEqual([
    'Byte at 0x1000 (caller+0x100), as CPU 2 has it',
    'written by: nobody yet: it is as it was at the start',
    'written next by: CPU 0, step 17: cc → mark 17',
    'fetched and executed by: CPU 2, step 10: e8 → mark 10',
  ])
  // The tail is in the store buffer at step 27.
  expect(told(bytesSelection('0x1003', 1, 0), 27)).toContain('in a store buffer: CPU 0, step 26 → mark 26')
  expect(told(bytesSelection('0x9000', 4)).some((line) => line.startsWith('loaded by: CPU 0'))).toBe(true)
  expect(told(bytesSelection('0x7777', 1))).toEqual([
    'Byte at 0x7777',
    'written by: nobody yet: it is as it was at the start',
    'executed or loaded by: nobody',
  ])
})

test('a byte of a site says what it is now, and who may still fetch it as it was', () => {
  const byte = (...values: string[]) => ({ values: values.map((value) => ({ value })) })
  const sites = [
    {
      label: 'site',
      address: '0x1000',
      memory: [{ value: 'cc' }, { value: '1b' }],
      cpus: [
        { cpu: 0, bytes: [byte('cc'), byte('1b')] },
        { cpu: 2, bytes: [byte('cc', 'e8'), byte('1b')] },
      ],
    },
  ]
  const now = (address: string, size: number, cpu: number | null = null) => {
    const { title, rows } = detailsOf(index, bytesSelection(address, size, cpu), 0, null, sites)
    return [title, ...rows.map(({ label, text }) => `${label}: ${text}`)]
  }
  expect(now('0x1000', 1)).toEqual(['Byte cc at 0x1000 (caller+0x100)', 'may still fetch: CPU 2 (cc or e8)'])
  expect(now('0x1000', 1, 2)).toEqual([
    'Byte cc or e8 at 0x1000 (caller+0x100), as CPU 2 has it',
    'in memory: cc',
    'may still fetch: CPU 2 (cc or e8)',
  ])
  expect(now('0x1001', 1, 0)).toEqual(['Byte 1b at 0x1001 (caller+0x101), as CPU 0 has it', 'in memory: 1b', 'every CPU fetches: 1b'])
  expect(now('0x1000', 2)).toEqual(['2 bytes cc 1b at 0x1000 (caller+0x100)'])
  expect(now('0x1002', 1)).toEqual(['Byte at 0x1002'])
})

test('a span, an arrow, a step and an area say what is in them', () => {
  const span = race.spans.findIndex(({ label }) => label === '#BP')
  expect(told(spanSelection(race, span))).toEqual([
    'CPU 2, steps 22 to 44: #BP, breakpoint handler',
    'begins: caller+0x100 (0x1000) → step 22',
    'own steps: 7 of 23',
    'ends: step 44 → step 44',
  ])
  const missed = race.arrows.findIndex(({ kind }) => kind === 'missed-store')
  expect(told(arrowSelection(race, missed)).slice(1)).toEqual(['from: CPU 0, step 17 → mark 17', 'to: CPU 1, step 41 → mark 41'])
  expect(told(stepSelection(race, 32))).toEqual(['CPU 0, step 33: executed text_poke+0xa8 (0x80a8)', 'loaded from: acks (0x9000)'])
  const [phase] = race.phases
  if (phase === undefined) throw new Error('no phase')
  expect(told(areaSelection(phase.start, phase.end))[0]).toMatch(new RegExp(`^Phase ${phase.label}: Steps ${phase.start + 1} to ${phase.end}: `))
  expect(told(areaSelection(20, 21))[0]).toBe('Step 21')
  expect(told(areaSelection(20, 24))).toEqual(['Steps 21 to 24: 4 steps', 'moved: CPU 0: 0, CPU 1: 0, CPU 2: 4', 'breakpoint taken: 1 × → mark 22'])
})

test('the history of bytes goes on with its trace', () => {
  const builder = syntheticBuilder(3)
  let left = 4000
  let data = applyUpdate(null, builder.update())
  const grown = new ByteHistory('0x1002', 1)
  for (const { cpu, events } of syntheticSteps(5, 3)) {
    if (left-- === 0) break
    builder.append(cpu, events, { kind: 'retired', waiting: false })
    if (left % 777 === 0) {
      data = applyUpdate(data, builder.update())
      grown.goOn(data)
    }
  }
  data = applyUpdate(data, builder.update())
  grown.goOn(data)
  const fresh = new ByteHistory('0x1002', 1).goOn(data)
  expect([grown.writes, grown.fetches, grown.loads, grown.executions]).toEqual([fresh.writes, fresh.fetches, fresh.loads, fresh.executions])
  expect(fresh.writes.length).toBeGreaterThan(5)
  expect(fresh.fetches.length).toBeGreaterThan(20)
})
