/** The letters of gdb, for the console and the palette. What asks something answers with lines; what moves answers with where it has come to. */
import type { WalkGoal } from '../worker/protocol.ts'
import type { Page } from './page.ts'
import { shownCpu } from './selectors.ts'
import type { ConsoleLine } from './walking.ts'

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
const MOST_TIMES = 1000
const MOST_LINES = 400

/** What is understood, a line each. */
export const GDB_HELP: readonly string[] = [
  's n, rs rn          a line on, back; n and rn go over calls and handlers',
  'si ni, rsi rni      an instruction on, back',
  'c, rc               to a breakpoint or watchpoint',
  'finish              out of the call or handler',
  '                    each of them with how often: s 5',
  'until where         to where a CPU stands there',
  'b where if …        breakpoint: label, address, file.asm:12; where the CPU stands',
  'watch/4 where if …  stops when four bytes change; rwatch: when they are read',
  'info b, info r      breakpoints and watchpoints; registers',
  'disable 1, enable 1, delete 1',
  'cpu 1               looks at that CPU',
  'p expression        p/d and p/u: decimal',
  'x/8xb address       b h w g: 1, 2, 4, 8 bytes each',
]

/** What follows the word, and where in the line it begins: errors are told with their place in what was typed. */
interface Tail {
  readonly text: string
  readonly at: number
}

const COMMANDS: Readonly<Record<string, (page: Page, tail: Tail, word: string) => Said | Promise<Said>>> = {
  b: setBreakpoint,
  break: setBreakpoint,
  watch: setWatch,
  rwatch: setWatch,
  until: runTo,
  advance: runTo,
  info: (page, tail) =>
    /^(b|break|breakpoints|watchpoints)$/.test(tail.text)
      ? points(page)
      : /^(r|registers)$/.test(tail.text)
        ? registers(page)
        : wrong(`"${tail.text}" at character ${tail.at}: info b, or info r`),
  delete: (page, tail) => withPoint(page, tail, (id) => page.removePoint(id)),
  d: (page, tail) => withPoint(page, tail, (id) => page.removePoint(id)),
  disable: (page, tail) => withPoint(page, tail, (id) => page.setPointEnabled(id, false)),
  enable: (page, tail) => withPoint(page, tail, (id) => page.setPointEnabled(id, true)),
  cpu: selectCpu,
  thread: selectCpu,
  help: () => ({ lines: GDB_HELP, error: null }),
  p: question,
  print: question,
  x: question,
}

/** Words that do something alone; others need something behind them, and are the beginning of a search until it stands there. */
const ALONE = ['b', 'break', 'help', ...Object.keys(WALKS)]

/** Words that are found in the names of the page's own commands, too. */
const COMMON = ['until', 'advance', 'cpu', 'thread', 'enable', 'disable']

/** Is this a command of gdb's? `found`: the page has commands that are called like it. */
export function isGdb(text: string, found = false): boolean {
  const line = text.trim()
  const word = wordOf(line)
  if (found && COMMON.includes(word)) return false
  return ALONE.includes(line) || (/\s/.test(line) && (word in COMMANDS || (word in WALKS && /\s\d+$/.test(line))))
}

/** Does what was typed, and writes it down with what came of it. Nothing typed: the last line again. */
export async function enter(page: Page, typed: string): Promise<void> {
  const text = typed.trim() === '' ? typedBefore(page).at(-1) : typed.trim()
  if (text === undefined) return
  write(page, [{ tone: 'typed', text }])
  const { lines, error } = await gdb(page, text)
  write(page, [...lines.map((line) => ({ tone: 'said' as const, text: line })), ...(error === null ? [] : [{ tone: 'error' as const, text: error }])])
}

/** Everything that was typed, the latest last; what was repeated stands once. */
export function typedBefore(page: Page): readonly string[] {
  const all = page.store.getState().said.flatMap(({ tone, text }) => (tone === 'typed' ? [text] : []))
  return all.filter((text, i) => text !== all[i - 1])
}

function write(page: Page, lines: readonly Omit<ConsoleLine, 'key'>[]): void {
  const { said } = page.store.getState()
  const next = (said.at(-1)?.key ?? 0) + 1
  page.store.setState({ said: [...said, ...lines.map((line, i) => ({ ...line, key: next + i }))].slice(-MOST_LINES) })
}

export async function gdb(page: Page, typed: string): Promise<Said> {
  const text = typed.trim()
  const word = wordOf(text)
  const rest = text.slice(word.length)
  const tail = { text: rest.trim(), at: word.length + 1 + (rest.length - rest.trimStart().length) }
  const walk = WALKS[word]
  if (walk !== undefined) return goOn(page, tail, walk)
  return COMMANDS[word]?.(page, tail, word) ?? wrong(`"${word}" at character 1: “help” lists what is understood`)
}

function wordOf(text: string): string {
  return /^[a-z]*/.exec(text)?.[0] ?? ''
}

async function goOn(page: Page, { text, at }: Tail, walk: readonly [goal: WalkGoal, back: boolean]): Promise<Said> {
  const times = text === '' ? 1 : Number(text)
  if (!Number.isInteger(times) || times < 1 || times > MOST_TIMES) return wrong(`"${text}" at character ${at}: how often, 1 to ${MOST_TIMES}`)
  page.walk(...walk, times)
  return whereNow(page)
}

/** Once the page has come to rest. */
async function whereNow({ store }: Page): Promise<Said> {
  if (store.getState().busy)
    await new Promise<void>((resolve) => {
      const stop = store.subscribe(({ busy }) => {
        if (busy) return
        stop()
        resolve()
      })
    })
  const { view } = store.getState()
  return { lines: [...(view?.remarks ?? []), `step ${view?.cursor}: ${view?.snapshot.said ?? 'the start'}`], error: null }
}

async function setBreakpoint(page: Page, tail: Tail): Promise<Said> {
  if (tail.text === '') {
    page.toggleBreakpoint()
    return points(page)
  }
  const [where = '', condition = ''] = tail.text.split(/\bif\b/).map((part) => part.trim())
  return checked(page, tail, condition, page.addPoint({ kind: 'break', where, condition }).id)
}

async function setWatch(page: Page, tail: Tail, word: string): Promise<Said> {
  const { size, text, at } = sized(tail)
  const [where = '', condition = ''] = text.split(/\bif\b/).map((part) => part.trim())
  if (where === '') return wrong(`at character ${at}: an address or a label is missing`)
  const access = word === 'watch' ? 'change' : 'read'
  return checked(page, { text, at }, condition, page.addPoint({ kind: 'watch', where, condition, size, access }).id)
}

/** "/4 refs": four bytes. */
function sized({ text, at }: Tail): Tail & { readonly size: number } {
  const found = /^\/(\d+)\s*/.exec(text)
  return found === null ? { size: 1, text, at } : { size: Number(found[1]), text: text.slice(found[0].length), at: at + found[0].length }
}

/** How errors of a condition begin (scenario/points.ts). */
const CONDITION = 'the condition: '

/** A point that is written wrongly is none. */
async function checked(page: Page, { text, at }: Tail, condition: string, id: number): Promise<Said> {
  const view = (await page.viewPoints()).find((each) => each.id === id)
  if (view?.error == null) return { lines: [`${id}: ${view?.place ?? text}`], error: null }
  page.removePoint(id)
  return wrong(shifted(view.error, at + (view.error.startsWith(CONDITION) ? text.lastIndexOf(condition) : 0)))
}

async function runTo(page: Page, tail: Tail): Promise<Said> {
  if (tail.text === '') return wrong(`at character ${tail.at}: an address or a label is missing`)
  const place = await page.question(`p ${tail.text}`)
  if (place.error !== null) return wrong(shifted(place.error, tail.at))
  page.runHere(false, place.lines[0]?.split(' ')[0] ?? '')
  return whereNow(page)
}

async function question(page: Page, { text, at }: Tail, word: string): Promise<Said> {
  const said = await page.question(`${word}${text.startsWith('/') ? '' : ' '}${text}`)
  const expression = /^(?:\/\w*\s+)?/.exec(text)?.[0].length ?? 0
  return said.error === null ? said : wrong(shifted(said.error, at + expression))
}

/** Places in an expression become places in what was typed. */
function shifted(error: string, at: number): string {
  return error.replace(/at character (\d+)/, (_, place: string) => `at character ${Number(place) + at - 1}`)
}

function withPoint(page: Page, { text, at }: Tail, act: (id: number) => void): Said | Promise<Said> {
  const id = Number(text)
  if (!page.store.getState().points.some((point) => point.id === id)) return wrong(`"${text}" at character ${at}: there is no such breakpoint`)
  act(id)
  return points(page)
}

function selectCpu(page: Page, { text, at }: Tail): Said {
  const cpu = page.store.getState().view?.snapshot.cpus[Number(text)]
  if (text === '' || cpu === undefined) return wrong(`"${text}" at character ${at}: there is no such CPU`)
  page.selectCpu(cpu.id)
  return { lines: [`CPU ${cpu.id}, ${cpu.role}, at ${cpu.symbol}`], error: null }
}

function registers(page: Page): Said {
  const state = page.store.getState()
  const cpu = state.view?.snapshot.cpus[shownCpu(state)]
  const lines = (cpu?.registers ?? []).map(({ name, value, symbol }) => `${name.padEnd(7)}${value}${symbol === null ? '' : ` ${symbol}`}`)
  return { lines: [`CPU ${cpu?.id}`, ...lines, `flags  ${cpu?.flags.value}`], error: null }
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
