/** A batch that a real kernel was seen to patch, and the run of the model that shows the same events, one below the other on one axis. */
import { type ReactNode, useEffect, useState } from 'react'
import { recordedKey } from '../../../store/recording.ts'
import type { Beside } from '../../../worker/protocol.ts'
import { grouped } from '../../format.ts'
import { useFacts, usePage } from '../../page-context.ts'
import { Timeline } from '../../timeline/Timeline.tsx'
import './recording.css'

export function Recording(): ReactNode {
  const page = usePage()
  const beside = useFacts((state) => state.beside)
  const busy = useFacts((state) => state.recordingBusy === 'beside')
  const refused = useFacts((state) => state.recordingRefused)
  const own = useFacts((state) => state.ownRecording)
  const key = useFacts(recordedKey)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another scenario has another recording, and a parameter chooses the batch
  useEffect(() => {
    if (own === null || (beside === null && refused.length === 0)) page.showBatch(null)
  }, [key])
  return (
    <div className="recording">
      <Controls beside={beside} own={own} busy={busy} />
      {refused.length > 0 && (
        <p className="refused" role="alert">
          {refused.join(' ')}
        </p>
      )}
      {beside === null ? (
        <p className="empty">{busy ? 'Looking for the recorded run in the model …' : 'Nothing is shown.'}</p>
      ) : (
        <Both beside={beside} />
      )}
    </div>
  )
}

function Controls({ beside, own, busy }: { beside: Beside | null; own: string | null; busy: boolean }): ReactNode {
  const page = usePage()
  return (
    <p className="controls">
      {beside !== null && (
        <label>
          Batch{' '}
          <select value={beside.batch} disabled={busy} onChange={(event) => page.showBatch(Number(event.target.value))}>
            {beside.batches.map((name, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: batches have no other name
              <option key={i} value={i}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <button type="button" disabled={beside?.opens == null} onClick={() => page.openBeside()}>
        Step through it
      </button>
      <button type="button" className="quiet" onClick={() => page.openRecording()}>
        Open a recording …
      </button>
      {own !== null && (
        <button type="button" className="quiet" onClick={() => page.closeRecording()}>
          Close {own}
        </button>
      )}
    </p>
  )
}

function Both({ beside }: { beside: Beside }): ReactNode {
  // At its end: what is still to come is drawn pale.
  const [step, setStep] = useState(Number.POSITIVE_INFINITY)
  const [cpu, setCpu] = useState<number | null>(null)
  const { real, model, verdict, why, events, states, remarks } = beside
  const steps = { cursor: Math.min(step, real.steps), selectedCpu: cpu, onSeek: setStep, onSelectCpu: setCpu }
  return (
    <>
      <p className={`verdict is-${verdict ?? 'open'}`}>
        {verdict === 'allowed' && (
          <>
            <b>✓ The model allows it.</b> A run of {grouped(model?.steps ?? 0)} steps shows these {events} events in this order, with these values,
            and no others. {grouped(states)} states were looked at.
          </>
        )}
        {verdict === 'refused' && (
          <>
            <b>✕ The model does not show it.</b> {why}
          </>
        )}
        {verdict === null && <>Shown as far as it goes: such a text holds no bytes and no registers to compare.</>}
      </p>
      {remarks.length > 0 && (
        <ul className="role">
          {remarks.map((remark) => (
            <li key={remark}>{remark}</li>
          ))}
        </ul>
      )}
      <h3>
        {beside.kernel} <span className="role">{beside.machine}</span>
      </h3>
      <Timeline data={real} {...steps} />
      {model !== null && (
        <>
          <h3>
            The model <span className="role">the same events at the same steps; every instruction between them is its own</span>
          </h3>
          <Timeline data={model} {...steps} />
        </>
      )}
    </>
  )
}
