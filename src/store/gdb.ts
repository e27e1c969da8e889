/** The letters of gdb, for the console and the palette. What asks something answers with lines; what moves answers with none: the page shows where it went. */

import type { WalkGoal } from '../worker/protocol.ts'
import type { Page } from './page.ts'

export interface Said {
  readonly lines: readonly string[]
  readonly error: string | null
}

const WALKS: Readonly<Record<string, readonly [goal: WalkGoal, back: boolean]>> = {
  si: ['instruction', false],
  ni: ['over-instruction', false],
  s: ['line', false],
  n: ['over', false],
  c: ['point', false],
  finish: ['out', false],
  rsi: ['instruction', true],
  rni: ['over-instruction', true],
  rs: ['line', true],
  rn: ['over', true],
  rc: ['point', true],
}
const NOTHING: Said = { lines: [], error: null }

export const GDB_HELP = 's n c si ni finish · rs rn rc rsi rni · b where [if …] · watch where · info b · delete 1 · p expression · x/8xb address'

/** Is this a command of gdb's? A lone letter may be the beginning of something else in a search box, but means this. */
export function isGdb(text: string): boolean {
  const [word = ''] = text.trim().split(/[\s/]/)
  return (
    word in WALKS ||
    (['b', 'break', 'watch', 'rwatch', 'info', 'p', 'print', 'x', 'delete', 'd'].includes(word) && (/\s/.test(text.trim()) || word === 'b'))
  )
}

export async function gdb(page: Page, text: string): Promise<Said> {
  const [word = '', ...rest] = text.trim().split(/\s+/)
  const walk = WALKS[word]
  if (walk !== undefined) {
    const times = rest.length === 0 ? 1 : Number(rest[0])
    if (!Number.isInteger(times) || times < 1 || times > MOST_TIMES)
      return wrong(`"${rest[0]}" at character ${word.length + 2}: how often, 1 to ${MOST_TIMES}`)
    for (let i = 0; i < times; i++) page.walk(...walk)
    return NOTHING
  }
  const tail = text.trim().slice(word.length).trim()
  if (word === 'b' || word === 'break' || word === 'watch' || word === 'rwatch') {
    const [where = '', condition = ''] = tail.split(/\bif\b/).map((part) => part.trim())
    if (where === '' && word !== 'b') return wrong(`at character ${word.length + 1}: an address or a label is missing`)
    if (where === '') {
      page.toggleBreakpoint()
      return points(page)
    }
    const { id } = page.addPoint(
      word.startsWith('b')
        ? { kind: 'break', where, condition }
        : { kind: 'watch', where, condition, size: 1, access: word === 'watch' ? 'change' : 'read' },
    )
    const view = (await page.viewPoints()).find((each) => each.id === id)
    if (view?.error == null) return { lines: [`${id}: ${view?.place ?? where}`], error: null }
    page.removePoint(id)
    return wrong(view.error)
  }
  if (word === 'info' && ['b', 'break', 'breakpoints', 'watchpoints'].includes(tail)) return points(page)
  if (word === 'delete' || word === 'd') {
    const id = Number(tail)
    if (!page.store.getState().points.some((point) => point.id === id))
      return wrong(`"${tail}" at character ${word.length + 2}: there is no such breakpoint`)
    page.removePoint(id)
    return NOTHING
  }
  if (/^(p|print|x)(\/|$)/.test(word)) return page.question(text.trim())
  return wrong(`"${word}" at character 1: one of ${GDB_HELP}`)
}

async function points(page: Page): Promise<Said> {
  const views = await page.viewPoints()
  const lines = page.store.getState().points.map((point) => {
    const view = views.find(({ id }) => id === point.id)
    const kind = point.kind === 'break' ? 'break' : `${point.access} ${point.size} B`
    return `${point.id} ${point.enabled ? 'on ' : 'off'} ${kind} ${view?.place ?? point.where}${point.condition === '' ? '' : ` if ${point.condition}`}`
  })
  return { lines: lines.length === 0 ? ['No breakpoints or watchpoints.'] : lines, error: null }
}

function wrong(error: string): Said {
  return { lines: [], error }
}

const MOST_TIMES = 1000
