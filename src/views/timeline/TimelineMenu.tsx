/**
 * The context menu of the lanes: a popover, so that nothing covers or cuts it. It is closed here and not by the browser, which takes the release of the very button
 * that opened it for a press elsewhere.
 */
import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef } from 'react'
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
  /** Let go elsewhere, as by the finger that opened the menu: a browser may make a click of it, on what has come to lie under the finger. */
  const strayed = useRef(false)
  useLayoutEffect(() => {
    const { current } = menu
    const box = plot.current?.getBoundingClientRect()
    if (current === null || box === undefined) return
    if (!current.matches(':popover-open')) current.showPopover()
    const { width, height } = current.getBoundingClientRect()
    current.style.left = `${Math.max(EDGE, Math.min(box.left + place.x, innerWidth - width - EDGE))}px`
    current.style.top = `${Math.max(EDGE, Math.min(box.top + place.y, innerHeight - height - EDGE))}px`
    itemsOf(current)[0]?.focus()
  }, [plot, place])

  useEffect(() => {
    const onElsewhere = (event: Event) => !menu.current?.contains(event.target as Node) && onClose()
    const onLetGo = (event: Event) => {
      strayed.current = !menu.current?.contains(event.target as Node)
    }
    document.addEventListener('pointerup', onLetGo, true)
    document.addEventListener('pointerdown', onElsewhere, true)
    document.addEventListener('wheel', onElsewhere, true)
    addEventListener('resize', onClose)
    return () => {
      document.removeEventListener('pointerup', onLetGo, true)
      document.removeEventListener('pointerdown', onElsewhere, true)
      document.removeEventListener('wheel', onElsewhere, true)
      removeEventListener('resize', onClose)
    }
  }, [onClose])

  const leave = () => {
    onClose()
    plot.current?.focus({ preventScroll: true })
  }
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    // The page's keys mean nothing here.
    event.stopPropagation()
    if (event.key === 'Tab' || event.key === 'Escape') {
      event.preventDefault()
      return leave()
    }
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
      popover="manual"
      role="menu"
      aria-label={`CPU ${place.cpu}, step ${grouped(place.step)}`}
      tabIndex={-1}
      onKeyDown={onKeyDown}
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
              onClick={({ detail }) => {
                const meant = detail === 0 || !strayed.current
                strayed.current = false
                if (!meant) return
                leave()
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
