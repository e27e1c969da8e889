/** What a step costs a session where the scenario is large, with all that the panels will want to know; and a link of many steps. */
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { createDisassemble } from '../decoder/disassemble.ts'
import { loadIcedNode } from '../decoder/iced-node.ts'
import { formatSchedule } from '../machine/choice.ts'
import type { Scenario } from '../scenario/format.ts'
import { Session } from './session.ts'

interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly note?: string
}

const STEPS = 200_000
const VIEWS = 100

export function bench(): Row[] {
  loadIcedNode()
  const session = open()
  const going = timed(() => session.go('end', null, { kind: 'round-robin' }, STEPS))
  session.view([], null)
  const schedule = formatSchedule(session.run.branch.schedule)
  const following = open()
  const loading = timed(() => following.load(schedule, STEPS))
  const views = Array.from({ length: VIEWS }, (_, i) =>
    timed(() => {
      session.seek(Math.floor((i * STEPS) / VIEWS))
      session.view([], null)
    }),
  ).sort((a, b) => a - b)
  const note = `${session.run.length} steps, 40,000 sites, 8 CPUs`
  return [
    { name: 'a step of a run by itself', value: (1000 * going) / STEPS, unit: 'µs', note },
    { name: 'a link followed', value: loading / 1000, unit: 's', note },
    { name: 'seek anywhere in it, with the view, 95th percentile', value: views[Math.floor(VIEWS * 0.95)] as number, unit: 'ms', note },
  ]
}

function open(): Session {
  const opened = Session.open(atlas.get('forty-thousand-sites') as Scenario, { sites: '40000', cpus: '8' }, createDecode(), createDisassemble())
  if (!opened.ok) throw new Error(opened.error.join('\n'))
  return opened.value
}

function timed(work: () => void): number {
  const start = performance.now()
  work()
  return performance.now() - start
}
