/** Every command by name: type, walk with the arrows, Enter. */
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { type Command, commandsOf, find } from '../../store/commands.ts'
import { enter, isGdb } from '../../store/gdb.ts'
import type { Page } from '../../store/page.ts'
import { useFacts, usePage } from '../page-context.ts'
import { SaidLines } from '../panels/Debug/SaidLines.tsx'
import { PANELS } from '../panels/index.ts'
import type { Panel } from '../panels/panel.ts'
import { Dialog } from './Dialog.tsx'
import './palette.css'

const MOST_SHOWN = 60

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
  // As it was when the palette was opened: what a command does closes it.
  const [commands] = useState(() => commandsOf(page.store.getState(), panelsOf(page)))
  const [recent] = useState(() => page.recentCommands())
  const found = find(commands, text.replace(/^>\s*/, ''), recent).slice(0, MOST_SHOWN)
  const isGdbs = isGdb(text, found.length > 0)
  const chosen = Math.min(at, found.length - 1)
  useEffect(() => {
    list.current?.children[chosen]?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  const run = (command: Command) => {
    page.closeDialog()
    page.rememberCommand(command.id)
    command.run(page)
  }
  const onKey = (event: KeyboardEvent) => {
    const move = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key]
    if (move !== undefined) {
      event.preventDefault()
      setAt(Math.max(0, Math.min(found.length - 1, chosen + move)))
    } else if (event.key === 'Enter' && (isGdbs || (talking && text === ''))) {
      // Stays open: the next letter, or Enter alone for the same again.
      event.preventDefault()
      setTalking(true)
      setText('')
      void enter(page, text)
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
      {(talking || isGdbs) && <p className="role">{isGdbs ? `Enter: ${text}, as in gdb.` : `Enter alone: ${repeat} again.`}</p>}
      {found.length === 0 && !isGdbs && <p className="empty">No command is called like that.</p>}
      <div className="palette" id={`${id}-list`} role="listbox" aria-label="Commands" ref={list}>
        {found.map((command, i) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the box above has the keys
          <div
            className="command"
            key={command.id}
            id={`${id}-${i}`}
            role="option"
            aria-selected={i === chosen}
            tabIndex={-1}
            onClick={() => run(command)}
          >
            <span className="role">{command.group}</span>
            <span className="command-title">{command.title}</span>
            <span className="palette-keys">
              {command.keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </span>
          </div>
        ))}
      </div>
    </Dialog>
  )
}
