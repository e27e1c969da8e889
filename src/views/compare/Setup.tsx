/** Which two runs: a branch on the left; another branch, the same scenario with other parameters, or a link on the right. */
import { type ReactNode, useState } from 'react'
import type { OtherRun } from '../../store/comparing.ts'
import { paramValue } from '../../store/selectors.ts'
import type { View } from '../../worker/protocol.ts'
import { count } from '../format.ts'
import { useView } from '../page-context.ts'
import { useCompared, useComparing } from './use-comparing.ts'

type Params = View['params']

export function Setup(): ReactNode {
  const comparing = useComparing()
  const view = useView()
  const chosen = useCompared((state) => state.other)
  const ownChosen = useCompared((state) => state.own)
  const { branches, params } = view
  const own = chosen === null ? view.branch : ownChosen
  const others = branches.filter(({ id }) => id !== own)
  const choose = (value: string) => {
    if (value.startsWith('branch')) comparing.compare(own, { kind: 'branch', branch: Number(value.slice(6)) })
    else if (value === 'carried' || value === 'race') comparing.compare(own, { kind: value, params: paramsOf(chosen) ?? otherParams(view) ?? params })
    else comparing.compare(own, { kind: 'link', text: '' })
  }
  return (
    <div className="setup">
      <label>
        <b className="side">A</b>{' '}
        <select
          value={own}
          onChange={(event) => {
            const next = Number(event.target.value)
            const same = chosen?.kind === 'branch' && chosen.branch === next
            comparing.compare(next, same || chosen === null ? { kind: 'branch', branch: own } : chosen)
          }}
        >
          {branches.map(({ id, name, length }) => (
            <option key={id} value={id}>
              {name} ({count(length, 'step')}){id === view.branch && ', where you stand'}
            </option>
          ))}
        </select>
      </label>
      <label>
        <b className="side">B</b>{' '}
        <select value={worth(chosen)} onChange={(event) => choose(event.target.value)}>
          {chosen === null && <option value="">choose …</option>}
          {others.map(({ id, name, length }) => (
            <option key={id} value={`branch${id}`}>
              {name} ({count(length, 'step')})
            </option>
          ))}
          {view.scenario.params.length > 0 && <option value="carried">the same choices with other parameters</option>}
          {view.scenario.params.length > 0 && <option value="race">the shortest race with other parameters</option>}
          <option value="link">the run of a link …</option>
        </select>
      </label>
      {paramsOf(chosen) !== null && chosen !== null && <ParamChoice view={view} own={own} chosen={chosen} />}
      {chosen?.kind === 'link' && <LinkField own={own} text={chosen.text} />}
    </div>
  )
}

function ParamChoice({ view, own, chosen }: { view: View; own: number; chosen: OtherRun }): ReactNode {
  const comparing = useComparing()
  if (chosen.kind !== 'carried' && chosen.kind !== 'race') return null
  return (
    <fieldset className="chips">
      <legend>B has</legend>
      {view.scenario.params.map(({ name, title, values }) => {
        const value = paramValue(view.scenario, chosen.params, name)
        return (
          <label key={name} className="chip" data-changed={value !== paramValue(view.scenario, view.params, name)}>
            {title}:{' '}
            <select
              value={value}
              onChange={(event) => comparing.compare(own, { ...chosen, params: { ...chosen.params, [name]: event.target.value } })}
            >
              {values.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          </label>
        )
      })}
    </fieldset>
  )
}

function LinkField({ own, text }: { own: number; text: string }): ReactNode {
  const comparing = useComparing()
  const [written, setWritten] = useState(text)
  return (
    <form
      className="link-field"
      onSubmit={(event) => {
        event.preventDefault()
        comparing.compare(own, { kind: 'link', text: written })
      }}
    >
      <input
        aria-label="Link to the other run"
        placeholder="https://…#v=1&s=…"
        value={written}
        onChange={(event) => setWritten(event.target.value)}
      />
      <button type="submit">Compare</button>
    </form>
  )
}

function worth(chosen: OtherRun | null): string {
  return chosen === null ? '' : chosen.kind === 'branch' ? `branch${chosen.branch}` : chosen.kind
}

function paramsOf(chosen: OtherRun | null): Params | null {
  return chosen?.kind === 'carried' || chosen?.kind === 'race' ? chosen.params : null
}

/** With another strategy where there is one, else with the first switch the other way. */
function otherParams({ scenario, params }: View): Params | null {
  const wanted = scenario.params.find(({ name }) => name === scenario.strategies?.param) ?? scenario.params[0]
  const value = wanted?.values.find((each) => each !== paramValue(scenario, params, wanted.name))
  return wanted === undefined || value === undefined ? null : { ...params, [wanted.name]: value }
}
