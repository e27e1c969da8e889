/** For a room: the call site and the timeline, and nothing else. The transport below them has the caption. */
import { type ReactNode, useLayoutEffect } from 'react'
import { paramValue } from '../store/selectors.ts'
import { Boundary } from './Boundary.tsx'
import { useFacts, usePage, useView } from './page-context.ts'
import { CallSite, CallSiteHint } from './panels/CallSite/CallSite.tsx'
import { TimelinePanel } from './panels/Timeline/TimelinePanel.tsx'
import './presenter.css'

export function Presenter(): ReactNode {
  const page = usePage()
  const title = useFacts((state) => state.view?.scenario.title)
  useLayoutEffect(() => {
    const { dataset } = document.documentElement
    dataset.presenting = 'true'
    return () => {
      delete dataset.presenting
    }
  }, [])
  return (
    <div className="presenter">
      <header>
        <h2>{title}</h2>
        <Changed />
        <CallSiteHint />
        <button
          type="button"
          className="quiet icon"
          aria-label="Leave the presentation"
          title="Leave (Esc)"
          onClick={() => page.setPresenting(false)}
        >
          ✕
        </button>
      </header>
      <section className="panel" aria-label="Call site">
        <Boundary of="The call site">
          <CallSite />
        </Boundary>
      </section>
      <section className="panel presenter-timeline" aria-label="Timeline">
        <Boundary of="The timeline">
          <TimelinePanel />
        </Boundary>
      </section>
    </div>
  )
}

/** What differs from the default: a room must see what was switched off. */
function Changed(): ReactNode {
  const { scenario, params } = useView()
  const changed = scenario.params.filter((param) => paramValue(scenario, params, param.name) !== param.default)
  return changed.map(({ name, title }) => (
    <span className="chip" data-changed="true" key={name}>
      {title}: {paramValue(scenario, params, name)}
    </span>
  ))
}
