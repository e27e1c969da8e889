import { expect, test } from 'vitest'
import { Random } from '../lib/random.ts'
import { TimelineBuilder } from './build.ts'
import { anyStep, NAMES } from './fixtures/events.ts'
import { syntheticRun } from './fixtures/synthetic.ts'
import type { TimelineData } from './model.ts'
import { applyUpdate, diffTimeline } from './update.ts'

const MOMENT = { kind: 'retired', waiting: false }

test('a whole picture crosses unchanged', () => {
  const data = syntheticRun(1, 4, 3000)
  expect(applyUpdate(null, structuredClone(diffTimeline(null, data)))).toEqual(data)
})

test.each([1, 2, 3, 4, 5])('updates of a trace that grows, is cut back and grows otherwise give the same pictures (seed %i)', (seed) => {
  const random = new Random(seed)
  const builder = new TimelineBuilder(
    [0, 1, 2].map((cpu) => ({ cpu, role: 'patcher' })),
    NAMES,
  )
  let sent: TimelineData | null = null
  let shown: TimelineData | null = null
  for (let round = 0; round < 60; round++) {
    if (random.below(3) === 0) builder.truncate(random.below(builder.steps + 1))
    for (let i = random.below(20); i > 0; i--) {
      const { cpu, events } = anyStep(random, 3)
      builder.append(cpu, events, MOMENT)
    }
    if (random.below(8) === 0 && builder.steps > 0) builder.violation(random.below(builder.steps), 1, 'no-oops')
    const data = builder.data()
    shown = applyUpdate(shown, structuredClone(diffTimeline(sent, data)))
    sent = data
    expect(shown, `seed ${seed}, round ${round}`).toEqual(data)
  }
})

test('one more step of a long run sends little', () => {
  const builder = new TimelineBuilder([{ cpu: 0, role: 'patcher' }], NAMES)
  const random = new Random(7)
  for (let i = 0; i < 2000; i++) builder.append(0, anyStep(random, 1).events, MOMENT)
  const before = builder.data()
  builder.append(0, anyStep(random, 1).events, MOMENT)
  const update = diffTimeline(before, builder.data())
  const integers = [update.spans, update.shades, update.marks, update.arrows, update.phases].reduce((sum, { records }) => sum + records.length, 0)
  expect(integers).toBeLessThan(400)
  expect(update.movers.length).toBe(1)
})
