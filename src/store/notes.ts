/** Messages above the panels: what went wrong or needs a word, in sentences. */
import type { StoreApi } from 'zustand/vanilla'
import type { Note, PageState } from './state.ts'

export interface Notes {
  /** null takes the note of this origin away. */
  set(key: Note['key'], note: Omit<Note, 'key'> | null): void
  dismiss(key: Note['key']): void
  /** The page has left the moment that it was opened at: praise of that moment would mislead. What was done there is no news any more. */
  moved(): void
  crashed(message: string, link: string | null, base: string): void
  lost(error: unknown): void
}

export function createNotes(store: StoreApi<PageState>): Notes {
  function set(key: Note['key'], note: Omit<Note, 'key'> | null): void {
    const others = store.getState().notes.filter((each) => each.key !== key)
    if (note === null && others.length === store.getState().notes.length) return
    store.setState({ notes: note === null ? others : [...others, { key, ...note }] })
  }

  return {
    set,
    dismiss: (key) => set(key, null),
    moved() {
      if (store.getState().notes.some(({ key, tone }) => key === 'verified' && tone === 'good')) set('verified', null)
      set('done', null)
    },
    crashed: (message, link, base) =>
      set('crashed', {
        tone: 'bad',
        title: 'Something happened that cannot happen: this is a defect of Pokescope.',
        lines: [message, 'What you see is the last good moment. You can go on from it, or reload the page.'],
        report: [`Pokescope: ${message}`, link === null ? 'no link' : `${base}#${link}`].join('\n'),
      }),
    lost: (error) =>
      set('worker', {
        tone: 'bad',
        title: 'The emulator does not answer.',
        lines: [
          'It runs in a Web Worker and needs WebAssembly. Reload the page; if that does not help, try a current Chromium, Firefox or Safari, or switch off extensions that block scripts.',
          messageOf(error),
        ],
        report: `Pokescope: the worker failed: ${messageOf(error)}`,
      }),
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : String(error)
}
