/** What can be done with recordings (recording.ts). */
import type { View } from '../worker/protocol.ts'
import type { Desk } from './page.ts'
import type { Helper } from './ports.ts'
import { MOST_STEPPED, type RecordingActions, recordedKey } from './recording.ts'
import type { Params } from './state.ts'
import type { Stepping } from './stepping.ts'

/** Steps between two looks at what was recorded. */
const PORTION = 250_000
/** A browser has less memory than the command line: a run that is longer than this is cut. */
const MOST_STEPS = 40_000_000

export function createRecording({ store, ports }: Desk, { open }: Stepping): RecordingActions {
  let helper: Helper | null = null
  let text: string | null = null
  /** Of the last question of each kind; an older answer is of no use. */
  let asked = 0
  let visiting = 0
  let wanted: number | null = null

  const help = () => (helper ??= ports.help())

  async function show(batch: number | null): Promise<void> {
    const { view } = store.getState()
    if (view === null) return
    const run = ++asked
    store.setState({ recordingBusy: 'beside', recordingRefused: [] })
    const reply = await help().request({ kind: 'beside', scenario: view.scenario.id, params: view.params, text, batch })
    if (run !== asked) return
    store.setState({ recordingBusy: null })
    if (reply.kind === 'beside') store.setState({ beside: reply.beside })
    else if (reply.kind === 'refused') store.setState({ recordingRefused: [reply.message, ...reply.detail] })
    else if (reply.kind === 'crashed') store.setState({ recordingRefused: [reply.message] })
  }

  async function record(seed: number): Promise<void> {
    const { view } = store.getState()
    const key = recordedKey(store.getState())
    if (view === null || key === null) return
    const run = ++asked
    store.setState({ recordingBusy: 'record', recordingRefused: [], recorded: null, recordedOf: key, recordedMoment: null })
    const params: Params = view.params
    for (let again = true; run === asked; again = false) {
      const reply = await help().request({ kind: 'record', scenario: view.scenario.id, params, seed, steps: PORTION, again })
      if (run !== asked) return
      if (recordedKey(store.getState()) !== key) {
        // Other parameters came meanwhile: of the same scenario they are recorded instead, since nobody would see what was asked for.
        store.setState({ recordingBusy: null })
        if (store.getState().view?.scenario.id === view.scenario.id) void record(seed)
        return
      }
      if (reply.kind === 'recorded') {
        store.setState({ recorded: reply.recorded })
        if (!reply.recorded.ended && reply.recorded.steps < MOST_STEPS) continue
        if (!reply.recorded.ended)
          store.setState({ recordingRefused: [`Longer than the ${MOST_STEPS.toLocaleString('en-US')} steps that a page records.`] })
        store.setState({ recordingBusy: null })
        visit(Math.floor(reply.recorded.steps / 2))
      } else if (reply.kind === 'refused') store.setState({ recordingBusy: null, recordingRefused: [reply.message, ...reply.detail] })
      else if (reply.kind === 'crashed') store.setState({ recordingBusy: null, recordingRefused: [reply.message] })
      return
    }
  }

  /** While one visit is under way, only the last one that is wanted meanwhile follows. */
  function visit(step: number): void {
    wanted = step
    if (visiting === asked) return
    visiting = asked
    void (async () => {
      while (wanted !== null && visiting === asked) {
        const target = wanted
        wanted = null
        const reply = await help().request({ kind: 'moment', step: target })
        if (visiting === asked && reply.kind === 'moment') store.setState({ recordedMoment: reply.moment })
      }
      visiting = -1
    })()
  }

  async function stepThrough({ scenario, params }: View, step: number): Promise<void> {
    const key = store.getState().recordedOf
    const reply = await help().request({ kind: 'recorded-schedule', step })
    // Who has gone elsewhere meanwhile stays there.
    if (reply.kind !== 'recorded-schedule' || recordedKey(store.getState()) !== key) return
    const { schedule, digest } = reply
    open({ scenario: scenario.id, params, schedule, cursor: step, digest }, 'jump')
  }

  return {
    showBatch: (batch) => void show(batch),
    openRecording() {
      void ports.pickFile().then((file) => {
        if (file === null) return
        text = file.text
        store.setState({ ownRecording: file.name, beside: null })
        void show(0)
      })
    },
    closeRecording() {
      text = null
      store.setState({ ownRecording: null, beside: null, recordingRefused: [] })
      void show(null)
    },
    openBeside() {
      const { view, beside } = store.getState()
      if (view === null || beside === null || beside.opens === null) return
      open({ scenario: view.scenario.id, params: beside.opens.params, schedule: beside.opens.schedule, cursor: 0, digest: null }, 'jump')
    },
    record: (seed) => void record(seed),
    cancelRecording() {
      asked++
      helper?.dispose()
      helper = null
      store.setState({ recordingBusy: null })
    },
    visitRecorded: visit,
    stepThroughRecorded() {
      const { view, recordedMoment } = store.getState()
      if (view !== null && recordedMoment !== null && recordedMoment.step <= MOST_STEPPED) void stepThrough(view, recordedMoment.step)
    },
  }
}
