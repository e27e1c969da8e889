/**
 * The run as blocks that can be moved: by pointer, or by keys. While one is held it is said whether the order that would result is possible, and what it ends in; dropping it makes a
 * branch, so the run that was there stays.
 */
import { type KeyboardEvent, type PointerEvent, type ReactNode, type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { dropMove, previewMove } from '../../../store/reordering.ts'
import { type Block, blocksOf, type DrawnBlock, drawBlocks, nextPlace, placeOf, stepAt } from '../../../timeline/blocks.ts'
import type { MoveOutcome } from '../../../worker/protocol.ts'
import { grouped } from '../../format.ts'
import { useFacts, usePage, useView } from '../../page-context.ts'
import './strip.css'
import { outcomeTone, outcomeWords } from './move-words.ts'

/** Longer runs are not played while somebody drags (the worker says the same). */
const LONGEST = 5000
/** Blocks to either side of where one stands: more are neither read nor grasped. */
const AROUND = 150
const SNAP = 5

interface Held {
  readonly block: Block
  readonly at: number
}

export function Strip(): ReactNode {
  const { cursor, length } = useView()
  const timeline = useFacts((state) => state.timeline)
  if (timeline === null || length === 0) return null
  if (length > LONGEST) return <p className="empty">Blocks of runs up to {grouped(LONGEST)} steps can be moved; this one is longer.</p>
  return <Blocks key={`${timeline.steps}`} movers={timeline.movers} cursor={cursor} cpus={timeline.lanes.map(({ cpu }) => cpu)} />
}

function Blocks({ movers, cursor, cpus }: { movers: ArrayLike<number>; cursor: number; cpus: readonly number[] }): ReactNode {
  const page = usePage()
  const picture = useRef<HTMLDivElement>(null)
  const scroll = useRef<HTMLDivElement>(null)
  const room = useWidth(scroll)
  const [held, setHeld] = useState<Held | null>(null)
  const [focused, setFocused] = useState(0)
  const { blocks, hidden } = useMemo(() => {
    const all = blocksOf(movers, cursor)
    const here = all.findIndex(({ to }) => to > cursor)
    const from = Math.max(0, (here < 0 ? all.length : here) - AROUND)
    const near = all.slice(from, from + 2 * AROUND)
    return { blocks: drawBlocks(near, room - 4), hidden: all.length - near.length }
  }, [movers, cursor, room])
  const outcome = useOutcome(held)
  const shown = Math.min(focused, blocks.length - 1)
  const end = blocks.at(-1)
  const drop = (move: Held) => {
    setHeld(null)
    if (moves(move)) dropMove(page, { from: move.block.from, to: move.block.to, at: move.at })
  }
  const focus = (index: number) => {
    const to = Math.max(0, Math.min(blocks.length - 1, index))
    setFocused(to)
    picture.current?.querySelectorAll<HTMLElement>('.block')[to]?.focus()
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key] as 1 | -1 | undefined
    if (by !== undefined && held !== null) setHeld({ ...held, at: nextPlace(blocks, held.block, held.at, by, event.shiftKey) })
    else if (by !== undefined) focus(shown + by)
    else if (event.key === 'Enter' || event.key === ' ') {
      const block = blocks[shown]
      if (held !== null) drop(held)
      else if (block !== undefined) setHeld({ block, at: block.from })
    } else if (event.key === 'Escape' && held !== null) setHeld(null)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const place = (event: PointerEvent): number => {
    const left = picture.current?.getBoundingClientRect().left ?? 0
    const step = stepAt(blocks, event.clientX - left, SNAP)
    const { block } = held as Held
    return step > block.from && step < block.to ? block.from : step
  }
  return (
    <section className="strip" aria-label="Blocks of this run">
      <h3>
        Move a block <span className="role">drag it, or Enter, ← →, Enter; where you stand it is cut in two</span>
      </h3>
      {/* Above the blocks: below them it would be out of sight in a low panel. */}
      <p className={`strip-said is-${held === null || !moves(held) ? 'none' : outcomeTone(outcome)}`} aria-live="polite">
        {held !== null ? said(held, outcome) : hidden > 0 ? `${grouped(hidden)} more blocks lie farther away from where you stand.` : ''}
      </p>
      <div className="strip-lanes">
        <div className="strip-labels" aria-hidden="true">
          {cpus.map((cpu) => (
            <span key={cpu}>CPU {cpu}</span>
          ))}
        </div>
        <div className="strip-scroll" ref={scroll}>
          {/* biome-ignore lint/a11y/noStaticElementInteractions: keys of the blocks in it */}
          <div
            ref={picture}
            className="strip-picture"
            style={{ width: (end?.x ?? 0) + (end?.width ?? 0), height: `${cpus.length * 1.75}rem` }}
            onKeyDown={onKey}
            onPointerMove={(event) => held !== null && event.buttons === 1 && setHeld({ ...held, at: place(event) })}
            onPointerUp={() => held !== null && drop(held)}
            onPointerCancel={() => setHeld(null)}
          >
            {blocks.map((block, i) => (
              <BlockButton
                key={block.from}
                block={block}
                row={cpus.indexOf(block.cpu)}
                tabIndex={i === shown ? 0 : -1}
                held={held?.block.from === block.from}
                past={block.to <= cursor}
                onFocus={() => setFocused(i)}
                onTake={() => setHeld({ block, at: block.from })}
              />
            ))}
            <span className="strip-cursor" style={{ left: placeOf(blocks, cursor) }} />
            {held !== null && <span className={`strip-drop is-${outcomeTone(outcome)}`} style={{ left: placeOf(blocks, held.at) }} />}
          </div>
        </div>
      </div>
    </section>
  )
}

interface BlockProps {
  readonly block: DrawnBlock
  readonly row: number
  readonly tabIndex: number
  readonly held: boolean
  /** Before where one stands. */
  readonly past: boolean
  onFocus(): void
  onTake(): void
}

function BlockButton({ block: { cpu, from, to, x, width }, row, tabIndex, held, past, onFocus, onTake }: BlockProps): ReactNode {
  const steps = to - from
  return (
    <button
      type="button"
      className="block"
      tabIndex={tabIndex}
      data-held={held}
      data-past={past}
      aria-pressed={held}
      aria-label={`CPU ${cpu}, ${steps === 1 ? `step ${from + 1}` : `steps ${from + 1} to ${to}`}`}
      title={`CPU ${cpu}, ${steps === 1 ? `step ${from + 1}` : `steps ${from + 1} to ${to}`}`}
      style={{ left: x, width: width - 1, top: `${row * 1.75}rem` }}
      onFocus={onFocus}
      onPointerDown={(event) => {
        if (event.button !== 0) return
        // The picture hears what follows, wherever the pointer goes.
        event.currentTarget.parentElement?.setPointerCapture(event.pointerId)
        event.currentTarget.focus()
        event.preventDefault()
        onTake()
      }}
    >
      {width > 20 || steps < 10 ? steps : ''}
    </button>
  )
}

function moves({ block: { from, to }, at }: Held): boolean {
  return at !== from && at !== to
}

function said(held: Held, outcome: MoveOutcome | null | undefined): string {
  const { cpu, from, to } = held.block
  const what = `CPU ${cpu}’s ${to - from === 1 ? `step ${from + 1}` : `steps ${from + 1} to ${to}`}`
  if (!moves(held)) return `${what}: where it is.`
  return `${what} ${held.at === 0 ? 'at the start' : `after step ${held.at}`}: ${outcomeWords(outcome)}`
}

/** undefined while it is not known. While one question is under way only the last one that is wanted meanwhile follows. */
function useOutcome(held: Held | null): MoveOutcome | null | undefined {
  const page = usePage()
  const [known, setKnown] = useState<{ readonly key: string; readonly outcome: MoveOutcome | null } | null>(null)
  const wanted = useRef<Held | null>(null)
  const asking = useRef(false)
  const key = held === null ? '' : keyOf(held)
  wanted.current = held
  useEffect(() => {
    if (key === '' || asking.current) return
    asking.current = true
    void (async () => {
      for (let last = ''; wanted.current !== null && keyOf(wanted.current) !== last; ) {
        const { block, at } = wanted.current
        last = keyOf(wanted.current)
        const outcome = await previewMove(page, { from: block.from, to: block.to, at })
        setKnown({ key: last, outcome })
      }
      asking.current = false
    })()
  }, [key, page])
  return known?.key === key ? known.outcome : undefined
}

function keyOf({ block, at }: Held): string {
  return `${block.from} ${block.to} ${at}`
}

function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const { current } = element
    if (current === null) return
    const observer = new ResizeObserver(() => setWidth(current.clientWidth))
    observer.observe(current)
    setWidth(current.clientWidth)
    return () => observer.disconnect()
  }, [element])
  return width
}
