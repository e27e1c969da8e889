/** Breakpoints and watchpoints, with what they stand at: what the bytes hold, who changed them last, and who will next. */
import { type FormEvent, type ReactNode, useEffect, useId, useState } from 'react'
import type { Point, PointView } from '../../../worker/protocol.ts'
import { useFacts, usePage } from '../../page-context.ts'

const REST_MS = 80

export function Points(): ReactNode {
  const page = usePage()
  const points = useFacts((state) => state.points)
  const digest = useFacts((state) => `${state.session} ${state.view?.branch} ${state.view?.cursor} ${state.view?.length}`)
  const [seen, setSeen] = useState<readonly PointView[]>([])
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again at every moment
  useEffect(() => {
    let wanted = true
    if (points.length === 0) {
      setSeen([])
      return
    }
    // Not at every step of a run that is passing by.
    const timer = setTimeout(async () => {
      const views = await page.viewPoints()
      if (wanted) setSeen(views)
    }, REST_MS)
    return () => {
      wanted = false
      clearTimeout(timer)
    }
  }, [page, points, digest])
  return (
    <section aria-label="Breakpoints and watchpoints">
      <h3>Breakpoints and watchpoints</h3>
      {points.length === 0 && <p className="empty">None. B sets one where the CPU stands, or at the selected code.</p>}
      <ul className="points">
        {points.map((point) => {
          const view = seen.find(({ id }) => id === point.id)
          const where = nameOf(point.where, view?.place ?? null)
          const name = point.kind === 'break' ? where : `${where}, ${point.size} ${point.size === 1 ? 'byte' : 'bytes'}, ${ACCESS[point.access]}`
          return (
            <li key={point.id} data-enabled={point.enabled}>
              <label title={view?.place ?? undefined}>
                <input type="checkbox" checked={point.enabled} onChange={({ target }) => page.setPointEnabled(point.id, target.checked)} />
                <span className="number">{point.id}</span> {name}
                {point.cpu !== null && ` CPU ${point.cpu}`}
                {point.condition !== '' && ` if ${point.condition}`}
              </label>
              <button type="button" className="quiet icon" aria-label={`Remove ${point.id}`} onClick={() => page.removePoint(point.id)}>
                ✕
              </button>
              {view !== undefined && <Standing point={point} view={view} />}
            </li>
          )
        })}
      </ul>
      <NewPoint />
    </section>
  )
}

/** An address that has a name is called by it. */
function nameOf(where: string, place: string | null): string {
  return where.startsWith('0x') ? (place?.split(' ')[1] ?? where) : where
}

const ACCESS = { read: 'when read', write: 'when written', change: 'when changed' } as const
const HAPPENED = { read: 'Read', write: 'Written', change: 'Changed' } as const

/** What the bytes hold, and the ways to who was there, or touched them, last and will be next. */
function Standing({ point, view: { error, value, before, after } }: { point: Point; view: PointView }): ReactNode {
  const page = usePage()
  if (error !== null) return <p className="is-violation">{error}</p>
  const happened = point.kind === 'break' ? 'Stopped' : HAPPENED[point.access]
  return (
    <p>
      {value !== null && <b>= {value}</b>}
      {before !== null && (
        <button type="button" className="quiet" title={`${happened} last by CPU ${before.cpu}: go there`} onClick={() => page.seek(before.step)}>
          ◀ {before.step}, CPU {before.cpu}
        </button>
      )}
      {after !== null && (
        <button type="button" className="quiet" title={`${happened} next by CPU ${after.cpu}: go there`} onClick={() => page.seek(after.step)}>
          {after.step}, CPU {after.cpu} ▶
        </button>
      )}
      {before === null && after === null && <span className="role">never on this run, so far</span>}
    </p>
  )
}

function NewPoint(): ReactNode {
  const page = usePage()
  const id = useId()
  const labels = useFacts((state) => state.view?.snapshot)
  const cpus = labels?.cpus ?? []
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const data = new FormData(event.currentTarget)
    const text = (name: string) => String(data.get(name) ?? '').trim()
    const where = text('where')
    if (where === '') return
    const kind = text('kind')
    const common = { where, cpu: text('cpu') === '' ? null : Number(text('cpu')), condition: text('condition') }
    if (kind === 'break') page.addPoint({ kind: 'break', ...common })
    else page.addPoint({ kind: 'watch', ...common, size: Number(text('size')), access: kind as 'read' | 'write' | 'change' })
    event.currentTarget.reset()
  }
  return (
    <form className="new-point" onSubmit={submit}>
      <select name="kind" aria-label="Stop where">
        <option value="break">at</option>
        <option value="change">changes:</option>
        <option value="write">is written:</option>
        <option value="read">is read:</option>
      </select>
      <input name="where" aria-label="Address, label or file.asm:line" placeholder="label, address, file.asm:12" list={id} />
      <datalist id={id}>
        {[...(labels?.sites ?? []), ...(labels?.data ?? [])].map(({ label }) => (
          <option key={label} value={label} />
        ))}
      </datalist>
      <select name="size" aria-label="Bytes watched" defaultValue="1">
        {[1, 2, 4, 8].map((size) => (
          <option key={size} value={size}>
            {size} B
          </option>
        ))}
      </select>
      <select name="cpu" aria-label="On CPU">
        <option value="">any CPU</option>
        {cpus.map((cpu) => (
          <option key={cpu.id} value={cpu.id}>
            CPU {cpu.id}
          </option>
        ))}
      </select>
      <input name="condition" aria-label="Only if" placeholder="if … (rax == 0)" />
      <button type="submit">Add</button>
    </form>
  )
}
