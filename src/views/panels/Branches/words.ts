/** Branches as a tree: each below the one that it left, in the order in which they left; and where its lines are drawn. */
import type { View } from '../../../worker/protocol.ts'
import { count, grouped } from '../../format.ts'

type Branch = View['branches'][number]

export interface TreeRow {
  readonly branch: Branch
  readonly depth: number
}

export function branchTree(branches: readonly Branch[]): readonly TreeRow[] {
  const rows: TreeRow[] = []
  const known = new Set(branches.map(({ id }) => id))
  const add = (parent: number | null, depth: number): void => {
    const children = branches.filter((branch) => (branch.parent !== null && known.has(branch.parent) ? branch.parent : null) === parent)
    for (const branch of [...children].sort((a, b) => a.forkedAt - b.forkedAt || a.id - b.id)) {
      rows.push({ branch, depth })
      add(branch.id, depth + 1)
    }
  }
  add(null, 0)
  return rows
}

/** In units of the picture: x from 0 to 1 along the steps, y in rows. */
export interface TreeLine {
  readonly id: number
  readonly row: number
  readonly from: number
  readonly to: number
  /** The row of the branch that it left; null for one that left none. */
  readonly parentRow: number | null
  readonly violated: number | null
}

export function treeLines(rows: readonly TreeRow[]): readonly TreeLine[] {
  const longest = Math.max(1, ...rows.map(({ branch }) => branch.length))
  const rowOf = new Map(rows.map(({ branch }, i) => [branch.id, i]))
  return rows.map(({ branch: { id, parent, forkedAt, length, violatedAt } }, row) => ({
    id,
    row,
    from: forkedAt / longest,
    to: length / longest,
    parentRow: parent === null ? null : (rowOf.get(parent) ?? null),
    violated: violatedAt === null ? null : violatedAt / longest,
  }))
}

export function branchWords({ parent, forkedAt, length, violatedAt }: Branch, nameOf: (id: number) => string | undefined): string {
  const steps = length === 0 ? 'at the start' : count(length, 'step')
  const left = parent === null ? '' : ` · leaves ${nameOf(parent) ?? 'another'} after ${grouped(forkedAt)}`
  return `${steps}${left}${violatedAt === null ? '' : ` · breaks at ${grouped(violatedAt)}`}`
}
