/**
 * Recordings: a real kernel beside the model, and long runs of ours. A helper of its own holds what is recorded, so that stepping goes on; what it said
 * belongs to the scenario and parameters for which it was asked. What acts is recording-desk.ts, loaded when it is wanted.
 */
import type { Beside, Recorded, RecordedMoment } from '../worker/protocol.ts'
import type { PageState } from './state.ts'

/** Steps that a session takes in about two seconds, and in a quarter of a gigabyte: it keeps what each of them did. */
export const MOST_STEPPED = 200_000

export interface RecordingState {
  readonly beside: Beside | null
  /** The recording that stands there is the user's own. */
  readonly ownRecording: string | null
  readonly recorded: Recorded | null
  /** Of which scenario and parameters. */
  readonly recordedOf: string | null
  readonly recordedMoment: RecordedMoment | null
  /** What the helper is asked for at present. */
  readonly recordingBusy: 'beside' | 'record' | null
  readonly recordingRefused: readonly string[]
}

export const NOTHING_RECORDED: RecordingState = {
  beside: null,
  ownRecording: null,
  recorded: null,
  recordedOf: null,
  recordedMoment: null,
  recordingBusy: null,
  recordingRefused: [],
}

export interface RecordingActions {
  /** Shows a batch of the scenario's recording, or of the one that the user has opened; null: the one that the parameters choose. */
  showBatch(batch: number | null): void
  /** Lets the user choose a file: a recording, or the text of ftrace or trace-cmd. */
  openRecording(): void
  closeRecording(): void
  /** Opens the run that shows the batch, at its beginning. */
  openBeside(): void
  record(seed: number): void
  cancelRecording(): void
  visitRecorded(step: number): void
  /** Opens the recorded run to be stepped through, up to the moment that is looked at. Nothing happens where that lies too far from the start. */
  stepThroughRecorded(): void
}

/** What was recorded belongs to this. */
export function recordedKey(state: PageState): string | null {
  const { view } = state
  return view === null ? null : JSON.stringify([view.scenario.id, view.params])
}
