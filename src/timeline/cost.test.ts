import { expect, test } from 'vitest'
import { Random } from '../lib/random.ts'
import { costOf, costPicture, USES } from './cost.ts'
import { syntheticRun } from './fixtures/synthetic.ts'
import type { Span, TimelineData } from './model.ts'

const span = (cpu: number, start: number, end: number, kind: Span['kind']): Span => ({
  cpu,
  start,
  end,
  open: false,
  depth: 1,
  kind,
  label: kind,
  meaning: null,
  stale: false,
})

/** CPU 0 patches at even steps, CPU 1 calls at odd ones: in an int3 handler from 4 to 8, in an interrupt's from 8 to 12. */
const RUN: TimelineData = {
  steps: 16,
  lanes: [
    { cpu: 0, role: 'patcher' },
    { cpu: 1, role: 'caller' },
  ],
  spans: [span(1, 4, 8, 'bp'), span(1, 8, 12, 'irq')],
  shades: [],
  marks: [],
  arrows: [],
  phases: [],
  violation: null,
  movers: Uint8Array.from({ length: 16 }, (_, step) => step % 2),
}

test('steps are shared out among patcher, callers and their handlers', () => {
  expect(costOf(RUN, 4).bins).toEqual([
    { from: 0, int3: 0, interrupt: 0, patcher: 0.5, caller: 0.5 },
    { from: 4, int3: 0.5, interrupt: 0, patcher: 0.5, caller: 0 },
    { from: 8, int3: 0, interrupt: 0.5, patcher: 0.5, caller: 0 },
    { from: 12, int3: 0, interrupt: 0, patcher: 0.5, caller: 0.5 },
  ])
})

test('handlers stand on each other, up to the end of the run, and the scale is theirs', () => {
  const { areas, across, up } = costPicture(costOf(RUN, 4), 240, 40)
  // Nothing in the first bin; half of all steps from step 4 to 8, of a scale up to 60 %; the interrupt's behind it.
  expect(areas).toEqual([
    {
      use: 'int3',
      path: 'M0,40L40,40L40,6.7L80,6.7L80,40L120,40L120,40L160,40L160,40L160,40L160,40L120,40L120,40L80,40L80,40L40,40L40,40L0,40Z',
    },
    {
      use: 'interrupt',
      path: 'M0,40L40,40L40,6.7L80,6.7L80,6.7L120,6.7L120,40L160,40L160,40L160,40L160,40L120,40L120,40L80,40L80,6.7L40,6.7L40,40L0,40Z',
    },
  ])
  expect(across).toEqual([
    { at: 0, text: '0' },
    { at: 100, text: '10' },
  ])
  expect(up.map(({ text }) => text)).toEqual(['0%', '20%', '40%', '60%'])
})

test.each([1, 2, 3])('every bin is shared out whole (seed %d)', (seed) => {
  const random = new Random(seed)
  for (let i = 0; i < 20; i++) {
    const data = syntheticRun(seed, 1 + random.below(8), random.below(2000), false)
    const { bins } = costOf(data, 1 + random.below(300))
    for (const bin of bins) expect(USES.reduce((sum, use) => sum + bin[use], 0)).toBeCloseTo(1, 9)
  }
})
