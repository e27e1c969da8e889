import { expect, test } from 'vitest'
import { Random } from '../lib/random.ts'
import { TimelineBuilder } from './build.ts'
import { anyStep, NAMES } from './fixtures/events.ts'
import { indexTimeline, type Points, type Stretches, type TimelineIndex } from './index.ts'
import { applyUpdate } from './update.ts'

/** All that an index says, without how it says it. */
function told({ lanes, arrows, phases, moves }: TimelineIndex): unknown {
  const stretches = ({ start, end, item, ranks }: Stretches) => [...start].map((from, i) => [from, end[i], item[i], ranks.at(i)])
  const points = ({ step, item, ranks }: Points) => [...step].map((at, i) => [at, item[i], ranks.at(i), ranks.max(0, i + 1)])
  return {
    lanes: lanes.map((lane) => ({
      ...lane,
      depths: lane.depths.map(stretches),
      marks: points(lane.marks),
      if0: stretches(lane.if0),
      nmiBlocked: stretches(lane.nmiBlocked),
      shadow: stretches(lane.shadow),
    })),
    arrows: arrows.map(({ kind, start, end, item, reach }) => ({ kind, start: [...start], end: [...end], item: [...item], reach: [...reach] })),
    phases: stretches(phases),
    moves: [...moves],
  }
}

test.each([1, 2, 3, 4, 5, 6])('an index that has grown with its trace equals a fresh one, also where the trace was cut back (seed %i)', (seed) => {
  const random = new Random(seed)
  const builder = new TimelineBuilder(
    [0, 1, 2].map((cpu) => ({ cpu, role: cpu === 0 ? 'patcher' : 'caller' })),
    NAMES,
  )
  let data = applyUpdate(null, builder.update())
  let index = indexTimeline(data)
  for (let round = 0; round < 80; round++) {
    if (random.below(10) === 0) builder.truncate(random.below(builder.steps + 1))
    for (let i = random.below(round % 8 === 0 ? 200 : 4); i > 0; i--) {
      const { cpu, events } = anyStep(random, 3)
      builder.append(cpu, events, { kind: 'retired', waiting: false })
    }
    if (random.below(12) === 0 && builder.steps > 0) builder.violation(builder.steps - 1, 1, 'no-oops')
    data = applyUpdate(data, builder.update())
    const earlier = index
    const before = told(earlier)
    index = indexTimeline(data, earlier)
    expect(told(index), `seed ${seed}, round ${round}`).toEqual(told(indexTimeline(data)))
    // The earlier index still knows as many items as it did.
    expect((before as { lanes: unknown[] }).lanes.length).toBe(earlier.lanes.length)
  }
})
