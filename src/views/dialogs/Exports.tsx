/** What is seen, for slides and for other tools. */
import { type ReactNode, useState } from 'react'
import type { PageExport, SaveAs } from '../../store/exporting.ts'
import { usePage } from '../page-context.ts'

const FILES: readonly (readonly [PageExport, string, string])[] = [
  ['timeline-svg', 'Timeline', 'as it stands, with the cursor'],
  ['picture-svg', 'Call site and stack', 'the bytes, as fetched against memory, and the stack of the CPU in front'],
  ['storyboard', 'Storyboard', 'the decisive moments, or the phases, with a picture and a sentence each; prints well'],
  ['perfetto', 'Perfetto or Chrome trace', 'JSON; also for chrome://tracing and speedscope'],
  ['ftrace', 'ftrace text', 'as the kernel’s tracer would have written it'],
]

export function Exports(): ReactNode {
  const page = usePage()
  const [failed, setFailed] = useState<string | null>(null)
  const save = (what: PageExport, as: SaveAs) => {
    setFailed(null)
    page.saveExport(what, as).catch((error: unknown) => setFailed(error instanceof Error ? error.message : String(error)))
  }
  return (
    <section aria-label="Export">
      <h3>Export what is seen</h3>
      <ul className="exports">
        {FILES.map(([what, title, words]) => (
          <li key={what}>
            <span>
              <b>{title}</b> <span className="role">{words}</span>
            </span>
            <span className="export-buttons">
              <button type="button" aria-label={`Save: ${title}`} onClick={() => save(what, 'file')}>
                {what.endsWith('svg') ? 'SVG' : 'Save'}
              </button>
              {what.endsWith('svg') && (
                <button type="button" aria-label={`Save as PNG: ${title}`} onClick={() => save(what, 'png')}>
                  PNG
                </button>
              )}
              {what === 'perfetto' && (
                <button
                  type="button"
                  title="Opens ui.perfetto.dev in a tab and hands the trace over; nothing else of this page ever leaves it"
                  onClick={() => save(what, 'perfetto')}
                >
                  Open in Perfetto ↗
                </button>
              )}
            </span>
          </li>
        ))}
      </ul>
      {failed !== null && <p role="alert">That did not work: {failed}.</p>}
    </section>
  )
}
