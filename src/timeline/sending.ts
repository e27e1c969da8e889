/**
 * What the builder tells the page: after a first whole picture, what has changed since the last one. Its cost is that of the steps in between, whatever the
 * length of the trace.
 */
import { hex } from '../lib/u64.ts'
import { arrowCodec, type Codec, markCodec, type Numbering, numbering, phaseCodec, shadeCodec, spanCodec } from './codecs.ts'
import type { History } from './history.ts'
import type { Items } from './items.ts'
import type { Watch } from './journal.ts'
import type { NamedPlace, TimelineData } from './model.ts'
import type { Place, Places } from './names.ts'
import { type ListUpdate, packList, type TimelineUpdate } from './update.ts'

/** What the builder has, as it has it: open ends are infinite. */
interface Sources {
  readonly items: Items
  readonly history: History
  readonly places: Places
  readonly lanes: TimelineData['lanes']
  readonly violation: TimelineData['violation']
  /** Indices of what has not ended. */
  readonly openSpans: Iterable<number>
  readonly openShades: Iterable<number>
}

/** The next update is a whole picture. */
export function forgetSent(items: Items, history: History, places: Places): void {
  for (const watch of Object.values(items.watches)) {
    watch.keep = 0
    watch.changed.clear()
  }
  history.kept = 0
  places.kept = 0
}

/** What has changed since the last update; a whole picture at first. */
export function nextUpdate({ items, history, places, lanes, violation, openSpans, openShades }: Sources): TimelineUpdate {
  const { watches } = items
  const { steps } = history
  const { number, texts } = numbering()
  const ending = <T extends { readonly end: number }>(item: T): T => (item.end === Number.POSITIVE_INFINITY ? { ...item, end: steps } : item)
  const lists = {
    spans: changes(items.spans, watches.spans, openSpans, ending, spanCodec, number),
    shades: changes(items.shades, watches.shades, openShades, ending, shadeCodec, number),
    marks: changes(items.marks, watches.marks, [], (mark) => mark, markCodec, number),
    arrows: changes(items.arrows, watches.arrows, [], (arrow) => arrow, arrowCodec, number),
    // The last phase may go on.
    phases: changes(items.phases, watches.phases, items.phases.length === 0 ? [] : [items.phases.length - 1], ending, phaseCodec, number),
  }
  const stepsKept = Math.min(history.kept, steps)
  history.kept = steps
  const placesKept = places.kept
  places.kept = places.count
  return {
    steps,
    lanes,
    violation,
    labels: texts(),
    ...lists,
    stepsKept,
    movers: history.movers.slice(stepsKept, steps),
    executed: history.place.slice(stepsKept, steps),
    loaded: history.loaded.slice(stepsKept, steps),
    placesKept,
    places: Array.from({ length: places.count - placesKept }, (_, i) => named(places.at(placesKept + i))),
  }
}

export function named({ address, symbol, func }: Place): NamedPlace {
  return { address: hex(address), symbol, func }
}

function changes<T>(list: readonly T[], watch: Watch, open: Iterable<number>, shown: (item: T) => T, codec: Codec<T>, number: Numbering): ListUpdate {
  const { keep, changed } = watch
  for (const index of open) changed.add(index)
  const indices = [...changed].filter((index) => index < keep).sort((a, b) => a - b)
  watch.keep = list.length
  changed.clear()
  return packList(list, keep, indices, { ...codec, write: (item, into, at, numberOf) => codec.write(shown(item), into, at, numberOf) }, number)
}
