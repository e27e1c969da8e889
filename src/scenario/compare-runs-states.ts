/** How the states of two runs differ at two moments: registers, memory, and what each CPU may fetch at a call site. By names, so that machines may be laid out otherwise. */
import type { CpuView, SiteCpuView, SiteView, Snapshot } from './snapshot.ts'

export interface StateDifference {
  readonly kind: 'fetched' | 'memory' | 'register' | 'cpu'
  /** The CPU that it is about; null for memory. */
  readonly cpu: number | null
  readonly what: string
  /** null where this machine has no such thing. */
  readonly a: string | null
  readonly b: string | null
}

/** What is fetched first, then memory, then the CPUs. */
export function compareStates(a: Snapshot, b: Snapshot): StateDifference[] {
  const cpus = Array.from({ length: Math.max(a.cpus.length, b.cpus.length) }, (_, cpu) => [a.cpus[cpu], b.cpus[cpu]] as const)
  return [...compareSites(a.sites, b.sites), ...compareData(a.data, b.data), ...cpus.flatMap(([left, right], cpu) => compareCpus(left, right, cpu))]
}

function compareSites(a: Snapshot['sites'], b: Snapshot['sites']): StateDifference[] {
  return namesOf(a, b).flatMap((label) => {
    const [left, right] = [a, b].map((sites) => sites.find((site) => site.label === label)) as [SiteView | undefined, SiteView | undefined]
    const memory = differ('memory', null, label, memoryAt(left), memoryAt(right))
    const cpus = Math.max(left?.cpus.length ?? 0, right?.cpus.length ?? 0)
    const fetched = Array.from({ length: cpus }, (_, cpu) =>
      differ('fetched', cpu, label, left && mayExecute(left.cpus[cpu]), right && mayExecute(right.cpus[cpu])),
    )
    return [...fetched.flat(), ...memory]
  })
}

function memoryAt(site: SiteView | undefined): string | undefined {
  return site && `${site.memory.map(({ value }) => value).join(' ')}  ${site.memoryText}`
}

/** "cc int3, or e8 0f 00 00 00 call callee_a (stale)". */
function mayExecute(cpu: SiteCpuView | undefined): string | undefined {
  return cpu?.variants.map(({ bytes, text, stale }) => `${bytes.replace(/..(?=.)/g, '$& ')}  ${text}${stale ? ' (stale)' : ''}`).join(', or ')
}

function compareData(a: Snapshot['data'], b: Snapshot['data']): StateDifference[] {
  const worth = (data: Snapshot['data'], label: string) => data.find((word) => word.label === label)?.value
  return namesOf(a, b).flatMap((label) => differ('memory', null, label, worth(a, label), worth(b, label)))
}

function compareCpus(a: CpuView | undefined, b: CpuView | undefined, cpu: number): StateDifference[] {
  const registers = [...new Set([...(a?.registers ?? []), ...(b?.registers ?? [])].map(({ name }) => name))]
  const worth = (view: CpuView | undefined, name: string) => {
    const register = view?.registers.find((each) => each.name === name)
    return register && (register.symbol ?? register.value)
  }
  return [
    ...differ('cpu', cpu, 'stands at', a?.symbol, b?.symbol),
    ...differ('cpu', cpu, 'is in', a && nesting(a), b && nesting(b)),
    ...differ('cpu', cpu, 'state', a && (a.stopReason ?? a.state), b && (b.stopReason ?? b.state)),
    ...differ('cpu', cpu, 'interrupts', a && (a.flags.if ? 'on' : 'off'), b && (b.flags.if ? 'on' : 'off')),
    ...differ('cpu', cpu, 'store buffer', a && stores(a), b && stores(b)),
    ...differ('cpu', cpu, 'pending', a && listed(a.pending), b && listed(b.pending)),
    ...registers.flatMap((name) => differ('register', cpu, name, worth(a, name), worth(b, name))),
    ...differ('register', cpu, 'flags', a && arithmetic(a), b && arithmetic(b)),
  ]
}

function nesting({ nesting: handlers, func }: CpuView): string {
  return [...handlers, ...(func === null ? [] : [func])].join(' › ') || 'nothing'
}

function stores({ stores: list }: CpuView): string {
  return listed(list.map(({ symbol, value }) => `${value} → ${symbol}`))
}

function listed(items: readonly string[]): string {
  return items.length === 0 ? 'empty' : items.join(', ')
}

/** IF is told in words. */
function arithmetic({ flags }: CpuView): string {
  const set = (['cf', 'pf', 'zf', 'sf', 'of', 'df'] as const).filter((name) => flags[name])
  return set.length === 0 ? 'none' : set.join(' ').toUpperCase()
}

function differ(kind: StateDifference['kind'], cpu: number | null, what: string, a: string | undefined, b: string | undefined): StateDifference[] {
  return a === b ? [] : [{ kind, cpu, what, a: a ?? null, b: b ?? null }]
}

function namesOf(a: readonly { readonly label: string }[], b: readonly { readonly label: string }[]): readonly string[] {
  return [...new Set([...a, ...b].map(({ label }) => label))]
}
