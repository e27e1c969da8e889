/** Keys of the editor beyond those of any text: run, save, go to problems and names. The editor's help line lists them. */
import type { Command, EditorView, KeyBinding } from '@codemirror/view'
import { runAndSearch, saveDraft } from '../../store/desk-commands.ts'
import type { Place } from '../../store/finding.ts'
import type { Page } from '../../store/page.ts'
import { nameAt, placeAt } from './names.ts'

/** Where one went away from, the last at the end. */
const left: Place[] = []
let isGoingBack = false
const MOST_LEFT = 50

/** Before the editor goes to a place that it was sent to. */
export function leave(place: Place): void {
  if (isGoingBack) {
    isGoingBack = false
    return
  }
  left.push(place)
  if (left.length > MOST_LEFT) left.shift()
}

export function editorKeys(page: Page, file: string): readonly KeyBinding[] {
  const always =
    (action: (view: EditorView) => void): Command =>
    (view) => {
      action(view)
      return true
    }
  const here = ({ state }: EditorView) => placeAt(state, file, state.selection.main.head)
  const name = ({ state }: EditorView) => {
    const { from, to, head } = state.selection.main
    return from === to ? (nameAt(state, head)?.name ?? '') : state.sliceDoc(from, to).split('\n')[0]
  }
  const find = always((view) => page.find(name(view) ?? ''))
  return [
    { key: 'Mod-Enter', run: always(() => page.runDraft()) },
    { key: 'Mod-Shift-Enter', run: always(() => runAndSearch(page)) },
    { key: 'Mod-o', run: always(() => page.openFile()) },
    { key: 'Mod-s', run: always(() => saveDraft(page)) },
    { key: 'F8', run: always((view) => page.nextProblem(here(view), 1)), shift: always((view) => page.nextProblem(here(view), -1)) },
    { key: 'F12', run: always((view) => page.goToName(name(view) ?? '')), shift: find },
    { key: 'Mod-Shift-f', run: find },
    { key: 'Mod-Shift-o', run: find },
    {
      key: 'Alt-ArrowLeft',
      run: always(() => {
        const place = left.pop()
        if (place === undefined) return
        isGoingBack = true
        page.goToPlace(place)
      }),
    },
  ]
}
