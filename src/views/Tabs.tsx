/** Panels that share one place. Arrow keys walk among the tabs, as everywhere. */
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react'
import { presentVerdict } from '../store/selectors.ts'
import { Boundary } from './Boundary.tsx'
import { PanelMenu } from './PanelMenu.tsx'
import { useFacts, usePage } from './page-context.ts'
import type { Panel } from './panels/panel.ts'

export function Tabs({ panels }: { panels: readonly Panel[] }): ReactNode {
  const page = usePage()
  const list = useRef<HTMLDivElement>(null)
  const section = useRef<HTMLElement>(null)
  const wanted = useFacts((state) => state.tab)
  const front = panels.find(({ id }) => id === wanted) ?? panels[0]
  const verdict = useFacts(presentVerdict)
  const known = useRef(verdict)
  // The card of the first minute says it where one looks.
  const told = useFacts((state) => state.guide?.stage === 'checking')
  // In one column a verdict may come far below what one looks at; a race shows itself at the call site.
  useEffect(() => {
    const top = section.current?.getBoundingClientRect().top ?? 0
    const isNews = verdict !== null && verdict !== known.current && verdict.violations.length === 0 && !told
    if (isNews && top > innerHeight / 2) section.current?.scrollIntoView({ block: 'start' })
    known.current = verdict
  }, [verdict, told])
  if (front === undefined) return null
  const onKey = (event: KeyboardEvent) => {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (move === undefined) return
    event.preventDefault()
    const next = panels[(panels.indexOf(front) + move + panels.length) % panels.length] as Panel
    page.showTab(next.id)
    list.current?.querySelector<HTMLElement>(`#tab-${next.id}`)?.focus()
  }
  return (
    <section className="panel tabs" id="panel-tabs" aria-label={front.title} ref={section}>
      <div className="tab-row">
        <div className="tab-list" role="tablist" aria-label="About this scenario" ref={list} onKeyDown={onKey}>
          {panels.map(({ id, title }) => (
            <button
              type="button"
              role="tab"
              key={id}
              id={`tab-${id}`}
              aria-selected={id === front.id}
              aria-controls="tab-body"
              tabIndex={id === front.id ? 0 : -1}
              onClick={() => page.showTab(id)}
            >
              {title}
            </button>
          ))}
        </div>
        <PanelMenu panel={front} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by key */}
      <div className="panel-body" role="tabpanel" id="tab-body" aria-labelledby={`tab-${front.id}`} tabIndex={0}>
        <Boundary key={front.id} of={front.title}>
          <front.Body />
        </Boundary>
      </div>
    </section>
  )
}
