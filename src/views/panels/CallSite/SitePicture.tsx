/** The signature picture: the same bytes as memory holds them, and as each CPU would fetch them, one below the other. */
import type { ReactNode } from 'react'
import { questionOf } from '../../../store/predicting.ts'
import { useFacts, useView } from '../../page-context.ts'
import { useRoving } from '../../parts/Selectable.tsx'
import type { SiteByte, SiteView } from '../../snapshot.ts'
import { Byte, ByteCells, Says } from './Byte.tsx'
import { CpuRow, HiddenRow } from './CpuRow.tsx'
import './call-site.css'

/** Bytes; of more than that each takes less room, so that the words beside them keep some. */
const LONG = 8
/** CPUs; of more than that each has a line and no more. */
export const MANY = 4

export function SitePicture({ site }: { site: SiteView }): ReactNode {
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
            <ByteCells site={site}>
              {(at) => (
                <th scope="col" className="offset">
                  +{at}
                </th>
              )}
            </ByteCells>
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
            <ByteCells site={site}>
              {(at) => (
                <td>
                  <Byte site={site} at={at} parts={[site.memory[at] as SiteByte]} stale={false} />
                </td>
              )}
            </ByteCells>
            <td className="lines" />
            <td className="says">
              <Says meaning={site.memoryMeaning} text={site.memoryText} memory={site.memory} />
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
