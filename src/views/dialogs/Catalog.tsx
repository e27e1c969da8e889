import { type ReactNode, useState } from 'react'
import { useFacts, usePage } from '../page-context.ts'
import { byFamily } from './catalog.ts'
import { Dialog } from './Dialog.tsx'

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
  return (
    <Dialog title="Scenarios">
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
      {catalog === null && <p className="empty">The list is being loaded.</p>}
      {catalog !== null && families.length === 0 && <p className="empty">No scenario speaks of “{filter}”.</p>}
      {families.map(({ family, scenarios }) => (
        <section key={family} aria-label={family}>
          <h3>{family}</h3>
          <ul className="catalog-list">
            {scenarios.map(({ id, title, summary }) => (
              <li key={id}>
                <button type="button" aria-current={id === present ? 'true' : undefined} onClick={() => open(id)}>
                  <b>{title}</b>
                  <span className="role">{summary}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </Dialog>
  )
}
