/**
 * Looking for events: marks, the beginnings of spans and phases, missed stores, and, where an address is asked for, every step that executed or loaded it. Works through the
 * trace a piece at a time, so that a million events block nobody; hits come in the order of their steps. A trace that grows is searched on from where the
 * search stood.
 */
import { ARROW_TITLES, markLook, SPAN_LOOKS, spanRank } from './looks.ts'
import type { Arrow, Mark, Phase, Span, TimelineData } from './model.ts'
import { parseQuery, type Term } from './query.ts'

/** What was found: an item of one of the data's lists, or a step. */
export interface Found {
  readonly list: 'mark' | 'span' | 'arrow' | 'step' | 'phase'
  readonly item: number
  readonly step: number
}

/** In the order in which those of one step are gone through. */
const LISTS = ['phase', 'mark', 'span', 'arrow', 'step'] as const
const [PHASE, MARK, SPAN, ARROW, STEP] = [0, 1, 2, 3, 4]

/** Steps looked at between two sorts of what they gave. */
const BLOCK = 1024

export class EventSearch {
  readonly query: string
  private data: TimelineData
  private readonly matcher: Matcher
  private readonly steps: number[] = []
  /** item * 8 + list */
  private readonly refs: number[] = []
  private readonly at = { step: 0, phase: 0, mark: 0, span: 0, arrow: 0 }

  constructor(data: TimelineData, query: string) {
    this.data = data
    this.query = query
    this.matcher = new Matcher(data, parseQuery(query))
  }

  /** An empty question has no answer. */
  get asks(): boolean {
    return this.matcher.terms.length > 0
  }

  /** Goes on with the trace as it has become. What was searched must be there still, as the newest picture of the same sheet. */
  goOn(data: TimelineData): void {
    this.data = data
    this.matcher.data = data
  }

  /** Looks at about so many steps more; false when it is through. */
  run(budget: number): boolean {
    const { data } = this
    if (!this.asks) return false
    for (let left = budget; left > 0 && this.at.step < data.steps; left -= BLOCK) this.block(Math.min(data.steps, this.at.step + BLOCK))
    return this.at.step < data.steps
  }

  /** Steps that are through. */
  get searched(): number {
    return this.at.step
  }

  get count(): number {
    return this.refs.length
  }

  hit(index: number): Found {
    const ref = this.refs[index] as number
    return { list: LISTS[ref & 7] as Found['list'], item: Math.floor(ref / 8), step: this.steps[index] as number }
  }

  /** The first hit at or behind a step; `count` where there is none. */
  from(step: number): number {
    let low = 0
    let high = this.steps.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.steps[middle] as number) < step) low = middle + 1
      else high = middle
    }
    return low
  }

  private block(end: number): void {
    const { data, matcher, at } = this
    const found: { step: number; ref: number }[] = []
    const { marks, spans, arrows, phases } = data
    for (; at.phase < phases.length && (phases[at.phase] as Phase).start < end; at.phase++)
      if (matcher.phase(phases[at.phase] as Phase)) found.push({ step: (phases[at.phase] as Phase).start, ref: at.phase * 8 + PHASE })
    for (; at.mark < marks.length && (marks[at.mark] as Mark).step < end; at.mark++)
      if (matcher.mark(marks[at.mark] as Mark)) found.push({ step: (marks[at.mark] as Mark).step, ref: at.mark * 8 + MARK })
    for (; at.span < spans.length && (spans[at.span] as Span).start < end; at.span++)
      if (matcher.span(spans[at.span] as Span)) found.push({ step: (spans[at.span] as Span).start, ref: at.span * 8 + SPAN })
    for (; at.arrow < arrows.length && toldAt(arrows[at.arrow] as Arrow) < end; at.arrow++) {
      const arrow = arrows[at.arrow] as Arrow
      // The others are marked at both ends.
      if (arrow.kind === 'missed-store' && matcher.arrow(arrow)) found.push({ step: toldAt(arrow), ref: at.arrow * 8 + ARROW })
    }
    if (matcher.addressed) for (let step = at.step; step < end; step++) if (matcher.step(step)) found.push({ step, ref: step * 8 + STEP })
    found.sort((a, b) => a.step - b.step || (a.ref & 7) - (b.ref & 7))
    for (const { step, ref } of found) {
      this.steps.push(step)
      this.refs.push(ref)
    }
    at.step = end
  }
}

/** The step that told of an arrow: the list is in this order. */
function toldAt({ kind, fromStep, toStep }: Arrow): number {
  return kind === 'ipi' || toStep === null ? fromStep : toStep
}

/** Do the terms hold? Texts are looked at once each, however many items bear them. */
class Matcher {
  data: TimelineData
  readonly terms: readonly Term[]
  readonly addressed: boolean
  private readonly roles: ReadonlyMap<number, string>
  private readonly patchers: ReadonlySet<number>
  /** Of each text that is looked for: which of the texts that were seen hold it. */
  private readonly holding = new Map<string, Map<string, boolean>>()
  /** By place: 0 not looked at, 1 no, 2 yes; and for each length in bytes apart. */
  private readonly known: Uint8Array[] = []

  constructor(data: TimelineData, terms: readonly Term[]) {
    this.data = data
    this.terms = terms
    this.addressed = terms.some((term) => term.kind === 'address' && !term.not)
    this.roles = new Map(data.lanes.map(({ cpu, role }) => [cpu, role]))
    this.patchers = new Set(data.lanes.filter(({ role }) => role === 'patcher').map(({ cpu }) => cpu))
  }

  mark({ kind, label, step, cpu, place = -1, bytes = '' }: Mark): boolean {
    const { title } = markLook(kind)
    const writes = (kind === 'store' || kind === 'visible') && bytes === 'cc'
    return this.holds(kind, label, writes ? `${title} int3` : title, cpu, step, step, place, bytes.length >> 1)
  }

  /** It is the patcher's, where there is one. */
  phase({ label, start, end }: Phase): boolean {
    const [patcher = -1, other] = this.patchers
    return this.holds('phase', label, 'phase', other === undefined ? patcher : -1, start, end - 1, -1, 0)
  }

  span(span: Span): boolean {
    if (span.end <= span.start) return false
    const look = SPAN_LOOKS[spanRank(span, this.patchers.has(span.cpu))] as (typeof SPAN_LOOKS)[number]
    return this.holds(look.name, span.label, look.title, span.cpu, span.start, span.end - 1, -1, 0)
  }

  arrow(arrow: Arrow): boolean {
    const step = toldAt(arrow)
    return this.holds(arrow.kind, arrow.label, ARROW_TITLES[arrow.kind], arrow.toCpu, step, step, -1, 0)
  }

  step(step: number): boolean {
    const { executed, loaded, movers } = this.data
    const cpu = movers[step] as number
    return (
      this.holds('executed', '', 'executed', cpu, step, step, executed?.[step] ?? -1, 1) ||
      this.holds('loaded', '', 'loaded', cpu, step, step, loaded?.[step] ?? -1, 1)
    )
  }

  private holds(kind: string, label: string, title: string, cpu: number, from: number, to: number, place: number, size: number): boolean {
    for (const term of this.terms) {
      let is: boolean
      switch (term.kind) {
        case 'cpu':
          is = cpu === term.cpu
          break
        case 'steps':
          is = from + 1 <= term.to && to + 1 >= term.from
          break
        case 'kind':
          is = kind === term.text || (kind.includes(term.text) && term.text.length > 2)
          break
        case 'address':
          is = (place >= 0 && this.lies(term, place, size)) || (term.text !== null && this.says(term.text, kind, label, title, cpu))
          break
        case 'text':
          is = this.says(term.text, kind, label, title, cpu)
      }
      if (is === term.not) return false
    }
    return true
  }

  private says(text: string, kind: string, label: string, title: string, cpu: number): boolean {
    let known = this.holding.get(text)
    if (known === undefined) {
      known = new Map()
      this.holding.set(text, known)
    }
    return has(known, label, text) || has(known, title, text) || has(known, kind, text) || has(known, this.roles.get(cpu) ?? '', text)
  }

  /** Is the address asked for one of these `size` bytes? (There is one term of this kind in all reasonable questions; the first is remembered.) */
  private lies(term: Extract<Term, { kind: 'address' }>, place: number, size: number): boolean {
    const first = this.terms.find((each) => each.kind === 'address') === term
    let known = this.known[size]
    if (known === undefined || known.length <= place) {
      const wider = new Uint8Array(2 * Math.max(place + 1, this.data.places?.length ?? 0))
      if (known !== undefined) wider.set(known)
      known = wider
      this.known[size] = known
    }
    if (first && known[place] !== 0) return known[place] === 2
    const address = this.data.places?.[place]?.address ?? '0x'
    let is = false
    for (let i = 0; i < Math.max(1, size) && !is; i++) {
      const digits = i === 0 ? address.slice(2) : (BigInt(address) + BigInt(i)).toString(16)
      is = term.whole ? digits === term.digits : digits.endsWith(term.digits)
    }
    if (first) known[place] = is ? 2 : 1
    return is
  }
}

function has(known: Map<string, boolean>, text: string, wanted: string): boolean {
  let is = known.get(text)
  if (is === undefined) {
    is = text.toLowerCase().includes(wanted)
    known.set(text, is)
  }
  return is
}

/** Steps with hits within [from, to), at most one for each of `columns` equal parts: what an overview can show. */
export function hitColumns(search: EventSearch, from: number, to: number, columns: number): number[] {
  const found: number[] = []
  for (let i = search.from(Math.floor(from)); i < search.count; ) {
    const { step } = search.hit(i)
    if (step >= to) break
    const column = Math.floor(((step - from) / (to - from)) * columns)
    found.push(step)
    i = Math.max(i + 1, search.from(Math.ceil(from + ((column + 1) / columns) * (to - from))))
  }
  return found
}
