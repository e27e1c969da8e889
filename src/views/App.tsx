/** The page: header, panels by region, transport. */
import { type ReactNode, useEffect } from 'react'
import type { Page } from '../store/page.ts'
import { Catalog } from './dialogs/Catalog.tsx'
import { Hazards } from './dialogs/Hazards.tsx'
import { Help } from './dialogs/Help.tsx'
import { Share } from './dialogs/Share.tsx'
import { Header } from './Header.tsx'
import { useKeyboard } from './keyboard.ts'
import { NotesList } from './NotesList.tsx'
import { PageContext, useFacts } from './page-context.ts'
import './theme.css'
import './page.css'
import { PanelFrame } from './PanelFrame.tsx'
import { PANELS } from './panels/index.ts'
import { Tabs } from './Tabs.tsx'
import { Transport } from './Transport.tsx'
import { useTheme } from './theme.ts'

export function App({ page }: { page: Page }): ReactNode {
  useKeyboard(page)
  useEffect(() => {
    addEventListener('pagehide', page.flushAddress)
    return () => removeEventListener('pagehide', page.flushAddress)
  }, [page])
  return (
    <PageContext value={page}>
      <Layout />
    </PageContext>
  )
}

function Layout(): ReactNode {
  useTheme()
  const title = useFacts((state) => state.view?.scenario.title)
  const ready = useFacts((state) => state.view !== null)
  const dialog = useFacts((state) => state.dialog)
  const detail = useFacts((state) => state.detail)
  const shown = PANELS.filter((panel) => detail || panel.level === 'first')
  return (
    <div className="page" data-detail={detail}>
      <title>{title === undefined ? 'Pokescope' : `${title} – Pokescope`}</title>
      <Header />
      <main>
        <NotesList />
        {ready ? (
          <div className="panels">
            <div className="main-column">{shown.map((panel) => panel.region === 'main' && <PanelFrame key={panel.id} panel={panel} />)}</div>
            <div className="side-column">
              <Tabs panels={shown.filter((panel) => panel.region === 'tabs')} />
              {shown.map((panel) => panel.region === 'side' && <PanelFrame key={panel.id} panel={panel} />)}
            </div>
          </div>
        ) : (
          <Loading />
        )}
      </main>
      <Transport />
      {dialog === 'catalog' && <Catalog />}
      {dialog === 'hazards' && <Hazards />}
      {dialog === 'help' && <Help />}
      {dialog === 'share' && ready && <Share />}
    </div>
  )
}

function Loading(): ReactNode {
  const failed = useFacts((state) => state.notes.some(({ tone }) => tone === 'bad'))
  return failed ? null : <p className="loading">Starting the emulator …</p>
}
