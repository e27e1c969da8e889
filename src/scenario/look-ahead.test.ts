import { expect, test } from 'vitest'
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { type PackedChoice, parseSchedule } from '../machine/choice.ts'
import { build, type Instance } from './build.ts'
import { Exploration } from './explore.ts'
import type { Scenario } from './format.ts'
import { LookAhead } from './look-ahead.ts'

const LIMITS = { maxStates: 1e6, maxBytes: 1e9 }
const decode = createDecode()

function flagship(params: Record<string, string>): Instance {
  const built = build(atlas.get('text-poke') as Scenario, params, decode)
  if (!built.ok) throw new Error(built.error.join('\n'))
  return built.value
}

function searched(instance: Instance): Exploration {
  const created = Exploration.create(instance, LIMITS)
  if (!created.ok) throw new Error(created.error.join('\n'))
  while (created.value.run(1e6));
  return created.value
}

function ahead(instance: Instance, schedule: readonly PackedChoice[], limits = LIMITS) {
  const created = LookAhead.create(instance, schedule, limits)
  if (!created.ok) throw new Error(created.error.join('\n'))
  while (created.value.run(1e6));
  return created.value
}

test('along the shortest race, the race is as many steps ahead as are left, through the choice that the race takes', () => {
  const instance = flagship({ sync1: 'off', callers: '1' })
  const [race] = searched(instance).result().violations
  const { schedule } = parseSchedule(race?.schedule ?? '')
  for (const at of [0, 20, schedule.length - 2, schedule.length - 1]) {
    const { choices, answers } = ahead(instance, schedule.slice(0, at))
    const nearest = answers.filter((answer) => answer.kind === 'race')
    expect(Math.min(...nearest.map(({ steps }) => steps)), `from step ${at}`).toBe(schedule.length - at)
    expect(answers[choices.indexOf(schedule[at] as PackedChoice)]).toMatchObject({ kind: 'race', steps: schedule.length - at })
  }
})

test('safe is said only where all that can follow was visited', () => {
  const instance = flagship({ callers: '1' })
  expect(ahead(instance, []).answers.every(({ kind }) => kind === 'safe')).toBe(true)
  expect(ahead(instance, [], { ...LIMITS, maxStates: 100 }).answers.every(({ kind }) => kind === 'cut')).toBe(true)
})

test('a run traced through a space that was searched passes through some of its states, and a finished one through an outcome', () => {
  const instance = flagship({ callers: '1' })
  const exploration = searched(instance)
  const { states, outcomes } = exploration.result()
  const [sample] = outcomes
  const seen = new Set<number>()
  const ends = new Set<string>()
  exploration.trace(parseSchedule(sample?.schedule ?? '').schedule, seen, ends)
  expect([...ends]).toEqual([sample?.key])
  expect(seen.size).toBeGreaterThan(20)
  expect(Math.max(...seen)).toBeLessThan(states)
})
