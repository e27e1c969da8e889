/** The tree as lines: a row a branch, steps from left to right, each leaving its parent where it left; where one stands, and where a branch breaks. */
import type { ReactNode } from 'react'
import { useView } from '../../page-context.ts'
import { type TreeRow, treeLines } from './words.ts'

/** Pixels; the height of a row is that of the list beside it (branches.css). */
const WIDTH = 84
const ROW = 44
const MARGIN = 7

export function Picture({ rows }: { rows: readonly TreeRow[] }): ReactNode {
  const { cursor, branch: present } = useView()
  const lines = treeLines(rows)
  const longest = Math.max(1, ...rows.map(({ branch }) => branch.length))
  const x = (share: number) => MARGIN + share * (WIDTH - 2 * MARGIN)
  const y = (row: number) => (row + 0.5) * ROW
  return (
    <svg className="tree" width={WIDTH} height={rows.length * ROW} aria-hidden="true">
      <circle className="here" cx={x(cursor / longest)} cy={y(rowAt(rows, present, cursor))} r={6} />
      {lines.map(({ id, row, from, to, parentRow, violated }) => {
        const start = x(from)
        // A little to the right, so that the line down is a curve; but not beyond a short branch's end.
        const turned = parentRow === null ? start : Math.min(start + 6, Math.max(start, x(to)))
        return (
          <g key={id} data-present={id === present}>
            {parentRow !== null && <path d={`M${start},${y(parentRow)}C${start},${y(row)} ${start},${y(row)} ${turned},${y(row)}`} />}
            <path d={`M${turned},${y(row)}H${x(to)}`} />
            {violated === null ? (
              <circle className="end" cx={x(to)} cy={y(row)} r={2.5} />
            ) : (
              <path className="broken" d={`M${x(violated) - 4},${y(row) - 4}l8,8m0,-8l-8,8`} />
            )}
          </g>
        )
      })}
    </svg>
  )
}

/** The row that draws the step: before a branch has left, that of its parent, and so on. */
function rowAt(rows: readonly TreeRow[], id: number, cursor: number): number {
  const row = rows.findIndex(({ branch }) => branch.id === id)
  const branch = rows[row]?.branch
  return branch === undefined || branch.parent === null || cursor >= branch.forkedAt ? Math.max(row, 0) : rowAt(rows, branch.parent, cursor)
}
