/** One call site: its bytes as a picture, which of several it is, and below it a frame that grows and a question to whoever wants to be asked. */
import type { ReactNode } from 'react'
import { shownSite } from '../../../store/selectors.ts'
import { shortAddresses } from '../../format.ts'
import { later } from '../../later.tsx'
import { useFacts, usePage, useView } from '../../page-context.ts'
import { MeaningDot, Sample } from './Byte.tsx'
import { useFrameRoom } from './frame.ts'
import { SitePicture } from './SitePicture.tsx'

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
      {framed && <Frame />}
      {asks && <Predict />}
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
        <Sample from="old" /> <b className="is-old">{shortAddresses(site.oldText)}</b>
      </span>
      <span>
        <Sample from="new" /> <b className="is-new">{shortAddresses(site.newText)}</b>
      </span>
      {site.between.length > 0 && (
        <span title={`Held for a while: ${site.between.map(shortAddresses).join(', or ')}`}>
          <Sample from="between" /> in between
        </span>
      )}
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
