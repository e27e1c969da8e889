import { expect, test } from 'vitest'
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { createDisassemble } from '../decoder/disassemble.ts'
import type { Scenario } from '../scenario/format.ts'
import { Recordings } from './recordings.ts'
import { Session } from './session.ts'

test('a session that follows the schedule of a recorded run stands in the very state that was recorded, at any step', () => {
  const scenario = atlas.get('forty-thousand-sites') as Scenario
  const params = { sites: '256', cpus: '8' }
  const recordings = new Recordings(() => scenario)
  recordings.record({ kind: 'record', scenario: scenario.file.id, params, seed: 5, steps: 60_000, again: true }, createDecode())
  for (const step of [0, 1, 17_000, 40_001]) {
    const opened = Session.open(scenario, params, createDecode(), createDisassemble())
    const reply = recordings.schedule({ kind: 'recorded-schedule', step })
    if (!opened.ok || reply.kind !== 'recorded-schedule') throw new Error('nothing to follow')
    expect(opened.value.load(reply.schedule, step)).toEqual([])
    expect([opened.value.run.cursor, opened.value.run.digest]).toEqual([step, reply.digest])
  }
})
