/** How the states of both runs differ at the place where one stands. */
import type { ReactNode } from 'react'
import type { StateDifference } from '../../worker/protocol.ts'
import { shortAddresses, trimmedValue } from '../format.ts'
import { useCompared } from './use-comparing.ts'

const TITLES: readonly (readonly [StateDifference['kind'], string])[] = [
  ['fetched', 'May execute at the site'],
  ['memory', 'Memory'],
  ['cpu', 'CPUs'],
  ['register', 'Registers'],
]

export function Differences(): ReactNode {
  const differences = useCompared((state) => state.differences)
  const cpu = useCompared((state) => state.place.cpu)
  if (differences === null) return <section className="differences" aria-label="How the states differ" />
  // Of the CPU where one stands first.
  const rank = (difference: StateDifference) => (difference.cpu === cpu ? 0 : 1)
  return (
    <section className="differences" aria-label="How the states differ">
      <h3>The states here</h3>
      {differences.length === 0 && <p className="empty">Nothing that is shown differs: fetched bytes, memory, CPUs, registers.</p>}
      {TITLES.map(([kind, title]) => {
        const own = differences.filter((each) => each.kind === kind).sort((a, b) => rank(a) - rank(b))
        return (
          own.length > 0 && (
            <table key={kind}>
              <caption>{title}</caption>
              <thead>
                <tr>
                  <td />
                  <th scope="col">A</th>
                  <th scope="col">B</th>
                </tr>
              </thead>
              <tbody>
                {own.map(({ what, cpu: of, a, b }) => (
                  <tr key={`${of} ${what}`}>
                    <th scope="row">
                      {of !== null && <span className="role">CPU {of} </span>}
                      {what}
                    </th>
                    <td>{shown(a)}</td>
                    <td>{shown(b)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        )
      })}
    </section>
  )
}

function shown(text: string | null): string {
  if (text === null) return '–'
  return /^0x[0-9a-f]+$/.test(text) ? trimmedValue(text) : shortAddresses(text)
}
