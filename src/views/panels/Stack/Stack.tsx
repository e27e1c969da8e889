/** The stack of one CPU with pt_regs laid over it: what the CPU pushed, what the entry code pushed, the gap, and what is no longer as it was. */
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { shownCpu } from '../../../store/selectors.ts'
import { groupedValue, shortAddress } from '../../format.ts'
import { useFacts, useView } from '../../page-context.ts'
import { useTouched } from '../../parts/Selectable.tsx'
import type { CpuView, StackWord } from '../../snapshot.ts'
import './stack.css'
import { foldedLabel, foldStack, KIND_WORDS } from './words.ts'

function useShownCpu(): CpuView | undefined {
  const { snapshot } = useView()
  const shown = useFacts(shownCpu)
  return snapshot.cpus.find(({ id }) => id === shown)
}

export function Stack(): ReactNode {
  const cpu = useShownCpu()
  const [unfolded, setUnfolded] = useState(false)
  const table = useRef<HTMLTableElement>(null)
  useEffect(() => keepInSight(table.current))
  if (cpu === undefined || cpu.stack.words.length === 0) return <p className="empty">CPU {cpu?.id ?? 0} has nothing on its stack.</p>
  const rows = unfolded ? cpu.stack.words.map((word) => ({ kind: 'word', word }) as const) : foldStack(cpu.stack.words)
  return (
    <>
      <table className="stack" ref={table}>
        <caption className="unseen">
          Stack of CPU {cpu.id}, from high to low addresses; the stack pointer is {cpu.stack.sp}
        </caption>
        <tbody>
          {rows.map((row) =>
            row.kind === 'word' ? (
              <Word key={row.word.address} word={row.word} />
            ) : (
              <tr key={row.words[0]?.address} className={`is-${row.words[0]?.kind}`}>
                <td>{shortAddress(row.words.at(-1)?.address ?? '')}</td>
                <td colSpan={2}>
                  <button type="button" className="link" onClick={() => setUnfolded(true)}>
                    {foldedLabel(row.words)}
                  </button>
                </td>
              </tr>
            ),
          )}
        </tbody>
      </table>
      {unfolded && (
        <button type="button" className="link" onClick={() => setUnfolded(false)}>
          Fold the saved registers
        </button>
      )}
    </>
  )
}

/** Scrolls the panel, and nothing around it, to the word that has just been written, or else to the stack pointer. */
function keepInSight(table: HTMLTableElement | null): void {
  const box = table?.closest('.panel-body')
  const row = table?.querySelector('[data-changed="true"]') ?? table?.querySelector('tbody tr:last-child')
  if (box == null || row == null || box.scrollHeight <= box.clientHeight) return
  const [outer, inner] = [box.getBoundingClientRect(), row.getBoundingClientRect()]
  if (inner.top < outer.top) box.scrollTop -= outer.top - inner.top
  else if (inner.bottom > outer.bottom) box.scrollTop += inner.bottom - outer.bottom
}

export function StackHint(): ReactNode {
  const cpu = useShownCpu()
  if (cpu === undefined) return null
  const frames = new Set(cpu.stack.words.flatMap(({ frame }) => (frame < 0 ? [] : [frame]))).size
  return (
    <>
      CPU {cpu.id} · {cpu.stack.name}
      {frames > 0 && ` · ${frames === 1 ? 'pt_regs laid over it' : `${frames} frames`}`}
    </>
  )
}

function Word({ word }: { word: StackWord }): ReactNode {
  const touched = useTouched(word.address, 1)
  return (
    <tr
      data-touched={touched}
      className={`is-${word.kind}`}
      data-changed={word.changed}
      data-altered={word.altered !== null}
      data-overwritten={word.overwritten}
      title={KIND_WORDS[word.kind]}
    >
      <td title={word.address}>{shortAddress(word.address)}</td>
      <td>{word.kind === 'gap' && !word.changed ? '—' : groupedValue(word.value)}</td>
      <td>
        {word.label}
        {word.altered !== null && <strong className="altered"> ← {word.altered}</strong>}
        {word.changed && (
          <span className="new-mark" title="just written">
            {' •'}
            <span className="unseen"> just written</span>
          </span>
        )}
        {word.top && <span className="sp"> ◂ sp</span>}
      </td>
    </tr>
  )
}
