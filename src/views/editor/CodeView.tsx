/** One part of a scenario in CodeMirror. Each part keeps its own state, so that undo reaches back as far as the page has been open. */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { bracketMatching } from '@codemirror/language'
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint'
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search'
import { EditorState, type Extension } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view'
import { type ReactNode, useEffect, useRef } from 'react'
import { JSON_PART, type OpenDraft } from '../../store/editing.ts'
import { partText } from '../../store/finding.ts'
import type { Page } from '../../store/page.ts'
import { usePage } from '../page-context.ts'
import { assemblyLanguage } from './assembly-language.ts'
import { bytesBeside, bytesGutter } from './bytes-gutter.ts'
import { editorKeys, leave } from './commands.ts'
import { completeAssembly, completeJson } from './completion.ts'
import { jsonLanguage } from './json-language.ts'
import { LOOK } from './look.ts'
import { nameHelp, namesOf, placeAt } from './names.ts'
import { schemaNow } from './schema.ts'

/** The list of completions shows so many at once, and moves with the arrow keys; it needs no scrolling of its own. */
const MOST_OFFERED = 12

/** Tab leaves the text so long after Esc. */
const LEAVE_WITHIN_MS = 3000

/** By draft and part, as long as the page is open: closing the editor ends no undo. */
const states = new Map<string, EditorState>()

export function CodeView({ editing }: { editing: OpenDraft }): ReactNode {
  const page = usePage()
  const parent = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  const shown = useRef<{ readonly key: string; readonly file: string } | null>(null)
  const { file, id, pane, fronted, replaced, checked, target } = editing

  useEffect(() => {
    const own = new EditorView({ parent: parent.current as HTMLDivElement })
    view.current = own
    const observer = keepCursorInSight(own)
    return () => {
      observer.disconnect()
      if (shown.current !== null) states.set(shown.current.key, own.state)
      own.destroy()
      view.current = null
      shown.current = null
    }
  }, [])

  useEffect(() => {
    const own = view.current
    if (own === null) return
    if (shown.current !== null) states.set(shown.current.key, own.state)
    shown.current = { key: `${id} ${file}`, file }
    own.setState(states.get(shown.current.key) ?? stateFor(page, file))
    catchUp(page, own, file)
  }, [page, id, file])

  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the text was replaced from outside; else the editor is ahead of it
  useEffect(() => {
    if (view.current !== null) catchUp(page, view.current, file)
  }, [page, file, replaced])

  useEffect(() => {
    if (view.current !== null) mark(view.current, file, checked)
  }, [checked, file])

  useEffect(() => {
    const own = view.current
    if (own === null || target === null || target.file !== file) return
    const line = own.state.doc.line(Math.min(target.line, own.state.doc.lines))
    leave(placeAt(own.state, file, own.state.selection.main.head))
    const anchor = Math.min(line.to, line.from + target.column - 1)
    own.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) })
    own.focus()
  }, [target, file])

  // biome-ignore lint/correctness/useExhaustiveDependencies: the same part again is a wish to write there as well
  useEffect(() => {
    if (pane === 'text') view.current?.focus()
  }, [pane, file, fronted])

  return <div className="editor-code" ref={parent} hidden={pane !== 'text'} />
}

/** What is wrong is listed below the text, which has less room then: a cursor that was in sight stays there. */
function keepCursorInSight(view: EditorView): ResizeObserver {
  let height = view.scrollDOM.clientHeight
  const observer = new ResizeObserver(() => {
    const before = height
    height = view.scrollDOM.clientHeight
    const { head } = view.state.selection.main
    const cursor = view.coordsAtPos(head)
    if (height >= before || cursor === null) return
    const below = cursor.bottom - view.scrollDOM.getBoundingClientRect().top
    if (below > height && below <= before + view.defaultLineHeight) view.dispatch({ effects: EditorView.scrollIntoView(head) })
  })
  observer.observe(view.scrollDOM)
  return observer
}

function stateFor(page: Page, file: string): EditorState {
  const now = () => page.store.getState().editing
  const editing = now()
  if (editing === null) throw new Error('internal error: a text is shown, and no draft is open')
  const names = () => {
    const draft = now()
    return draft === null ? [] : namesOf(draft)
  }
  const used = () => new Set(now()?.parts.files.flatMap(({ text }) => text.match(/[a-z]\w*/gi) ?? []))
  const own: Extension =
    file === JSON_PART
      ? [jsonLanguage, autocompletion({ override: [completeJson(schemaNow, names)], maxRenderedOptions: MOST_OFFERED })]
      : [
          assemblyLanguage(editing.words),
          bytesGutter,
          nameHelp(page),
          autocompletion({ override: [completeAssembly(editing.words, names, used)], maxRenderedOptions: MOST_OFFERED }),
        ]
  return EditorState.create({
    doc: partText(editing.parts, file) ?? '',
    extensions: [
      lineNumbers(),
      own,
      lintGutter(),
      highlightActiveLine(),
      highlightActiveLineGutter(),
      history({ minDepth: 1_000_000 }),
      drawSelection(),
      bracketMatching(),
      closeBrackets(),
      highlightSelectionMatches(),
      keymap.of([
        ...editorKeys(page, file),
        ...closeBracketsKeymap,
        ...completionKeymap,
        ...searchKeymap,
        ...lintKeymap,
        ...historyKeymap,
        ...defaultKeymap,
        indentWithTab,
      ]),
      EditorView.contentAttributes.of({ tabindex: '0', 'aria-label': `Text of ${file}. Esc, then Tab leaves the editor.` }),
      // Also where Esc closes something on its way.
      EditorView.domEventObservers({ keydown: (event, view) => void (event.key === 'Escape' && view.setTabFocusMode(LEAVE_WITHIN_MS)) }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) page.changePart(file, update.state.doc.toString())
      }),
      LOOK,
    ],
  })
}

/** Makes the text that of the draft, in one change that can be undone; and marks what is known of it. */
function catchUp(page: Page, view: EditorView, file: string): void {
  const { editing } = page.store.getState()
  if (editing === null) return
  const text = partText(editing.parts, file) ?? ''
  if (view.state.doc.toString() !== text) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } })
  mark(view, file, editing.checked)
}

function mark(view: EditorView, file: string, checked: OpenDraft['checked']): void {
  if (checked === null) return
  const { doc } = view.state
  const diagnostics = checked.problems
    .filter((problem) => problem.file === file && problem.line <= doc.lines)
    .map(({ line, column, length, severity, message }): Diagnostic => {
      const { from, to } = doc.line(line)
      const start = Math.min(to, from + column - 1)
      return { from: start, to: Math.min(to, start + Math.max(1, length)), severity, message }
    })
  // Of the last text that assembled, where the present one does not.
  const bytes = checked.bytes.filter((row) => row.file === file)
  view.dispatch(setDiagnostics(view.state, diagnostics), ...(checked.bytes.length > 0 ? [{ effects: bytesBeside(doc, bytes) }] : []))
}
