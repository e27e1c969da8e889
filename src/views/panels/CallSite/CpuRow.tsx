/** What one CPU has fetched, or may fetch, and what it would execute. */
import { Fragment, type ReactNode } from 'react'
import { shortAddresses } from '../../format.ts'
import { copiesSentence, copyLetters } from '../../parts/cache-states.ts'
import type { CpuView, PassView, SiteCpuView, SiteView } from '../../snapshot.ts'
import { Byte, ByteCells, Says } from './Byte.tsx'
import { executes, type Position, partsOf, passSentence, rowSentence } from './words.ts'

export function CpuRow({ site, view, cpu }: { site: SiteView; view: SiteCpuView; cpu: CpuView | undefined }): ReactNode {
  const { pass } = view
  const ran = pass?.now === true ? pass : null
  const positions = partsOf(site, view)
  return (
    <tr className={ran !== null ? 'has-run' : view.here ? 'is-here' : undefined}>
      <th scope="row">
        CPU {view.cpu} <span className="role">{cpu?.role}</span>
        <span className="unseen">. {rowSentence(site, view)}</span>
      </th>
      <ByteCells site={site}>
        {(at) => {
          const { parts, stale, taken } = positions[at] as Position
          return (
            <td>
              <Byte site={site} at={at} cpu={view.cpu} parts={parts} stale={stale} ran={ran === null ? null : taken} />
            </td>
          )
        }}
      </ByteCells>
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

/** Its bytes are not shown before somebody has said what they may be. */
export function HiddenRow({ site, cpu, role }: { site: SiteView; cpu: number; role: string | undefined }): ReactNode {
  return (
    <tr>
      <th scope="row">
        CPU {cpu} <span className="role">{role}</span>
      </th>
      <ByteCells site={site}>
        {() => (
          <td>
            <span className="byte">
              <span className="value" data-from="both">
                ?
              </span>
            </span>
          </td>
        )}
      </ByteCells>
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
