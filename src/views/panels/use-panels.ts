/** The panels as this scenario wants them: what it is about stands in the wide column from the first sight, whatever the level of detail. */
import { useMemo } from 'react'
import { useFacts } from '../page-context.ts'
import { PANELS } from './index.ts'
import type { Panel } from './panel.ts'

export function usePanels(): readonly Panel[] {
  const shows = useFacts((state) => state.view?.scenario.shows)
  return useMemo(
    () => (shows === undefined ? PANELS : PANELS.map((panel) => (shows.includes(panel.id) ? { ...panel, level: 'first', region: 'main' } : panel))),
    [shows],
  )
}
