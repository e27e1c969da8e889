/** What is needed? A table that fills as its cells are searched: what was removed, and under each fetch model what became of it. */
import { Fragment, type ReactNode, useState } from 'react'
import { presentKey } from '../../../store/selectors.ts'
import type { AblationTable } from '../../../store/state.ts'
import type { CellResult } from '../../../worker/protocol.ts'
import { count } from '../../format.ts'
import { useFacts, usePage, useView } from '../../page-context.ts'
import './ablation.css'
import { answer, fetchTitle, SIGNS, WORDS } from './words.ts'

export function Ablation(): ReactNode {
  const { scenario } = useView()
  const table = useFacts((state) => state.ablations[presentKey(state) ?? ''])
  if ((scenario.removable ?? 0) === 0) return <p className="empty">This scenario does not say what could be left out.</p>
  return (
    <div className="ablation">
      <Controls begun={table !== undefined} />
      {table === undefined ? (
        <p className="role">Switches off each sync, barrier, check and lock in turn, and searches every interleaving without it.</p>
      ) : (
        <Table table={table} />
      )}
    </div>
  )
}

function Controls({ begun }: { begun: boolean }): ReactNode {
  const page = usePage()
  const ablating = useFacts((state) => state.ablating)
  const [pairs, setPairs] = useState(false)
  if (ablating !== null) {
    return (
      <p className="search-controls">
        <strong>Searching …</strong>
        <button type="button" onClick={() => page.cancelAblation()}>
          Cancel
        </button>
      </p>
    )
  }
  return (
    <p className="search-controls">
      <button type="button" className={begun ? undefined : 'primary'} onClick={() => page.ablate(pairs)}>
        {begun ? 'Ask again' : 'What is needed?'}
      </button>
      <label>
        <input type="checkbox" checked={pairs} onChange={(event) => setPairs(event.target.checked)} /> pairs too
      </label>
    </p>
  )
}

function Table({ table: { plan, cells } }: { table: AblationTable }): ReactNode {
  const page = usePage()
  const columns = plan.fetches.length
  const alone = useFacts((state) => state.arrangement.alone === 'ablation')
  return (
    <>
      {plan.off.length > 0 && (
        <p className="ablation-off">
          {plan.off.join(' and ')} {plan.off.length > 1 ? 'are' : 'is'} switched off: what breaks without {plan.off.length > 1 ? 'them' : 'it'} breaks
          in every row.{' '}
          <button type="button" onClick={() => page.ablateRestored()}>
            Ask with {plan.off.length > 1 ? 'them' : 'it'} on
          </button>
        </p>
      )}
      <p className="ablation-room">
        <button type="button" className="quiet" aria-pressed={alone} onClick={() => page.showAlone(alone ? null : 'ablation')}>
          {alone ? 'Back among the others' : 'All the room for this table'}
        </button>
      </p>
      <table>
        <caption>Columns are fetch models. “Not needed” is said within the model, where every reachable state was visited.</caption>
        <thead>
          <tr>
            {plan.fetches.map((fetch) => (
              <th key={fetch} scope="col">
                {fetchTitle(fetch)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {plan.rows.map(({ removed, title }, row) => (
            <Fragment key={removed.join()}>
              <tr>
                <th scope="rowgroup" colSpan={columns}>
                  {removed.length === 0 ? <em>{title}</em> : `without ${title}`}
                </th>
              </tr>
              <tr aria-label={title}>
                {plan.fetches.map((fetch, column) => {
                  const index = row * columns + column
                  const parts = plan.rows.flatMap((part, i) =>
                    removed.length === 2 && part.removed.length === 1 && removed.includes(part.removed[0] as string)
                      ? [cells[i * columns + column] ?? null]
                      : [],
                  )
                  return (
                    <td key={fetch}>
                      <Cell
                        cell={cells[index] ?? null}
                        everything={row === 0 ? null : (cells[column] ?? null)}
                        parts={parts}
                        show={() => page.loadCell(index)}
                      />
                    </td>
                  )
                })}
              </tr>
            </Fragment>
          ))}
        </tbody>
      </table>
    </>
  )
}

interface CellProps {
  readonly cell: CellResult | null
  readonly everything: CellResult | null
  readonly parts: readonly (CellResult | null)[]
  readonly show: () => void
}

function Cell({ cell, everything, parts, show }: CellProps): ReactNode {
  if (cell === null) return <span className="role">…</span>
  const said = answer(cell, everything, parts)
  return (
    <>
      <span className={`answer is-${said}`} title={count(cell.states, 'state')}>
        {SIGNS[said]} {WORDS[said]}
      </span>
      {cell.race !== null && (
        <button type="button" className="link" onClick={show} title={`Show me the race: ${cell.race.title}`}>
          {count(cell.race.steps, 'step')}
        </button>
      )}
    </>
  )
}
