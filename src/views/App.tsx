/** The page: header, panels by region, transport. */
import { type ReactNode, useEffect } from 'react'
import type { Page } from '../store/page.ts'
import { Guide } from './Guide.tsx'
import { Header } from './Header.tsx'
import { useKeyboard } from './keyboard.ts'
import { fetchAhead, later } from './later.tsx'
import { NotesList } from './NotesList.tsx'
import { PageContext, useFacts } from './page-context.ts'
import './theme.css'
import './page.css'
import { useDroppedFiles } from './dropping.ts'
import { Regions } from './Regions.tsx'
import { Transport } from './Transport.tsx'
import { useTheme } from './theme.ts'
import './low.css'

const Catalog = later(() => import('./dialogs/Catalog.tsx'), 'Catalog')
const Compare = later(() => import('./compare/Compare.tsx'), 'Compare')
const Editor = later(() => import('./editor/Editor.tsx'), 'Editor')
const Hazards = later(() => import('./dialogs/Hazards.tsx'), 'Hazards')
const Help = later(() => import('./dialogs/Help.tsx'), 'Help')
const Palette = later(() => import('./dialogs/Palette.tsx'), 'Palette')
const Presenter = later(() => import('./Presenter.tsx'), 'Presenter')
const Share = later(() => import('./dialogs/Share.tsx'), 'Share')

export function App({ page }: { page: Page }): ReactNode {
  useKeyboard(page)
  useDroppedFiles(page)
  useEffect(() => {
    const timer = setTimeout(fetchAhead, 2000)
    return () => clearTimeout(timer)
  }, [])
  useEffect(() => void import('../store/tree.ts').then(({ treeOf }) => treeOf(page)), [page])
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
  const editing = useFacts((state) => state.editing !== null)
  const detail = useFacts((state) => state.detail)
  const presenting = useFacts((state) => state.presenting)
  return (
    <div className="page" data-detail={detail}>
      <title>{title === undefined ? 'Pokescope' : `${title} – Pokescope`}</title>
      {ready && !presenting && <Guide />}
      <Header />
      <main>
        <NotesList />
        {editing ? <Editor /> : ready && presenting ? <Presenter /> : ready ? <Regions /> : <Loading />}
      </main>
      <Transport />
      {dialog === 'catalog' && <Catalog />}
      {dialog === 'compare' && ready && <Compare />}
      {dialog === 'hazards' && <Hazards />}
      {dialog === 'help' && <Help />}
      {dialog === 'palette' && <Palette />}
      {dialog === 'share' && ready && <Share />}
    </div>
  )
}

function Loading(): ReactNode {
  const failed = useFacts((state) => state.notes.some(({ key, tone }) => tone === 'bad' || key === 'refused'))
  return failed ? null : <p className="loading">Starting the emulator …</p>
}
