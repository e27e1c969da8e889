/** A run of millions of steps: recorded here, counted, and any moment of it to look at. */
import { type ReactNode, useState } from 'react'
import { MOST_STEPPED, recordedKey } from '../../../store/recording.ts'
import type { Counts as CountsOf, Recorded, RecordedMoment } from '../../../worker/protocol.ts'
import { grouped } from '../../format.ts'
import { useFacts, usePage, useView } from '../../page-context.ts'
import { Timeline } from '../../timeline/Timeline.tsx'
import { CostOverTime } from './CostOverTime.tsx'
import './counts.css'

export function Counts(): ReactNode {
  const key = useFacts(recordedKey)
  const recorded = useFacts((state) => (state.recordedOf === key ? state.recorded : null))
  const refused = useFacts((state) => state.recordingRefused)
  return (
    <div className="counts">
      <Controls recorded={recorded} />
      {refused.length > 0 && (
        <p className="refused" role="alert">
          {refused.join(' ')}
        </p>
      )}
      {recorded !== null && (
        <>
          <Table counts={recorded.counts} roles={recorded.roles} />
          {recorded.overview !== null && <Moments recorded={recorded} />}
        </>
      )}
    </div>
  )
}

function Controls({ recorded }: { recorded: Recorded | null }): ReactNode {
  const page = usePage()
  const { params } = useView()
  const busy = useFacts((state) => state.recordingBusy === 'record')
  const [seed, setSeed] = useState(1)
  const { sites, cpus } = params
  return (
    <p className="controls">
      {busy ? (
        <>
          <strong aria-live="polite">Recording … {grouped(recorded?.steps ?? 0)} steps</strong>
          <button type="button" onClick={() => page.cancelRecording()}>
            Cancel
          </button>
        </>
      ) : (
        <>
          <button type="button" className={recorded === null ? 'primary' : undefined} onClick={() => page.record(seed)}>
            Record a run
          </button>
          <label>
            seed{' '}
            <input
              type="number"
              min={0}
              max={999999}
              value={seed}
              onChange={(event) => setSeed(Math.max(0, Math.floor(Number(event.target.value))))}
            />
          </label>
          {sites !== undefined && sites !== '40000' && (
            <button
              type="button"
              onClick={() => {
                page.setParam('sites', '40000')
                page.setParam('cpus', '8')
              }}
            >
              Take 40,000 sites on 8 CPUs
            </button>
          )}
          <span className="role">
            {sites !== undefined && `${grouped(Number(sites))} sites, ${cpus} CPUs. `}
            {recorded !== null &&
              `${grouped(recorded.steps)} steps${recorded.violated === null ? '' : `, violated by CPU ${recorded.violated.cpu} at the last one`}.`}
          </span>
        </>
      )}
    </p>
  )
}

function Table({ counts, roles }: { counts: CountsOf; roles: readonly string[] }): ReactNode {
  const totals: readonly (readonly [string, number])[] = [
    ['broadcasts', counts.broadcasts],
    ['interrupts sent', counts.ipis],
    ['writes to text', counts.pokes],
    ['int3', counts.int3],
    ['instructions in int3 handlers', counts.int3Instructions],
  ]
  return (
    <>
      <dl className="totals">
        {totals.map(([title, value]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{grouped(value)}</dd>
          </div>
        ))}
      </dl>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className="scrolls" tabIndex={0} aria-label="Counts by CPU">
        <table>
          <thead>
            <tr>
              {['CPU', 'instructions', 'int3', 'in their handlers', 'interrupts', 'in their handlers'].map((title, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: two columns have one title
                <th key={i} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {counts.cpus.map((each, cpu) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a CPU is its number
              <tr key={cpu}>
                <th scope="row">
                  {cpu} {roles[cpu]}
                </th>
                <td>{grouped(each.instructions)}</td>
                <td>{grouped(each.int3)}</td>
                <td>{grouped(each.int3Instructions)}</td>
                <td>{grouped(each.interrupts)}</td>
                <td>{grouped(each.interruptInstructions)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  )
}

function Moments({ recorded }: { recorded: Recorded }): ReactNode {
  const page = usePage()
  const moment = useFacts((state) => state.recordedMoment)
  const [cpu, setCpu] = useState<number | null>(null)
  if (recorded.overview === null) return null
  return (
    <>
      <h3>Steps in handlers, of all steps</h3>
      <CostOverTime data={recorded.overview} />
      <h3>The whole run</h3>
      <Timeline data={recorded.overview} cursor={moment?.step ?? 0} selectedCpu={cpu} onSeek={page.visitRecorded} onSelectCpu={setCpu} />
      {moment !== null && <Moment moment={moment} cpu={cpu} onSelectCpu={setCpu} onVisit={page.visitRecorded} />}
    </>
  )
}

/** The recorded run is looked at here; only what is not too long can be stepped through, with everything that the other panels show. */
function StepThrough({ step }: { step: number }): ReactNode {
  const page = usePage()
  return step <= MOST_STEPPED ? (
    <p className="controls">
      <button type="button" onClick={() => page.stepThroughRecorded()}>
        Step through from here
      </button>
      <span className="role">opens the run up to this step in all panels</span>
    </p>
  ) : (
    <p className="controls role">
      Too far from the start to be stepped through, which goes up to step {grouped(MOST_STEPPED)}; it can be looked at here.
      <button type="button" onClick={() => page.visitRecorded(MOST_STEPPED)}>
        Go to step {grouped(MOST_STEPPED)}
      </button>
    </p>
  )
}

interface MomentProps {
  readonly moment: RecordedMoment
  readonly cpu: number | null
  onSelectCpu(cpu: number): void
  onVisit(step: number): void
}

function Moment({ moment, cpu, onSelectCpu, onVisit }: MomentProps): ReactNode {
  const { step, phase, cpus, around } = moment
  return (
    <>
      <h3>
        Around step {grouped(step)}{' '}
        <span className="role">
          {phase === null ? '' : `patcher: ${phase}. `}Step 0 here is step {grouped(around.from)} of the run.
        </span>
      </h3>
      <Timeline
        data={around.data}
        cursor={step - around.from}
        selectedCpu={cpu}
        onSeek={(at) => onVisit(around.from + at)}
        onSelectCpu={onSelectCpu}
      />
      <StepThrough step={step} />
      <ol className="where" start={0}>
        {cpus.map(({ role, symbol, source, interrupts, halted, instructions }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a CPU is its number
          <li key={i} data-selected={i === cpu}>
            <b>
              CPU {i} {role}
            </b>{' '}
            <code>{symbol}</code> {source !== null && <span className="role">{source}</span>}
            <span className="role">
              {' '}
              {halted ? 'halted' : interrupts ? '' : 'IF = 0'} · {grouped(instructions)} instructions
            </span>
          </li>
        ))}
      </ol>
    </>
  )
}
