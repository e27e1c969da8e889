/** A line for gdb's letters, and what they answered. Empty Enter repeats; Up and Down walk through what was typed. */
import { type KeyboardEvent, type ReactNode, useState } from 'react'
import { enter, typedBefore } from '../../../store/gdb.ts'
import { usePage } from '../../page-context.ts'
import { SaidLines } from './SaidLines.tsx'

export function Console(): ReactNode {
  const page = usePage()
  const [back, setBack] = useState(0)
  const [text, setText] = useState('')
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Enter') {
      setText('')
      setBack(0)
      void enter(page, text)
    } else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      const typed = typedBefore(page)
      const next = Math.max(0, Math.min(typed.length, back + (event.key === 'ArrowUp' ? 1 : -1)))
      setBack(next)
      setText(next === 0 ? '' : (typed.at(-next) ?? ''))
    } else return
    event.preventDefault()
  }
  return (
    <section aria-label="Console">
      <h3>Console</h3>
      <SaidLines />
      <input
        className="console-line"
        aria-label="gdb command"
        placeholder="s, rn, b site0, x/8xb site0"
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="none"
        value={text}
        onKeyDown={onKey}
        onChange={({ target }) => setText(target.value)}
      />
      <p className="role">As in gdb; “help” lists what is understood. Enter alone repeats, ↑ and ↓ bring back what was typed.</p>
    </section>
  )
}
