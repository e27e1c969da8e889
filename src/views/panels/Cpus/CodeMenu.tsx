/** What can be done with a line of code: opened by the second button of the mouse, by a long press, or by the menu key. */
import { type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useRef } from 'react'
import type { Page } from '../../../store/page.ts'
import { breakpointAt } from '../../../store/walking.ts'
import { bytesSelection } from '../../../timeline/selection.ts'
import { shortAddress } from '../../format.ts'
import { usePage } from '../../page-context.ts'
import type { CodeLine } from '../../snapshot.ts'

export interface MenuAt {
  readonly line: CodeLine
  /** Bytes of the instruction. */
  readonly size: number
  readonly x: number
  readonly y: number
  /** Gets the focus back. */
  readonly from: HTMLElement | null
}

interface Item {
  readonly words: string
  readonly keys?: string
  readonly act: () => void
}

/** Pixels to the border of the window. */
const MARGIN = 8

export function CodeMenu({ at, cpu, onClose }: { at: MenuAt; cpu: number; onClose(): void }): ReactNode {
  const page = usePage()
  const menu = useRef<HTMLDivElement>(null)
  const { line, from, x, y } = at
  useLayoutEffect(() => {
    const own = menu.current
    if (own === null) return
    own.showPopover()
    const { width, height } = own.getBoundingClientRect()
    own.style.left = `${Math.max(MARGIN, Math.min(x, innerWidth - width - MARGIN))}px`
    own.style.top = `${Math.max(MARGIN, Math.min(y, innerHeight - height - MARGIN))}px`
    own.querySelector('button')?.focus()
  }, [x, y])
  useEffect(() => {
    const away = (event: Event) => {
      if (menu.current?.contains(event.target as Node) !== true) onClose()
    }
    document.addEventListener('pointerdown', away)
    return () => document.removeEventListener('pointerdown', away)
  }, [onClose])
  const close = () => {
    onClose()
    from?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const items = [...(menu.current?.querySelectorAll('button') ?? [])]
    const now = items.indexOf(document.activeElement as HTMLButtonElement)
    const pressed = `${event.shiftKey ? 'Shift ' : ''}${event.key.toUpperCase()}`
    const meant = itemsOf(page, at, cpu).find(({ keys }) => keys === pressed)
    const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: items.length - 1 }[event.key]
    if (meant !== undefined) {
      close()
      meant.act()
    } else if (to !== undefined) items.at(to % items.length)?.focus()
    else if (event.key === 'Escape' || event.key === 'Tab') close()
    else if (event.key !== 'Enter' && event.key !== ' ') return
    else {
      event.stopPropagation()
      return
    }
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div
      ref={menu}
      className="code-menu"
      popover="manual"
      role="menu"
      aria-label={`${line.text}, ${shortAddress(line.address)}`}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      {itemsOf(page, at, cpu).map(({ words, keys, act }) => (
        <button
          type="button"
          role="menuitem"
          key={words}
          onClick={() => {
            close()
            act()
          }}
        >
          {words}
          {keys !== undefined && <kbd>{keys}</kbd>}
        </button>
      ))}
    </div>
  )
}

function itemsOf(page: Page, { line, size }: MenuAt, cpu: number): readonly Item[] {
  const { address } = line
  const found = breakpointAt(page.store.getState(), address)
  const here = (back: boolean) => {
    page.select(bytesSelection(address, size, cpu))
    page.runHere(back, address)
  }
  return [
    { words: 'Run to here', keys: 'H', act: () => here(false) },
    { words: 'Back to here', keys: 'Shift H', act: () => here(true) },
    { words: found === undefined ? 'Set a breakpoint' : 'Take the breakpoint away', keys: 'B', act: () => page.toggleBreakpoint(address) },
    ...(found === undefined
      ? [{ words: `Breakpoint on CPU ${cpu} only`, act: () => void page.addPoint({ kind: 'break', where: address, cpu }) }]
      : [{ words: found.enabled ? 'Switch it off' : 'Switch it on', act: () => page.setPointEnabled(found.id, !found.enabled) }]),
    {
      words: 'Stop when these bytes change',
      act: () => void page.addPoint({ kind: 'watch', where: address, size: [8, 4, 2].find((each) => each <= size) ?? 1, access: 'change' }),
    },
    { words: 'Who wrote it, who executed it', act: () => page.select(bytesSelection(address, size, cpu)) },
  ]
}
