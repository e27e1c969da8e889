/** How the user has arranged the panels: which stands where, in what order, what is folded away, and how much room each has. Kept for the next visit. */
import type { Desk } from './page.ts'
import type { Memory } from './ports.ts'
import type { PageState } from './state.ts'

export type Region = 'main' | 'side' | 'tabs'

export interface Arrangement {
  /** Panels that stand elsewhere than they do by themselves. */
  readonly places: Readonly<Record<string, Region>>
  /** Panels in the order of the user; those that are not named follow in their own. */
  readonly order: readonly string[]
  readonly folded: readonly string[]
  /** The one panel that has all the room, or null. */
  readonly alone: string | null
  /** Shares of a group's panels in percent, by the panels that it holds. */
  readonly sizes: Readonly<Record<string, Readonly<Record<string, number>>>>
}

export const AS_DESIGNED: Arrangement = { places: {}, order: [], folded: [], alone: null, sizes: {} }

/** What a panel says of itself (views/panels/panel.ts). */
export interface Placeable {
  readonly id: string
  readonly region: Region
}

export interface Arranging {
  movePanel(id: string, region: Region): void
  /** Among the panels of its region, by one place. `panels`: all of the page, in their own order. */
  shiftPanel(id: string, by: -1 | 1, panels: readonly Placeable[]): void
  foldPanel(id: string, folded: boolean): void
  /** null: back among the others. */
  showAlone(id: string | null): void
  keepSizes(group: string, sizes: Readonly<Record<string, number>>): void
  resetLayout(): void
}

/** The panels of a region in the user's order. */
export function panelsOf<P extends Placeable>(panels: readonly P[], region: Region, { places, order }: Arrangement): P[] {
  const rank = (panel: P) => {
    const at = order.indexOf(panel.id)
    return at < 0 ? panels.indexOf(panel) + order.length : at
  }
  return panels.filter(({ id, region: own }) => (places[id] ?? own) === region).sort((a, b) => rank(a) - rank(b))
}

export function restoreArrangement(memory: Memory): Pick<PageState, 'arrangement'> {
  const text = memory.get('arrangement')
  try {
    const found = JSON.parse(text ?? 'null') as Partial<Arrangement> | null
    return { arrangement: { ...AS_DESIGNED, ...found, alone: null } }
  } catch {
    return { arrangement: AS_DESIGNED }
  }
}

export function createArranging({ store, ports }: Desk): Arranging {
  function change(update: (old: Arrangement) => Partial<Arrangement>): void {
    const old = store.getState().arrangement
    const arrangement = { ...old, ...update(old) }
    ports.memory.set('arrangement', JSON.stringify(arrangement))
    store.setState({ arrangement })
  }
  return {
    movePanel: (id, region) =>
      change(({ places, folded }) => ({ places: { ...places, [id]: region }, folded: folded.filter((each) => each !== id) })),
    shiftPanel: (id, by, panels) =>
      change((old) => {
        const own = panels.find((panel) => panel.id === id)
        if (own === undefined) return {}
        const row = panelsOf(panels, old.places[id] ?? own.region, old).map((panel) => panel.id)
        const at = row.indexOf(id)
        const other = row[at + by]
        if (other === undefined) return {}
        // The order names every panel from here on, with these two exchanged.
        const all = (['main', 'tabs', 'side'] as const).flatMap((region) => panelsOf(panels, region, old).map((panel) => panel.id))
        return { order: all.map((each) => (each === id ? other : each === other ? id : each)) }
      }),
    foldPanel: (id, folded) => change((old) => ({ folded: folded ? [...old.folded, id] : old.folded.filter((each) => each !== id) })),
    showAlone: (alone) => change(() => ({ alone })),
    keepSizes: (group, sizes) => change((old) => ({ sizes: { ...old.sizes, [group]: sizes } })),
    resetLayout: () => change(() => AS_DESIGNED),
  }
}
