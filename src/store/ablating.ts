/** The ablation table: its cells are searched by helpers, several at once, and it fills as they finish. */
import type { Desk } from './page.ts'
import type { Helper } from './ports.ts'
import { presentKey } from './selectors.ts'
import type { Stepping } from './stepping.ts'

/** Of each helper. */
const MAX_MB = 512

export interface Ablating {
  /** Fills the table of the present scenario and parameters; `pairs`: with every two things removed together as well. */
  ablate(pairs: boolean): void
  /** Puts back what the parameters leave out, and asks again. */
  ablateRestored(): void
  cancelAblation(): void
  /** Opens cell `index` of the present table where its race happens. */
  loadCell(index: number): void
}

export function createAblating({ store, ports, notes }: Desk, { open, openScenario }: Stepping): Ablating {
  let helpers: Helper[] = []

  function stop(): void {
    for (const helper of helpers) helper.dispose()
    helpers = []
    store.setState({ ablating: null })
  }

  async function ablate(pairs: boolean): Promise<void> {
    const { view, maxStates, ablating } = store.getState()
    const key = presentKey(store.getState())
    if (view === null || key === null || ablating !== null) return
    store.setState({ ablating: key })
    const scenario = view.scenario.id
    const team = Array.from({ length: ports.helpers }, () => ports.help())
    helpers = team
    /** Whoever was cancelled says nothing any more. */
    const wanted = () => helpers === team
    const reply = await (team[0] as Helper).request({ kind: 'ablation-plan', scenario, params: view.params, pairs })
    if (!wanted()) return
    if (reply.kind !== 'ablation-plan') {
      stop()
      if (reply.kind === 'refused') notes.set('search', { tone: 'attention', title: reply.message, lines: reply.detail, report: null })
      else if (reply.kind === 'crashed') notes.crashed(reply.message, reply.link, ports.address.base())
      return
    }
    const { plan } = reply
    store.setState(({ ablations }) => ({ ablations: { ...ablations, [key]: { plan, cells: plan.cells.map(() => null) } } }))
    let next = 0
    await Promise.all(
      team.map(async (helper) => {
        for (let i = next++; i < plan.cells.length && wanted(); i = next++) {
          const { params } = plan.cells[i] as (typeof plan.cells)[number]
          const answer = await helper.request({ kind: 'cell', scenario, params, maxStates, maxMb: MAX_MB })
          if (!wanted()) return
          if (answer.kind === 'cell') {
            store.setState(({ ablations }) => {
              const table = ablations[key]
              return table === undefined ? {} : { ablations: { ...ablations, [key]: { plan, cells: table.cells.with(i, answer.result) } } }
            })
          } else {
            stop()
            if (answer.kind === 'crashed') notes.crashed(answer.message, answer.link, ports.address.base())
            return
          }
        }
      }),
    )
    if (wanted()) stop()
  }

  return {
    ablate: (pairs) => void ablate(pairs),
    ablateRestored() {
      const { view, ablations } = store.getState()
      const restored = ablations[presentKey(store.getState()) ?? '']?.plan.restored ?? null
      if (view === null || restored === null) return
      openScenario(view.scenario.id, restored, () => void ablate(false))
    },
    cancelAblation: stop,
    loadCell(index) {
      const { view, ablations } = store.getState()
      const table = ablations[presentKey(store.getState()) ?? '']
      const race = table?.cells[index]?.race
      if (view === null || race === undefined || race === null) return
      open(
        { scenario: view.scenario.id, params: table?.plan.cells[index]?.params ?? {}, schedule: race.schedule, cursor: race.steps, digest: null },
        'jump',
      )
    },
  }
}
