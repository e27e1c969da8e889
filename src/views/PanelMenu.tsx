/** What can be done with a panel as a whole: where it stands, whether it is folded, all the room for it alone. */
import { type ReactNode, useEffect, useRef } from 'react'
import { panelsOf, type Region } from '../store/layout.ts'
import { useFacts, usePage } from './page-context.ts'
import type { Panel } from './panels/panel.ts'
import { usePanels } from './panels/use-panels.ts'

const REGIONS: readonly (readonly [Region, string])[] = [
  ['main', 'To the wide column'],
  ['side', 'To the narrow column'],
  ['tabs', 'Among the tabs'],
]

export function PanelMenu({ panel }: { panel: Panel }): ReactNode {
  const page = usePage()
  const menu = useRef<HTMLDetailsElement>(null)
  const arrangement = useFacts((state) => state.arrangement)
  const region = arrangement.places[panel.id] ?? panel.region
  const panels = usePanels()
  const row = panelsOf(panels, region, arrangement).map(({ id }) => id)
  const alone = arrangement.alone === panel.id
  useEffect(() => {
    const close = (event: Event) => {
      if (menu.current !== null && !menu.current.contains(event.target as Node)) menu.current.open = false
    }
    document.addEventListener('pointerdown', close)
    return () => document.removeEventListener('pointerdown', close)
  }, [])
  const item = (title: string, act: () => void, disabled = false) => (
    <button
      type="button"
      disabled={disabled}
      onClick={() => {
        if (menu.current !== null) menu.current.open = false
        act()
      }}
    >
      {title}
    </button>
  )
  return (
    <details
      className="panel-menu"
      ref={menu}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || menu.current?.open !== true) return
        event.stopPropagation()
        menu.current.open = false
        menu.current.querySelector('summary')?.focus()
      }}
    >
      <summary aria-label={`Arrange: ${panel.title}`} title="Arrange this panel">
        ⋯
      </summary>
      <div className="panel-menu-items">
        {item(alone ? 'Back among the others' : 'All the room for it', () => page.showAlone(alone ? null : panel.id))}
        {!alone && region !== 'tabs' && item('Fold away', () => page.foldPanel(panel.id, true))}
        {!alone && item(region === 'tabs' ? 'Further left' : 'Further up', () => page.shiftPanel(panel.id, -1, panels), row[0] === panel.id)}
        {!alone && item(region === 'tabs' ? 'Further right' : 'Further down', () => page.shiftPanel(panel.id, 1, panels), row.at(-1) === panel.id)}
        {!alone && REGIONS.map(([each, title]) => each !== region && <span key={each}>{item(title, () => page.movePanel(panel.id, each))}</span>)}
        {item('All panels as designed', () => page.resetLayout())}
      </div>
    </details>
  )
}
