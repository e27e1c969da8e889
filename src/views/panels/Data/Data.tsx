/** The labelled words of shared memory: what the protocol keeps its books in. */
import type { ReactNode } from 'react'
import { byteCount } from '../../../lib/bytes.ts'
import { trimmedValue } from '../../format.ts'
import { useView } from '../../page-context.ts'
import { holdersSentence } from '../../parts/cache-states.ts'
import { Selectable, useRoving } from '../../parts/Selectable.tsx'
import './data.css'

export function Data(): ReactNode {
  const { data } = useView().snapshot
  const roving = useRoving<HTMLTableElement>()
  if (data.length === 0) return <p className="empty">This scenario shares no data but the code.</p>
  return (
    <table className="data" {...roving}>
      <tbody>
        {data.map(({ label, address, value, changed, size, lines }) => (
          <tr key={address} data-changed={changed}>
            <th scope="row">
              <Selectable address={address} size={size} label={`${label}, ${byteCount(size)}: who wrote them, who has them`}>
                {label}
              </Selectable>
            </th>
            <td title={`${byteCount(size)} at ${address}`}>
              {trimmedValue(value)}
              {changed && <span className="is-attention"> just written</span>}
            </td>
            {lines.length > 0 && (
              <td className="lines" title={holdersSentence(lines)}>
                <span aria-hidden="true">{lines.join(' ')}</span>
                <span className="unseen">{holdersSentence(lines)}</span>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
