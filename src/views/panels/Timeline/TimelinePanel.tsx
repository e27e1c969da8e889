/** The run as a picture. The drawing is views/timeline's; here it meets the store. */
import type { ReactNode } from 'react'
import { shownCpu } from '../../../store/selectors.ts'
import { useFacts, usePage, useView } from '../../page-context.ts'
import { Timeline } from '../../timeline/Timeline.tsx'

export function TimelinePanel(): ReactNode {
  const page = usePage()
  const { cursor } = useView()
  const timeline = useFacts((state) => state.timeline)
  const selectedCpu = useFacts((state) => (state.selectedCpu === null ? null : shownCpu(state)))
  if (timeline === null) return <p className="empty">No step has been taken yet.</p>
  return <Timeline data={timeline} cursor={cursor} selectedCpu={selectedCpu} onSeek={page.seek} onSelectCpu={page.selectCpu} />
}

export function TimelineHint(): ReactNode {
  const { snapshot } = useView()
  return snapshot.phase === null ? null : <>patcher: {snapshot.phase}</>
}
