/** A line for gdb's letters, and what they answered. Empty Enter repeats; Up and Down walk through what was typed. */
import { type KeyboardEvent, type ReactNode, useState } from 'react'
import { GDB_HELP, gdb } from '../../../store/gdb.ts'
import { usePage } from '../../page-context.ts'

interface Line {
  readonly key: number
  readonly text: string
  readonly tone: 'typed' | 'said' | 'error'
}

const MOST_LINES = 200

export function Console(): ReactNode {
  const page = usePage()
  const [lines, setLines] = useState<readonly Line[]>([])
  const [typed, setTyped] = useState<readonly string[]>([])
  const [at, setAt] = useState(0)
  const [text, setText] = useState('')
  const print = (more: readonly Omit<Line, 'key'>[]) =>
    setLines((before) => [...before, ...more.map((line, i) => ({ ...line, key: (before.at(-1)?.key ?? 0) + 1 + i }))].slice(-MOST_LINES))
  const enter = async () => {
    const wanted = text.trim() === '' ? typed.at(-1) : text.trim()
    if (wanted === undefined) return
    if (text.trim() !== '') setTyped([...typed, wanted])
    setAt(typed.length + (text.trim() === '' ? 0 : 1))
    setText('')
    print([{ text: wanted, tone: 'typed' }])
    const said = await gdb(page, wanted)
    print([
      ...said.lines.map((line) => ({ text: line, tone: 'said' as const })),
      ...(said.error === null ? [] : [{ text: said.error, tone: 'error' as const }]),
    ])
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Enter') {
      event.preventDefault()
      void enter()
    } else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      event.preventDefault()
      const next = Math.max(0, Math.min(typed.length, at + (event.key === 'ArrowUp' ? -1 : 1)))
      setAt(next)
      setText(typed[next] ?? '')
    }
  }
  return (
    <section aria-label="Console">
      <h3>Console</h3>
      <div className="console" role="log">
        {lines.map((line) => (
          <div key={line.key} data-tone={line.tone}>
            {line.text}
          </div>
        ))}
      </div>
      <input
        className="console-line"
        aria-label="gdb command"
        placeholder="s, rn, b site0, x/8xb site0"
        value={text}
        onKeyDown={onKey}
        onChange={({ target }) => setText(target.value)}
      />
      <p className="role">{GDB_HELP}. Enter alone repeats.</p>
    </section>
  )
}
