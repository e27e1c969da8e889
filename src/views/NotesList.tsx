/** Messages above the panels. */
import { type ReactNode, useState } from 'react'
import type { Note } from '../store/state.ts'
import { useFacts, usePage } from './page-context.ts'

/** `without`: notes that are shown elsewhere. */
export function NotesList({ without = none }: { without?: (note: Note) => boolean }): ReactNode {
  const notes = useFacts((state) => state.notes)
  return (
    <div className="notes" aria-live="polite">
      {notes.map((note) => !without(note) && <NoteView key={note.key} note={note} />)}
    </div>
  )
}

const none = () => false

function NoteView({ note }: { note: Note }): ReactNode {
  const page = usePage()
  return (
    <div className="note" data-tone={note.tone} role={note.tone === 'bad' ? 'alert' : undefined}>
      <div>
        {note.title !== '' && <strong>{note.title}</strong>}
        {note.lines.map((line) => (
          <span key={line} className="note-line">
            {line}
          </span>
        ))}
      </div>
      {note.report !== null && <CopyReport report={note.report} />}
      <button type="button" className="quiet icon" aria-label="Dismiss this message" onClick={() => page.dismiss(note.key)}>
        ✕
      </button>
    </div>
  )
}

function CopyReport({ report }: { report: string }): ReactNode {
  const page = usePage()
  const [copied, setCopied] = useState<boolean | null>(null)
  return (
    <button type="button" onClick={() => void page.copy(report).then(setCopied)}>
      {copied === null ? 'Copy report' : copied ? 'Copied' : 'Copying is not allowed here'}
    </button>
  )
}
