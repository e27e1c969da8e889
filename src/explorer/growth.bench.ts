/**
 * What a state costs as scenarios grow: callers, NMIs, and sites in a batch; by exact search, by fingerprints, with interchangeable callers, and shared by owners
 * (here on one thread: its price).
 */
import { readFileSync } from 'node:fs'
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { loadIcedNode } from '../decoder/iced-node.ts'
import { build, type Instance } from '../scenario/build.ts'
import { CompactExploration } from '../scenario/compact-explore.ts'
import { Exploration } from '../scenario/explore.ts'
import { parseScenario, type Scenario } from '../scenario/format.ts'
import { withCaller, withNmis } from '../scenario/grown.ts'
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

const LIMITS = { maxStates: 30_000_000, maxBytes: 2e9 }

const CALLER_3 = `
section .rodata.percpu3 at 0xffffffff81800300
percpu3: dq     3
section .stack3 at 0xffffc90000040000 private=3 stack
        resb    320
stack3_top:
        dq      0
`

export async function bench(): Promise<Row[]> {
  loadIcedNode()
  const decode = createDecode()
  const instance = (scenario: Scenario, params: Record<string, string>): Instance => {
    const built = build(scenario, params, decode)
    if (!built.ok) throw new Error(built.error.join('\n'))
    return built.value
  }
  const textPoke = atlas.get('text-poke') as Scenario
  const rows: Row[] = []
  for (const [name, params] of [
    ['2 CPUs, one site', { callers: '1' }],
    ['3 CPUs, one site', { callers: '2' }],
    ['2 CPUs, two sites', { callers: '1', batch: 'jump-label' }],
    ['3 CPUs, two sites', { callers: '2', batch: 'jump-label' }],
  ] as const) {
    const at = instance(textPoke, params)
    rows.push(exact(`text-poke, ${name}`, at), compact(`text-poke, ${name}, fingerprints`, at))
  }
  const fourCpus = withCaller(textPoke, 3, { registers: { rsp: 'stack3_top' }, gsBase: 'percpu3' }, CALLER_3)
  rows.push(exact('text-poke, 4 CPUs, one site', instance(fourCpus, { callers: '3' })))
  for (const callers of [1, 2]) {
    // Without NMIs: the rows above.
    for (const nmis of [1, 2]) {
      const scenario = withNmis(textPoke, nmis, callers === 1 ? [1] : [1, 2])
      rows.push(
        exact(
          `text-poke, ${callers + 1} CPUs, one site, at most ${nmis} NMI${nmis === 1 ? '' : 's'}`,
          instance(scenario, { callers: String(callers) }),
        ),
      )
    }
  }
  const acks = countedAcks()
  for (const callers of ['2', '3']) {
    const at = instance(acks, { callers })
    rows.push(exact(`counted-acks, ${callers} interchangeable callers, each by itself`, at, false))
    rows.push(exact(`counted-acks, ${callers} interchangeable callers`, at))
  }
  // With stale fetches as well it would be 221 million states, and most of a minute.
  const coherent = { ...acks, file: { ...acks.file, machine: { ...acks.file.machine, fetch: 'coherent' } } }
  rows.push(exact('counted-acks, coherent fetch, 4 interchangeable callers', instance(coherent, { callers: '4' })))
  const shared = await sharedBy(2, instance(textPoke, {}))
  rows.push({ name: 'text-poke, 3 CPUs, shared by two owners on one thread', ...shared })
  for (const cpus of [1, 2, 3]) rows.push(toy(cpus))
  return rows
}

function countedAcks(): Scenario {
  const file = parseScenario(JSON.parse(readFileSync('examples/counted-acks.json', 'utf8')))
  if (!file.ok) throw new Error(file.error.join('\n'))
  return { file: file.value, sources: file.value.program.flatMap((entry) => (typeof entry === 'string' ? [] : [entry])), recording: null }
}

/** `seconds` for so many states, and what bounds them. */
function cost(seconds: number, states: number, bytes: number, more = ''): Pick<Row, 'value' | 'unit' | 'note'> {
  return { value: (1e6 * seconds) / states, unit: 'µs/state', note: `${states} states, ${Math.round(bytes / states)} bytes each at the peak${more}` }
}

function exact(name: string, instance: Instance, symmetry = true): Row {
  const created = Exploration.create(instance, { ...LIMITS, symmetry })
  if (!created.ok) throw new Error(created.error.join('\n'))
  const begun = performance.now()
  while (created.value.run(1_000_000));
  const seconds = (performance.now() - begun) / 1000
  const { states, held, transitions, peakBytes, cut } = created.value.result()
  if (cut !== null) throw new Error(`${name}: cut by ${cut}`)
  const { components, memoHits, memoMisses } = created.value.progress()
  const share = ((100 * memoHits) / (memoHits + memoMisses)).toFixed(1)
  const few = held < states ? `, of which ${held} held` : ''
  return { name, ...cost(seconds, states, peakBytes, `${few}; ${transitions} transitions; components ${components.join(' + ')}; memo ${share} %`) }
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
