/** What the editor does. What runs stays what it was until the text is right and asked to run. */
import { withoutMember } from '../lib/json-places.ts'
import type { ScenarioParts } from '../worker/protocol.ts'
import { createChecking, isError } from './checking.ts'
import { createDraftKeeper } from './draft-keeper.ts'
import { type Draft, draftOver, freeId, freeName, readDrafts } from './drafts.ts'
import type { EditedTexts } from './edited.ts'
import { type Editing, JSON_PART, type OpenDraft } from './editing.ts'
import { definitionsOf, idIn, newFileName, partText, problemFrom, withProgramFile, withText } from './finding.ts'
import type { Desk } from './page.ts'
import type { Stepping } from './stepping.ts'

export function createEditingDesk(desk: Desk, { openScenario }: Stepping, texts: EditedTexts): Editing {
  const { store, ports, notes } = desk
  const keeper = createDraftKeeper(desk)
  const checking = createChecking(desk)
  /** Draft that was opened last over a scenario. */
  const lastOver = new Map<string, string>()
  /** Numbers what was opened: an answer about an older one is of no interest. */
  let opened = 0

  store.subscribe(({ view, editing }, before) => {
    // Bytes and problems are those of the chosen values.
    if (editing === null || view === null || before.view === null || view.params === before.view.params) return
    if (JSON.stringify(view.params) !== JSON.stringify(before.view.params)) checking.soon()
  })

  function change(update: Partial<OpenDraft>): void {
    const { editing } = store.getState()
    if (editing !== null) store.setState({ editing: { ...editing, ...update } })
  }

  async function begin(
    what: { readonly scenario: string; readonly source?: string },
    draft: Partial<Draft>,
    name: string,
    origin: string,
  ): Promise<void> {
    keeper.now()
    const own = ++opened
    const { catalog, view } = store.getState()
    const isBundled = catalog?.some(({ id }) => id === origin) === true
    const [reply, base] = await Promise.all([
      checking.helper().request({ kind: 'parts', ...what }),
      isBundled ? checking.helper().request({ kind: 'parts', scenario: origin }) : null,
    ])
    if (own !== opened) return
    if (reply.kind !== 'parts') {
      notes.set('draft', { tone: 'attention', title: 'The editor cannot be opened.', lines: 'message' in reply ? [reply.message] : [], report: null })
      return
    }
    // What was typed meanwhile.
    keeper.now()
    const drafts = readDrafts(ports.memory)
    const parts = draft.parts ?? reply.parts
    const id = draft.id ?? freeId([...drafts, ...store.getState().deleted])
    keeper.opened(drafts.find((each) => each.id === id) ?? null)
    if (view !== null) lastOver.set(view.scenario.id, id)
    const runs = view !== null && (draft.ran === view.scenario.id || (what.source !== undefined && texts.text(view.scenario.id) === what.source))
    store.setState({
      dialog: null,
      drafts,
      editing: {
        id,
        name: draft.name ?? freeName(drafts, name),
        origin,
        ran: draft.ran ?? null,
        parts,
        base: base?.kind === 'parts' ? base.parts : null,
        file: firstPart(parts),
        pane: 'text',
        fronted: 0,
        target: null,
        query: '',
        words: reply.words,
        checked: null,
        checking: true,
        replaced: 0,
        undoable: null,
        ranParts: runs ? parts : null,
      },
    })
    void checking.now()
  }

  /** What the parts are from now on; `beside` says what was done where it was not done in the text. */
  function replace(parts: ScenarioParts, beside: string | null): void {
    const { editing } = store.getState()
    if (editing === null) return
    const undoable = beside === null ? null : { words: beside, parts: editing.parts }
    change({ parts, checking: true, undoable, ...(beside === null ? {} : { replaced: editing.replaced + 1 }) })
    keeper.soon()
    checking.soon()
  }

  function editText(text: string, name: string, origin?: string): void {
    if (/\.(?:asm|inc|s)$/i.test(name)) takeAssembly(text, name)
    else void begin({ scenario: name, source: text }, {}, name, origin ?? idIn(text) ?? name)
  }

  /** A file of assembly becomes one of the open draft. */
  function takeAssembly(text: string, name: string): void {
    const { editing } = store.getState()
    if (editing === null) {
      const lines = ['Open the editor first (Shift E): then it becomes one of the scenario’s files. A whole scenario is a JSON file.']
      notes.set('draft', { tone: 'attention', title: `${name} is assembly, and no scenario is being edited.`, lines, report: null })
      return
    }
    const parts = withText(editing.parts, name, text) ?? editing.parts
    replace({ ...parts, json: withProgramFile(parts.json, name) ?? parts.json }, `${name} is taken from your file.`)
    change({ file: name, pane: 'text' })
  }

  function goToPlace({ file, line, column }: { readonly file: string; readonly line: number; readonly column: number }): void {
    const { editing } = store.getState()
    if (editing === null || partText(editing.parts, file) === null) return
    change({ file, pane: 'text', target: { file, line, column, time: ports.timer.now() } })
  }

  return {
    editCopy() {
      const { view, editing } = store.getState()
      if (view === null || editing !== null) return
      const { id, editedFrom, title } = view.scenario
      const drafts = readDrafts(ports.memory)
      const draft = drafts.find(({ ran }) => ran === id) ?? drafts.find((each) => each.id === lastOver.get(id)) ?? draftOver(drafts, id)
      const source = texts.text(id)
      void begin(source === null ? { scenario: id } : { scenario: id, source }, draft ?? {}, title, editedFrom ?? id)
    },
    newCopy() {
      const { editing, catalog } = store.getState()
      const bundled = catalog?.find(({ id }) => id === editing?.origin)
      if (bundled !== undefined) void begin({ scenario: bundled.id }, {}, bundled.title, bundled.id)
    },
    openDraft(id) {
      keeper.now()
      const draft = readDrafts(ports.memory).find((each) => each.id === id)
      // The words of the language come with the parts of any text.
      if (draft !== undefined) void begin({ scenario: draft.origin, source: '{}' }, draft, draft.name, draft.origin)
    },
    editText,
    openFile() {
      void ports.pickFile().then((file) => {
        if (file !== null) editText(file.text, file.name.replace(/\.json$/i, ''))
      })
    },
    closeEditor() {
      keeper.now()
      opened++
      checking.end()
      store.setState({ editing: null })
    },
    showPane: (pane) => change({ pane }),
    showPart: (file) => change({ file, pane: 'text', fronted: ports.timer.now() }),
    goToPlace,
    nextProblem(from, direction) {
      const { editing } = store.getState()
      if (editing === null) return
      const place = problemFrom(editing.parts, editing.checked?.problems ?? [], from, direction)
      if (place !== undefined) goToPlace(place)
    },
    goToName(name) {
      const { editing } = store.getState()
      if (editing === null || name === '') return
      const [definition, another] = definitionsOf(editing.parts, name)
      if (definition !== undefined && another === undefined) goToPlace(definition)
      else change({ pane: 'find', query: name })
    },
    find: (query) => change({ pane: 'find', query }),
    changePart(file, text) {
      const { editing } = store.getState()
      const parts = editing === null ? null : withText(editing.parts, file, text)
      if (parts !== null) replace(parts, null)
    },
    addFile(wanted) {
      const { editing } = store.getState()
      const name = editing === null ? null : newFileName(editing.parts, wanted)
      if (editing === null || name === null) return
      const { json, files } = editing.parts
      replace({ json: withProgramFile(json, name) ?? json, files: [...files, { name, text: '' }] }, `${name} is added.`)
      change({ file: name, pane: 'text' })
    },
    dropFile(name) {
      const { editing } = store.getState()
      if (editing === null) return
      const files = editing.parts.files.filter((each) => each.name !== name)
      replace({ ...editing.parts, files }, `${name} is removed.`)
      if (editing.file === name) change({ file: files[0]?.name ?? JSON_PART })
    },
    dropExpected() {
      const { editing } = store.getState()
      if (editing === null) return
      const json = withoutMember(editing.parts.json, 'expected')
      replace({ ...editing.parts, json }, 'The expected verdicts are removed.')
    },
    revert(file) {
      const { editing } = store.getState()
      if (editing === null || editing.base === null) return
      const text = file === null ? null : partText(editing.base, file)
      const parts = file === null ? editing.base : text === null ? null : withText(editing.parts, file, text)
      if (parts !== null) replace(parts, file === null ? 'All of it is the bundled text again.' : `${file} is the bundled text again.`)
      if (partText(store.getState().editing?.parts ?? editing.parts, editing.file) === null) change({ file: JSON_PART })
    },
    undoBeside() {
      const { editing } = store.getState()
      if (editing === null || editing.undoable === null) return
      const { parts } = editing.undoable
      replace(parts, 'Undone.')
      if (partText(parts, editing.file) === null) change({ file: JSON_PART })
      change({ undoable: null })
    },
    renameDraft(name) {
      change({ name })
      keeper.soon()
    },
    deleteDraft: (id) => keeper.drop(id),
    restoreDraft: (id) => keeper.restore(id),
    keepDraft: () => keeper.now(),
    runDraft() {
      void checking.now().then((checked) => {
        const { editing } = store.getState()
        if (checked === null || checked.source === null || editing === null || checked.problems.some(isError)) return
        const ran = texts.name(editing.origin, checked.source)
        change({ ran, ranParts: editing.parts })
        keeper.soon()
        keeper.now()
        lastOver.set(ran, editing.id)
        openScenario(ran, checked.params)
      })
    },
    async draftFile() {
      const checked = await checking.now()
      const { editing } = store.getState()
      if (checked?.source == null || editing === null) return null
      return { name: `${editing.name.replace(/[^\w.-]+/g, '-')}.json`, type: 'application/json', text: checked.source }
    },
  }
}

/** What the patcher does is what one wants to change. */
function firstPart(parts: ScenarioParts): string {
  return definitionsOf(parts, 'patcher')[0]?.file ?? parts.files[0]?.name ?? JSON_PART
}
