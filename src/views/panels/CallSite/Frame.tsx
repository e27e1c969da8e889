/** Below the bytes: the frame of the CPU that is in a handler, word by word as it grows to the right (towards lower addresses). The whole stack has a panel of its own. */
import { type ReactNode, useEffect, useRef } from 'react'
import { groupedValue } from '../../format.ts'
import type { StackWord } from '../../snapshot.ts'
import { foldedLabel, KIND_WORDS } from '../Stack/words.ts'
import { frameRows, useFramedCpu } from './frame.ts'
import './frame.css'

export function Frame(): ReactNode {
  const cpu = useFramedCpu()
  const list = useRef<HTMLOListElement>(null)
  // The newest word is what happens.
  useEffect(() => {
    if (list.current !== null) list.current.scrollLeft = list.current.scrollWidth
  })
  if (cpu === null) return <p className="frame-strip-title role">No CPU is in a handler now.</p>
  return (
    <section className="frame-strip" aria-label={`Frame on the stack of CPU ${cpu.id}`}>
      <p className="frame-strip-title">
        <b>CPU {cpu.id}</b> in {cpu.nesting.join(' › ')}: its stack grows <span aria-hidden="true">→</span>
        <span className="unseen"> from high to low addresses</span>
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by key */}
      <ol ref={list} tabIndex={0}>
        {frameRows(cpu.stack.words).map((row) =>
          row.kind === 'word' ? (
            <Word key={row.word.address} word={row.word} />
          ) : (
            <li key={row.words[0]?.address} className={`is-${row.words[0]?.kind}`}>
              {foldedLabel(row.words)}
            </li>
          ),
        )}
      </ol>
    </section>
  )
}

function Word({ word }: { word: StackWord }): ReactNode {
  const { label, kind, value, changed, altered, overwritten, top, address } = word
  const said = `${address}: ${label === '' ? 'a word of the interrupted code' : label}${KIND_WORDS[kind] === '' ? '' : `, ${KIND_WORDS[kind]}`}`
  return (
    <li className={`is-${kind}`} data-changed={changed} data-overwritten={overwritten} title={altered === null ? said : `${said}; ${altered}`}>
      <span className="frame-head">
        <span className="frame-label">{label === '' ? 'before' : label}</span>
        {top && <b>◂ sp</b>}
      </span>
      <code>{kind === 'gap' && !changed ? '—' : short(value)}</code>
      {altered !== null && <strong className="altered">{altered}</strong>}
    </li>
  )
}

/** The end of a value tells words apart; the title has all of it. */
function short(value: string): string {
  const grouped = groupedValue(value).replace(/^[0_]+(?=.)/, '')
  return grouped.length <= 9 ? grouped : `…${grouped.slice(-5)}`
}
