/** Every strategy against every hazard, as the searches of the build found it. A violated cell opens its shortest race. */
import { type ReactNode, useEffect, useState } from 'react'
import type { HazardMatrix, MatrixCell, MatrixRow } from '../../worker/protocol.ts'
import { useFacts, usePage } from '../page-context.ts'
import { Dialog } from './Dialog.tsx'
import { byFamily, cellWords, loadHazards, strategyLink } from './hazards.ts'
import './hazards.css'

export function Hazards(): ReactNode {
  const [matrix, setMatrix] = useState<HazardMatrix | null | 'loading'>('loading')
  const [whole, setWhole] = useState(true)
  useEffect(() => {
    const cancel = new AbortController()
    loadHazards(cancel.signal).then((found) => {
      if (!cancel.signal.aborted) setMatrix(found)
    })
    return () => cancel.abort()
  }, [])
  return (
    <Dialog title="Hazards: what each strategy survives" wide>
      {matrix === 'loading' && <p className="empty">The table is being loaded.</p>}
      {matrix === null && (
        <p className="empty">
          There is no table beside this page. <code>npm run build</code> computes it.
        </p>
      )}
      {matrix !== null && matrix !== 'loading' && (
        <>
          <p>
            Each cell is what a search of all interleavings found when the page was built. <b>✕ 80</b> opens a race of 80 steps; <b>✓</b>: every
            reachable state was visited; <b>·</b>: not seen, but runs end at another violation; <b>?</b>: the search was cut; <b>blank</b>: not
            checked, since no property of the scenario stands for it. A strategy’s name opens it at its start.
          </p>
          <label className="whole">
            <input type="checkbox" data-first="" checked={!whole} onChange={(event) => setWhole(!event.target.checked)} /> also with one thing left
            out
          </label>
          <Table matrix={matrix} whole={whole} />
        </>
      )}
    </Dialog>
  )
}

function Table({ matrix, whole }: { matrix: HazardMatrix; whole: boolean }): ReactNode {
  const hazards = Object.entries(matrix.hazards)
  const [asked, setAsked] = useState<string | null>(null)
  const meaning = hazards.find(([hazard]) => hazard === asked)
  return (
    <>
      <p className="column-means" aria-live="polite">
        {meaning === undefined ? (
          'Point at the name of a column, or press it, to read what it means.'
        ) : (
          <>
            <b>{meaning[0]}</b>: {meaning[1]}.
          </>
        )}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className="matrix" tabIndex={0} aria-label="Hazard matrix">
        <table>
          <thead>
            <tr>
              <th scope="col">Strategy</th>
              {hazards.map(([hazard, meaning]) => (
                <th key={hazard} scope="col" title={meaning}>
                  <button
                    type="button"
                    className="link"
                    onClick={() => setAsked(hazard)}
                    onFocus={() => setAsked(hazard)}
                    onPointerEnter={() => setAsked(hazard)}
                  >
                    {hazard}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          {byFamily(matrix.rows, whole).map(({ family, rows }) => (
            <tbody key={family}>
              <tr className="matrix-family">
                <th colSpan={hazards.length + 1} scope="rowgroup">
                  {family}
                </th>
              </tr>
              {rows.map((row) => (
                <Row key={`${row.scenario} ${row.strategy} ${row.removed}`} row={row} hazards={hazards.map(([hazard]) => hazard)} />
              ))}
            </tbody>
          ))}
        </table>
      </section>
    </>
  )
}

function Row({ row, hazards }: { row: MatrixRow; hazards: readonly string[] }): ReactNode {
  const cells: Readonly<Record<string, MatrixCell>> = row.cells
  return (
    <tr>
      <th scope="row">
        {row.removed === null ? <StrategyName row={row} /> : <span className="removed">without {row.removed}</span>}
        {row.removed === null && <span className="role"> {row.scenario}</span>}
      </th>
      {hazards.map((hazard) => (
        <Cell key={hazard} cell={cells[hazard] ?? { kind: 'none' }} />
      ))}
    </tr>
  )
}

function StrategyName({ row }: { row: MatrixRow }): ReactNode {
  const page = usePage()
  const scenario = useFacts((state) => state.catalog?.find(({ id }) => id === row.scenario))
  return (
    <a href={strategyLink(row, scenario?.strategies?.param ?? null)} onClick={() => page.closeDialog()}>
      {row.title}
    </a>
  )
}

function Cell({ cell }: { cell: MatrixCell }): ReactNode {
  const page = usePage()
  const { sign, words } = cellWords(cell)
  return (
    <td data-kind={cell.kind} title={words}>
      {cell.kind === 'violated' ? (
        <a href={`#${cell.link}`} aria-label={words} onClick={() => page.closeDialog()}>
          {sign}
        </a>
      ) : (
        <span aria-label={words} role="img">
          {sign}
        </span>
      )}
    </td>
  )
}
