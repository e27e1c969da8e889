/** Links: to this moment, with a word from the sender, to the scenario's start, and to put into another page. */
import { type ReactNode, useId, useState } from 'react'
import { embedSnippet } from '../../store/snippet.ts'
import { count, grouped } from '../format.ts'
import { usePage, useView } from '../page-context.ts'
import { Dialog } from './Dialog.tsx'
import { Exports } from './Exports.tsx'

export function Share(): ReactNode {
  const page = usePage()
  const { cursor, scenario, snapshot } = useView()
  const [title, setTitle] = useState('')
  const [note, setNote] = useState('')
  const moment = page.momentLink(title, note)
  return (
    <Dialog title="Share this moment">
      <p>
        Whoever opens the link stands where you stand: {cursor === 0 ? 'at the start' : `after ${count(cursor, 'step')}`}, with the same future. The
        link holds everything; nothing is stored anywhere. Its digest <code>{snapshot.digest}</code> lets the page check that the state is the same.
      </p>
      <div className="fields">
        <label>
          Title (optional)
          <input value={title} maxLength={80} onChange={(event) => setTitle(event.target.value)} />
        </label>
        <label>
          Note for whoever opens it (optional)
          <textarea rows={2} value={note} maxLength={500} onChange={(event) => setNote(event.target.value)} />
        </label>
        <CopyRow name="Link to this moment" text={moment} primary />
        <TooLong characters={moment.length} />
        <CopyRow name="Link to the scenario’s start" text={page.startLink()} />
        <CopyRow name="To embed this moment in another page" text={embedSnippet(moment, title.trim() === '' ? scenario.title : title.trim())} />
      </div>
      <Exports />
    </Dialog>
  )
}

/** Mail and chat programs cut links, some at 2,000 characters; browsers take two million at most. */
const LONG = 2000
const MOST = 2_000_000

function TooLong({ characters }: { characters: number }): ReactNode {
  const isEdited = useView().scenario.editedFrom !== undefined
  if (characters <= LONG) return null
  return (
    <p className="too-long" role="status">
      {characters > MOST
        ? `This link has ${count(characters, 'character')}, and browsers take ${grouped(MOST)} at most: it will not open. Share a shorter run, or edit less.`
        : `This link has ${count(characters, 'character')}. Browsers take that; mail and chat programs may cut it.`}
      {isEdited && ' It holds the whole scenario; Edit, then Save, makes a file of that instead.'}
    </p>
  )
}

function CopyRow({ name, text, primary = false }: { name: string; text: string; primary?: boolean }): ReactNode {
  const page = usePage()
  const id = useId()
  const [copied, setCopied] = useState<{ readonly text: string; readonly done: boolean } | null>(null)
  const state = copied?.text === text ? copied : null
  return (
    <div className="copy-row">
      <label htmlFor={id}>
        {name}
        <input id={id} readOnly value={text} onFocus={(event) => event.target.select()} />
      </label>
      <button
        type="button"
        data-first={primary ? '' : undefined}
        className={primary ? 'primary' : undefined}
        onClick={() => void page.copy(text).then((done) => setCopied({ text, done }))}
      >
        {state === null ? 'Copy' : state.done ? 'Copied' : 'Press Ctrl+C'}
      </button>
    </div>
  )
}
