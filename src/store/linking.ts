/**
 * Links. The address bar always says where the page stands; a link that somebody sends is opened as far as it can be read, and what could not be
 * read is said. Back and Forward restore views: within the same session by moving there, so that branches stay; else by opening the link again.
 */
import type { DecodedLink } from '../interchange/link.ts'
import { startOf, type Words, withWords } from '../interchange/link-write.ts'
import type { View } from '../worker/protocol.ts'
import type { EditedTexts } from './edited.ts'
import type { Editing } from './editing.ts'
import { linkNote } from './link-notes.ts'
import type { Arrival, Desk } from './page.ts'
import type { Stepping } from './stepping.ts'

export interface Linking {
  /** Asks for the catalog, then opens what the address says. */
  start(): void
  /** Opens a link, or what stands behind its "#"; resolves when it has been asked for. */
  openLink(link: string): Promise<void>
  /** Takes back the last choice, step or jump. */
  undo(): void
  redo(): void
  /** Address of this moment, with title and note for whoever opens it. */
  momentLink(title: string, note: string): string
  /** Address of the scenario's start, with its parameters. */
  startLink(): string
  copy(text: string): Promise<boolean>
  /** Writes the address now (before the page is left). */
  flushAddress(): void
}

/** What a text is called that does not say where its editing started. */
const OWN = 'own'

/** What opens where the address names nothing: the flagship. */
const HOME = 'text-poke'

export function createLinking(
  { ports, store, notes, ask, address, trail }: Desk,
  { open, pause }: Stepping,
  { editText }: Editing,
  texts: EditedTexts,
): Linking {
  const { framed = false } = ports
  let reader: ReturnType<typeof ports.linkReader> | null = null

  store.subscribe((now, before) => {
    // Dismissed. Where something else is opened, its words are there already.
    if (now.notes !== before.notes && address.words !== null && !now.notes.some(({ key }) => key === 'sender')) address.reword(null)
  })

  /** `own`: the page has written it itself, and need not boast that it can read it. */
  function openFragment(fragment: string, arrival: Arrival, own = false): Promise<void> {
    if (fragment === '') {
      openDecoded(fragment, { link: {}, problems: [] }, arrival, own)
      return Promise.resolve()
    }
    reader ??= ports.linkReader()
    return reader.then(
      (read) => openDecoded(fragment, read(fragment), arrival, own),
      () => {
        reader = null
        notes.lost('A part of the page could not be loaded: what reads links. Reload the page.')
      },
    )
  }

  function openDecoded(fragment: string, decoded: DecodedLink, arrival: Arrival, own: boolean): void {
    const { link } = decoded
    const words = wordsIn(link)
    // The state may be that of the address, and yet not the one that was seen last.
    const lags = decoded.problems.some(({ part }) => part === 'unfinished')
    const verify = (view: View) => sayVerified(view, own || lags)
    const catalog = store.getState().catalog ?? []
    const known = catalog.find(({ id }) => id === link.scenario)
    const first = catalog.find(({ id }) => id === HOME) ?? catalog[0]
    notes.set('verified', null)
    notes.set('link', linkNote(decoded, known !== undefined || link.source !== undefined))
    // A page that is newer reads more of it: reload must find it.
    if (decoded.newer !== undefined && arrival === 'replace') address.hold()
    if (link.source !== undefined) {
      openEdited(link.source, decoded, known?.id ?? first?.id, arrival, verify)
      return
    }
    if (known === undefined) {
      if (fragment !== '') store.setState({ dialog: 'catalog' })
      if (first !== undefined) open({ scenario: first.id, params: {}, schedule: '', cursor: 0, digest: null }, arrival, undefined, undefined, words)
      return
    }
    open(
      { scenario: known.id, params: link.params ?? {}, schedule: link.schedule ?? '', cursor: link.cursor ?? 0, digest: link.digest ?? null },
      arrival,
      verify,
      () => {
        if (store.getState().view !== null) return
        // What was refused stays said when the same scenario opens as it is bundled.
        const refused = store.getState().notes.find(({ key }) => key === 'refused')
        const why = [...(refused === undefined ? [] : [refused.title, ...refused.lines]), 'It is open with its own parameters instead.']
        const say = () => notes.set('link', linkNote(decoded, true, why))
        open({ scenario: known.id, params: {}, schedule: '', cursor: 0, digest: null }, 'replace', say, undefined, words)
      },
      words,
    )
  }

  /** What does not build is shown in the editor, beside the bundled scenario that it came from. */
  function openEdited(source: string, { link }: DecodedLink, instead: string | undefined, arrival: Arrival, verify: (view: View) => void): void {
    const words = wordsIn(link)
    const origin = link.scenario ?? OWN
    const { params = {}, schedule = '', cursor = 0, digest = null } = link
    const failed = () => {
      const refused = store.getState().notes.find(({ key }) => key === 'refused')
      if (!framed) editText(source, link.title ?? origin, origin)
      if (refused === undefined) return
      const lines = [...refused.lines, `${framed ? '' : 'It is open in the editor. '}What runs is the bundled scenario.`]
      const say = () => notes.set('link', { tone: 'attention', title: 'The edited scenario of this link cannot be built.', lines, report: null })
      if (store.getState().view !== null || instead === undefined) say()
      else open({ scenario: instead, params: {}, schedule: '', cursor: 0, digest: null }, 'replace', say, undefined, words)
    }
    open({ scenario: texts.name(origin, source), params, schedule, cursor, digest }, arrival, verify, failed, words)
  }

  function sayVerified({ verified, remarks }: View, own: boolean): void {
    if (verified === null || (verified && own)) return
    if (verified) {
      notes.set('verified', {
        tone: 'good',
        title: 'Verified',
        lines: ['This is the state that the link was made from: the digests agree.'],
        report: null,
      })
      return
    }
    // What could not be kept explains it, and must not vanish with the next step.
    notes.set('remarks', null)
    notes.set('verified', { tone: 'attention', title: 'Not the state that the link was made from.', lines: remarks, report: null })
  }

  /** Back, Forward, or an address that was edited or pasted. Browsers may tell it twice. */
  function restore(): void {
    const fragment = ports.address.read()
    if (fragment === address.shown && !trail.awaits()) return
    address.accept(fragment)
    if (!trail.follow()) void openFragment(fragment, 'replace', ports.address.own())
  }

  return {
    start() {
      ports.address.listen(restore)
      // Loaded while the worker starts.
      if (ports.address.read() !== '') reader = ports.linkReader()
      ask({ request: () => ({ kind: 'catalog' }) })
      const stop = store.subscribe(({ catalog }) => {
        if (catalog === null) return
        stop()
        void openFragment(ports.address.read(), 'replace', ports.address.own())
      })
    },
    openLink: (link) => openFragment(link, 'jump'),
    undo() {
      pause()
      trail.undo()
    },
    redo() {
      pause()
      trail.redo()
    },
    momentLink(title, note) {
      const fragment = store.getState().view?.fragment ?? ''
      return `${ports.address.base()}#${title === '' && note === '' ? fragment : withWords(fragment, { title, note })}`
    },
    startLink() {
      const { view } = store.getState()
      return view === null ? ports.address.base() : `${ports.address.base()}#${startOf(view.fragment)}`
    },
    copy: ports.copy,
    flushAddress: () => address.flush(true),
  }
}

function wordsIn({ title = '', note = '' }: DecodedLink['link']): Words | null {
  return title === '' && note === '' ? null : { title, note }
}
