/** What a state costs as scenarios grow: callers, and sites in a batch; by exact search, by fingerprints, and shared by owners (here on one thread: its price). */
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { loadIcedNode } from '../decoder/iced-node.ts'
import { build, type Instance } from '../scenario/build.ts'
import { CompactExploration } from '../scenario/compact-explore.ts'
import { Exploration } from '../scenario/explore.ts'
import type { Scenario } from '../scenario/format.ts'
import { MachineModel } from '../scenario/model.ts'
import { OutcomeNames } from '../scenario/outcomes.ts'
import { Checker } from '../scenario/properties.ts'
import { Owner } from './owner.ts'
import { Search } from './search.ts'
import { searchShared } from './shared-search.ts'
import { RIVALS, storeBufferToy } from './store-buffer-toy.ts'

interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly note?: string
}

const LIMITS = { maxStates: 20_000_000, maxBytes: 2e9 }

export async function bench(): Promise<Row[]> {
  loadIcedNode()
  const decode = createDecode()
  const instance = (params: Record<string, string>): Instance => {
    const built = build(atlas.get('text-poke') as Scenario, params, decode)
    if (!built.ok) throw new Error(built.error.join('\n'))
    return built.value
  }
  const rows: Row[] = []
  for (const [name, params] of [
    ['2 CPUs, one site', { callers: '1' }],
    ['3 CPUs, one site', { callers: '2' }],
    ['2 CPUs, two sites', { callers: '1', batch: 'jump-label' }],
    ['3 CPUs, two sites', { callers: '2', batch: 'jump-label' }],
  ] as const) {
    const at = instance(params)
    rows.push(exact(`text-poke, ${name}`, at), compact(`text-poke, ${name}, fingerprints`, at))
  }
  const shared = await sharedBy(2, instance({}))
  rows.push({ name: 'text-poke, 3 CPUs, shared by two owners on one thread', ...shared })
  for (const cpus of [1, 2, 3]) rows.push(toy(cpus))
  return rows
}

/** `seconds` for so many states, and what bounds them. */
function cost(seconds: number, states: number, bytes: number, more = ''): Pick<Row, 'value' | 'unit' | 'note'> {
  return { value: (1e6 * seconds) / states, unit: 'µs/state', note: `${states} states, ${Math.round(bytes / states)} bytes each at the peak${more}` }
}

function exact(name: string, instance: Instance): Row {
  const created = Exploration.create(instance, LIMITS)
  if (!created.ok) throw new Error(created.error.join('\n'))
  const begun = performance.now()
  while (created.value.run(1_000_000));
  const seconds = (performance.now() - begun) / 1000
  const { states, transitions, peakBytes } = created.value.result()
  const { components, memoHits, memoMisses } = created.value.progress()
  const share = ((100 * memoHits) / (memoHits + memoMisses)).toFixed(1)
  return { name, ...cost(seconds, states, peakBytes, `; ${transitions} transitions; components ${components.join(' + ')}; memo ${share} %`) }
}

function compact(name: string, instance: Instance): Row {
  const created = CompactExploration.create(instance, LIMITS)
  if (!created.ok) throw new Error(created.error.join('\n'))
  const begun = performance.now()
  while (created.value.run(1_000_000));
  const seconds = (performance.now() - begun) / 1000
  const { states, peakBytes } = created.value.result()
  return { name, ...cost(seconds, states, peakBytes) }
}

async function sharedBy(owners: number, instance: Instance): Promise<Pick<Row, 'value' | 'unit' | 'note'>> {
  const checker = Checker.create(instance)
  const names = OutcomeNames.create(instance)
  if (!checker.ok || !names.ok) throw new Error('the properties cannot be checked')
  const begun = performance.now()
  const ports = Array.from({ length: owners }, (_, self) => {
    const owner = new Owner(new MachineModel(instance, checker.value, names.value, { reduce: true }), owners, self, LIMITS.maxBytes)
    return {
      round: async (...args: Parameters<Owner['round']>) => owner.round(...args),
      judge: async (...args: Parameters<Owner['judge']>) => owner.judge(...args),
      origin: async (...args: Parameters<Owner['origin']>) => owner.origin(...args),
      choice: async (...args: Parameters<Owner['choice']>) => owner.choice(...args),
      summary: async () => owner.summary(),
    }
  })
  const { states, peakBytes } = await searchShared(ports, { maxStates: LIMITS.maxStates, stuck: true, properties: [] })
  return cost((performance.now() - begun) / 1000, states, peakBytes)
}

function toy(cpus: number): Row {
  const search = new Search(storeBufferToy(RIVALS.slice(0, cpus)), { ...LIMITS, stuck: false })
  const begun = performance.now()
  while (search.run(1_000_000) === 'running');
  const seconds = (performance.now() - begun) / 1000
  const { states, peakBytes } = search.result()
  return { name: `store buffer toy, ${cpus} CPU${cpus === 1 ? '' : 's'}`, ...cost(seconds, states, peakBytes) }
}
