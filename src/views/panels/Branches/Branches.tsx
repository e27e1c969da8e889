/** Every run that was tried, as a tree. Going back and choosing differently makes a branch; nothing is thrown away unless somebody wishes it, and then it can be brought back. */
import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { LONGEST_NAME, type Tree, treeOf } from '../../../store/tree.ts'
import type { View } from '../../../worker/protocol.ts'
import { count, listed } from '../../format.ts'
import { usePage, useView } from '../../page-context.ts'
import './branches.css'
import { Picture } from './Picture.tsx'
import { Strip } from './Strip.tsx'
import { branchTree, branchWords } from './words.ts'

type Branch = View['branches'][number]

export function Branches(): ReactNode {
  const page = usePage()
  const tree = treeOf(page)
  const { branches, branch: present } = useView()
  const list = useRef<HTMLUListElement>(null)
  const [renaming, setRenaming] = useState<number | null>(null)
  const rows = branchTree(branches)
  const nameOf = (id: number) => branches.find((each) => each.id === id)?.name
  const onKey = (event: KeyboardEvent) => {
    const row = (event.target as HTMLElement).closest<HTMLElement>('[data-branch]')
    if (row === null || event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return
    const id = Number(row.dataset.branch)
    const at = rows.findIndex(({ branch }) => branch.id === id)
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key]
    if (to !== undefined) list.current?.querySelectorAll<HTMLElement>('.checkout')[to]?.focus()
    else if (event.key === 'F2') setRenaming(id)
    else if (event.key === 'Delete') tree.drop(id)
    else if (event.key === '*') tree.star(id, branches.find((each) => each.id === id)?.starred !== true)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <>
      <div className="branch-tree">
        <Picture rows={rows} />
        <ul className="branches" ref={list}>
          {rows.map(({ branch }) => (
            <li key={branch.id} data-branch={branch.id} onKeyDown={onKey}>
              <Star tree={tree} branch={branch} />
              {renaming === branch.id ? (
                <Rename tree={tree} branch={branch} onDone={() => setRenaming(null)} />
              ) : (
                <button
                  type="button"
                  className="checkout"
                  aria-current={branch.id === present ? 'true' : undefined}
                  title="↑ ↓ walk, Enter goes there, F2 renames, * stars, Delete drops"
                  onClick={() => page.checkout(branch.id)}
                >
                  <span className="name">{branch.name}</span>
                  <span className="role">{branchWords(branch, nameOf)}</span>
                </button>
              )}
              <Tools tree={tree} branch={branch} alone={branches.length === 1} onRename={() => setRenaming(branch.id)} />
            </li>
          ))}
        </ul>
      </div>
      <Kept tree={tree} />
      <Strip />
      <p>
        <button type="button" onClick={() => page.openDialog('compare')}>
          Compare two runs …
        </button>
      </p>
      {branches.length === 1 && <p className="empty">Step back and choose differently: both runs are kept here, also for your next visit.</p>}
    </>
  )
}

function Star({ tree, branch: { id, name, starred } }: { tree: Tree; branch: Branch }): ReactNode {
  return (
    <button type="button" className="quiet icon star" aria-pressed={starred} aria-label={`Star ${name}`} onClick={() => tree.star(id, !starred)}>
      {starred ? '★' : '☆'}
    </button>
  )
}

function Rename({ tree, branch: { id, name }, onDone }: { tree: Tree; branch: Branch; onDone: () => void }): ReactNode {
  const done = useRef(false)
  const end = (text: string | null) => {
    if (done.current) return
    done.current = true
    if (text !== null && text !== name) tree.rename(id, text)
    onDone()
  }
  return (
    <input
      className="rename"
      aria-label={`New name of ${name}`}
      defaultValue={name}
      maxLength={LONGEST_NAME}
      ref={(element) => element?.select()}
      onBlur={(event) => end(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') end(event.currentTarget.value)
        else if (event.key === 'Escape') end(null)
      }}
    />
  )
}

interface ToolsProps {
  readonly tree: Tree
  readonly branch: Branch
  readonly alone: boolean
  onRename(): void
}

function Tools({ tree, branch: { id, name }, alone, onRename }: ToolsProps): ReactNode {
  const page = usePage()
  const [copied, setCopied] = useState<string | null>(null)
  const copy = async () => {
    const link = await tree.linkOf(id)
    if (link === null) return
    const done = await page.copy(link)
    setCopied(done ? 'copied' : link)
    if (done) setTimeout(() => setCopied(null), 2500)
  }
  // A browser that does not allow copying shows what is to be copied.
  if (copied !== null && copied !== 'copied') {
    return (
      <input
        readOnly
        className="rename"
        aria-label={`Link to ${name}`}
        value={copied}
        ref={(element) => element?.select()}
        onBlur={() => setCopied(null)}
      />
    )
  }
  return (
    <span className="branch-tools">
      <button type="button" className="quiet icon" aria-label={`Rename ${name}`} title="Rename (F2)" onClick={onRename}>
        ✎
      </button>
      <button
        type="button"
        className="quiet icon"
        aria-label={`Copy a link to ${name}`}
        title="Copy a link to this branch"
        onClick={() => void copy()}
      >
        {copied === 'copied' ? '✓' : 'link'}
      </button>
      <button
        type="button"
        className="quiet icon"
        aria-label={`Drop ${name}`}
        title="Drop (Delete); it can be brought back"
        disabled={alone}
        onClick={() => tree.drop(id)}
      >
        ✕
      </button>
      <output className="unseen">{copied === 'copied' ? 'Link copied' : ''}</output>
    </span>
  )
}

/** What was dropped last, and what the browser could not keep. */
function Kept({ tree }: { tree: Tree }): ReactNode {
  const dropped = useStore(tree.store, (state) => state.dropped)
  const unkept = useStore(tree.store, (state) => state.unkept)
  const cut = useStore(tree.store, (state) => state.cut)
  return (
    <div role="status">
      {dropped !== null && (
        <p className="branch-note">
          “{dropped.name}” was dropped.{' '}
          <button type="button" onClick={() => tree.bringBack()}>
            Bring it back
          </button>
        </p>
      )}
      {cut > 0 && (
        <p className="branch-note">{count(cut, 'kept branch', 'kept branches')} can be followed only in part: the scenario has changed since.</p>
      )}
      {unkept?.why === 'long' && (
        <p className="branch-note">
          Too long to be kept for the next visit: {listed(unkept.names)}. The link of a branch holds all of it, and drop what you do not need.
        </p>
      )}
      {unkept?.why === 'full' && (
        <p className="branch-note">
          The browser has no more room: branches made now are not kept for the next visit.{' '}
          {unkept.others > 0 && (
            <button type="button" onClick={() => tree.forgetOthers()}>
              Forget those of {count(unkept.others, 'other scenario or setting', 'other scenarios and settings')}
            </button>
          )}
        </p>
      )}
    </div>
  )
}
