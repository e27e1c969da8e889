/** What is selected, in words: what it is, who did it, where and when; every fact that names another moment leads there. */
import { type ReactNode, useMemo, useRef } from 'react'
import { ByteHistory } from '../../timeline/byte-history.ts'
import { detailsOf } from '../../timeline/details.ts'
import type { TimelineIndex } from '../../timeline/index.ts'
import type { TimelineData } from '../../timeline/model.ts'
import { cursorOf, type Selection } from '../../timeline/selection.ts'
import { changesBetween } from '../../timeline/sheet.ts'
import type { SiteNow } from '../../timeline/site-now.ts'

/** Why it can be so: guaranteed, documented, or folklore; with its source. */
export interface Basis {
  readonly basis: string
  readonly says: string | null
  readonly source: string | null
}

export interface DetailsCardProps {
  readonly index: TimelineIndex
  readonly selection: Selection
  readonly cursor: number
  /** Of the step that the cursor stands behind. */
  readonly basis: Basis | null
  /** What call sites are at the cursor. */
  readonly sites: readonly SiteNow[]
  /** What lies under the pointer: said in the place of all this, as long as it does. */
  readonly said: string | null
  onSelect(selection: Selection | null): void
  /** Selects, and goes there. */
  onGo(selection: Selection): void
  onShow(): void
}

export default function DetailsCard({ index, selection, cursor, basis, sites, said, onSelect, onGo, onShow }: DetailsCardProps): ReactNode {
  const bytes = useByteHistory(index.data, selection)
  const { title, rows } = useMemo(() => detailsOf(index, selection, cursor, bytes, sites), [index, selection, cursor, bytes, sites])
  const there = cursorOf(selection)
  return (
    <section className="tl-details" aria-label="What is selected" data-over={said !== null}>
      <header>
        <p className="tl-details-title" aria-live="polite">
          {said ?? title}
        </p>
        {there !== null && there !== cursor && (
          <button type="button" className="quiet" onClick={() => onGo(selection)}>
            go there
          </button>
        )}
        {selection.from !== null && (
          <button type="button" className="quiet" onClick={onShow} title="Show all of it (F)">
            zoom
          </button>
        )}
        <button type="button" className="quiet icon" aria-label="Let go of what is selected" title="Let go (Esc)" onClick={() => onSelect(null)}>
          ×
        </button>
      </header>
      <dl>
        {rows.map(({ label, text, to }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the rows of one thing stay in their order
          <div key={i}>
            <dt>{label}</dt>
            <dd>
              {to === null ? (
                text
              ) : (
                <button type="button" className="link" onClick={() => onGo(to)}>
                  {text}
                </button>
              )}
            </dd>
          </div>
        ))}
        {basis !== null && there === cursor && selection.kind !== 'span' && selection.kind !== 'area' && (
          <div>
            <dt>basis</dt>
            <dd>
              {BASIS_WORDS[basis.basis] ?? basis.basis}
              {basis.source !== null && <span className="tl-source"> ({basis.source})</span>}
            </dd>
          </div>
        )}
      </dl>
    </section>
  )
}

const BASIS_WORDS: Readonly<Record<string, string>> = {
  architecture: 'guaranteed by the architecture',
  vendor: 'documented by one vendor',
  folklore: 'folklore: no manual says so',
  protocol: 'a rule of the protocol',
}

/** The history of the selected bytes, which goes on with the trace. */
function useByteHistory(data: TimelineData, { kind, address, size }: Selection): ByteHistory | null {
  const kept = useRef<{ history: ByteHistory; data: TimelineData } | null>(null)
  return useMemo(() => {
    if (kind !== 'bytes' || address === null) return null
    const before = kept.current
    const same = before !== null && before.history.address === address && before.history.size === size && changesBetween(before.data, data) !== null
    const history = same ? before.history : new ByteHistory(address, size)
    kept.current = { history, data }
    return history.goOn(data)
  }, [data, kind, address, size])
}
