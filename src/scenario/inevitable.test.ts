import { expect, test } from 'vitest'
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { type PackedChoice, parseSchedule } from '../machine/choice.ts'
import { apply } from '../machine/step.ts'
import { build, type Instance } from './build.ts'
import { Exploration } from './explore.ts'
import type { Scenario } from './format.ts'
import { Inevitable, type InevitableLimits } from './inevitable.ts'
import { toy } from './toy.ts'

const LIMITS = { maxStates: 1e6, maxBytes: 1e9 }
const decode = createDecode()

function built(scenario: Scenario, params: Record<string, string> = {}): Instance {
  const instance = build(scenario, params, decode)
  if (!instance.ok) throw new Error(instance.error.join('\n'))
  return instance.value
}

function searched(instance: Instance, from?: Int32Array) {
  const created = Exploration.create(instance, { ...LIMITS, ...(from === undefined ? {} : { from }) })
  if (!created.ok) throw new Error(created.error.join('\n'))
  while (created.value.run(1e6));
  return created.value.result()
}

function inevitable(instance: Instance, schedule: readonly PackedChoice[], limits: InevitableLimits = LIMITS) {
  const created = Inevitable.create(instance, schedule, limits)
  if (!created.ok) throw new Error(created.error.join('\n'))
  while (created.value.run(1e5));
  return created.value.result
}

test('the answer is that of searching from every state of the run: good ends before it, none from it on', () => {
  const instance = built(atlas.get('text-poke') as Scenario, { sync1: 'off', callers: '1' })
  const [race] = searched(instance).violations
  const { schedule } = parseSchedule(race?.schedule ?? '')
  const m = instance.machine()
  const good = [true]
  for (const choice of schedule.slice(0, -1)) {
    apply(m, choice)
    good.push(searched(instance, m.w.slice()).outcomes.length > 0)
  }
  const first = good.indexOf(false)
  expect(inevitable(instance, schedule)).toMatchObject({ kind: 'from', from: first < 0 ? schedule.length : first })
})

test('where every order breaks, it was inevitable from the start', () => {
  const instance = built(toy('a:\n nop\n nop\n int3', ['a']))
  const schedule = [0, 0, 0]
  const result = inevitable(instance, schedule)
  expect(result).toMatchObject({ kind: 'from', from: 0 })
})

test('without sync 3 the oops is decided when the reference is dropped, long before it happens; where a bound stops the search, nothing is said', () => {
  const instance = built(atlas.get('text-poke') as Scenario, { sync3: 'off', callers: '1', fetch: 'coherent' })
  const [race] = searched(instance).violations
  const { schedule } = parseSchedule(race?.schedule ?? '')
  const result = inevitable(instance, schedule)
  expect(result?.kind).toBe('from')
  expect(result?.kind === 'from' && result.from).toBeLessThan(schedule.length - 10)
  expect(inevitable(instance, schedule, { ...LIMITS, maxStates: 10 })?.kind).toBe('cut')
})

test('a schedule that cannot happen is refused', () => {
  const instance = built(toy('a:\n nop\n int3', ['a']))
  expect(Inevitable.create(instance, parseSchedule('0i').schedule, LIMITS)).toEqual({ ok: false, error: ['step 1 of the schedule cannot happen'] })
})
