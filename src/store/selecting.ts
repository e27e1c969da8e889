/**
 * One selection for all panels: an event, a stretch, some bytes (timeline/selection.ts). Whoever shows the same step, CPU or address marks it. And how the lanes
 * of the timeline stand, which is remembered for each scenario.
 */
import { type Arrangement, AS_THEY_ARE, isPlain, readArrangement, writeArrangement } from '../timeline/arrangement.ts'
import { cursorOf, isThere, type Selection } from '../timeline/selection.ts'
import type { Desk } from './page.ts'
import type { Memory } from './ports.ts'
import type { Stepping } from './stepping.ts'

export interface SelectingState {
  readonly selection: Selection | null
  /** The timeline's search is open. */
  readonly eventSearch: boolean
  readonly lanes: Arrangement
}

export const NOTHING_SELECTED: SelectingState = { selection: null, eventSearch: false, lanes: AS_THEY_ARE }

export interface Selecting {
  select(selection: Selection | null): void
  /** Selects, and stands where it can be seen. */
  goTo(selection: Selection): void
  searchEvents(open: boolean): void
  arrangeLanes(lanes: Arrangement): void
}

/** Scenarios whose lanes are remembered: the last ones. */
const REMEMBERED = 40

export function createSelecting({ store, ports: { memory } }: Desk, { seek }: Pick<Stepping, 'seek'>): Selecting {
  store.subscribe((state, before) => {
    const { session, view, timeline, selection } = state
    if (session !== before.session) {
      store.setState({ selection: null, lanes: remembered(memory).get(view?.scenario.id ?? '') ?? AS_THEY_ARE })
    } else if (selection !== null && timeline !== before.timeline && timeline !== null && !isThere(timeline, selection)) {
      store.setState({ selection: null })
    }
  })

  function select(selection: Selection | null): void {
    const { view } = store.getState()
    const site = selection?.address == null ? undefined : view?.snapshot.sites.find((each) => lies(selection.address as string, each))
    store.setState({ selection, ...(site === undefined ? {} : { selectedSite: site.address }) })
  }

  return {
    select,
    goTo(selection) {
      select(selection)
      if (selection.cpu !== null && selection.kind !== 'bytes') store.setState({ selectedCpu: selection.cpu })
      const step = cursorOf(selection)
      if (step !== null) seek(step)
    },
    searchEvents: (eventSearch) => store.setState({ eventSearch }),
    arrangeLanes(lanes) {
      const id = store.getState().view?.scenario.id
      store.setState({ lanes })
      if (id === undefined) return
      const all = remembered(memory)
      all.delete(id)
      if (!isPlain(lanes)) all.set(id, lanes)
      memory.set(
        'lanes',
        [...all]
          .slice(-REMEMBERED)
          .map(([scenario, each]) => `${scenario}=${writeArrangement(each)}`)
          .join('\n'),
      )
    },
  }
}

/** A scenario a line; what cannot be read is forgotten. */
function remembered(memory: Memory): Map<string, Arrangement> {
  const all = new Map<string, Arrangement>()
  for (const line of (memory.get('lanes') ?? '').split('\n')) {
    const at = line.lastIndexOf('=')
    const read = readArrangement(line.slice(at + 1))
    if (at > 0 && read.ok) all.set(line.slice(0, at), read.value)
  }
  return all
}

function lies(address: string, site: { readonly address: string; readonly length: number }): boolean {
  const at = BigInt(address) - BigInt(site.address)
  return at >= 0n && at < BigInt(site.length)
}
