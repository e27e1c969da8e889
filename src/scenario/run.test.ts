/** Time travel, on long random walks over text_poke with a patcher that patches for ever. */
import { describe, expect, test } from 'vitest'
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { digestOf } from '../lib/digest.ts'
import { Random } from '../lib/random.ts'
import { choiceVariant, formatSchedule, packChoice, parseSchedule } from '../machine/choice.ts'
import type { Scenario } from './format.ts'
import { Checker } from './properties.ts'
import { Run } from './run.ts'
import { randomChoice } from './scheduler.ts'
import { edited, mustBuild } from './toy.ts'

const endless = edited(atlas.get('text-poke') as Scenario, 'text-poke.asm', 'mov     dword ptr [rel patch_done], 1', 'jmp patcher')
const instance = mustBuild(endless, {}, createDecode())
const STEPS = 10_000

function newRun(): Run {
  const checker = Checker.create(instance)
  if (!checker.ok) throw new Error(checker.error.join('\n'))
  return new Run(instance, checker.value)
}

function walk(run: Run, random: Random, steps: number, each: () => void = () => {}): void {
  for (let i = 0; i < steps; i++) {
    const choice = randomChoice(run.choices(), random)
    if (choice === null || run.take(choice) === null) throw new Error(`seed ${random.seed}: stuck after ${i} steps`)
    each()
  }
}

describe.each([1, 2, 3])('a random walk of 10,000 steps (seed %i)', (seed) => {
  const random = new Random(seed)
  const run = newRun()
  const digests = [run.digest]
  const states = new Map<number, Int32Array>()
  walk(run, random, STEPS, () => {
    digests.push(run.digest)
    if (run.cursor % 97 === 0) states.set(run.cursor, run.machine.w.slice())
  })
  const schedule = [...run.branch.schedule]

  test('takes stale bytes, drains and interrupts as they come', () => {
    expect(run.length).toBe(STEPS)
    expect(new Set(schedule.map((choice) => formatSchedule([choice]).replace(/\d/, 'N')))).toEqual(new Set(['Ns', 'Ns.1', 'Nd', 'Nd.1', 'Ni']))
    expect(schedule.filter((choice) => choiceVariant(choice) > 0).length).toBeGreaterThan(10)
  })

  test('replays to the same states', () => {
    const again = newRun()
    for (const [i, choice] of schedule.entries()) {
      expect(again.take(choice), `step ${i}`).not.toBeNull()
      if (again.cursor % 97 === 0) expect(again.machine.w).toEqual(states.get(again.cursor))
    }
    expect(again.digest).toBe(digests[STEPS])
  })

  test('its schedule survives being text', () => {
    expect(parseSchedule(formatSchedule(schedule))).toEqual({ schedule, error: null })
  })

  test('going back and forth arrives at the states that were there', () => {
    const stops = [STEPS - 1, STEPS - 2, 1, 0, 255, 256, 257, STEPS, ...Array.from({ length: 300 }, () => random.below(STEPS + 1))]
    for (const step of stops) {
      run.seek(step)
      expect([run.cursor, run.digest], `seek ${step}`).toEqual([step, digests[step]])
      const state = states.get(step)
      if (state !== undefined) expect(run.machine.w).toEqual(state)
    }
    expect(run.branch.schedule).toEqual(schedule)
  })

  test('equal states have equal digests, and a state that differs in one bit has another', () => {
    const { w } = run.machine
    const copy = w.slice()
    expect(digestOf(copy)).toBe(run.digest)
    for (let i = 0; i < 500; i++) {
      const at = random.below(w.length)
      const bit = 1 << random.below(32)
      copy[at] = (copy[at] as number) ^ bit
      expect(digestOf(copy), `word ${at}`).not.toBe(run.digest)
      copy[at] = (copy[at] as number) ^ bit
    }
  })
})

test.each([11, 12, 13])('a tree of branches holds what its schedules say, whatever is done in between (seed %i)', (seed) => {
  const random = new Random(seed)
  const run = newRun()
  const schedules = new Map([[0, [] as number[]]])
  for (let round = 0; round < 60; round++) {
    const before = new Map([...schedules].map(([id, schedule]) => [id, [...schedule]]))
    const from = run.branch.id
    const cursor = run.cursor
    const action = random.below(3)
    if (action === 0) run.seek(random.below(run.length + 1))
    else if (action === 1) expect(run.checkout(random.below(run.branches.length))).toBe(true)
    else walk(run, random, 1 + random.below(300))
    // What this branch grew, or the branch that left it.
    schedules.set(run.branch.id, [...run.branch.schedule])
    if (run.branch.id !== from && action === 2)
      expect(run.branch.schedule.slice(0, run.branch.forkedAt)).toEqual(before.get(from)?.slice(0, run.branch.forkedAt))
    if (run.branch.id !== from && action === 2) expect(run.branch.forkedAt).toBeGreaterThanOrEqual(cursor)
    for (const branch of run.branches) {
      if (branch.id !== run.branch.id) expect(branch.schedule).toEqual(before.get(branch.id) ?? branch.schedule)
    }
    const fresh = newRun()
    for (const choice of run.branch.schedule.slice(0, run.cursor)) fresh.take(choice)
    expect(run.machine.w, `round ${round}, branch ${run.branch.id} at ${run.cursor}`).toEqual(fresh.machine.w)
  }
  expect(run.branches.length).toBeGreaterThan(5)
})

test('a choice that is not enabled is refused, and changes nothing', () => {
  const run = newRun()
  const digest = run.digest
  for (const choice of [
    packChoice(7, 0, 0),
    packChoice(0, 0, 1),
    packChoice(0, 1, 0),
    packChoice(1, 2, 0),
    packChoice(1, 3, 0),
    packChoice(1, 6, 0),
    packChoice(2, 15, 0),
  ])
    expect(run.take(choice)).toBeNull()
  expect([run.digest, run.length, run.cursor]).toEqual([digest, 0, 0])
})
