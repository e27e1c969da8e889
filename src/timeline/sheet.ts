/**
 * Where the page keeps the picture of a trace: lists and columns that grow in place, so that one more step of a million costs as much as one of ten. Each
 * picture that was handed out knows its sheet; an index made of an earlier one asks what has changed since, and grows by that.
 *
 *     sheet    [ item item item item … room ]
 *     pictures   first ─────┘    └───── newest: the only one that an update grows in place; updates of others copy
 */
import type { Codec } from './codecs.ts'
import type { Arrow, Mark, NamedPlace, Phase, Shade, Span, TimelineData } from './model.ts'
import type { ListUpdate, TimelineUpdate } from './update.ts'

/** What became of the items that were there before; what is new lies behind them. */
export interface Changes {
  readonly spans: ReadonlySet<number>
  readonly shades: ReadonlySet<number>
  readonly arrows: ReadonlySet<number>
  readonly phases: ReadonlySet<number>
}

class Page<T> {
  readonly items: T[]
  /** Indices that the present update replaces. */
  changed: readonly number[] = []
  private readonly alike: (a: T, b: T) => boolean
  /** An item became another: nothing that was made of it can grow. */
  reshaped = false

  /** `alike`: differ in nothing but how they end. */
  constructor(items: T[], alike: (a: T, b: T) => boolean) {
    this.items = items
    this.alike = alike
  }

  patch({ changed, records }: ListUpdate, codec: Codec<T>, labels: readonly string[]): void {
    const { items } = this
    let at = 0
    this.changed = [...changed]
    this.reshaped = false
    for (const index of changed) {
      const item = codec.read(records, at, labels)
      if (!this.alike(items[index] as T, item)) this.reshaped = true
      items[index] = item
      at += codec.size
    }
    for (; at < records.length; at += codec.size) items.push(codec.read(records, at, labels))
  }
}

/** Updates that are remembered: an index is rarely more than one behind. */
const REMEMBERED = 64

class Sheet {
  readonly spans: Page<Span>
  readonly shades: Page<Shade>
  readonly marks: Page<Mark>
  readonly arrows: Page<Arrow>
  readonly phases: Page<Phase>
  private readonly places: NamedPlace[]
  private movers: Uint8Array
  private executed: Int32Array
  private loaded: Int32Array
  version = 0
  latest: TimelineData | null = null
  /** Of the newest versions, the last one last; null: it reshaped something. */
  private readonly log: (Changes | null)[] = []

  constructor(before: TimelineData | null, update: TimelineUpdate) {
    const { spans, shades, marks, arrows, phases, stepsKept, placesKept } = update
    this.spans = new Page(
      before?.spans.slice(0, spans.keep) ?? [],
      (a, b) => a.start === b.start && a.kind === b.kind && a.meaning === b.meaning && a.depth === b.depth && a.cpu === b.cpu,
    )
    this.shades = new Page(before?.shades.slice(0, shades.keep) ?? [], (a, b) => a.start === b.start && a.kind === b.kind && a.cpu === b.cpu)
    this.marks = new Page(before?.marks.slice(0, marks.keep) ?? [], (a, b) => a.step === b.step && a.kind === b.kind && a.cpu === b.cpu)
    this.arrows = new Page(before?.arrows.slice(0, arrows.keep) ?? [], (a, b) => a.fromStep === b.fromStep && a.kind === b.kind)
    this.phases = new Page(before?.phases.slice(0, phases.keep) ?? [], (a, b) => a.start === b.start)
    this.places = before?.places?.slice(0, placesKept) ?? []
    this.movers = new Uint8Array(Math.max(16, stepsKept))
    this.executed = new Int32Array(Math.max(16, stepsKept)).fill(-1)
    this.loaded = new Int32Array(Math.max(16, stepsKept)).fill(-1)
    if (before === null) return
    this.movers.set(before.movers.subarray(0, stepsKept))
    if (before.executed !== undefined) this.executed.set(before.executed.subarray(0, stepsKept))
    if (before.loaded !== undefined) this.loaded.set(before.loaded.subarray(0, stepsKept))
  }

  /** Does this update only add to the end of what `before`, the newest picture, has? */
  grows(before: TimelineData, { spans, shades, marks, arrows, phases, stepsKept, placesKept }: TimelineUpdate): boolean {
    return (
      this.latest === before &&
      stepsKept === before.steps &&
      placesKept === this.places.length &&
      spans.keep === this.spans.items.length &&
      shades.keep === this.shades.items.length &&
      marks.keep === this.marks.items.length &&
      arrows.keep === this.arrows.items.length &&
      phases.keep === this.phases.items.length
    )
  }

  finish({ steps, lanes, violation, stepsKept, movers, executed, loaded, places }: TimelineUpdate): TimelineData {
    if (steps > this.movers.length) {
      this.movers = wider(new Uint8Array(2 * steps), this.movers)
      this.executed = wider(new Int32Array(2 * steps), this.executed)
      this.loaded = wider(new Int32Array(2 * steps), this.loaded)
    }
    this.movers.set(movers, stepsKept)
    this.executed.set(executed, stepsKept)
    this.loaded.set(loaded, stepsKept)
    for (const place of places) this.places.push(place)
    const pages = [this.spans, this.shades, this.marks, this.arrows, this.phases]
    const [spans, shades, , arrows, phases] = pages.map(({ changed }) => new Set(changed)) as [
      Set<number>,
      Set<number>,
      unknown,
      Set<number>,
      Set<number>,
    ]
    this.log.push(pages.some(({ reshaped }) => reshaped) || this.marks.changed.length > 0 ? null : { spans, shades, arrows, phases })
    if (this.log.length > REMEMBERED) this.log.shift()
    const data: TimelineData = {
      steps,
      lanes,
      spans: this.spans.items,
      shades: this.shades.items,
      marks: this.marks.items,
      arrows: this.arrows.items,
      phases: this.phases.items,
      violation,
      movers: this.movers.subarray(0, steps),
      places: this.places,
      executed: this.executed.subarray(0, steps),
      loaded: this.loaded.subarray(0, steps),
    }
    this.version++
    this.latest = data
    ISSUED.set(data, { sheet: this, version: this.version })
    return data
  }

  /** What has changed behind a version; null where that is not known, or not to be grown by. */
  since(version: number, until: number): Changes | null {
    const entries = this.log.slice(this.log.length - (this.version - version), this.log.length - (this.version - until))
    if (this.version - version > this.log.length || entries.includes(null)) return null
    const [only] = entries
    if (entries.length === 1 && only !== undefined) return only
    const all = entries as Changes[]
    const merged = (of: (changes: Changes) => ReadonlySet<number>) => new Set(all.flatMap((changes) => [...of(changes)]))
    return {
      spans: merged((each) => each.spans),
      shades: merged((each) => each.shades),
      arrows: merged((each) => each.arrows),
      phases: merged((each) => each.phases),
    }
  }
}

const ISSUED = new WeakMap<TimelineData, { readonly sheet: Sheet; readonly version: number }>()

/** The sheet that the update goes to: that of `before` where it only grows, else a new one with what is kept. */
export function sheetOf(before: TimelineData | null, update: TimelineUpdate): Sheet {
  const sheet = before === null ? undefined : ISSUED.get(before)?.sheet
  return sheet !== undefined && before !== null && sheet.grows(before, update) ? sheet : new Sheet(before, update)
}

/** What became of the items of `before` until `after`; null where the one is no continuation of the other. */
export function changesBetween(before: TimelineData, after: TimelineData): Changes | null {
  const from = ISSUED.get(before)
  const to = ISSUED.get(after)
  return from === undefined || to === undefined || from.sheet !== to.sheet || from.version > to.version
    ? null
    : from.sheet.since(from.version, to.version)
}

function wider<T extends Uint8Array | Int32Array>(to: T, from: T): T {
  to.set(from)
  return to
}
