import { expect, test } from 'vitest'
import { timelineAfter } from '../worker/client.ts'
import { defaultChoice } from './default-choice.ts'
import { aChoice, aTimeline, aView } from './testing.ts'

const spin = (cpu: number, start: number, end: number) => ({
  cpu,
  start,
  end,
  open: true,
  depth: 0,
  kind: 'wait' as const,
  label: 'waits',
  meaning: null,
  stale: false,
})

test('the CPU that moved last goes on', () => {
  const view = aView({ movers: [0, 1] })
  expect(defaultChoice(view, timelineAfter(null, view))).toBe(1)
})

test('what is pending is taken before the next instruction, a store leaves its buffer after it', () => {
  const view = aView({ movers: [0], choices: [aChoice(0, 'drain'), aChoice(0, 'step'), aChoice(0, 'irq')] })
  expect(defaultChoice(view, timelineAfter(null, view))).toBe(2)
  const plain = aView({ movers: [0], choices: [aChoice(0, 'drain'), aChoice(0, 'step')] })
  expect(defaultChoice(plain, timelineAfter(null, plain))).toBe(1)
})

test('a CPU that spins passes on to the next one', () => {
  const view = aView({ movers: [0, 0, 0] })
  expect(defaultChoice(view, aTimeline([0, 0, 0], [spin(0, 1, 3)]))).toBe(1)
})

test('where all spin, a buffered store becomes visible: they may wait for it', () => {
  const view = aView({ movers: [0, 1], choices: [aChoice(0), aChoice(0, 'drain'), aChoice(1)] })
  expect(defaultChoice(view, aTimeline([0, 1], [spin(0, 0, 2), spin(1, 1, 2)]))).toBe(1)
})

test('the environment acts only when nothing else can', () => {
  const view = aView({ movers: [0], choices: [aChoice(0, 'nmi-arrives'), aChoice(1)] })
  expect(defaultChoice(view, timelineAfter(null, view))).toBe(1)
  const lonely = aView({ movers: [0], choices: [aChoice(0, 'nmi-arrives')] })
  expect(defaultChoice(lonely, timelineAfter(null, lonely))).toBe(0)
})

test('where nothing can happen there is no default', () => {
  const view = aView({ choices: [] })
  expect(defaultChoice(view, timelineAfter(null, view))).toBe(-1)
})
