/** The context menu of the lanes. The browser's popover closes it by Esc and by a press elsewhere, and keeps it above everything. */
import { type KeyboardEvent, type ReactNode, type RefObject, useLayoutEffect, useRef } from 'react'
import { grouped } from '../../timeline/drawing.ts'
import './menu.css'
import type { MenuAction, MenuItem, Place } from './menu.ts'

export interface TimelineMenuProps {
  readonly plot: RefObject<HTMLElement | null>
  readonly place: Place
  readonly groups: readonly (readonly MenuItem[])[]
  onAct(action: MenuAction): void
  onClose(): void
}

const EDGE = 8

export function TimelineMenu({ plot, place, groups, onAct, onClose }: TimelineMenuProps): ReactNode {
  const menu = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const { current } = menu
    const box = plot.current?.getBoundingClientRect()
    if (current === null || box === undefined) return
    current.showPopover()
    const { width, height } = current.getBoundingClientRect()
    current.style.left = `${Math.max(EDGE, Math.min(box.left + place.x, innerWidth - width - EDGE))}px`
    current.style.top = `${Math.max(EDGE, Math.min(box.top + place.y, innerHeight - height - EDGE))}px`
    itemsOf(current)[0]?.focus()
  }, [plot, place])

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    // The page's keys mean nothing here.
    event.stopPropagation()
    if (event.key === 'Tab') return event.currentTarget.hidePopover()
    const items = itemsOf(event.currentTarget)
    const at = items.indexOf(document.activeElement as HTMLElement)
    const to = NEXT[event.key]?.(at, items.length)
    if (to === undefined) return
    event.preventDefault()
    items[to]?.focus()
  }

  return (
    <div
      ref={menu}
      className="tl-menu"
      popover="auto"
      role="menu"
      aria-label={`CPU ${place.cpu}, step ${grouped(place.step)}`}
      tabIndex={-1}
      onKeyDown={onKeyDown}
      onToggle={(event) => event.newState === 'closed' && onClose()}
      onContextMenu={(event) => event.preventDefault()}
    >
      {groups.map((items, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the groups of one menu stay in their order
        <div key={i} role="none">
          {items.map(({ title, keys, action }) => (
            <button
              type="button"
              role="menuitem"
              tabIndex={-1}
              key={title}
              onClick={() => {
                menu.current?.hidePopover()
                plot.current?.focus({ preventScroll: true })
                onAct(action)
              }}
            >
              {title}
              <span>
                {keys.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </span>
            </button>
          ))}
        </div>
      ))}
    </div>
  )
}

const NEXT: Readonly<Record<string, (at: number, count: number) => number>> = {
  ArrowDown: (at, count) => (at + 1) % count,
  ArrowUp: (at, count) => (at - 1 + count) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
}

function itemsOf(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>('[role="menuitem"]')]
}
