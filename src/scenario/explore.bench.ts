/** What a user waits for: the flagship's verdicts, its first race, a step, and a seek in a long run. */
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { loadIcedNode } from '../decoder/iced-node.ts'
import { Random } from '../lib/random.ts'
import { choiceCpu } from '../machine/choice.ts'
import { build, type Instance } from './build.ts'
import { Exploration } from './explore.ts'
import type { Scenario } from './format.ts'
import { Checker } from './properties.ts'
import { Run } from './run.ts'
import { randomChoice } from './scheduler.ts'

const LIMITS = { maxStates: 10_000_000, maxBytes: 2e9 }
const LONG_RUN = 1_000_000
const SEEKS = 200

export function bench(): { name: string; value: number; unit: string; note?: string }[] {
  loadIcedNode()
  const decode = createDecode()
  const instance = (params: Record<string, string>): Instance => {
    const built = build(atlas.get('text-poke') as Scenario, params, decode)
    if (!built.ok) throw new Error(built.error.join('\n'))
    return built.value
  }
  const search = (name: string, params: Record<string, string>) => {
    const start = performance.now()
    const created = Exploration.create(instance(params), LIMITS)
    if (!created.ok) throw new Error(created.error.join('\n'))
    while (created.value.run(1_000_000));
    const seconds = (performance.now() - start) / 1000
    const { kind, states, transitions, bytes } = created.value.result()
    return [
      {
        name: `${name}: transitions per second`,
        value: Math.round(transitions / seconds),
        unit: '1/s',
        note: `${kind}, ${states} states in ${seconds.toFixed(2)} s, ${(bytes / 1e6).toFixed(0)} MB, assembling included`,
      },
    ]
  }
  return [
    ...search('text-poke without sync 1, cold: the first race', { sync1: 'off' }),
    ...search('text-poke, all syncs on', {}),
    ...search('text-poke, two-site jump-label batch', { batch: 'jump-label' }),
    ...travel(instance({ sync3: 'off' })),
  ]
}

/** A random walk of a million steps of the callers alone: the patcher never moves, so they never end. */
function travel(instance: Instance): { name: string; value: number; unit: string; note?: string }[] {
  const checker = Checker.create(instance)
  if (!checker.ok) throw new Error(checker.error.join('\n'))
  const random = new Random(7)
  const run = new Run(instance, checker.value)
  let start = performance.now()
  while (run.length < LONG_RUN) {
    const choice = randomChoice(
      run.choices().filter((candidate) => choiceCpu(candidate) !== 0),
      random,
    )
    if (choice === null) break
    run.take(choice)
  }
  const steps = run.length
  const perStep = ((performance.now() - start) * 1000) / steps
  const times: number[] = []
  for (let i = 0; i < SEEKS; i++) {
    const target = random.below(steps)
    start = performance.now()
    run.seek(target)
    times.push(performance.now() - start)
  }
  times.sort((a, b) => a - b)
  return [
    { name: 'a step with its events, random walk', value: Math.round(perStep * 10) / 10, unit: 'µs', note: `${steps} steps` },
    {
      name: 'seek anywhere in that run, 95th percentile',
      value: Math.round((times[Math.floor(SEEKS * 0.95)] as number) * 1000) / 1000,
      unit: 'ms',
      note: `median ${(times[SEEKS / 2] as number).toFixed(3)} ms`,
    },
  ]
}
