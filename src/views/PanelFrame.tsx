import type { ReactNode } from 'react'
import { Boundary } from './Boundary.tsx'
import type { Panel } from './panels/panel.ts'

export function PanelFrame({ panel: { id, title, region, Body, Hint } }: { panel: Panel }): ReactNode {
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
      <div className="panel-body" tabIndex={region === 'side' ? 0 : undefined}>
        <Boundary of={title}>
          <Body />
        </Boundary>
      </div>
    </section>
  )
}
