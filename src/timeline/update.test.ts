import { expect, test } from 'vitest'
import { Random } from '../lib/random.ts'
import { TimelineBuilder } from './build.ts'
import { anyStep, NAMES } from './fixtures/events.ts'
import { syntheticRun } from './fixtures/synthetic.ts'
import type { TimelineData } from './model.ts'
import { applyUpdate, type TimelineUpdate, wholeTimeline } from './update.ts'

const MOMENT = { kind: 'retired', waiting: false }

/** Without spans and phases that ended in the step in which they began: a fresh picture leaves them out. */
function shownOf(data: TimelineData): TimelineData {
  const lasting = <T extends { readonly start: number; readonly end: number }>(list: readonly T[]) => list.filter(({ start, end }) => end > start)
  return { ...data, spans: lasting(data.spans), phases: lasting(data.phases) }
}

test('a whole picture crosses unchanged', () => {
  const data = syntheticRun(1, 4, 3000)
  expect(applyUpdate(null, structuredClone(wholeTimeline(data)))).toEqual(data)
})

test.each([1, 2, 3, 4, 5, 6])('updates of a trace that grows, is cut back and grows otherwise give the same pictures (seed %i)', (seed) => {
  const random = new Random(seed)
  const builder = new TimelineBuilder(
    [0, 1, 2].map((cpu) => ({ cpu, role: 'patcher' })),
    NAMES,
  )
  let shown: TimelineData | null = null
  for (let round = 0; round < 80; round++) {
    if (random.below(3) === 0) builder.truncate(random.below(builder.steps + 1))
    for (let i = random.below(20); i > 0; i--) {
      const { cpu, events } = anyStep(random, 3)
      builder.append(cpu, events, MOMENT)
      if (random.below(60) === 0) builder.violation(builder.steps - 1, cpu, 'no-oops')
    }
    // Late: long after the step.
    if (random.below(16) === 0 && builder.steps > 0) builder.violation(random.below(builder.steps), 1, 'no-oops')
    shown = applyUpdate(shown, structuredClone(builder.update()))
    expect(shownOf(shown), `seed ${seed}, round ${round}`).toEqual(shownOf(builder.data()))
  }
})

test('a picture that was handed out stays usable when an older one is continued otherwise', () => {
  const builder = new TimelineBuilder([{ cpu: 0, role: 'patcher' }], NAMES)
  const random = new Random(3)
  for (let i = 0; i < 50; i++) builder.append(0, anyStep(random, 1).events, MOMENT)
  const first = applyUpdate(null, builder.update())
  for (let i = 0; i < 50; i++) builder.append(0, anyStep(random, 1).events, MOMENT)
  const update = builder.update()
  const second = applyUpdate(first, update)
  expect(applyUpdate(first, update)).toEqual(second)
  builder.truncate(60)
  const third = applyUpdate(second, builder.update())
  expect([first.steps, second.steps, third.steps]).toEqual([50, 100, 60])
  expect(second.movers.length).toBe(100)
  expect(third.spans).not.toBe(second.spans)
})

test('one more step of a long run sends little', () => {
  const builder = new TimelineBuilder([{ cpu: 0, role: 'patcher' }], NAMES)
  const random = new Random(7)
  const integers = ({ spans, shades, marks, arrows, phases, movers, executed, loaded }: TimelineUpdate) =>
    [spans, shades, marks, arrows, phases].reduce((sum, { records, changed }) => sum + records.length + changed.length, 0) +
    movers.length +
    executed.length +
    loaded.length
  for (let i = 0; i < 2000; i++) builder.append(0, anyStep(random, 1).events, MOMENT)
  builder.update()
  let most = 0
  for (let i = 0; i < 100; i++) {
    builder.append(0, anyStep(random, 1).events, MOMENT)
    most = Math.max(most, integers(builder.update()))
  }
  expect(most).toBeLessThan(400)
})
