/**
 * Editing a copy of a scenario: what the page knows of it, and what can be done. The work itself (editing-desk.ts) is loaded when it is first wanted.
 */
import type { AssemblyWords, CheckedParts, ScenarioParts } from '../worker/protocol.ts'
import type { Draft } from './drafts.ts'
import type { EditedTexts } from './edited.ts'
import type { ExportFile } from './exporting.ts'
import type { Desk } from './page.ts'
import type { Stepping } from './stepping.ts'

/** The part that holds the scenario's JSON (as the worker calls it). */
export const JSON_PART = 'scenario.json'

/** What stands where the text stands: the text itself, or something about all of it. */
export type Pane = 'text' | 'changes' | 'find' | 'drafts'

/** A line and column, both from 1. `time` tells one wish to stand there from the next. */
export interface Target {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly time: number
}

export interface OpenDraft extends Draft {
  /** The bundled text, to compare with and to go back to; null where there is none. */
  readonly base: ScenarioParts | null
  /** The part in front. */
  readonly file: string
  readonly pane: Pane
  /** When a part was last brought to the front. */
  readonly fronted: number
  readonly target: Target | null
  /** What is looked for in all parts. */
  readonly query: string
  readonly words: AssemblyWords
  /** Of `parts`, or of those before while they are being checked. */
  readonly checked: CheckedParts | null
  readonly checking: boolean
  /** Counts what replaced the text from outside the editor. */
  readonly replaced: number
  /** What was done last beside the text, and the parts before it. */
  readonly undoable: { readonly words: string; readonly parts: ScenarioParts } | null
  /** What runs, if it is of this draft. */
  readonly ranParts: ScenarioParts | null
}

export interface EditingState {
  readonly editing: OpenDraft | null
  readonly drafts: readonly Draft[]
  /** Since the page was opened, the last one first. */
  readonly deleted: readonly Draft[]
}

export const NOT_EDITING: EditingState = { editing: null, drafts: [], deleted: [] }

export interface Editing {
  /** Opens the editor: the draft that the present scenario came from or that was made of it, else a copy. */
  editCopy(): void
  /** A new copy of what the open draft was copied from. */
  newCopy(): void
  openDraft(id: string): void
  /** A text from a file or a link; `name` is what to call it. A file of assembly goes into the open draft. */
  editText(text: string, name: string, origin?: string): void
  /** Lets the user choose a scenario file, and opens it. */
  openFile(): void
  closeEditor(): void
  showPane(pane: Pane): void
  showPart(file: string): void
  goToPlace(place: Omit<Target, 'time'>): void
  /** To the next (1) or the previous (-1) problem, seen from a place; through all parts, around. */
  nextProblem(from: Omit<Target, 'time'>, direction: 1 | -1): void
  /** To where a name is defined; where that is no one place, all places that hold it are shown. */
  goToName(name: string): void
  find(query: string): void
  changePart(file: string, text: string): void
  /** An empty file that the scenario's program names. */
  addFile(name: string): void
  dropFile(name: string): void
  /** The verdicts that were expected of the bundled text are taken out of the JSON. */
  dropExpected(): void
  /** Back to the bundled text; null: all of it. */
  revert(file: string | null): void
  /** Takes the last of the above back. */
  undoBeside(): void
  renameDraft(name: string): void
  deleteDraft(id: string): void
  restoreDraft(id: string): void
  /** Writes what has been typed now (before the page is left). */
  keepDraft(): void
  /** Runs the text as it is now, if it is right. */
  runDraft(): void
  /** The text as one file; null where its JSON is none. */
  draftFile(): Promise<ExportFile | null>
}

export function createEditing(desk: Desk, stepping: Stepping, texts: EditedTexts): Editing {
  let loaded: Editing | null = null
  const load = async () => {
    const { createEditingDesk } = await import('./editing-desk.ts')
    loaded ??= createEditingDesk(desk, stepping, texts)
    return loaded
  }
  const failed = (error: unknown) =>
    desk.notes.set('draft', {
      tone: 'attention',
      title: 'The editor cannot be loaded.',
      lines: [error instanceof Error ? error.message : String(error)],
      report: null,
    })
  /** At once where it is there: what is typed must not overtake what was typed before. */
  const does =
    <Args extends readonly unknown[]>(action: (editing: Editing, ...args: Args) => void) =>
    (...args: Args): void => {
      if (loaded !== null) action(loaded, ...args)
      else void load().then((editing) => action(editing, ...args), failed)
    }
  return {
    editCopy: does((editing) => editing.editCopy()),
    newCopy: does((editing) => editing.newCopy()),
    openDraft: does((editing, id: string) => editing.openDraft(id)),
    editText: does((editing, text: string, name: string, origin?: string) => editing.editText(text, name, origin)),
    openFile: does((editing) => editing.openFile()),
    closeEditor: does((editing) => editing.closeEditor()),
    showPane: does((editing, pane: Pane) => editing.showPane(pane)),
    showPart: does((editing, file: string) => editing.showPart(file)),
    goToPlace: does((editing, place: Omit<Target, 'time'>) => editing.goToPlace(place)),
    nextProblem: does((editing, from: Omit<Target, 'time'>, direction: 1 | -1) => editing.nextProblem(from, direction)),
    goToName: does((editing, name: string) => editing.goToName(name)),
    find: does((editing, query: string) => editing.find(query)),
    changePart: does((editing, file: string, text: string) => editing.changePart(file, text)),
    addFile: does((editing, name: string) => editing.addFile(name)),
    dropFile: does((editing, name: string) => editing.dropFile(name)),
    dropExpected: does((editing) => editing.dropExpected()),
    revert: does((editing, file: string | null) => editing.revert(file)),
    undoBeside: does((editing) => editing.undoBeside()),
    renameDraft: does((editing, name: string) => editing.renameDraft(name)),
    deleteDraft: does((editing, id: string) => editing.deleteDraft(id)),
    restoreDraft: does((editing, id: string) => editing.restoreDraft(id)),
    keepDraft: does((editing) => editing.keepDraft()),
    runDraft: does((editing) => editing.runDraft()),
    draftFile: async () => (loaded ?? (await load())).draftFile(),
  }
}
