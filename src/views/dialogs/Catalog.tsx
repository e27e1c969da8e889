import { type ReactNode, useState } from 'react'
import { stopIndex } from '../../store/touring.ts'
import { count } from '../format.ts'
import { useFacts, usePage } from '../page-context.ts'
import { byFamily } from './catalog.ts'
import { Dialog } from './Dialog.tsx'
import { onListKey } from './list-keys.ts'

/** The order in which a newcomer can take the atlas. */
function Tour(): ReactNode {
  const page = usePage()
  const tour = useFacts((state) => state.tour)
  const view = useFacts((state) => state.view)
  if (tour.length === 0) return null
  const here = view === null ? -1 : stopIndex(tour, view.scenario, view.params)
  return (
    <details open={here >= 0} className="tour-list">
      <summary>
        <b>The tour</b>: {tour.length} questions, from five bytes to today’s kernel
      </summary>
      <ol className="catalog-list tour">
        {tour.map((stop, i) => (
          <li key={stop.question}>
            <button
              type="button"
              aria-current={i === here ? 'true' : undefined}
              onClick={() => {
                page.closeDialog()
                page.openScenario(stop.scenario, stop.params)
              }}
            >
              <b>
                {i + 1}. {stop.question}
              </b>
              <span className="role">{stop.text}</span>
            </button>
          </li>
        ))}
      </ol>
    </details>
  )
}

/** Copies that were edited here. */
function Drafts(): ReactNode {
  const page = usePage()
  const drafts = useFacts((state) => state.drafts)
  if (drafts.length === 0) return null
  return (
    <section aria-label="Your drafts">
      <h3>Your drafts</h3>
      <ul className="catalog-list">
        {drafts.map(({ id, name, origin }) => (
          <li key={id}>
            <button type="button" onClick={() => page.openDraft(id)}>
              <b>{name}</b>
              <span className="role">edited from {origin}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

export function Catalog(): ReactNode {
  const page = usePage()
  const catalog = useFacts((state) => state.catalog)
  const present = useFacts((state) => state.view?.scenario.id)
  const link = useFacts((state) => state.notes.find(({ key }) => key === 'link'))
  const [filter, setFilter] = useState('')
  const families = byFamily(catalog ?? [], filter)
  const open = (id: string) => {
    page.closeDialog()
    page.openScenario(id)
  }
  const found = families.flatMap(({ scenarios }) => scenarios)
  const first = filter.trim() === '' ? undefined : found[0]
  return (
    <Dialog title="Scenarios">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys of the box and the buttons inside */}
      <div className="catalog" onKeyDown={(event) => onListKey(event, first !== undefined)}>
        {link !== undefined && (
          <div className="note" data-tone={link.tone}>
            <div>
              <strong>{link.title}</strong>
              {link.lines.map((line) => (
                <span key={line} className="note-line">
                  {line}
                </span>
              ))}
            </div>
          </div>
        )}
        {(catalog?.length ?? 0) > 6 && (
          <input
            className="filter"
            data-first=""
            type="search"
            placeholder="Find: sync, frame, stub, 32-bit …"
            aria-label="Find a scenario"
            value={filter}
            onChange={(event) => setFilter(event.target.value)}
          />
        )}
        <p className="unseen" role="status">
          {first !== undefined && `${count(found.length, 'scenario')}. Enter opens ${first.title}.`}
        </p>
        {filter === '' && (
          <>
            <p className="catalog-ways">
              <button type="button" onClick={() => page.openDialog('hazards')}>
                Hazards: what each strategy survives
              </button>
              <button type="button" onClick={() => page.openFile()}>
                Open a scenario file …
              </button>
            </p>
            <Tour />
            <Drafts />
          </>
        )}
        {catalog === null && <p className="empty">The list is being loaded.</p>}
        {catalog !== null && families.length === 0 && <p className="empty">No scenario speaks of “{filter}”.</p>}
        {families.map(({ family, scenarios }) => (
          <section key={family} aria-label={family}>
            <h3>{family}</h3>
            <ul className="catalog-list">
              {scenarios.map(({ id, title, summary }) => (
                <li key={id}>
                  <button type="button" aria-current={id === present ? 'true' : undefined} data-taken={id === first?.id} onClick={() => open(id)}>
                    <b>{title}</b>{' '}
                    {id === first?.id && (
                      <span aria-hidden="true">
                        <kbd>Enter</kbd>
                      </span>
                    )}
                    <span className="role">{summary}</span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Dialog>
  )
}
