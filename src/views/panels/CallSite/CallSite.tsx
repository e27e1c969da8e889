/** The signature picture: the same bytes as memory holds them, and as each CPU would fetch them, one below the other. */
import { Fragment, type ReactNode, Suspense } from 'react'
import { questionOf } from '../../../store/predicting.ts'
import { shownSite } from '../../../store/selectors.ts'
import { shortAddresses } from '../../format.ts'
import { later } from '../../later.tsx'
import { useFacts, usePage, useView } from '../../page-context.ts'
import { copiesSentence, copyLetters } from '../../parts/cache-states.ts'
import { Selectable, useRoving } from '../../parts/Selectable.tsx'
import type { CpuView, Meaning, Origin, PassView, SiteByte, SiteCpuView, SiteView } from '../../snapshot.ts'
import './call-site.css'
import { useFrameRoom } from './frame.ts'
import { executes, LETTERS, partsOf, passSentence, rowSentence } from './words.ts'

const Predict = later(() => import('./Predict.tsx'), 'Predict')
const Frame = later(() => import('./Frame.tsx'), 'Frame')

export function CallSite(): ReactNode {
  const page = usePage()
  const { snapshot } = useView()
  const shown = useFacts(shownSite)
  const asks = useFacts((state) => state.prediction !== null)
  const framed = useFrameRoom()
  const site = snapshot.sites[shown]
  if (site === undefined) return <p className="empty">This scenario patches no site.</p>
  return (
    <>
      {snapshot.sites.length > 1 && (
        <div className="site-picker" role="toolbar" aria-label="Site">
          {snapshot.sites.map((each) => (
            <button type="button" key={each.address} className="quiet" aria-pressed={each === site} onClick={() => page.selectSite(each.address)}>
              {each.label} <MeaningDot meaning={each.memoryMeaning} />
            </button>
          ))}
        </div>
      )}
      <SitePicture site={site} />
      <Suspense>
        {framed && <Frame />}
        {asks && <Predict />}
      </Suspense>
    </>
  )
}

export function CallSiteHint(): ReactNode {
  const { snapshot } = useView()
  const shown = useFacts(shownSite)
  const site = snapshot.sites[shown]
  if (site === undefined) return null
  return (
    <span className="site-legend">
      <span>
        <Sample from="old" /> <b className="is-old">{site.oldText}</b>
      </span>
      <span>
        <Sample from="new" /> <b className="is-new">{site.newText}</b>
      </span>
      <span>
        <Sample from="int3" /> breakpoint
      </span>
      <span title="Memory holds another value by now">
        <Sample from="old" stale /> stale
      </span>
      {site.lineBreak !== null && (
        <span>
          <span className="sample-break" /> a 64-byte line ends
        </span>
      )}
    </span>
  )
}

/** Bytes; of more than that each takes less room, so that the words beside them keep some. */
const LONG = 8
/** CPUs; of more than that each has a line and no more. */
export const MANY = 4

function SitePicture({ site }: { site: SiteView }): ReactNode {
  const { snapshot } = useView()
  const roving = useRoving<HTMLDivElement>()
  // Somebody wants to guess first what the CPUs may fetch.
  const hidden = useFacts((state) => questionOf(state) !== null)
  return (
    <div className="site-scroll" {...roving}>
      <table className="site" data-long={site.length > LONG} data-many={site.cpus.length > MANY}>
        <caption className="unseen">
          Bytes of {site.label} at {site.address}, in memory and as each CPU may fetch them
        </caption>
        <thead>
          <tr>
            <td />
            {site.memory.map((_, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a byte position is its identity
              <Fragment key={at}>
                {at === site.lineBreak && <td className="line-break" />}
                <th scope="col" className="offset">
                  +{at}
                </th>
              </Fragment>
            ))}
            <th
              scope="col"
              className="offset"
              title="Who holds the cache line: modified, exclusive, shared or invalid. Derived from what happened; nothing depends on it."
            >
              line
            </th>
            <th scope="col" className="column">
              what would run here
            </th>
          </tr>
        </thead>
        <tbody>
          <tr className="in-memory">
            <th scope="row">
              Memory <span className="role">what stores see</span>
            </th>
            {site.memory.map(({ value, from }, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a byte position is its identity
              <Fragment key={at}>
                {at === site.lineBreak && <td className="line-break" />}
                <td>
                  <Byte site={site} at={at} parts={[{ value, from }]} stale={false} />
                </td>
              </Fragment>
            ))}
            <td className="lines" />
            <td className="says">
              <Says meaning={site.memoryMeaning} text={site.memoryText} />
            </td>
          </tr>
          {site.cpus.map((view) => {
            const cpu = snapshot.cpus.find(({ id }) => id === view.cpu)
            return hidden ? (
              <HiddenRow key={view.cpu} site={site} cpu={view.cpu} role={cpu?.role} />
            ) : (
              <CpuRow key={view.cpu} site={site} view={view} cpu={cpu} />
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

function CpuRow({ site, view, cpu }: { site: SiteView; view: SiteCpuView; cpu: CpuView | undefined }): ReactNode {
  const { pass } = view
  const ran = pass?.now === true ? pass : null
  return (
    <tr className={ran !== null ? 'has-run' : view.here ? 'is-here' : undefined}>
      <th scope="row">
        CPU {view.cpu} <span className="role">{cpu?.role}</span>
        <span className="unseen">. {rowSentence(site, view)}</span>
      </th>
      {partsOf(site, view).map(({ parts, stale, taken }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a byte position is its identity
        <Fragment key={at}>
          {at === site.lineBreak && <td className="line-break" />}
          <td>
            <Byte site={site} at={at} cpu={view.cpu} parts={parts} stale={stale} ran={ran === null ? null : taken} />
          </td>
        </Fragment>
      ))}
      <Lines view={view} />
      <td className="says">
        {ran === null ? <Possible view={view} /> : <Ran pass={ran} />}
        {view.pendingStore !== null && <span className="pending"> · in its store buffer: {view.pendingStore}</span>}
        <span className="doing">
          {view.here && <b className="here">next here · </b>}
          {cpu !== undefined && <Doing cpu={cpu} />}
          {pass !== null && ran === null && (
            <>
              {' · '}
              <span title={`What it executed here last: ${passSentence(pass)}`}>
                ran <b className={`is-${pass.meaning}`}>{shortAddresses(pass.text)}</b> in step {pass.step}
              </span>
            </>
          )}
        </span>
      </td>
    </tr>
  )
}

function HiddenRow({ site, cpu, role }: { site: SiteView; cpu: number; role: string | undefined }): ReactNode {
  return (
    <tr>
      <th scope="row">
        CPU {cpu} <span className="role">{role}</span>
      </th>
      {site.memory.map((_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a byte position is its identity
        <Fragment key={at}>
          {at === site.lineBreak && <td className="line-break" />}
          <td>
            <span className="byte">
              <span className="value" data-from="both">
                ?
              </span>
            </span>
          </td>
        </Fragment>
      ))}
      <td className="lines" />
      <td className="says" />
    </tr>
  )
}

/** All that it may execute here as things stand. */
function Possible({ view }: { view: SiteCpuView }): ReactNode {
  const { named, more } = executes(view)
  return (
    <>
      {named.map((each, i) => (
        <Fragment key={`${each.meaning}${each.text}`}>
          {i > 0 && <span className="or"> or </span>}
          <Says meaning={each.meaning} text={each.text} />
        </Fragment>
      ))}
      {more > 0 && <span className="or"> or {more} more</span>}
    </>
  )
}

/** What the last step executed here. */
function Ran({ pass }: { pass: PassView }): ReactNode {
  return (
    <span title={passSentence(pass)}>
      <b className="here">ran </b>
      <Says meaning={pass.meaning} text={pass.text} />
      {pass.stale && pass.meaning !== 'torn' && <span className="or"> (stale)</span>}
    </span>
  )
}

/** How it holds the cache lines of the site. */
function Lines({ view: { cpu, lines } }: { view: SiteCpuView }): ReactNode {
  if (lines.length === 0) return <td className="lines" />
  const sentence = copiesSentence(cpu, lines)
  return (
    <td className="lines" title={sentence}>
      <span aria-hidden="true">{lines.map(copyLetters).join(' ┊ ')}</span>
      <span className="unseen">{sentence}</span>
    </td>
  )
}

/** Handlers that it is in, and the line of the program that it stands at. */
function Doing({ cpu }: { cpu: CpuView }): ReactNode {
  if (cpu.state === 'stopped') return <strong className="is-torn">stopped: {cpu.stopReason}</strong>
  if (cpu.state === 'halted') return 'done, halted'
  return (
    <>
      {cpu.nesting.length > 0 && <span className={cpu.nesting.at(-1) === '#BP' ? 'is-int3' : 'is-kernel'}>in {cpu.nesting.join(' › ')}: </span>}
      {shortAddresses(cpu.waitsFor ?? cpu.source?.text ?? `at ${cpu.symbol}`)}
    </>
  )
}

interface ByteProps {
  readonly site: SiteView
  readonly at: number
  /** As this CPU may fetch it; in memory where left out. */
  readonly cpu?: number
  readonly parts: readonly SiteByte[]
  readonly stale: boolean
  /** In the row of who has just executed the site: whether this byte was fetched for it; else null. */
  readonly ran?: boolean | null
}

/** One byte position; split where it can show several values. Pressed, it says who wrote it and who has it. */
function Byte({ site, at, cpu, parts, stale, ran = null }: ByteProps): ReactNode {
  const means = parts.map(({ value, from }) => `${value}: ${LETTERS[from].means}`).join(', or ')
  const known = stale ? `${means} (stale: memory holds another value)` : means
  const title = ran === true ? `${known}, executed just now` : known
  const address = `0x${(BigInt(site.address) + BigInt(at)).toString(16)}`
  return (
    <Selectable
      address={address}
      size={1}
      {...(cpu === undefined ? {} : { cpu })}
      className="byte"
      title={title}
      label={`+${at}, ${title}`}
      ways={parts.length}
    >
      {parts.map(({ value, from }, i) => (
        // The first value is memory's, where that is among them: only the others are stale.
        <span key={value} className="value" data-from={from} data-stale={stale && (parts.length === 1 || i > 0)} data-ran={ran ?? undefined}>
          {value}
          <i aria-hidden="true">{LETTERS[from].letter}</i>
        </span>
      ))}
    </Selectable>
  )
}

function Says({ meaning, text }: { meaning: Meaning; text: string }): ReactNode {
  return (
    <span className={`says-what is-${meaning}`}>
      {shortAddresses(text)}
      {meaning === 'torn' && <strong> — neither old nor new</strong>}
    </span>
  )
}

export function MeaningDot({ meaning }: { meaning: Meaning }): ReactNode {
  return <span className={`dot is-${meaning}`} title={meaning === 'torn' ? 'neither old nor new' : meaning} />
}

function Sample({ from, stale = false }: { from: Origin; stale?: boolean }): ReactNode {
  return (
    <span className="byte sample" aria-hidden="true">
      <span className="value" data-from={from} data-stale={stale}>
        <i>{LETTERS[from].letter}</i>
      </span>
    </span>
  )
}
