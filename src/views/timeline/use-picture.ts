/** What is drawn of the data in the room there is: computed once for each change, by timeline/. */
import { useMemo, useRef } from 'react'
import type { Arrangement } from '../../timeline/arrangement.ts'
import { type BranchShape, forksOf, stripsOf } from '../../timeline/branches.ts'
import { fitLayout } from '../../timeline/fitting.ts'
import { sceneOf } from '../../timeline/geometry.ts'
import { indexTimeline, type TimelineIndex } from '../../timeline/index.ts'
import type { TimelineData } from '../../timeline/model.ts'
import type { Room } from './use-room.ts'
import { useViewport } from './use-viewport.ts'

/** Other runs beside this one. */
export interface OtherBranches {
  readonly all: readonly BranchShape[]
  readonly present: number
  /** What is known of the others; those are shown below the lanes. */
  readonly pictures: ReadonlyMap<number, TimelineData>
  /** Those that are soon drawn, all, or none. */
  readonly shown: 'small' | 'all' | 'none'
  onCheckout(branch: number): void
  onShow(shown: OtherBranches['shown']): void
}

export const NO_BRANCHES: OtherBranches = {
  all: [],
  present: 0,
  pictures: new Map(),
  shown: 'none',
  onCheckout: () => undefined,
  onShow: () => undefined,
}

export function usePicture(data: TimelineData, cursor: number, branches: OtherBranches, arrangement: Arrangement, { width, height, letters }: Room) {
  const latest = useRef<TimelineIndex | null>(null)
  const index = useMemo(() => {
    latest.current = indexTimeline(data, latest.current)
    return latest.current
  }, [data])
  const forks = useMemo(() => forksOf(branches.all, branches.present), [branches.all, branches.present])
  const pictures = useMemo(() => new Map([...branches.pictures].map(([branch, picture]) => [branch, indexOnce(picture)])), [branches.pictures])
  const drawn = useMemo(() => forks.filter(({ branch }) => pictures.has(branch)), [forks, pictures])
  const layout = useMemo(
    () => fitLayout(index, height, { arrangement, branches: drawn.map(({ branch }) => branch) }, letters),
    [index, height, letters, arrangement, drawn],
  )
  const steps = shownSteps(
    data.steps,
    drawn.map(({ length }) => length),
  )
  const control = useViewport(width, steps, cursor)
  const { from, to } = control.view
  const scene = useMemo(() => sceneOf(index, layout, { from, to, width: Math.max(1, width) }), [index, layout, from, to, width])
  const strips = useMemo(() => stripsOf(forks, pictures, layout, { from, to, width: Math.max(1, width) }), [forks, pictures, layout, from, to, width])
  return { index, forks, hidden: forks.length - pictures.size, layout, steps, control, scene, strips }
}

const INDEXED = new WeakMap<TimelineData, TimelineIndex>()

function indexOnce(picture: TimelineData): TimelineIndex {
  const index = INDEXED.get(picture) ?? indexTimeline(picture)
  INDEXED.set(picture, index)
  return index
}

/** Room for other branches that go on longer, but not so much that this one becomes small. */
function shownSteps(own: number, others: readonly number[]): number {
  return Math.max(own, Math.min(Math.max(0, ...others), 3 * own + 60))
}
