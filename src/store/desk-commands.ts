/** Commands about what is open beside the run: the draft in the editor, drafts that are kept, and recordings. */
import { isError } from './checking.ts'
import type { Add } from './commands.ts'
import { JSON_PART, type OpenDraft } from './editing.ts'
import { sameParts } from './finding.ts'
import type { Page } from './page.ts'
import { MOST_STEPPED } from './recording.ts'
import type { PageState } from './state.ts'

export function addEditor({ editing, drafts, deleted }: PageState, add: Add): void {
  for (const { id, name } of drafts) {
    if (id !== editing?.id) add('Draft', `Edit ${name} (${id})`, (page) => page.openDraft(id))
    add('Draft', `Delete ${name} (${id})`, (page) => page.deleteDraft(id))
  }
  for (const { id, name } of deleted) add('Draft', `Undo deleting ${name} (${id})`, (page) => page.restoreDraft(id))
  if (editing !== null) addOpenDraft(editing, add)
}

function addOpenDraft({ file, parts, base, checked, undoable }: OpenDraft, add: Add): void {
  if (checked?.problems.some(isError) !== true) {
    add('Editor', 'Run the draft', (page) => page.runDraft())
    add('Editor', 'Run the draft, and search all interleavings', (page) => runAndSearch(page))
  }
  if ((checked?.problems.length ?? 0) > 0) {
    const from = { file, line: 1, column: 1 }
    add('Editor', 'To the next problem', (page) => page.nextProblem(from, 1))
    add('Editor', 'To the last problem', (page) => page.nextProblem(from, -1))
  }
  add('Editor', 'Save the draft as a file', saveDraft)
  add('Editor', 'Show the text', (page) => page.showPane('text'))
  add('Editor', 'Show what was changed', (page) => page.showPane('changes'))
  add('Editor', 'Find in all parts', (page) => page.showPane('find'))
  add('Editor', 'Show all drafts', (page) => page.showPane('drafts'))
  add('Editor', 'A new copy', (page) => page.newCopy())
  for (const name of [JSON_PART, ...parts.files.map((each) => each.name)])
    if (name !== file) add('Editor', `Part: ${name}`, (page) => page.showPart(name))
  for (const { name } of parts.files) add('Editor', `Remove the part ${name}`, (page) => page.dropFile(name))
  add('Editor', 'Take the expected verdicts out', (page) => page.dropExpected())
  if (base !== null) {
    add('Editor', 'All parts as bundled', (page) => page.revert(null))
    add('Editor', `${file} as bundled`, (page) => page.revert(file))
  }
  if (undoable !== null) add('Editor', `Undo: ${undoable.words}`, (page) => page.undoBeside())
  add('Editor', 'Close the editor', (page) => page.closeEditor())
}

export function saveDraft(page: Page): void {
  void page.draftFile().then((file) => (file === null ? undefined : page.desk.ports.save(file, 'file')))
}

/** Runs the text, and then asks the search what it makes of it; a further change calls the question off. */
export function runAndSearch(page: Page): void {
  const { parts } = page.store.getState().editing ?? {}
  const isRunning = () => {
    const { editing, view } = page.store.getState()
    if (editing === null || editing.ranParts === null || parts === undefined) return false
    return sameParts(editing.ranParts, parts) && view?.scenario.id === editing.ran
  }
  if (isRunning()) {
    page.search()
    return
  }
  const stop = page.store.subscribe(({ editing }) => {
    if (editing?.parts !== parts) stop()
    else if (isRunning()) {
      stop()
      page.search()
    }
  })
  page.runDraft()
}

/** A run whose seed was not said: the same for everybody. */
const SEED = 1

export function addRecording({ view, beside, ownRecording, recordingBusy, recordedMoment }: PageState, add: Add): void {
  const shows = view?.scenario.shows ?? []
  if (shows.includes('recording')) {
    for (const [i, name] of (beside?.batches ?? []).entries())
      if (i !== beside?.batch) add('Recording', `Batch ${i + 1}: ${name}`, (page) => page.showBatch(i))
    if (beside?.opens != null) add('Recording', 'Step through it', (page) => page.openBeside())
    add('Recording', 'Open a recording', (page) => page.openRecording())
    if (ownRecording !== null) add('Recording', `Close ${ownRecording}`, (page) => page.closeRecording())
  }
  if (!shows.includes('counts')) return
  if (recordingBusy === 'record') add('Recording', 'Stop recording', (page) => page.cancelRecording())
  else add('Recording', 'Record a long run', (page) => page.record(SEED))
  if (recordedMoment !== null && recordedMoment.step <= MOST_STEPPED)
    add('Recording', 'Step through the recorded run from here', (page) => page.stepThroughRecorded())
}
