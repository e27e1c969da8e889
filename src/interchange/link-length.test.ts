/** How long links get, over real runs: docs/links.md states these figures. */
import { expect, test } from 'vitest'
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { Random } from '../lib/random.ts'
import { choiceCpu, type PackedChoice, parseSchedule } from '../machine/choice.ts'
import { build } from '../scenario/build.ts'
import { explore } from '../scenario/expectation.ts'
import type { Scenario } from '../scenario/format.ts'
import { Checker } from '../scenario/properties.ts'
import { Run } from '../scenario/run.ts'
import { writeSchedule } from './schedule-text.ts'

const SEED = 20261121
const decode = createDecode()

/** Up to 16 characters nothing is packed, so that it can be read. */
const atMost = (steps: number) => Math.max(16, steps / 2)

/** A schedule of at most so many steps. `fair`: a CPU at random, then one of its choices; else one of all choices at random. */
function randomWalk(
  scenario: Scenario,
  steps: number,
  fair: boolean,
  random: Random,
  params: Readonly<Record<string, string>> = {},
): readonly PackedChoice[] {
  const built = build(scenario, params, decode)
  if (!built.ok) throw new Error(built.error.join('; '))
  const checker = Checker.create(built.value)
  if (!checker.ok) throw new Error(checker.error.join('; '))
  const run = new Run(built.value, checker.value)
  while (run.length < steps) {
    const choices = run.choices()
    if (choices.length === 0) break
    const cpu = random.pick(choices.map(choiceCpu))
    run.take(random.pick(fair ? choices.filter((choice) => choiceCpu(choice) === cpu) : choices))
  }
  return run.branch.schedule
}

test.each([...atlas])(`half a character a step, and less in long runs: random walks of %s (seed ${SEED})`, (_, scenario) => {
  const random = new Random(SEED)
  for (const fair of [true, false]) {
    const schedule = randomWalk(scenario, 1000, fair, random)
    const { length } = writeSchedule(schedule)
    expect(length).toBeLessThanOrEqual(atMost(schedule.length))
    if (schedule.length >= 200) expect(length / schedule.length).toBeLessThan(0.37)
  }
})

test(`a quarter of a character a step in a random walk of 20,000 steps (seed ${SEED})`, () => {
  const schedule = randomWalk(atlas.get('forty-thousand-sites') as Scenario, 20_000, true, new Random(SEED), { sites: '1024' })
  expect(schedule).toHaveLength(20_000)
  expect(writeSchedule(schedule).length / schedule.length).toBeLessThan(0.25)
})

const RACES = [
  'just-write-it',
  'stop-machine',
  'text-poke-bp-handler',
  'who-claims',
  'frame-32',
  'five-state',
  'static-call-r10-r11',
  'two-patchers',
  'unsorted-vector',
]

test.each(RACES)('the shortest races of %s take at most 50 characters, and at most half a character a step', (id) => {
  const scenario = atlas.get(id) as Scenario
  const row = scenario.file.expected.find(({ verdict, states }) => verdict === 'violated' && states < 20_000)
  const found = explore(scenario, row?.when ?? {}, decode)
  const races = found.ok ? found.value.violations.map(({ schedule }) => parseSchedule(schedule).schedule) : []
  expect(races.length).toBeGreaterThan(0)
  for (const race of races) {
    const { length } = writeSchedule(race)
    expect(length).toBeLessThanOrEqual(Math.min(50, atMost(race.length)))
  }
})
