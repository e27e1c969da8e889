import type { ReactNode } from 'react'
import { Boundary } from './Boundary.tsx'
import { PanelMenu } from './PanelMenu.tsx'
import type { Panel } from './panels/panel.ts'

export function PanelFrame({ panel }: { panel: Panel }): ReactNode {
  const { id, title, Body, Hint } = panel
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
        <PanelMenu panel={panel} />
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
