/** A column a CPU: what it did in A and in B, the same steps side by side; long stretches without a difference are one line. */
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { ComparedCpu, ComparedRow, Comparison } from '../../worker/protocol.ts'
import { count, grouped } from '../format.ts'
import { useCompared, useComparing } from './use-comparing.ts'
import { foldRows } from './words.ts'

export function Aligned({ comparison }: { comparison: Comparison }): ReactNode {
  return (
    <div className="aligned">
      {comparison.runs.cpus.map((column) => (
        <Column key={column.cpu} comparison={comparison} column={column} />
      ))}
    </div>
  )
}

function Column({ comparison, column: { cpu, rows, whole } }: { comparison: Comparison; column: ComparedCpu }): ReactNode {
  const place = useCompared((state) => state.place)
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set())
  const here = place.cpu === cpu
  // Elsewhere the first difference stands in the middle.
  const items = foldRows(rows, here ? place.row : -2, open)
  const { a, b } = comparison
  const roles = [...new Set([a.roles[cpu], b.roles[cpu]])].filter((role) => role !== undefined).join(' | ')
  return (
    <section className="column" data-here={here} aria-label={`CPU ${cpu}`}>
      <h3>
        CPU {cpu} <span className="role">{roles}</span>
      </h3>
      {rows.length === 0 ? (
        <p className="empty">It does nothing in either.</p>
      ) : (
        <p className="heads">
          <span className="step">A</span>
          <span className="step">B</span>
        </p>
      )}
      <ol>
        {items.map((item) =>
          item.kind === 'row' ? (
            <Row key={item.row} comparison={comparison} cpu={cpu} index={item.row} row={rows[item.row] as ComparedRow} />
          ) : item.kind === 'fold' ? (
            <li key={`fold ${item.from}`} className="fold">
              <button type="button" className="link" onClick={() => setOpen(new Set([...open, item.from]))}>
                {count(item.to - item.from, 'step')} the same
              </button>
            </li>
          ) : (
            <li key={item.where} className="fold">
              … {grouped(item.count)} more {item.where === 'before' ? 'above' : 'below'}
            </li>
          ),
        )}
      </ol>
      {!whole && <p className="is-attention">From here on they are too different to be laid side by side.</p>}
    </section>
  )
}

interface RowProps {
  readonly comparison: Comparison
  readonly cpu: number
  readonly index: number
  readonly row: ComparedRow
}

function Row({ comparison, cpu, index, row }: RowProps): ReactNode {
  const comparing = useComparing()
  const present = useCompared(({ place }) => place.cpu === cpu && place.row === index)
  const element = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (present) element.current?.scrollIntoView({ block: 'nearest' })
  }, [present])
  const { a, b, differs } = row
  const left = a === null ? null : comparison.a.steps[a]
  const right = b === null ? null : comparison.b.steps[b]
  const kind = differs ? 'differs' : a === null ? 'b' : b === null ? 'a' : 'same'
  return (
    <li ref={element} data-kind={kind} aria-current={present ? 'step' : undefined}>
      <button type="button" tabIndex={-1} onClick={() => comparing.go({ cpu, row: index })}>
        <span className="step">{a === null ? '–' : grouped(a + 1)}</span>
        <span className="step">{b === null ? '–' : grouped(b + 1)}</span>
        {kind === 'differs' ? (
          <span className="did">
            {left?.title === right?.title && left?.title}
            <Did side="A" step={left ?? null} short={left?.title === right?.title} />
            <Did side="B" step={right ?? null} short={left?.title === right?.title} />
          </span>
        ) : (
          <span className="did">
            {kind !== 'same' && <b className="only">only {kind.toUpperCase()} </b>}
            {(left ?? right)?.title.replace(/^executes /, '')}
          </span>
        )}
      </button>
    </li>
  )
}

function Did({ side, step, short }: { side: string; step: Comparison['a']['steps'][number] | null; short: boolean }): ReactNode {
  return (
    <span className="otherwise">
      <b>{side}</b> {!short && step?.title} <span className="role">{step?.effect}</span>
    </span>
  )
}
