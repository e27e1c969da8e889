/** The editor: a copy of a scenario, its parts, what is wrong with them, and the call site of what runs above it. */
import { type ReactNode, useEffect, useState } from 'react'
import { PanelFrame } from '../PanelFrame.tsx'
import { useFacts, usePage } from '../page-context.ts'
import { PANELS } from '../panels/index.ts'
import { Changes } from './Changes.tsx'
import { CodeView } from './CodeView.tsx'
import { Drafts } from './Drafts.tsx'
import './editor.css'
import { Files } from './Files.tsx'
import { Find } from './Find.tsx'
import { Problems } from './Problems.tsx'
import { schemaNow } from './schema.ts'
import { Tools } from './Tools.tsx'

export function Editor(): ReactNode {
  const page = usePage()
  const editing = useFacts((state) => state.editing)
  const ready = useFacts((state) => state.view !== null)
  const [site, setSite] = useState(true)
  useEffect(() => {
    schemaNow()
    addEventListener('pagehide', page.keepDraft)
    return () => removeEventListener('pagehide', page.keepDraft)
  }, [page])
  if (editing === null) return null
  const panel = PANELS.find(({ id }) => id === 'site')
  return (
    <div className="editing">
      {ready && site && panel !== undefined && <PanelFrame panel={panel} />}
      <section className="editor" aria-label="Editor">
        <Tools editing={editing} site={site} setSite={setSite} />
        <div className="editor-middle">
          <Files editing={editing} />
          <div className="editor-body">
            <CodeView editing={editing} />
            {editing.pane === 'changes' && <Changes editing={editing} />}
            {editing.pane === 'find' && <Find editing={editing} />}
            {editing.pane === 'drafts' && <Drafts editing={editing} />}
          </div>
        </div>
        <Problems editing={editing} />
      </section>
    </div>
  )
}
