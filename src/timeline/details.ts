/**
 * What there is to know of a selected thing, as a title and rows of label and text; a row can lead to another thing: who wrote what a stale fetch missed, where
 * an interrupt was taken. The page shows them, and whoever follows a row selects what it names.
 */
import { type ByteHistory, firstFrom, lastBefore, type Touch } from './byte-history.ts'
import { describeArrow, describeMark, describeSpan } from './describe.ts'
import { type DetailRow, row } from './detail-row.ts'
import { grouped } from './drawing.ts'
import { arrowsAt, farEnd } from './following.ts'
import type { TimelineIndex } from './index.ts'
import { markLook } from './looks.ts'
import type { Arrow, Mark, NamedPlace, Span, TimelineData } from './model.ts'
import { shortHex, spacedHex } from './names.ts'
import { firstMark, markSelection, marksAt, type Selection, stepSelection } from './selection.ts'
import { type SiteNow, siteRows } from './site-now.ts'

export interface Details {
  readonly title: string
  readonly rows: readonly DetailRow[]
}

/** `bytes`: the history of what a selection of bytes is about. `sites`: what call sites are at the cursor. */
export function detailsOf(
  index: TimelineIndex,
  selection: Selection,
  cursor: number,
  bytes: ByteHistory | null,
  sites: readonly SiteNow[] = [],
): Details {
  switch (selection.kind) {
    case 'mark':
      return markDetails(index, selection)
    case 'span':
      return spanDetails(index, selection)
    case 'arrow':
      return arrowDetails(index, selection)
    case 'step':
      return stepDetails(index, selection.item)
    case 'area':
      return areaDetails(index, selection.from as number, selection.to as number)
    case 'bytes':
      return bytesDetails(index, selection, cursor, bytes, sites)
  }
}

function markDetails(index: TimelineIndex, { item }: Selection): Details {
  const { data } = index
  const mark = data.marks[item] as Mark
  const { cpu, step, place = -1, bytes = '' } = mark
  const rows: DetailRow[] = []
  const named = data.places?.[place]
  if (named !== undefined) rows.push(row(bytes === '' ? 'address' : 'bytes', `${bytes === '' ? '' : `${spacedHex(bytes)} at `}${placeText(named)}`))
  const done = data.places?.[data.executed?.[step] ?? -1]
  if (done !== undefined && done !== named) rows.push(row('instruction', placeText(done)))
  return { title: describeMark(mark), rows: [...rows, ...crossingRows(index, cpu, step, mark.kind)] }
}

/** Which kinds of arrows belong to which marks; a step can have several marks. */
const LEAVES: Readonly<Partial<Record<Mark['kind'], readonly Arrow['kind'][]>>> = {
  'ipi-sent': ['ipi'],
  ack: ['ack'],
  visible: ['missed-store'],
  store: ['visible'],
}
const ARRIVES: Readonly<Partial<Record<Mark['kind'], readonly Arrow['kind'][]>>> = {
  'ipi-taken': ['ipi'],
  torn: ['missed-store'],
  stale: ['missed-store'],
  visible: ['visible'],
  ack: ['visible'],
}

/** Rows in a list of many; the rest is counted. */
const MOST = 4

function crossingRows(index: TimelineIndex, cpu: number, step: number, of: Mark['kind'] | null): DetailRow[] {
  const { data } = index
  const { leaving, arriving } = arrowsAt(index, cpu, step)
  const rows: DetailRow[] = []
  const belongs = (kinds: readonly Arrow['kind'][] | undefined, item: number) =>
    of === null || kinds?.includes((data.arrows[item] as Arrow).kind) === true
  for (const item of arriving.filter((each) => of === null || belongs(ARRIVES[of], each))) rows.push(arrivingRow(index, item))
  for (const item of leaving.filter((each) => of === null || belongs(LEAVES[of], each))) rows.push(leavingRow(index, item))
  return rows.length <= MOST ? rows : [...rows.slice(0, MOST), row('and', `${rows.length - MOST} more: Ctrl ] and Ctrl [ go through them`)]
}

function arrivingRow(index: TimelineIndex, item: number): DetailRow {
  const { kind, label, fromCpu, fromStep } = index.data.arrows[item] as Arrow
  const from = `CPU ${fromCpu}, step ${grouped(fromStep + 1)}`
  const to = farEnd(index, item, false)
  if (kind === 'missed-store') return row('missed', `${label.replace(/^missed /, '')}, visible since ${from}`, to)
  if (kind === 'ipi') return row('sent by', from, to)
  return kind === 'visible' ? row('issued', from, to) : row('acknowledged by', from, to)
}

function leavingRow(index: TimelineIndex, item: number): DetailRow {
  const { kind, toCpu, toStep } = index.data.arrows[item] as Arrow
  const text = toStep === null ? `not yet by CPU ${toCpu}` : `CPU ${toCpu}, step ${grouped(toStep + 1)}`
  const label = { ipi: 'taken by', ack: 'seen by', 'missed-store': 'missed by', visible: 'visible' }[kind]
  return row(label, text, farEnd(index, item, true))
}

function spanDetails(index: TimelineIndex, { item, cpu }: Selection): Details {
  const { data } = index
  const span = data.spans[item] as Span
  const patcher = data.lanes.some((lane) => lane.cpu === cpu && lane.role === 'patcher')
  const steps = data.movers.subarray(span.start, span.end).reduce((sum, mover) => sum + (mover === cpu ? 1 : 0), 0)
  const first = stepSelection(data, span.start)
  const last = stepSelection(data, span.end - 1)
  return {
    title: describeSpan(span, patcher),
    rows: [
      ...(first.address === null || first.cpu !== cpu ? [] : [row('begins', placeText(placeAt(index, span.start)), { ...first })]),
      row('own steps', `${grouped(steps)} of ${grouped(span.end - span.start)}`),
      ...(span.open ? [] : [row('ends', `step ${grouped(span.end)}`, last)]),
    ],
  }
}

function arrowDetails(index: TimelineIndex, { item }: Selection): Details {
  const arrow = index.data.arrows[item] as Arrow
  const { fromCpu, fromStep, toCpu, toStep } = arrow
  return {
    title: describeArrow(arrow),
    rows: [
      row('from', `CPU ${fromCpu}, step ${grouped(fromStep + 1)}`, farEnd(index, item, false)),
      row('to', toStep === null ? `CPU ${toCpu}, not yet` : `CPU ${toCpu}, step ${grouped(toStep + 1)}`, farEnd(index, item, true)),
    ],
  }
}

function stepDetails(index: TimelineIndex, step: number): Details {
  const { data } = index
  const cpu = data.movers[step] as number
  const executed = placeAt(index, step)
  const loaded = data.places?.[data.loaded?.[step] ?? -1]
  const marks = marksAt(data, step, cpu).slice(0, MOST)
  return {
    title: `CPU ${cpu}, step ${grouped(step + 1)}: ${executed === undefined ? 'no instruction' : `executed ${placeText(executed)}`}`,
    rows: [
      ...(loaded === undefined ? [] : [row('loaded from', placeText(loaded))]),
      ...marks.map((item) => {
        const { kind, label } = data.marks[item] as Mark
        return row(markLook(kind).title, label, markSelection(data, item))
      }),
      ...(marks.length > 0 ? [] : crossingRows(index, cpu, step, null)),
    ],
  }
}

function areaDetails(index: TimelineIndex, from: number, to: number): Details {
  const { data } = index
  const end = Math.min(Math.ceil(to), data.steps)
  const start = Math.max(0, Math.floor(from))
  const counts = new Map<Mark['kind'], { count: number; first: number }>()
  for (let i = firstMark(data.marks, start); i < data.marks.length && (data.marks[i] as Mark).step < end; i++) {
    const { kind } = data.marks[i] as Mark
    const known = counts.get(kind)
    if (known === undefined) counts.set(kind, { count: 1, first: i })
    else known.count++
  }
  const moves = new Uint32Array(256)
  for (let step = start; step < end; step++) moves[data.movers[step] as number] = (moves[data.movers[step] as number] as number) + 1
  return {
    title:
      phaseAt(data, from, to) +
      (end - start === 1 ? `Step ${grouped(end)}` : `Steps ${grouped(start + 1)} to ${grouped(end)}: ${grouped(end - start)} steps`),
    rows: [
      row('moved', data.lanes.map(({ cpu }) => `CPU ${cpu}: ${grouped(moves[cpu] as number)}`).join(', ')),
      ...[...counts]
        .sort((a, b) => a[1].count - b[1].count)
        .map(([kind, { count, first }]) => row(markLook(kind).title, `${grouped(count)} ×`, markSelection(data, first))),
    ],
  }
}

/** "Phase sync 1: ", where the area is one. */
function phaseAt({ phases }: TimelineData, from: number, to: number): string {
  const phase = phases.find(({ start, end }) => start === from && end === to)
  return phase === undefined ? '' : `Phase ${phase.label}: `
}

function bytesDetails(
  index: TimelineIndex,
  { address, size, cpu }: Selection,
  cursor: number,
  history: ByteHistory | null,
  sites: readonly SiteNow[],
): Details {
  const { data } = index
  const now = siteRows(sites, address as string, size, cpu)
  const symbol = data.places?.find((place) => place.address === address)?.symbol ?? now.label
  const title = `${size === 1 ? 'Byte' : `${size} bytes`}${now.value === null ? '' : ` ${now.value}`} at ${shortHex(address as string)}${symbol === null ? '' : ` (${symbol})`}${cpu === null ? '' : `, as CPU ${cpu} has it`}`
  if (history === null) return { title, rows: now.rows }
  const touch = (label: string, at: Touch, tail = '') => {
    const value = history.valueIn(data, at)
    const to = at.mark < 0 ? stepSelection(data, at.step) : markSelection(data, at.mark)
    return row(label, `CPU ${at.cpu}, step ${grouped(at.step + 1)}${value === null ? '' : `: ${value}`}${tail}`, to)
  }
  const rows: DetailRow[] = [...now.rows]
  const written = lastBefore(history.writes, cursor)
  const next = firstFrom(history.writes, cursor)
  if (written === null) rows.push(row('written by', 'nobody yet: it is as it was at the start'))
  else rows.push(touch('written by', written, earlier(history.writes, written.step)))
  if (next !== null) {
    // By address it is not found: a patcher writes through another mapping, and only what is visible has the address of the code.
    const waits = arrowsAt(index, next.cpu, next.step).arriving.find((item) => {
      const { kind, fromStep } = data.arrows[item] as Arrow
      return kind === 'visible' && fromStep < cursor
    })
    if (waits !== undefined) rows.push(row('in a store buffer', arrivingRow(index, waits).text, farEnd(index, waits, false)))
    rows.push(touch('written next by', next))
  }
  for (const lane of data.lanes) {
    if (cpu !== null && lane.cpu !== cpu) continue
    const fetched = lastBefore(history.fetches, cursor, (each) => each.cpu === lane.cpu)
    const executed = fetched === null ? lastBefore(history.executions, cursor, (each) => each.cpu === lane.cpu) : null
    if (fetched !== null) rows.push(touch('fetched and executed by', fetched, stale(index, fetched)))
    if (executed !== null) rows.push(touch('executed by', executed, earlier(history.executions, executed.step, lane.cpu)))
    const loaded = lastBefore(history.loads, cursor, (each) => each.cpu === lane.cpu)
    if (loaded !== null) rows.push(touch('loaded by', loaded))
  }
  if (history.fetches.length + history.loads.length + history.executions.length === 0) rows.push(row('executed or loaded by', 'nobody'))
  return { title, rows }
}

/** Before `cursor`, the one that stands there already left out. */
function earlier(touches: readonly Touch[], before: number, by: number | null = null): string {
  const count = touches.filter(({ step, cpu }) => step < before && (by === null || cpu === by)).length
  return count <= 0 ? '' : ` (${grouped(count)} earlier)`
}

function stale({ data }: TimelineIndex, { mark }: Touch): string {
  const { kind } = data.marks[mark] as Mark
  return kind === 'stale' ? ' (stale)' : kind === 'torn' ? ' (neither old nor new)' : ''
}

function placeAt({ data }: TimelineIndex, step: number): NamedPlace | undefined {
  return data.places?.[data.executed?.[step] ?? -1]
}

function placeText(place: NamedPlace | undefined): string {
  if (place === undefined) return ''
  return place.symbol === null ? shortHex(place.address) : `${place.symbol} (${shortHex(place.address)})`
}
