import { expect, test } from 'vitest'
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { createDisassemble } from '../decoder/disassemble.ts'
import { Random } from '../lib/random.ts'
import type { Scenario } from '../scenario/format.ts'
import { randomChoice } from '../scenario/scheduler.ts'
import { toy } from '../scenario/toy.ts'
import { defaultChoice } from '../store/default-choice.ts'
import type { TimelineData } from '../timeline/model.ts'
import { timelineAfter } from './client.ts'
import { Going } from './going.ts'
import { Session } from './session.ts'
import { ViewReader } from './view-reader.ts'

const decode = createDecode()
const disassemble = createDisassemble()

function open(scenario: Scenario, params: Readonly<Record<string, string>> = {}): Session {
  const opened = Session.open(scenario, params, decode, disassemble)
  if (!opened.ok) throw new Error(opened.error.join('\n'))
  return opened.value
}

const PATIENT = { target: 'end', cpu: null, scheduler: { kind: 'same-cpu' }, departs: false } as const

test.each(['text-poke', 'ftrace-2012', 'stop-machine'])(
  '%s: who goes on by default is the same for the Step button and for fast playing (seed 31)',
  (id) => {
    const random = new Random(31)
    const session = open(atlas.get(id) as Scenario)
    const reader = new ViewReader()
    let timeline: TimelineData | null = null
    for (let round = 0; round < 150; round++) {
      const view = reader.read(structuredClone(session.view([], null)))
      timeline = timelineAfter(timeline, view)
      const wanted = view.snapshot.choices[defaultChoice(view, timeline)]?.choice
      if (wanted === undefined) break
      // Now and then somebody else moves, so that there is more to decide.
      const other = random.below(8) === 0 ? randomChoice(session.run.choices(), random) : null
      if (other !== null) session.take(other)
      else new Going(session, PATIENT).on(1)
      if (other === null) expect(session.run.branch.schedule.at(-1), `round ${round}`).toBe(wanted)
    }
    expect(session.run.length).toBeGreaterThan(30)
  },
)

test.each([
  ['hlt', 'hlt', [], 'Nothing can happen any more.'],
  ['hlt', 'hlt', [0], 'Both CPUs have halted; only an NMI can come.'],
  ['ud2', 'hlt', [1], 'CPU 1 has halted, CPU 0 has stopped; only an NMI can come.'],
])('where nobody moves by itself, it is said why: %s and %s, NMIs on CPUs %o', (one, two, nmis, said) => {
  const environment = nmis.length === 0 ? {} : { nmi: { most: '1', cpus: nmis } }
  const session = open(toy(`one:\n  ${one}\ntwo:\n  ${two}\n`, ['one', 'two'], { machine: { environment } }))
  const going = { target: 'end', cpu: null, scheduler: { kind: 'round-robin' }, departs: false } as const
  new Going(session, going).on(100)
  expect(new Going(session, going).on(100)).toEqual({ arrived: true, remark: said })
})
