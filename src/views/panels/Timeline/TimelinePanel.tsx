/** The run as a picture. The drawing is views/timeline's; here it meets the store. */
import type { ComponentType, ReactNode } from 'react'
import { shownCpu } from '../../../store/selectors.ts'
import type { TimelineData } from '../../../timeline/model.ts'
import { useFacts, usePage, useView } from '../../page-context.ts'

interface TimelineProps {
  readonly data: TimelineData
  readonly cursor: number
  readonly selectedCpu: number | null
  onSeek(step: number, done: boolean): void
  onSelectCpu(cpu: number): void
}

const { Timeline } =
  Object.values(import.meta.glob<{ Timeline: ComponentType<TimelineProps> }>('../../timeline/Timeline.tsx', { eager: true }))[0] ?? {}

export function TimelinePanel(): ReactNode {
  const page = usePage()
  const { cursor } = useView()
  const timeline = useFacts((state) => state.timeline)
  const selectedCpu = useFacts((state) => (state.selectedCpu === null ? null : shownCpu(state)))
  if (timeline === null || Timeline === undefined) return <p className="empty">No step has been taken yet.</p>
  return <Timeline data={timeline} cursor={cursor} selectedCpu={selectedCpu} onSeek={page.seek} onSelectCpu={page.selectCpu} />
}

export function TimelineHint(): ReactNode {
  const { snapshot } = useView()
  return snapshot.phase === null ? null : <>patcher: {snapshot.phase}</>
}
