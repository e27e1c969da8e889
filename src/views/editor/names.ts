/** Names under the cursor or the pointer: what they are, and where they are defined. */
import type { EditorState, Extension } from '@codemirror/state'
import { EditorView, hoverTooltip } from '@codemirror/view'
import type { OpenDraft } from '../../store/editing.ts'
import { definitionsOf, namesIn, type Place } from '../../store/finding.ts'
import type { Page } from '../../store/page.ts'
import type { Name } from './completion.ts'

/** Letters of a name, as the assembler reads them. */
const LETTER = /[\w.?@$]/

/** Of the last text that assembled, and what the present one defines. */
export function namesOf({ checked, parts }: OpenDraft): readonly Name[] {
  const known = checked?.names ?? []
  const fresh = namesIn(parts.files.map(({ text }) => text)).filter((name) => !known.some((each) => each.name === name))
  return [...known, ...fresh.map((name) => ({ name, value: null }))]
}

/** The name that covers or touches the position. */
export function nameAt(state: EditorState, position: number): { readonly name: string; readonly from: number; readonly to: number } | null {
  const { from: start, text } = state.doc.lineAt(position)
  let from = position - start
  let to = from
  while (from > 0 && LETTER.test(text[from - 1] ?? '')) from--
  while (to < text.length && LETTER.test(text[to] ?? '')) to++
  return from === to ? null : { name: text.slice(from, to), from: start + from, to: start + to }
}

export function placeAt(state: EditorState, file: string, position: number): Place {
  const line = state.doc.lineAt(position)
  return { file, line: line.number, column: position - line.from + 1 }
}

/** The value of a name and the line that defines it, beside the pointer; Ctrl and a click go there. */
export function nameHelp(page: Page): Extension {
  return [
    hoverTooltip((view, position) => {
      const found = nameAt(view.state, position)
      const { editing } = page.store.getState()
      if (found === null || editing === null) return null
      const known = editing.checked?.names.find(({ name }) => name === found.name)
      const definitions = definitionsOf(editing.parts, found.name)
      if (known === undefined && definitions.length === 0) return null
      return { pos: found.from, end: found.to, above: true, create: () => ({ dom: helpOf(found.name, known?.value ?? null, definitions) }) }
    }),
    EditorView.domEventHandlers({
      mousedown(event, view) {
        if (!(event.ctrlKey || event.metaKey) || event.button !== 0) return false
        const position = view.posAtCoords({ x: event.clientX, y: event.clientY })
        const found = position === null ? null : nameAt(view.state, position)
        if (found === null) return false
        page.goToName(found.name)
        return true
      },
    }),
  ]
}

function helpOf(name: string, value: string | null, definitions: ReturnType<typeof definitionsOf>): HTMLElement {
  const box = document.createElement('div')
  box.className = 'cm-name-help'
  const head = document.createElement('b')
  head.textContent = value === null ? name : `${name} = ${value}`
  box.append(head)
  for (const { file, line, text } of definitions.slice(0, 3)) {
    const row = document.createElement('div')
    row.textContent = `${file}:${line}  ${text.trim()}`
    box.append(row)
  }
  if (definitions.length === 0) box.append(document.createElement('div'), 'a value of the parameters, or of the assembler')
  return box
}
