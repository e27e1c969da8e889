import { expect, test } from 'vitest'
import { framesOf, storyboard } from './storyboard.ts'
import { aCpu, aTimeline, aView, FakeClient } from './testing.ts'

const WISHES = { title: 'one, sync1=off', name: 'one-storyboard.html', link: 'http://host/#v=1&s=one', site: 0 }
const timeline = (labels: readonly string[]) => ({
  ...aTimeline([0, 0, 0]),
  phases: labels.map((label, i) => ({ start: i, end: i + 1, label })),
})

test('a race is told by its decisive moments, any other run by its phases, and one without phases by where it stands', () => {
  const race = {
    ...aView({ movers: [0, 1, 1] }),
    moments: [
      { step: 2, cpu: 0, kind: 'missed' as const, text: 'CPU 0 stores', meaning: { basis: 'architecture' as const, says: 'It is late.' } },
      { step: 3, cpu: 1, kind: 'violation' as const, text: 'CPU 1 dies.', meaning: { basis: 'architecture' as const, says: null } },
    ],
  }
  expect(framesOf(race as never, timeline(['int3'])).map(({ step, says }) => [step, says])).toEqual([
    [0, 'Nothing has happened yet.'],
    [2, 'CPU 0 stores. It is late.'],
    [3, 'CPU 1 dies.'],
  ])
  expect(framesOf(aView({ movers: [0, 1, 1] }), timeline(['int3', 'tail'])).map(({ heading }) => heading)).toEqual([
    'At the start',
    'Step 1: int3',
    'Step 2: tail',
  ])
  expect(framesOf(aView({ movers: [0, 1, 1] }), timeline([])).map(({ step }) => step)).toEqual([0, 3])
  expect(framesOf(aView(), timeline([])).map(({ step }) => step)).toEqual([0])
})

test('the machine is asked for all of them at once, and a long row of phases is cut and says so', async () => {
  const stepper = new FakeClient()
  const labels = Array.from({ length: 30 }, (_, i) => `phase ${i} <b>`)
  const made = storyboard(stepper, aView({ movers: [0, 1, 1] }), timeline(labels), WISHES)
  expect(stepper.last).toEqual({ kind: 'snapshots', steps: Array.from({ length: 16 }, (_, i) => i) })
  const { snapshot } = aView()
  await stepper.answer({
    kind: 'snapshots',
    snapshots: Array.from({ length: 16 }, () => ({ ...snapshot, said: 'CPU 0 <did> it.', cpus: [aCpu(0)] })),
  })
  const { text, type } = await made
  expect(type).toBe('text/html')
  expect(text.match(/<section>/g)).toHaveLength(16)
  expect(text).toContain('The first 16 of 31 moments.')
  expect(text).toContain('phase 3 &lt;b&gt;')
  expect(text).toContain('CPU 0 &lt;did&gt; it.')
  expect(text).toContain('href="http://host/#v=1&amp;s=one"')
  // Each drawing has a pattern of its own.
  expect(new Set(text.match(/id="stale-\d+"/g)).size).toBe(16)
})
