/**
 * Along the arrows, by key. Of a place in the picture (a CPU's step, or what is selected) several arrows can leave and arrive: one of each is chosen, and
 * the choice can be moved on.
 *
 *     ]  to where the chosen leaving arrow arrives         Ctrl ]  the next leaving arrow is chosen
 *     [  to where the chosen arriving arrow left           Ctrl [  the next arriving arrow is chosen
 */
import type { ArrowIndex, TimelineIndex } from './index.ts'
import type { Arrow } from './model.ts'
import { lowerBound } from './pyramid.ts'
import { markSelection, marksAt, type Selection, stepSelection } from './selection.ts'

export interface Crossing {
  /** Indices into data.arrows. */
  readonly leaving: readonly number[]
  readonly arriving: readonly number[]
}

const NONE: Crossing = { leaving: [], arriving: [] }

/** The arrows at a CPU's step. */
export function arrowsAt(index: TimelineIndex, cpu: number, step: number): Crossing {
  const leaving: number[] = []
  const arriving: number[] = []
  for (const list of index.arrows) {
    for (const i of startingAt(list, step)) if (arrow(index, list.item[i] as number).fromCpu === cpu) leaving.push(list.item[i] as number)
    for (const i of endingAt(list, step)) if (arrow(index, list.item[i] as number).toCpu === cpu) arriving.push(list.item[i] as number)
  }
  return { leaving, arriving }
}

/** The arrows of what is selected; of a selected arrow, itself both ways. */
export function arrowsOfSelection(index: TimelineIndex, { kind, item, cpu, from, to }: Selection): Crossing {
  if (kind === 'arrow') return { leaving: [item], arriving: [item] }
  if (cpu === null || from === null || to === null || kind === 'bytes') return NONE
  if (kind !== 'span') return arrowsAt(index, cpu, from)
  // Of a span, those that leave and arrive while it lasts, as far as anybody can follow them.
  const leaving: number[] = []
  const arriving: number[] = []
  for (const list of index.arrows)
    for (let i = lowerBound(list.start, from); i < list.start.length && (list.start[i] as number) < to && leaving.length < MOST; i++)
      if (arrow(index, list.item[i] as number).fromCpu === cpu) leaving.push(list.item[i] as number)
  for (let step = from; step < Math.min(to, from + LONGEST) && arriving.length < MOST; step++) arriving.push(...arrowsAt(index, cpu, step).arriving)
  return { leaving, arriving }
}

const MOST = 16
const LONGEST = 512

/** The far end of an arrow: its mark there, else the step. null: it has not arrived. */
export function farEnd({ data }: TimelineIndex, item: number, forwards: boolean): Selection | null {
  const { kind, fromCpu, fromStep, toCpu, toStep } = data.arrows[item] as Arrow
  const [cpu, step] = forwards ? [toCpu, toStep] : [fromCpu, fromStep]
  if (step === null) return null
  const marks = marksAt(data, step, cpu)
  const wanted = (forwards ? TO : FROM)[kind]
  const mark = marks.find((each) => wanted.includes((data.marks[each] as (typeof data.marks)[number]).kind))
  return mark === undefined ? { ...stepSelection(data, step), cpu } : markSelection(data, mark)
}

const FROM: Readonly<Record<Arrow['kind'], readonly string[]>> = {
  ipi: ['ipi-sent'],
  ack: ['ack'],
  'missed-store': ['visible'],
  visible: ['store'],
}
const TO: Readonly<Record<Arrow['kind'], readonly string[]>> = {
  ipi: ['ipi-taken'],
  ack: [],
  'missed-store': ['torn', 'stale'],
  visible: ['visible', 'ack'],
}

function arrow({ data }: TimelineIndex, item: number): Arrow {
  return data.arrows[item] as Arrow
}

function startingAt({ start }: ArrowIndex, step: number): number[] {
  const found: number[] = []
  for (let i = lowerBound(start, step); i < start.length && start[i] === step; i++) found.push(i)
  return found
}

/** How many arrows to look back at: one that never arrives would lead back to the start. */
const FARTHEST = 4096

/** Looks back as far as an arrow can still be on its way. */
function endingAt({ start, end, reach }: ArrowIndex, step: number): number[] {
  const found: number[] = []
  const last = lowerBound(start, step + 1) - 1
  for (let i = last; i >= 0 && i > last - FARTHEST && (reach[i] as number) >= step; i--) if (end[i] === step) found.push(i)
  return found.reverse()
}
