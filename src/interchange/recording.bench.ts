/** The 40,000-site update on 8 CPUs: recorded, counted, and visited at any moment; and a recording of a real kernel found in the model. */
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { loadIcedNode } from '../decoder/iced-node.ts'
import { Random } from '../lib/random.ts'
import { build } from '../scenario/build.ts'
import type { Scenario } from '../scenario/format.ts'
import { Checker } from '../scenario/properties.ts'
import { compareBatch } from './compare-recording.ts'
import { parseRecording } from './recording.ts'
import { RecordingSession } from './recording-session.ts'

const SEEKS = 100

interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly note?: string
}

export function bench(): Row[] {
  loadIcedNode()
  return [...recorded('batch', '40000'), ...recorded('ftrace', '40000'), ...recorded('single', '1024'), ...compared()]
}

function recorded(strategy: string, sites: string): Row[] {
  const name = `${strategy}, ${Number(sites).toLocaleString('en-US')} sites, 8 CPUs`
  const begin = performance.now()
  const built = build(atlas.get('forty-thousand-sites') as Scenario, { strategy, sites, cpus: '8' }, createDecode())
  if (!built.ok) throw new Error(built.error.join('\n'))
  const checker = Checker.create(built.value)
  if (!checker.ok) throw new Error(checker.error.join('\n'))
  const session = new RecordingSession(built.value, checker.value, 1)
  const opened = performance.now() - begin
  while (session.record(1_000_000));
  const seconds = (performance.now() - begin) / 1000
  const { counts, run } = session
  const random = new Random(7)
  const times = Array.from({ length: SEEKS }, () => {
    const start = performance.now()
    run.seek(random.below(run.length))
    return performance.now() - start
  }).sort((a, b) => a - b)
  const costs = `${counts.broadcasts} broadcasts, ${counts.ipis} IPIs, ${counts.pokes} writes, ${counts.int3} int3 with ${counts.int3Instructions} instructions in their handlers`
  return [
    {
      name: `${name}: recorded`,
      value: seconds,
      unit: 's',
      note: `${run.length} steps, of it ${(opened / 1000).toFixed(2)} s to assemble; ${costs}`,
    },
    {
      name: `${name}: seek, 95th percentile`,
      value: times[Math.floor(SEEKS * 0.95)] as number,
      unit: 'ms',
      note: `checkpoints hold ${(run.bytes / 1e6).toFixed(0)} MB`,
    },
  ]
}

function compared(): Row[] {
  const scenario = atlas.get('linux-6-1') as Scenario
  const recording = parseRecording(scenario.recording)
  if (!recording.ok) throw new Error(recording.error)
  const begin = performance.now()
  const states = recording.value.batches.map((_, i) => {
    const compared = compareBatch(scenario, scenario.recording, recording.value, i, createDecode())
    if (!compared.ok) throw new Error(compared.error.join('\n'))
    return compared.value.guided.states
  })
  const note = `${states.join(', ')} states looked at`
  return [{ name: 'four batches of Linux 6.1 found in the model', value: performance.now() - begin, unit: 'ms', note }]
}
