import { describe, expect, test } from 'vitest'
import { Random } from '../lib/random.ts'
import { formatSchedule, packChoice, parseSchedule } from '../machine/choice.ts'
import { readSchedule } from './schedule-reader.ts'
import { MAX_STEPS, writeSchedule } from './schedule-text.ts'

/** Bursts of one CPU, with drains, second fetch variants and interrupts in between; `wild`: every kind and many variants. */
function bursts(random: Random, steps: number, cpus: number, mean: number, wild = false): number[] {
  const schedule: number[] = []
  let cpu = 0
  while (schedule.length < steps) {
    if (random.below(mean) === 0) cpu = random.below(cpus)
    const kind = random.below(8) === 0 ? 1 : random.below(60) === 0 ? (wild ? 2 + random.below(5) : 2) : 0
    schedule.push(packChoice(cpu, kind, random.below(30) > 0 ? 0 : wild ? random.below(1000) : kind === 0 ? 1 : 0))
  }
  return schedule
}

function uniform(random: Random, steps: number, cpus: number): number[] {
  return Array.from({ length: steps }, () => packChoice(random.below(cpus), 0, 0))
}

const of = (text: string) => parseSchedule(text).schedule

test('a short schedule stays readable', () => {
  expect(writeSchedule(of('0s*12 1s 1s.2 0d'))).toBe('0s12.1s.1s_2.0d')
  expect(writeSchedule(of('1s.2*3 0N'))).toBe('1s3_2.0N')
  expect(readSchedule('1s3_2.0N')).toEqual({ schedule: of('1s.2*3 0N'), damage: null })
})

test.each([1, 2, 3, 4, 5, 6])('any schedule is read back as it was written (seed %i)', (seed) => {
  const random = new Random(seed)
  for (let round = 0; round < 60; round++) {
    const schedule = bursts(random, random.below(random.pick([5, 40, 200, 1500])) + 1, 1 + random.below(8), 1 + random.below(20), true)
    const text = writeSchedule(schedule)
    expect(text).toMatch(/^[A-Za-z0-9._-]+$/)
    expect(readSchedule(text)).toEqual({ schedule, damage: null })
  }
})

test('extreme choices survive', () => {
  const schedule = [packChoice(7, 6, 999_999), packChoice(0, 6, 0), packChoice(7, 0, 1), packChoice(3, 5, 524_288)]
  const long = Array.from({ length: 40 }, () => schedule).flat()
  expect(readSchedule(writeSchedule(long))).toEqual({ schedule: long, damage: null })
})

describe('length in characters a step (seed 7)', () => {
  const characters = (make: (random: Random) => number[]) => {
    const schedule = make(new Random(7))
    return writeSchedule(schedule).length / schedule.length
  }
  const loop = (random: Random) => Array.from({ length: 200 }, () => bursts(new Random(random.seed), 200, 3, 6)).flat()
  test.each([
    ['100 steps of 3 CPUs at random', (random: Random) => uniform(random, 100, 3), 0.42],
    ['1,000 steps of 3 CPUs at random', (random: Random) => uniform(random, 1000, 3), 0.3],
    ['10,000 steps of 3 CPUs at random', (random: Random) => uniform(random, 10_000, 3), 0.28],
    ['10,000 steps of 8 CPUs at random', (random: Random) => uniform(random, 10_000, 8), 0.56],
    ['100 steps in bursts, with drains, variants and events', (random: Random) => bursts(random, 100, 3, 12), 0.5],
    ['1,000 steps in bursts, with drains, variants and events', (random: Random) => bursts(random, 1000, 3, 12), 0.33],
    ['40,000 steps that are one loop', loop, 0.006],
  ])('%s', (_, make, most) => {
    expect(characters(make)).toBeLessThan(most)
  })
})

describe('damage', () => {
  test('a run that is none is named with its place; what stands before it is kept', () => {
    expect(readSchedule('0s12.1s.1?_2.0d')).toEqual({
      schedule: of('0s*12 1s'),
      damage: 'is damaged at character 9: "1?_2" is no run of choices (like 0s12); kept 13 of 15 steps',
    })
    expect(readSchedule('0s0').damage).toMatch(/character 1: "0s0" is no run/)
    expect(readSchedule('0s.0x').damage).toMatch(/character 4: "0x" is no run/)
    expect(readSchedule('').damage).toMatch(/character 1: "" is no run/)
  })

  test('a claim of too many steps is refused, in either spelling', () => {
    expect(readSchedule('0s.1s999999999')).toEqual({ schedule: of('0s'), damage: expect.stringMatching(/more than 4194304 steps; kept 1 of/) })
    expect(readSchedule(`A${'A'.repeat(30)}`)).toEqual({ schedule: [], damage: expect.stringMatching(/length cannot be read/) })
    expect(readSchedule(`0s${MAX_STEPS}`).damage).toBe(null)
  })

  test('the longest schedule takes a short text and little time', () => {
    const text = writeSchedule(Array.from({ length: 300_000 }, (_, i) => packChoice(i % 3, 0, 0)))
    expect(text.length).toBeLessThan(2000)
    expect(readSchedule(text).schedule).toHaveLength(300_000)
  })

  test('of a packed schedule the checked part is kept (seed 11)', () => {
    const schedule = uniform(new Random(11), 1000, 3)
    const text = writeSchedule(schedule)
    expect(text[0]).toBe('A')
    for (const at of [1, 2, 5, 60, 150, 250, text.length - 1]) {
      const broken = `${text.slice(0, at)}!${text.slice(at + 1)}`
      const read = readSchedule(broken)
      expect(read.damage).not.toBe(null)
      expect(read.schedule).toEqual(schedule.slice(0, read.schedule.length))
      if (at === 250) expect(read.damage).toBe('is damaged at or before character 251: "!" is no character of it; kept 856 of 1000 steps')
    }
  })

  test.each([1, 2, 3])('every changed, missing or added character of a packed schedule is either harmless or found (seed %i)', (seed) => {
    const random = new Random(seed)
    const schedule = bursts(random, 400, 3, 5)
    const text = writeSchedule(schedule)
    let missed = 0
    for (let i = 0; i < 2000; i++) {
      const at = 1 + random.below(text.length - 1)
      const char = random.pick([...'ABCDefgh0123-_'])
      const broken = random.pick([
        text.slice(0, at) + char + text.slice(at + 1),
        text.slice(0, at) + text.slice(at + 1),
        text.slice(0, at) + char + text.slice(at),
      ])
      const read = readSchedule(broken)
      if (read.damage === null && formatSchedule(read.schedule) !== formatSchedule(schedule)) missed++
    }
    // Its own check has 8 bits; that of the whole link has 24 more.
    expect(missed).toBeLessThan(20)
  })

  test.each([1, 2, 3, 4])('noise is read without an exception, and quickly (seed %i)', (seed) => {
    const random = new Random(seed)
    for (let i = 0; i < 3000; i++) {
      const length = random.below(80)
      const noise = Array.from({ length }, () => random.pick([...'AB0123sdinNTp._-~%xyz_*'])).join('')
      readSchedule(random.below(2) === 0 ? noise : `${random.pick(['A', 'B'])}${noise}`)
    }
  })
})
