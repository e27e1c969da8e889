/** What pointers, keys and the menu do on the lanes: seek, select, move the view, arrange. Their code comes right after the first paint (use-hands.ts). */
import { type KeyboardEvent, type ReactNode, type RefObject, useCallback, useEffect, useState } from 'react'
import type { Arrangement } from '../../timeline/arrangement.ts'
import type { Hit } from '../../timeline/hit.ts'
import type { Flag } from '../../timeline/overlays.ts'
import { cursorOf, type Selection } from '../../timeline/selection.ts'
import { flagged } from './flags.ts'
import type { Chosen, KeyContext } from './keys.ts'
import type { MenuAction, Place } from './menu.ts'
import type { TimelineProps } from './Timeline.tsx'
import { type Hands, useHands } from './use-hands.ts'
import { useKeysAnywhere } from './use-keys-anywhere.ts'
import type { usePicture } from './use-picture.ts'
import { useScrubbing } from './use-scrubbing.ts'

export interface Acted extends Pick<TimelineProps, 'data' | 'cursor' | 'selectedCpu' | 'onSeek' | 'onSelectCpu' | 'onRunTo' | 'onCopyLink'> {
  readonly lanes: RefObject<HTMLElement | null>
  readonly plot: RefObject<HTMLElement | null>
  readonly picture: ReturnType<typeof usePicture>
  readonly selection: Selection | null
  select(selection: Selection | null): void
  readonly arrangement: Arrangement
  arrange(arrangement: Arrangement): void
  setSearching(open: boolean): void
  readonly flags: readonly Flag[]
  setFlags(flags: readonly Flag[]): void
  readonly hit: Hit | null
  setHit(hit: Hit | null): void
  readonly focused: boolean
  readonly keysAnywhere: boolean
}

export interface Acting {
  /** Selects, and goes there. */
  go(selection: Selection): void
  /** Brings what is selected into view. */
  show(): void
  onKeyDown(event: KeyboardEvent): void
  /** The arrows that a key would follow. */
  readonly followable: readonly number[]
  /** What lies under the pointer, or what has just been done. */
  readonly said: string | null
  /** What has just been done, for who hears it. */
  readonly told: string
  readonly menu: ReactNode
  /** What finds the hits of a search; null until it is there. */
  readonly Hits: Hands['SearchHits'] | null
}

const FIRST: Chosen = { leaving: 0, arriving: 0 }
const FOCUS = { code: 'KeyF', key: 'f', shiftKey: false, ctrlKey: false, metaKey: false, altKey: false }
/** How long what has been done is said. */
const TOLD_MS = 4000

export function useActing(acted: Acted): Acting {
  const { data, cursor, selectedCpu, onSeek, onSelectCpu, onRunTo, onCopyLink, lanes, plot, picture } = acted
  const { selection, select, arrangement, arrange, flags, setFlags, hit, setHit } = acted
  const { index, layout, steps, scene, control } = picture
  const [chosen, setChosen] = useState<Chosen>(FIRST)
  const [asked, setAsked] = useState<Asked | null>(null)
  const [told, setTold] = useTold()
  const cpu = selectedCpu ?? (cursor > 0 ? data.movers[cursor - 1] : undefined) ?? data.lanes[0]?.cpu ?? 0
  const contextOf = (own: number): KeyContext => ({ index, cursor, cpu: own, view: control.view, selection, chosen, arrangement })

  const openMenu = (point: { readonly x: number; readonly y: number } | null, own = cpu) => {
    if (hands === null) return
    const context = contextOf(own)
    const place = point === null ? hands.placeOfCursor(context, layout) : hands.placeAt(context, scene, layout, point)
    setHit(null)
    setAsked((before) => ({ place, serial: (before?.serial ?? 0) + 1 }))
  }
  const scrubbing = useScrubbing(
    acted,
    () => setChosen(FIRST),
    (x, y) => hands?.hitTest(scene, layout, x, y) ?? null,
  )
  const hands = useHands(lanes, plot, { ...scrubbing, steps, present: control.present, move: control.move, menu: (point) => openMenu(point) })

  const go = (to: Selection, choice: Chosen = FIRST) => {
    setChosen(choice)
    select(to)
    if (to.cpu !== null) onSelectCpu(to.cpu)
    const step = cursorOf(to)
    if (step !== null && step !== cursor) onSeek(step, true)
  }

  const act = (action: MenuAction, own: number) => {
    setHit(null)
    switch (action.kind) {
      case 'view':
        return control.move(action.change, true)
      case 'seek':
        return onSeek(action.step, true)
      case 'cpu':
        return onSelectCpu(action.cpu)
      case 'select':
        return go(action.selection)
      case 'follow': {
        // Back along the same arrow, should the next key ask for it.
        const { leaving, arriving } = hands?.crossingHere({ index, cursor, cpu, selection: action.selection }) ?? NONE
        const at = Math.max(0, (action.forwards ? arriving : leaving).indexOf(action.arrow))
        return go(action.selection, action.forwards ? { leaving: 0, arriving: at } : { leaving: at, arriving: 0 })
      }
      case 'choose':
        return setChosen(action.chosen)
      case 'area':
      case 'look':
        return select(action.selection)
      case 'arrange':
        return arrange(action.arrangement)
      case 'flag':
        return setFlags(flagged(flags, selection, cursor, action.kept))
      case 'search':
        return acted.setSearching(true)
      case 'menu':
        return openMenu(null, own)
      case 'run':
        return onRunTo?.(action.selection, action.back)
      case 'link':
        return void onCopyLink?.(action.step).then((done) => setTold(done ? 'The link is copied.' : 'The browser does not allow copying: see Share.'))
      case 'clear':
        return select(null)
    }
  }
  const onKey = (event: KeyboardEvent | globalThis.KeyboardEvent, own: number) => {
    const action = hands?.actionOf(event, contextOf(own)) ?? null
    if (action === null) return
    event.preventDefault()
    act(action, own)
  }
  useKeysAnywhere(acted.keysAnywhere, (event) => onKey(event, cpu))

  const crossing = (selection !== null || acted.focused ? hands?.crossingHere({ index, cursor, cpu, selection }) : null) ?? NONE
  const followable = [crossing.leaving[chosen.leaving], crossing.arriving[chosen.arriving]]
  const closeMenu = useCallback(() => setAsked(null), [])
  const under = hit === null ? null : hands?.describeHit(index, hit)
  return {
    go,
    show() {
      const action = hands?.actionOf(FOCUS, contextOf(cpu)) ?? null
      if (action !== null) act(action, cpu)
    },
    onKeyDown(event) {
      const target = event.target as HTMLElement
      if (target.tagName === 'BUTTON' && (event.key === 'Enter' || event.key === ' ')) return
      onKey(event, Number(target.closest<HTMLElement>('[data-cpu]')?.dataset.cpu ?? cpu))
    },
    followable: followable.filter((arrow) => arrow !== undefined),
    said: under ?? (told === '' ? null : told),
    told,
    Hits: hands?.SearchHits ?? null,
    menu: asked !== null && hands !== null && (
      <hands.TimelineMenu
        key={asked.serial}
        plot={plot}
        place={asked.place}
        groups={hands.menuOf(contextOf(cpu), asked.place, { run: onRunTo !== undefined, link: onCopyLink !== undefined })}
        onAct={(action) => act(action, cpu)}
        onClose={closeMenu}
      />
    ),
  }
}

const NONE = { leaving: [], arriving: [] }

/** A menu that was asked for; each is a new one. */
interface Asked {
  readonly place: Place
  readonly serial: number
}

/** What has been done, as long as it is worth saying. */
function useTold(): [string, (told: string) => void] {
  const [told, setTold] = useState('')
  useEffect(() => {
    if (told === '') return
    const timer = setTimeout(() => setTold(''), TOLD_MS)
    return () => clearTimeout(timer)
  }, [told])
  return [told, setTold]
}
