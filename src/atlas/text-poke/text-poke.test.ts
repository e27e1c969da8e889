/** What each sync of text_poke is for, told in the captions of its shortest race; and what the captions rest on. */
import { expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import { createDisassemble } from '../../decoder/disassemble.ts'
import { choiceCpu, parseSchedule } from '../../machine/choice.ts'
import type { Scenario } from '../../scenario/format.ts'
import { moments } from '../../scenario/moments.ts'
import type { Params } from '../../scenario/params.ts'
import { mustBuild, search } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()
const disassemble = createDisassemble()

function told(params: Params, property: string): string[] {
  const instance = mustBuild(atlas.get('text-poke') as Scenario, { callers: '1', ...params }, decode)
  const violation = search(instance).violations.find((each) => each.property === property)
  if (violation === undefined) throw new Error(`${property} is not violated`)
  const { schedule } = parseSchedule(violation.schedule)
  const last = { step: violation.steps, cpu: choiceCpu(schedule[violation.steps - 1] as number) }
  return moments(instance, disassemble, schedule, last).map(({ cpu, kind, meaning }) => `${cpu} ${kind}, ${meaning.basis}: ${meaning.says}`)
}

test.each<[string, Params, string, RegExp[]]>([
  [
    'no first sync',
    { sync1: 'off' },
    'whole-instruction',
    [/^0 missed, architecture: In memory from now on/, /^0 missed, architecture: In memory from now on/, /^1 violation, vendor: Stale bytes/],
  ],
  [
    'no second sync',
    { sync2: 'off' },
    'whole-instruction',
    [
      /^0 missed, architecture: In memory from now on/,
      /^0 missed, architecture: In memory from now on/,
      /^0 missed, architecture: In memory from now on/,
      /^1 violation, vendor: Stale bytes/,
    ],
  ],
  [
    'no third sync',
    { sync3: 'off' },
    'no-oops',
    [
      /^0 missed, architecture: In memory from now on/,
      /^0 cause, folklore: The references go without a sync/,
      /^1 act, vendor: Stale bytes/,
      /^1 act, protocol: The handler takes a reference/,
      /^1 violation, protocol: Whoever knows this int3/,
    ],
  ],
  [
    'published late',
    { publish: 'late' },
    'no-oops',
    [/^1 act, architecture: Executed are the bytes/, /^1 violation, protocol: Whoever knows this int3/],
  ],
])('%s', (_, params, property, expected) => {
  const lines = told(params, property)
  expect(lines).toEqual(expected.map((line) => expect.stringMatching(line)))
})
