/**
 * Editing a copy of a scenario: its parts, what is wrong with them, and what was changed. A helper worker checks every change, so that neither stepping nor typing
 * waits for it; a check that takes too long ends with that worker. What runs stays what it was until the text is right and asked to run.
 */
import { MAX_SOURCE } from '../interchange/link-fields.ts'
import type { AssemblyWords, CheckedParts, ScenarioParts } from '../worker/protocol.ts'
import { type Draft, dropDraft, freeId, freeName, keepDraft, readDrafts } from './drafts.ts'
import type { EditedTexts } from './edited.ts'
import type { ExportFile } from './exporting.ts'
import type { Desk } from './page.ts'
import type { Helper } from './ports.ts'
import type { Stepping } from './stepping.ts'

/** The part that holds the scenario's JSON (as the worker calls it). */
export const JSON_PART = 'scenario.json'

const CHECK_AFTER_MS = 250
/** A check takes some milliseconds, and a worker some seconds to start on a slow machine. */
const CHECK_TAKES_MS = 20_000

export interface OpenDraft extends Draft {
  /** The bundled text, to compare with and to go back to; null where there is none. */
  readonly base: ScenarioParts | null
  /** The part in front. */
  readonly file: string
  readonly words: AssemblyWords
  /** Of `parts`, or of those before while they are being checked. */
  readonly checked: CheckedParts | null
  readonly checking: boolean
  /** Counts what replaced the text from outside the editor. */
  readonly replaced: number
}

export interface EditingState {
  readonly editing: OpenDraft | null
  readonly drafts: readonly Draft[]
}

export const NOT_EDITING: EditingState = { editing: null, drafts: [] }

export interface Editing {
  /** Opens the editor: a copy of the present scenario, or the draft that it came from. */
  editCopy(): void
  openDraft(id: string): void
  /** A text from a file or a link; `name` is what to call it. */
  editText(text: string, name: string, origin?: string): void
  /** Lets the user choose a scenario file, and opens it. */
  openFile(): void
  closeEditor(): void
  showPart(file: string): void
  changePart(file: string, text: string): void
  /** Back to the bundled text. */
  revertPart(file: string): void
  renameDraft(name: string): void
  deleteDraft(id: string): void
  /** Runs the text as it is now, if it is right. */
  runDraft(): void
  /** The text as one file; null where its JSON is none. */
  draftFile(): Promise<ExportFile | null>
}

export function createEditing({ store, ports, notes }: Desk, { openScenario }: Stepping, texts: EditedTexts): Editing {
  const { memory } = ports
  let worker: Helper | null = null
  let stopTimer: (() => void) | null = null
  /** Numbers what was asked: answers of an older question are of no interest. */
  let asked = 0

  const helper = () => {
    worker ??= ports.help()
    return worker
  }

  function endHelper(): void {
    worker?.dispose()
    worker = null
  }

  function change(update: Partial<OpenDraft>): void {
    const { editing } = store.getState()
    if (editing !== null) store.setState({ editing: { ...editing, ...update } })
  }

  function keep(): void {
    const { editing } = store.getState()
    if (editing === null) return
    const { id, name, origin, parts, ran } = editing
    const isKept = keepDraft(memory, { id, name, origin, parts, ran })
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

  async function begin(
    what: { readonly scenario: string; readonly source?: string },
    draft: Partial<Draft>,
    name: string,
    origin: string,
  ): Promise<void> {
    const own = ++asked
    const isBundled = store.getState().catalog?.some(({ id }) => id === origin) === true
    const [reply, base] = await Promise.all([
      helper().request({ kind: 'parts', ...what }),
      isBundled ? helper().request({ kind: 'parts', scenario: origin }) : null,
    ])
    if (own !== asked) return
    if (reply.kind !== 'parts') {
      notes.set('draft', { tone: 'attention', title: 'The editor cannot be opened.', lines: 'message' in reply ? [reply.message] : [], report: null })
      return
    }
    const drafts = readDrafts(memory)
    const parts = draft.parts ?? reply.parts
    store.setState({
      dialog: null,
      drafts,
      editing: {
        id: draft.id ?? freeId(drafts),
        name: draft.name ?? freeName(drafts, name),
        origin,
        ran: draft.ran ?? null,
        parts,
        base: base?.kind === 'parts' ? base.parts : null,
        file: parts.files[0]?.name ?? JSON_PART,
        words: reply.words,
        checked: null,
        checking: true,
        replaced: 0,
      },
    })
    void check()
  }

  function checkSoon(): void {
    stopTimer?.()
    stopTimer = ports.timer.after(CHECK_AFTER_MS, () => void check())
  }

  /** The check of the present parts; null where it did not come. */
  async function check(): Promise<CheckedParts | null> {
    stopTimer?.()
    stopTimer = null
    const { editing, view } = store.getState()
    if (editing === null) return null
    const own = ++asked
    const { parts } = editing
    change({ checking: true })
    const late = ports.timer.after(CHECK_TAKES_MS, () => {
      if (own !== asked) return
      endHelper()
      change({ checking: false, checked: onlyProblem('this text takes too long to be read: what repeats here?') })
    })
    const reply = await helper().request({ kind: 'check', parts, params: view?.params ?? {} })
    late()
    if (own !== asked) return null
    const checked = reply.kind === 'checked' ? withinLimits(reply.checked) : onlyProblem('message' in reply ? reply.message : 'it cannot be checked')
    change({ checking: false, checked })
    return checked
  }

  function withText(file: string, text: string): ScenarioParts | null {
    const { editing } = store.getState()
    if (editing === null) return null
    const { parts } = editing
    if (file === JSON_PART) return parts.json === text ? null : { ...parts, json: text }
    if (parts.files.find(({ name }) => name === file)?.text === text) return null
    return { ...parts, files: parts.files.map((each) => (each.name === file ? { ...each, text } : each)) }
  }

  function changePart(file: string, text: string): void {
    const parts = withText(file, text)
    if (parts === null) return
    change({ parts, checking: true })
    keep()
    checkSoon()
  }

  function closeEditor(): void {
    asked++
    stopTimer?.()
    stopTimer = null
    endHelper()
    store.setState({ editing: null })
  }

  function editText(text: string, name: string, origin?: string): void {
    void begin({ scenario: name, source: text }, {}, name, origin ?? idIn(text) ?? name)
  }

  return {
    editCopy() {
      const { view, editing } = store.getState()
      if (view === null || editing !== null) return
      const { id, editedFrom, title } = view.scenario
      const draft = readDrafts(memory).find(({ ran }) => ran === id)
      const source = texts.text(id)
      void begin(source === null ? { scenario: id } : { scenario: id, source }, draft ?? {}, title, editedFrom ?? id)
    },
    openDraft(id) {
      const draft = readDrafts(memory).find((each) => each.id === id)
      // The words of the language come with the parts of any text.
      if (draft !== undefined) void begin({ scenario: draft.origin, source: '{}' }, draft, draft.name, draft.origin)
    },
    editText,
    openFile() {
      void ports.pickFile().then((file) => {
        if (file !== null) editText(file.text, file.name.replace(/\.json$/i, ''))
      })
    },
    closeEditor,
    showPart: (file) => change({ file }),
    changePart,
    revertPart(file) {
      const { editing } = store.getState()
      if (editing === null || editing.base === null) return
      const text = partText(editing.base, file)
      if (text === null) return
      change({ replaced: editing.replaced + 1 })
      changePart(file, text)
    },
    renameDraft(name) {
      change({ name })
      keep()
    },
    deleteDraft(id) {
      dropDraft(memory, id)
      store.setState({ drafts: readDrafts(memory) })
      if (store.getState().editing?.id === id) closeEditor()
    },
    runDraft() {
      void check().then((checked) => {
        const { editing } = store.getState()
        if (checked === null || checked.source === null || editing === null || checked.problems.some(isError)) return
        const ran = texts.name(editing.origin, checked.source)
        change({ ran })
        keep()
        openScenario(ran, checked.params)
      })
    },
    async draftFile() {
      const checked = await check()
      const { editing } = store.getState()
      if (checked?.source == null || editing === null) return null
      return { name: `${editing.name.replace(/[^\w.-]+/g, '-')}.json`, type: 'application/json', text: checked.source }
    },
  }
}

/** The text of one part; null where there is none of that name. */
export function partText(parts: ScenarioParts, file: string): string | null {
  return file === JSON_PART ? parts.json : (parts.files.find(({ name }) => name === file)?.text ?? null)
}

export function isError({ severity }: CheckedParts['problems'][number]): boolean {
  return severity === 'error'
}

function onlyProblem(message: string): CheckedParts {
  const problem = { file: JSON_PART, line: 1, column: 1, length: 1, severity: 'error', message } as const
  return { problems: [problem], bytes: [], names: [], source: null, params: {} }
}

/** A link carries the whole text, and its reader takes so much of it. */
function withinLimits(checked: CheckedParts): CheckedParts {
  if (checked.source === null || checked.source.length <= MAX_SOURCE) return checked
  return onlyProblem(`the whole scenario has ${checked.source.length} characters, and at most ${MAX_SOURCE} can be run and shared`)
}

/** The id that a scenario file gives itself. */
function idIn(text: string): string | null {
  try {
    const data: unknown = JSON.parse(text)
    return typeof data === 'object' && data !== null && 'id' in data && typeof data.id === 'string' ? data.id : null
  } catch {
    return null
  }
}
