/** The run as a picture. The drawing is views/timeline's; here it meets the store. */
import { type ReactNode, useMemo } from 'react'
import { useShallow } from 'zustand/react/shallow'
import type { Page } from '../../../store/page.ts'
import { othersOf, violationKey } from '../../../store/picturing.ts'
import { shownCpu } from '../../../store/selectors.ts'
import { bytesSelection } from '../../../timeline/selection.ts'
import { useFacts, usePage, useView } from '../../page-context.ts'
import { type OtherBranches, Timeline } from '../../timeline/Timeline.tsx'

export function TimelinePanel(): ReactNode {
  const page = usePage()
  const { cursor, snapshot } = useView()
  const timeline = useFacts((state) => state.timeline)
  const selectedCpu = useFacts((state) => (state.selectedCpu === null ? null : shownCpu(state)))
  const selection = useFacts((state) => state.selection)
  const lanes = useFacts((state) => state.lanes)
  const searching = useFacts((state) => state.eventSearch)
  const inevitable = useFacts((state) => (state.inevitable?.key === violationKey(state) ? (state.inevitable?.from ?? null) : null))
  // What is typed for a dialog is for it, even while that is being fetched.
  const free = useFacts((state) => state.dialog === null)
  const branches = useBranches()
  if (timeline === null) return <p className="empty">No step has been taken yet.</p>
  return (
    <Timeline
      data={timeline}
      cursor={cursor}
      selectedCpu={selectedCpu}
      onSeek={page.seek}
      onSelectCpu={page.selectCpu}
      selection={selection}
      onSelect={page.select}
      arrangement={lanes}
      onArrange={page.arrangeLanes}
      searching={searching}
      onSearching={page.searchEvents}
      onCommands={() => page.openPalette('')}
      onRunTo={(to, back) => {
        if (to.address !== null) page.select(bytesSelection(to.address, to.size))
        page.runHere(back)
      }}
      onCopyLink={(step) => copyLink(page, step)}
      branches={branches}
      inevitable={inevitable}
      basis={snapshot.meaning}
      keysAnywhere={free}
      sites={snapshot.sites}
      fits
    />
  )
}

/** A link says where the page stands: it goes there first. */
async function copyLink(page: Page, step: number): Promise<boolean> {
  const stands = () => page.store.getState().view?.cursor === step
  page.seek(step)
  await new Promise<void>((resolve) => {
    if (stands()) return resolve()
    const leave = page.store.subscribe(() => {
      if (!stands()) return
      leave()
      resolve()
    })
  })
  return page.copy(page.momentLink('', ''))
}

/** The other runs of this session, with those that are drawn. The same object as long as nothing changes in them: every view brings a list of its own. */
function useBranches(): OtherBranches {
  const page = usePage()
  const { branches, branch } = useView()
  const drawn = useFacts((state) => state.pictures)
  const shown = useFacts((state) => state.othersShown)
  const others = useFacts(useShallow((state) => othersOf(state).map((fork) => fork.branch)))
  const key = branches.map((each) => `${each.id} ${each.parent} ${each.forkedAt} ${each.id === branch ? '' : each.length} ${each.name}`).join('\n')
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is all that matters of the list
  return useMemo(() => {
    const pictures = new Map(
      [...drawn].filter(([id, { steps }]) => others.includes(id) && branches.some((each) => each.id === id && each.length === steps)),
    )
    return { all: branches, present: branch, pictures, shown, onCheckout: page.checkout, onShow: page.showOthers }
  }, [key, branch, drawn, shown, others, page])
}

export function TimelineHint(): ReactNode {
  const { snapshot } = useView()
  return snapshot.phase === null ? null : <>patcher: {snapshot.phase}</>
}
