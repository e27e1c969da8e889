/** Writes the draft that is open, a little after it was changed; and takes drafts away, with a way back. */
import { type Draft, dropDraft, freeId, freeName, keepDraft, readDrafts } from './drafts.ts'
import type { OpenDraft } from './editing.ts'
import type { Desk } from './page.ts'

/** To write all drafts takes some milliseconds where there are many: not with every letter. */
const KEEP_AFTER_MS = 200

export interface DraftKeeper {
  /** The draft that is open from now on, as it is kept: null where it is not kept yet. */
  opened(kept: Draft | null): void
  soon(): void
  now(): void
  drop(id: string): void
  restore(id: string): void
}

export function createDraftKeeper({ store, ports, notes }: Desk): DraftKeeper {
  const { memory, timer } = ports
  /** What the browser keeps of the open draft, if no other window has written it. */
  let expected: string | null = null
  let stop: (() => void) | null = null

  function now(): void {
    if (stop === null) return
    stop()
    stop = null
    const { editing } = store.getState()
    if (editing === null) return
    const there = readDrafts(memory).find(({ id }) => id === editing.id)
    const text = there === undefined || JSON.stringify(there) === expected ? draftOf(editing) : besides(editing, there.name)
    const at = ports.date?.()
    const draft: Draft = at === undefined ? text : { ...text, at }
    const isKept = keepDraft(memory, draft)
    expected = JSON.stringify(draft)
    store.setState({ drafts: readDrafts(memory) })
    notes.set(
      'draft',
      isKept
        ? null
        : {
            tone: 'attention',
            title: 'The draft is not kept.',
            lines: ['The browser’s storage is full or forbidden. Delete other drafts, or save this one as a file.'],
            report: null,
          },
    )
  }

  /** Another window has written this draft meanwhile: both stay. */
  function besides(editing: OpenDraft, name: string): Draft {
    const drafts = readDrafts(memory)
    const own = { id: freeId([...drafts, ...store.getState().deleted]), name: editing.name === name ? freeName(drafts, name) : editing.name }
    store.setState({ editing: { ...editing, ...own } })
    return { ...draftOf(editing), ...own }
  }

  return {
    opened(kept) {
      expected = kept === null ? null : JSON.stringify(kept)
    },
    soon() {
      stop?.()
      stop = timer.after(KEEP_AFTER_MS, now)
    },
    now,
    drop(id) {
      const { editing, deleted } = store.getState()
      if (editing?.id === id) now()
      const draft = readDrafts(memory).find((each) => each.id === id)
      if (draft === undefined) return
      dropDraft(memory, id)
      store.setState({ drafts: readDrafts(memory), deleted: [draft, ...deleted] })
    },
    restore(id) {
      const { deleted } = store.getState()
      const draft = deleted.find((each) => each.id === id)
      if (draft === undefined) return
      const drafts = readDrafts(memory)
      // Typing on in a deleted draft has kept it again: then both stay.
      const isTaken = drafts.some((each) => each.id === id)
      keepDraft(memory, isTaken ? { ...draft, id: freeId([...drafts, ...deleted]), name: freeName(drafts, draft.name) } : draft)
      store.setState({ drafts: readDrafts(memory), deleted: deleted.filter((each) => each !== draft) })
    },
  }
}

function draftOf({ id, name, origin, parts, ran }: Draft): Draft {
  return { id, name, origin, parts, ran }
}
