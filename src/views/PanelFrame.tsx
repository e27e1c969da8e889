import type { ReactNode } from 'react'
import type { Panel } from './panels/panel.ts'

export function PanelFrame({ panel: { id, title, Body, Hint } }: { panel: Panel }): ReactNode {
  return (
    <section className="panel" id={`panel-${id}`} aria-labelledby={`title-${id}`}>
      <header className="panel-head">
        <h2 id={`title-${id}`}>{title}</h2>
        {Hint !== undefined && (
          <span className="hint">
            <Hint />
          </span>
        )}
      </header>
      <div className="panel-body">
        <Body />
      </div>
    </section>
  )
}
