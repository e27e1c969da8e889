/** One part of a scenario in CodeMirror. Each part keeps its own state, so that undo reaches back as far as the page has been open. */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { bracketMatching } from '@codemirror/language'
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint'
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search'
import { EditorState, type Extension } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view'
import { type ReactNode, useEffect, useRef } from 'react'
import { JSON_PART, type OpenDraft, partText } from '../../store/editing.ts'
import type { Page } from '../../store/page.ts'
import type { CheckedParts } from '../../worker/protocol.ts'
import { usePage } from '../page-context.ts'
import { assemblyLanguage } from './assembly-language.ts'
import { bytesGutter, setBytes } from './bytes-gutter.ts'
import { completeAssembly, completeJson, namesIn } from './completion.ts'
import { jsonLanguage } from './json-language.ts'
import { LOOK } from './look.ts'
import type { Schema } from './schema.ts'

/** Where to stand: a line and column, both from 1. `time` tells one wish from the next. */
export interface Target {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly time: number
}

export function CodeView({ editing, schema, target }: { editing: OpenDraft; schema: Schema | null; target: Target | null }): ReactNode {
  const page = usePage()
  const parent = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  const states = useRef(new Map<string, EditorState>())
  const shown = useRef('')
  const latest = useRef({ editing, schema })
  latest.current = { editing, schema }
  const { file, id, parts, replaced, checked } = editing

  useEffect(() => {
    const own = new EditorView({ parent: parent.current as HTMLDivElement })
    view.current = own
    return () => {
      own.destroy()
      view.current = null
      shown.current = ''
    }
  }, [])

  useEffect(() => {
    const own = view.current
    if (own === null) return
    const key = `${id} ${file}`
    if (shown.current !== '') states.current.set(shown.current, own.state)
    shown.current = key
    const state = states.current.get(key) ?? stateFor(page, file, () => latest.current)
    own.setState(state)
    follow(own, partText(latest.current.editing.parts, file) ?? '')
    mark(own, file, latest.current.editing.checked)
  }, [page, id, file])

  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the text was replaced from outside; else the editor is ahead of it
  useEffect(() => {
    if (view.current !== null) follow(view.current, partText(parts, file) ?? '')
  }, [replaced])

  useEffect(() => {
    if (view.current !== null) mark(view.current, file, checked)
  }, [checked, file])

  useEffect(() => {
    const own = view.current
    if (own === null || target === null || target.file !== file) return
    const line = own.state.doc.line(Math.min(target.line, own.state.doc.lines))
    own.dispatch({ selection: { anchor: Math.min(line.to, line.from + target.column - 1) }, scrollIntoView: true })
    own.focus()
  }, [target, file])

  return <div className="editor-code" ref={parent} />
}

function stateFor(page: Page, file: string, now: () => { editing: OpenDraft; schema: Schema | null }): EditorState {
  const { editing } = now()
  const names = () => {
    const { checked, parts } = now().editing
    return [...new Set([...(checked?.names ?? []), ...namesIn(parts.files.map(({ text }) => text))])]
  }
  const isJson = file === JSON_PART
  const own: Extension = isJson ? jsonLanguage : [assemblyLanguage(editing.words), bytesGutter]
  const complete = isJson ? completeJson(() => now().schema, names) : completeAssembly(editing.words, names)
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
      autocompletion({ override: [complete] }),
      keymap.of([
        { key: 'Mod-Enter', run: () => run(page.runDraft) },
        { key: 'Mod-o', run: () => run(page.openFile) },
        ...closeBracketsKeymap,
        ...completionKeymap,
        ...searchKeymap,
        ...lintKeymap,
        ...historyKeymap,
        ...defaultKeymap,
        indentWithTab,
      ]),
      EditorView.contentAttributes.of({ 'aria-label': `Text of ${file}. Esc, then Tab leaves the editor.` }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) page.changePart(file, update.state.doc.toString())
      }),
      LOOK,
    ],
  })
}

function run(action: () => void): true {
  action()
  return true
}

/** Makes the text that of the draft; in one change, so that it can be undone. */
function follow(view: EditorView, text: string): void {
  if (view.state.doc.toString() !== text) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } })
}

function mark(view: EditorView, file: string, checked: CheckedParts | null): void {
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
  const rows = new Map(checked.bytes.filter((row) => row.file === file).map((row) => [row.line, row] as const))
  view.dispatch(setDiagnostics(view.state, diagnostics), ...(rows.size > 0 ? [{ effects: setBytes.of(rows) }] : []))
}
