/** Every command by name: type, walk with the arrows, Enter. */
import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react'
import { find } from '../../store/command-search.ts'
import { type Command, commandsOf } from '../../store/commands.ts'
import { enter, isGdb } from '../../store/gdb.ts'
import type { Page } from '../../store/page.ts'
import { useFacts, usePage } from '../page-context.ts'
import { SaidLines } from '../panels/Debug/SaidLines.tsx'
import { PANELS } from '../panels/index.ts'
import type { Panel } from '../panels/panel.ts'
import { Dialog } from './Dialog.tsx'
import './palette.css'

const MOST_SHOWN = 60

/** A command of the page, or a line of gdb's: it stands first, where Enter takes it. */
type Entry = Command | GdbLine

interface GdbLine {
  readonly line: string
  readonly again: boolean
}

/** Some panels are there only where the scenario is about them. */
function panelsOf(page: Page): readonly Panel[] {
  const shows = page.store.getState().view?.scenario.shows
  return PANELS.filter(({ id, level }) => level !== 'asked' || shows?.includes(id) === true)
}

export function Palette(): ReactNode {
  const page = usePage()
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const [text, setText] = useState(() => page.store.getState().paletteText)
  const [at, setAt] = useState(0)
  // What is typed as in gdb stays in view as long as it goes on.
  const [talking, setTalking] = useState(false)
  const repeat = useFacts(({ said }) => said.findLast(({ tone }) => tone === 'typed')?.text ?? '')
  // Other choices stand there after a letter of gdb's.
  const view = useFacts((state) => state.view)
  // biome-ignore lint/correctness/useExhaustiveDependencies: of the moment in view
  const commands = useMemo(() => commandsOf(page.store.getState(), panelsOf(page)), [page, view])
  const [recent] = useState(() => page.recentCommands())
  const named = useMemo(() => find(commands, text.replace(/^>\s*/, ''), recent).slice(0, MOST_SHOWN), [commands, text, recent])
  const line = isGdb(text, named.length > 0) ? text.trim() : talking && text.trim() === '' ? repeat : null
  const found: readonly Entry[] = line === null ? named : [{ line, again: text.trim() === '' }, ...named]
  const chosen = Math.max(0, Math.min(at, found.length - 1))
  useEffect(() => {
    list.current?.children[chosen]?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  const run = (entry: Entry) => {
    if ('line' in entry) {
      // Stays open: the next letter, or Enter alone for the same again.
      setTalking(true)
      setText('')
      setAt(0)
      void enter(page, entry.line)
      return
    }
    page.closeDialog()
    page.rememberCommand(entry.id)
    entry.run(page)
  }
  const onKey = (event: KeyboardEvent) => {
    const move = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key]
    if (move !== undefined) {
      event.preventDefault()
      setAt(Math.max(0, Math.min(found.length - 1, chosen + move)))
    } else if (event.key === 'Enter' && found[chosen] !== undefined) {
      event.preventDefault()
      run(found[chosen])
    }
  }
  return (
    <Dialog title="Commands">
      <input
        className="filter"
        data-first=""
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={found.length > 0 ? `${id}-${chosen}` : undefined}
        aria-label="Find a command"
        placeholder="step, race, dark, stub, 32 …"
        value={text}
        onKeyDown={onKey}
        onChange={(event) => {
          setText(event.target.value)
          setAt(0)
        }}
      />
      {talking && <SaidLines />}
      {found.length === 0 && <p className="empty">No command is called like that.</p>}
      <div className="palette" id={`${id}-list`} role="listbox" aria-label="Commands" ref={list}>
        {found.map((entry, i) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the box above has the keys
          <div
            className="command"
            key={'line' in entry ? 'gdb' : entry.id}
            id={`${id}-${i}`}
            role="option"
            aria-selected={i === chosen}
            tabIndex={-1}
            onClick={() => run(entry)}
          >
            <span className="role">{'line' in entry ? 'gdb' : entry.group}</span>
            <span className="command-title">{'line' in entry ? <Line {...entry} /> : entry.title}</span>
            <span className="palette-keys">
              {('line' in entry ? ['Enter'] : entry.keys).map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </span>
          </div>
        ))}
      </div>
    </Dialog>
  )
}

function Line({ line, again }: GdbLine): ReactNode {
  return (
    <>
      <code>{line}</code>
      {again && ' again'}
    </>
  )
}
