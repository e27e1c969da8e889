/** The panels in their regions: a wide column, a narrow one, and one place in it that several share. Borders between them can be dragged, or moved by arrow keys. */
import { Fragment, type ReactNode, useEffect, useRef, useSyncExternalStore } from 'react'
import { Group, Panel as Resizable, Separator, usePanelRef } from 'react-resizable-panels'
import { panelsOf } from '../store/layout.ts'
import { PanelFrame } from './PanelFrame.tsx'
import { useFacts, usePage, useView } from './page-context.ts'
import { useFrameRoom } from './panels/CallSite/frame.ts'
import type { Panel } from './panels/panel.ts'
import { usePanels } from './panels/use-panels.ts'
import './regions.css'
import { Tabs } from './Tabs.tsx'
import { useMoreBelow } from './use-more-below.ts'

/** Below this width there is one column, and the page scrolls as a whole. */
const WIDE = '(min-width: 62.5625em)'

/** One place of a column: a panel, or the tabs. */
interface Place {
  readonly id: string
  readonly show: ReactNode
  /** Rems that it needs. */
  readonly room: number
  readonly snug: boolean
}

export function Regions(): ReactNode {
  const wide = useMedia(WIDE)
  const detail = useFacts((state) => state.detail)
  const arrangement = useFacts((state) => state.arrangement)
  const shown = usePanels().filter((panel) => detail || panel.level === 'first')
  const alone = shown.find(({ id }) => id === arrangement.alone)
  if (alone !== undefined) {
    return (
      <div className="panels is-alone">
        <PanelFrame panel={alone} />
      </div>
    )
  }
  const main = panelsOf(shown, 'main', arrangement)
  const side = panelsOf(shown, 'side', arrangement)
  const tabs = panelsOf(shown, 'tabs', arrangement)
  if (!wide) {
    return (
      <div className="panels">
        <div className="main-column">{main.map(frame)}</div>
        <div className="side-column">
          {tabs.length > 0 && <Tabs panels={tabs} />}
          {side.map(frame)}
        </div>
      </div>
    )
  }
  const sideIsEmpty = tabs.length + side.length === 0
  return (
    <Row>
      <Resizable id="column-main" minSize="35%">
        <Column region="main" panels={main} tabs={[]} />
      </Resizable>
      {!sideIsEmpty && (
        <>
          <Separator className="border" aria-label="Width of the columns" />
          <Resizable id="column-side" minSize="14rem" defaultSize="29%">
            <Column region="side" panels={side} tabs={tabs} />
          </Resizable>
        </>
      )}
    </Row>
  )
}

function Row({ children }: { children: ReactNode }): ReactNode {
  const page = usePage()
  const sizes = useFacts((state) => state.arrangement.sizes.columns)
  return (
    <Group
      className="panels"
      orientation="horizontal"
      id="columns"
      {...(sizes === undefined ? {} : { defaultLayout: sizes })}
      onLayoutChanged={(layout, { isUserInteraction }) => isUserInteraction && page.keepSizes('columns', layout)}
    >
      {children}
    </Group>
  )
}

function Column({ region, panels, tabs }: { region: 'main' | 'side'; panels: readonly Panel[]; tabs: readonly Panel[] }): ReactNode {
  const page = usePage()
  const arrangement = useFacts((state) => state.arrangement)
  const { snapshot } = useView()
  const asking = useFacts((state) => state.prediction !== null)
  const framed = useFrameRoom()
  const theme = useFacts((state) => state.theme)
  const seen = { asking, framed, large: theme === 'projector', cpus: snapshot.cpus.length, sites: snapshot.sites.length }
  const column = useRef<HTMLDivElement>(null)
  const open = panels.filter(({ id }) => !arrangement.folded.includes(id))
  const places: Place[] = open.map((panel) => ({ id: panel.id, show: frame(panel), room: panel.room(seen), snug: panel.snug === true }))
  if (tabs.length > 0) {
    places.unshift({ id: 'tabs', show: <Tabs panels={tabs} />, room: Math.max(...tabs.map((panel) => panel.room(seen))), snug: false })
  }
  const needed = places.reduce((sum, { room }) => sum + room, 0)
  // Remembered by what stands there: another set of panels has sizes of its own.
  const group = `${region}:${places.map(({ id }) => id).join(',')}`
  const sizes = arrangement.sizes[group]
  // The projector's text is larger: sizes in rems are then asked for anew.
  const key = `${group} ${theme === 'projector'}`
  const more = useMoreBelow(column, key)
  return (
    <div ref={column} className={`${region}-column`} data-more={more}>
      <Group
        key={key}
        orientation="vertical"
        style={{ minHeight: `${needed}rem` }}
        {...(sizes === undefined ? {} : { defaultLayout: sizes })}
        onLayoutChanged={(layout, { isUserInteraction }) => isUserInteraction && page.keepSizes(group, layout)}
      >
        {places.map(({ id, show, room, snug }, i) => (
          <Fragment key={id}>
            {i > 0 && <Separator className="border" aria-label={`Height of ${id}`} />}
            {snug && places.length > 1 ? (
              <Snug id={id} room={room} fixed={sizes !== undefined}>
                {show}
              </Snug>
            ) : (
              <Resizable
                id={id}
                minSize="4rem"
                {...(i === places.length - 1 && places.length > 1 ? {} : { defaultSize: `${(100 * room) / needed}%` })}
              >
                {show}
              </Resizable>
            )}
          </Fragment>
        ))}
      </Group>
      <Folded panels={panels.filter(({ id }) => arrangement.folded.includes(id))} />
    </div>
  )
}

/** A panel that takes what it needs, and more or less of it when its needs change. `fixed`: the user has given it a size. */
function Snug({ id, room, fixed, children }: { id: string; room: number; fixed: boolean; children: ReactNode }): ReactNode {
  const panel = usePanelRef()
  const had = useRef(room)
  useEffect(() => {
    if (had.current === room) return
    had.current = room
    if (!fixed) panel.current?.resize(`${room}rem`)
  }, [panel, room, fixed])
  return (
    <Resizable id={id} panelRef={panel} minSize="4rem" groupResizeBehavior="preserve-pixel-size" defaultSize={`${room}rem`}>
      {children}
    </Resizable>
  )
}

/** Panels that are folded away, as buttons that bring them back. */
function Folded({ panels }: { panels: readonly Panel[] }): ReactNode {
  const page = usePage()
  if (panels.length === 0) return null
  return (
    <div className="folded">
      {panels.map(({ id, title }) => (
        <button type="button" className="quiet" key={id} aria-expanded={false} onClick={() => page.foldPanel(id, false)}>
          ▸ {title}
        </button>
      ))}
    </div>
  )
}

function frame(panel: Panel): ReactNode {
  return <PanelFrame key={panel.id} panel={panel} />
}

function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = matchMedia(query)
      list.addEventListener('change', changed)
      return () => list.removeEventListener('change', changed)
    },
    () => matchMedia(query).matches,
  )
}
