import type { Flag } from '../../timeline/overlays.ts'
import type { Selection } from '../../timeline/selection.ts'

/** A new flag takes the place of the one that was not kept; keeping it again lets go of it. */
export function flagged(flags: readonly Flag[], selection: Selection | null, cursor: number, kept: boolean): readonly Flag[] {
  const from = selection?.from ?? Math.max(0, cursor - 1)
  const to = selection?.to ?? Math.max(1, cursor)
  const same = flags.find((flag) => flag.from === from && flag.to === to)
  const others = flags.filter((flag) => flag !== same && flag.kept)
  return same !== undefined && same.kept === kept ? others : [...others, { from, to, kept }]
}
