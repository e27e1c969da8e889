import { expect, test } from 'vitest'
import { raceTimeline } from './fixtures/race.ts'
import { syntheticRun } from './fixtures/synthetic.ts'
import { arrowsAt, arrowsOfSelection, farEnd } from './following.ts'
import { neighbourMark } from './hit.ts'
import { indexTimeline } from './index.ts'
import type { Arrow, Mark, TimelineData } from './model.ts'
import { arrowSelection, isThere, markSelection, spanSelection, touches } from './selection.ts'

const race = raceTimeline()
const index = indexTimeline(race)

test('from mark to mark of a lane, one after the other where several are of one step, without ordinary passes', () => {
  const wanted = race.marks.flatMap((mark, i) => (mark.cpu === 1 && mark.kind !== 'fetch' ? [i] : []))
  const seen: number[] = []
  let cursor = 0
  for (let selection = null as ReturnType<typeof markSelection> | null; ; ) {
    const mark = neighbourMark(index, 1, cursor, selection, 1)
    if (mark === null) break
    seen.push(mark)
    selection = markSelection(race, mark)
    cursor = selection.to as number
  }
  expect(seen).toEqual(wanted)
  const back: number[] = []
  for (let mark: number | null = seen.at(-1) as number; mark !== null; ) {
    back.push(mark)
    const selection = markSelection(race, mark)
    mark = neighbourMark(index, 1, selection.to as number, selection, -1)
  }
  expect(back.reverse()).toEqual(wanted)
})

test('the arrows at a place are those that a look at each finds', () => {
  for (const data of [race, syntheticRun(3, 4, 3000)]) {
    const own = indexTimeline(data)
    for (let step = 0; step < data.steps; step += data === race ? 1 : 7) {
      for (const { cpu } of data.lanes) {
        const { leaving, arriving } = arrowsAt(own, cpu, step)
        const all = data.arrows.map((arrow, i) => ({ ...arrow, i }))
        expect([...leaving].sort()).toEqual(
          all
            .filter((each) => each.fromCpu === cpu && each.fromStep === step)
            .map(({ i }) => i)
            .sort(),
        )
        expect([...arriving].sort()).toEqual(
          all
            .filter((each) => each.toCpu === cpu && each.toStep === step)
            .map(({ i }) => i)
            .sort(),
        )
      }
    }
  }
})

test('an arrow leads from mark to mark, and back; what has not arrived leads nowhere', () => {
  const item = race.arrows.findIndex(({ kind }) => kind === 'missed-store')
  const { fromStep, toStep } = race.arrows[item] as Arrow
  const there = farEnd(index, item, true)
  expect(race.marks[there?.item ?? -1]).toMatchObject({ kind: 'torn', step: toStep, cpu: 1 })
  const back = farEnd(index, item, false)
  expect(race.marks[back?.item ?? -1]).toMatchObject({ kind: 'visible', step: fromStep, cpu: 0 })
  expect(arrowsOfSelection(index, there as NonNullable<typeof there>).arriving).toContain(item)
  expect(arrowsOfSelection(index, arrowSelection(race, item))).toEqual({ leaving: [item], arriving: [item] })
  const pending = race.arrows.findIndex(({ kind, toStep }) => kind === 'ipi' && toStep === null)
  expect(farEnd(index, pending, true)).toBeNull()
})

test('of a span, the arrows that leave and arrive while it lasts', () => {
  const item = race.spans.findIndex(({ label, cpu }) => label === 'IPI 0xfb' && cpu === 2)
  const { leaving, arriving } = arrowsOfSelection(index, spanSelection(race, item))
  expect(arriving.map((arrow) => race.arrows[arrow]?.kind)).toContain('ipi')
  expect(leaving.map((arrow) => race.arrows[arrow]?.kind)).toContain('ack')
})

test('a selection knows whether it is there still, and which bytes it touches', () => {
  const item = race.marks.findIndex(({ kind }) => kind === 'torn')
  const torn = markSelection(race, item)
  expect(torn).toMatchObject({ cpu: 1, address: '0x1000', size: 5, from: (race.marks[item] as Mark).step })
  expect(isThere(race, torn)).toBe(true)
  const other: TimelineData = { ...race, marks: race.marks.slice(0, item) }
  expect(isThere(other, torn)).toBe(false)
  expect(['0x1004', '0x1005', '0xfff', '0xffffffff81001000'].map((address) => touches(torn, address, 1))).toEqual([true, false, false, false])
})
