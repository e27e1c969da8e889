/**
 * Bytes in memory that can be selected where they are shown: in the call site, in the data, in the code. All places that show the same bytes show that they
 * are selected, and the timeline tells who wrote them and who has them.
 */
import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useRef } from 'react'
import { bytesSelection, type Selection, touches } from '../../timeline/selection.ts'
import { useFacts, usePage } from '../page-context.ts'
import './selectable.css'

export interface SelectableProps {
  readonly address: string
  readonly size: number
  /** As which CPU they are looked at. */
  readonly cpu?: number
  readonly className?: string
  readonly title?: string
  /** What a screen reader says. */
  readonly label: string
  readonly ways?: number
  readonly children: ReactNode
}

export function Selectable({ address, size, cpu, className = '', title, label, ways, children }: SelectableProps): ReactNode {
  const page = usePage()
  const selected = useTouched(address, size)
  const press = () => {
    const { selection } = page.store.getState()
    page.select(isThis(selection, address, size, cpu ?? null) ? null : bytesSelection(address, size, cpu ?? null))
  }
  return (
    <button
      type="button"
      tabIndex={-1}
      className={`selectable ${className}`}
      data-ways={ways}
      aria-pressed={selected}
      aria-label={label}
      title={title}
      onClick={press}
    >
      {children}
    </button>
  )
}

/** Does what is selected touch these bytes? */
export function useTouched(address: string, size: number): boolean {
  return useFacts((state) => touches(state.selection, address, size))
}

function isThis(selection: Selection | null, address: string, size: number, cpu: number | null): boolean {
  return selection?.kind === 'bytes' && selection.address === address && selection.size === size && selection.cpu === cpu
}

/** One stop for the Tab key for all that can be selected in an element; arrows go from one to the next, in the direction in which it lies. */
export function useRoving<T extends HTMLElement>(): { readonly ref: RefObject<T | null>; onKeyDown(event: KeyboardEvent): void } {
  const ref = useRef<T>(null)
  const all = () => [...(ref.current?.querySelectorAll<HTMLElement>('.selectable') ?? [])]
  // Whatever was drawn anew, one of them can be reached.
  useEffect(() => {
    const items = all()
    if (items.length > 0 && !items.some((item) => item.tabIndex === 0)) (items[0] as HTMLElement).tabIndex = 0
  })
  return {
    ref,
    onKeyDown(event) {
      const direction = DIRECTIONS[event.key]
      const from = (event.target as HTMLElement).closest<HTMLElement>('.selectable')
      if (direction === undefined || from === null || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return
      // The page must not step meanwhile.
      event.preventDefault()
      const to = nearest(from, all(), direction)
      if (to === null) return
      from.tabIndex = -1
      to.tabIndex = 0
      to.focus()
    },
  }
}

const DIRECTIONS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/** The next one that way: what lies aside counts three times as far. */
function nearest(from: HTMLElement, items: readonly HTMLElement[], [dx, dy]: readonly [number, number]): HTMLElement | null {
  const a = from.getBoundingClientRect()
  let found: HTMLElement | null = null
  let least = Number.POSITIVE_INFINITY
  for (const item of items) {
    const b = item.getBoundingClientRect()
    const x = b.left + b.width / 2 - a.left - a.width / 2
    const y = b.top + b.height / 2 - a.top - a.height / 2
    const along = x * dx + y * dy
    const aside = Math.abs(x * dy) + Math.abs(y * dx)
    if (along > 4 && along + 3 * aside < least) {
      least = along + 3 * aside
      found = item
    }
  }
  return found
}
