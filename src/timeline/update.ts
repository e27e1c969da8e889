/**
 * What has changed between two pictures, packed: numbers in columns, each text once. It crosses the worker boundary in a hundredth of the time that
 * half a million small objects take, and a step at the end of a long run sends, and costs, only what that step did.
 *
 *     worker:   update = sender.update()   (sending.ts)        page:   data = applyUpdate(data, update)
 */
import { arrowCodec, type Codec, markCodec, type Numbering, numbering, phaseCodec, shadeCodec, spanCodec } from './codecs.ts'
import type { NamedPlace, TimelineData } from './model.ts'
import { sheetOf } from './sheet.ts'

export interface ListUpdate {
  /** Items before this index stay, but for those in `changed`; the records of all further ones follow theirs. */
  readonly keep: number
  readonly changed: Int32Array
  readonly records: Int32Array
}

export interface TimelineUpdate {
  readonly steps: number
  readonly lanes: TimelineData['lanes']
  readonly violation: TimelineData['violation']
  readonly labels: readonly string[]
  readonly spans: ListUpdate
  readonly shades: ListUpdate
  readonly marks: ListUpdate
  readonly arrows: ListUpdate
  readonly phases: ListUpdate
  /** The columns hold what is from this step on. */
  readonly stepsKept: number
  readonly movers: Uint8Array
  readonly executed: Int32Array
  readonly loaded: Int32Array
  readonly placesKept: number
  readonly places: readonly NamedPlace[]
}

/** A whole picture as an update of none. */
export function wholeTimeline(data: TimelineData): TimelineUpdate {
  const { number, texts } = numbering()
  const none: readonly number[] = []
  const lists = {
    spans: packList(data.spans, 0, none, spanCodec, number),
    shades: packList(data.shades, 0, none, shadeCodec, number),
    marks: packList(data.marks, 0, none, markCodec, number),
    arrows: packList(data.arrows, 0, none, arrowCodec, number),
    phases: packList(data.phases, 0, none, phaseCodec, number),
  }
  const { steps, lanes, violation, movers, places = [], executed, loaded } = data
  return {
    steps,
    lanes,
    violation,
    labels: texts(),
    ...lists,
    stepsKept: 0,
    movers: movers.slice(),
    executed: (executed ?? new Int32Array(steps).fill(-1)).slice(),
    loaded: (loaded ?? new Int32Array(steps).fill(-1)).slice(),
    placesKept: 0,
    places,
  }
}

/** `changed`: ascending indices below `keep`. */
export function packList<T>(list: readonly T[], keep: number, changed: readonly number[], codec: Codec<T>, number: Numbering): ListUpdate {
  const records = new Int32Array((changed.length + list.length - keep) * codec.size)
  let at = 0
  for (const index of changed) {
    codec.write(list[index] as T, records, at, number)
    at += codec.size
  }
  for (let i = keep; i < list.length; i++) {
    codec.write(list[i] as T, records, at, number)
    at += codec.size
  }
  return { keep, changed: Int32Array.from(changed), records }
}

/** The picture after an update. `before` may be any picture of the trace; where it is the newest, this takes no longer than what changed. */
export function applyUpdate(before: TimelineData | null, update: TimelineUpdate): TimelineData {
  const sheet = sheetOf(before, update)
  const { labels } = update
  sheet.spans.patch(update.spans, spanCodec, labels)
  sheet.shades.patch(update.shades, shadeCodec, labels)
  sheet.marks.patch(update.marks, markCodec, labels)
  sheet.arrows.patch(update.arrows, arrowCodec, labels)
  sheet.phases.patch(update.phases, phaseCodec, labels)
  return sheet.finish(update)
}
