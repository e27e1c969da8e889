/** The page inside another one: what the address asks for, the way through the run, and the door to the whole page. */
import { type ReactNode, useCallback, useEffect, useRef } from 'react'
import type { EmbedOptions } from '../../store/embed-options.ts'
import { bindingFor, type KeyBinding } from '../../store/keys.ts'
import type { Page } from '../../store/page.ts'
import type { Note } from '../../store/state.ts'
import { Boundary } from '../Boundary.tsx'
import { useKeyboard } from '../keyboard.ts'
import { later } from '../later.tsx'
import { NotesList } from '../NotesList.tsx'
import { PageContext, useFacts, usePage } from '../page-context.ts'
import { PANELS } from '../panels/index.ts'
import type { Panel } from '../panels/panel.ts'
import { Transport } from '../Transport.tsx'
import '../theme.css'
import '../page.css'
import './embed.css'
import { useTheme } from '../theme.ts'

const Catalog = later(() => import('../dialogs/Catalog.tsx'), 'Catalog')

export function Embed({ page, options }: { page: Page; options: EmbedOptions }): ReactNode {
  useKeyboard(page, isForEmbeds)
  useEffect(() => {
    addEventListener('pagehide', page.flushAddress)
    return () => removeEventListener('pagehide', page.flushAddress)
  }, [page])
  return (
    <PageContext value={page}>
      <Layout options={options} />
    </PageContext>
  )
}

/** What opens a dialog or the editor belongs to the whole page. Stop, undo and redo do not. */
function isForEmbeds(binding: KeyBinding): boolean {
  return binding.group !== 'Page' || binding === STOP || binding === UNDO || binding === REDO
}

const press = { key: 'u', shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, repeat: false }
const STOP = bindingFor({ ...press, key: 'Escape' })?.binding
const UNDO = bindingFor(press)?.binding
const REDO = bindingFor({ ...press, shiftKey: true })?.binding

function Layout({ options }: { options: EmbedOptions }): ReactNode {
  useTheme()
  const title = useFacts((state) => state.view?.scenario.title)
  const ready = useFacts((state) => state.view !== null)
  const dialog = useFacts((state) => state.dialog)
  const shown = options.panels.flatMap((id) => PANELS.filter((panel) => panel.id === id))
  const side = shown.filter(({ region }) => region !== 'main')
  return (
    <div className="embed">
      <title>{title === undefined ? 'Pokescope' : `${title} – Pokescope`}</title>
      <Head />
      <main>
        <NotesList without={isVerified} />
        {options.remarks.map((remark) => (
          <p key={remark} className="note" data-tone="attention">
            {remark}
          </p>
        ))}
        {ready && (
          <div className="embed-panels" data-columns={side.length > 0 && side.length < shown.length ? 2 : 1}>
            <Column panels={shown.filter(({ region }) => region === 'main')} />
            <Column panels={side} />
          </div>
        )}
      </main>
      <Transport />
      {dialog === 'catalog' && <Catalog />}
    </div>
  )
}

function Column({ panels }: { panels: readonly Panel[] }): ReactNode {
  if (panels.length === 0) return null
  return (
    <div className="embed-column">
      {panels.map((panel) => (
        <EmbeddedPanel key={panel.id} panel={panel} />
      ))}
    </div>
  )
}

function EmbeddedPanel({ panel: { id, title, Body, Hint } }: { panel: Panel }): ReactNode {
  return (
    <section className="panel" id={`panel-${id}`} aria-labelledby={`title-${id}`}>
      <header className="panel-head">
        <h2 id={`title-${id}`}>{title}</h2>
        {Hint !== undefined && (
          <span className="hint">
            <Boundary of="This hint">
              <Hint />
            </Boundary>
          </span>
        )}
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by key */}
      <div className="panel-body" tabIndex={0}>
        <Boundary of={title}>
          <Body />
        </Boundary>
      </div>
    </section>
  )
}

/** A small frame has room for a tick, not for a line. */
function isVerified({ key, tone }: Note): boolean {
  return key === 'verified' && tone === 'good'
}

const REST_MS = 300

function Head(): ReactNode {
  const page = usePage()
  const view = useFacts((state) => state.view)
  const verified = useFacts((state) => state.notes.find(isVerified))
  const door = useRef<HTMLAnchorElement>(null)
  const sayWhere = useCallback(() => {
    if (door.current === null || page.store.getState().view === null) return
    const whole = new URL(page.momentLink('', ''))
    whole.search = ''
    door.current.href = whole.href
  }, [page])
  // Also when it rests, for whoever copies the address. Not with every step: spelling the link of a long run takes time.
  // biome-ignore lint/correctness/useExhaustiveDependencies: of every moment
  useEffect(() => {
    const timer = setTimeout(sayWhere, REST_MS)
    return () => clearTimeout(timer)
  }, [sayWhere, view])
  const changed = view === null ? [] : view.scenario.params.filter(({ name, default: standard }) => (view.params[name] ?? standard) !== standard)
  return (
    <header className="embed-head">
      <h1>
        <span className="brand">
          poke<b>scope</b>
        </span>{' '}
        {view?.scenario.title}
      </h1>
      {verified !== undefined && (
        <span className="verified" role="img" aria-label={`${verified.title}: ${verified.lines.join(' ')}`} title={verified.lines.join(' ')}>
          ✓
        </span>
      )}
      {changed.map(({ name, title }) => (
        <span className="changed" key={name}>
          {title}: {view?.params[name]}
        </span>
      ))}
      <a ref={door} className="open-full" href="./" target="_blank" rel="noopener" onPointerDown={sayWhere} onClick={sayWhere}>
        Open full<span aria-hidden="true"> ↗</span>
      </a>
    </header>
  )
}
