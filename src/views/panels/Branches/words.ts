/** Branches as a tree: each below the one that it left, in the order in which they left. */
import type { View } from '../../../worker/protocol.ts'

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
