/** Every run that was tried. Going back and choosing differently makes a branch; nothing is thrown away. */
import type { CSSProperties, ReactNode } from 'react'
import { count } from '../../format.ts'
import { usePage, useView } from '../../page-context.ts'
import './branches.css'
import { branchTree } from './words.ts'

export function Branches(): ReactNode {
  const page = usePage()
  const { branches, branch: present } = useView()
  const nameOf = (id: number | null) => branches.find((each) => each.id === id)?.name
  return (
    <>
      <ul className="branches">
        {branchTree(branches).map(({ branch, depth }) => (
          <li key={branch.id} style={{ '--depth': depth } as CSSProperties}>
            <button type="button" aria-current={branch.id === present ? 'true' : undefined} onClick={() => page.checkout(branch.id)}>
              <span className="name">{branch.name}</span>
              <span className="role">
                {branch.parent !== null && `leaves ${nameOf(branch.parent) ?? 'another'} after step ${branch.forkedAt} · `}
                {count(branch.length, 'step')}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <p>
        <button type="button" onClick={() => page.openDialog('compare')}>
          Compare two runs …
        </button>
      </p>
      {branches.length === 1 && <p className="empty">Step back and choose differently: both runs are kept here.</p>}
    </>
  )
}
