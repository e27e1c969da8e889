/** The panels as this scenario wants them: what it is about stands in the wide column from the first sight, whatever the level of detail. */
import { useMemo } from 'react'
import { useFacts } from '../page-context.ts'
import { PANELS } from './index.ts'
import type { Panel } from './panel.ts'

export function usePanels(): readonly Panel[] {
  const shows = useFacts((state) => state.view?.scenario.shows)
  return useMemo(
    () =>
      PANELS.map((panel): Panel => (shows?.includes(panel.id) === true ? { ...panel, level: 'first', region: 'main' } : panel)).filter(
        ({ level }) => level !== 'asked',
      ),
    [shows],
  )
}
