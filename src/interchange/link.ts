/**
 * Share links: a replay as the fragment of an address, `v=1&k=AbCd&s=text-poke&p=sync1:off&t=0s12.1s&c=12&d=0123456789abcdef`.
 *
 * Fields are readable and named, so that a damaged one costs nothing but itself; `k` is a check over all others. Reading never throws: it gives
 * what could be read, and says of each part what is wrong with it. Format, limits and the promise about old links: docs/links.md.
 *
 * The page writes links with link-write.ts alone, and loads this reader only for a link that it was opened with.
 */
import { formatSchedule } from '../machine/choice.ts'
import { type Field, fieldsOf, MAX_FRAGMENT, type Problem, sealOf, VERSION } from './link-fields.ts'
import { packSource, unpackSource } from './link-source.ts'
import { writeLink } from './link-write.ts'
import { DIGEST, type Replay } from './replay.ts'
import { readSchedule } from './schedule-reader.ts'

export { MAX_SOURCE, type Problem } from './link-fields.ts'
export type { Replay } from './replay.ts'

export interface DecodedLink {
  /** What could be read. Complete where there are no problems. */
  readonly link: Partial<Replay>
  readonly problems: readonly Problem[]
  /** The version of the link, where this program does not know it yet. */
  readonly newer?: number
}

/** The fragment, without "#". Leave parameters that equal their default out. What is left out of the replay is left out of the link. */
export function encodeLink({ source, ...replay }: Partial<Replay>): string {
  return writeLink(source === undefined ? replay : { ...replay, packed: packSource(source) })
}

/** Reads a fragment, with or without "#" (or the whole address). Empty text is an empty link without problems. */
export function decodeLink(fragment: string): DecodedLink {
  if (fragment.length > MAX_FRAGMENT) return tooLong(fragment.length)
  const { fields, problems } = fieldsOf(fragment)
  if (fields.size === 0) return { link: {}, problems }
  const version = readVersion(fields.get('v'), problems)
  const reader = READERS.get(version) ?? READERS.get(VERSION)
  const link = reader?.(fields, problems, version) ?? {}
  return { link, problems, ...(version > VERSION ? { newer: version } : {}) }
}

function tooLong(characters: number): DecodedLink {
  return { link: {}, problems: [{ part: 'length', message: `the link has ${characters} characters, and ${MAX_FRAGMENT} are read at most` }] }
}

type Fields = ReadonlyMap<string, Field>
type Reader = (fields: Fields, problems: Problem[], version: number) => Partial<Replay>

/**
 * One reader a version, each kept as it was when a later version comes: what it reads is then brought up to date behind it. A link of a version
 * that does not exist yet is read by the newest one, as far as that goes.
 */
const READERS: ReadonlyMap<number, Reader> = new Map([[1, readVersion1]])

function readVersion(field: Field | undefined, problems: Problem[]): number {
  const number = field !== undefined && /^[1-9]\d{0,8}$/.test(field.raw) ? Number(field.raw) : null
  if (number === null) {
    problems.push({
      part: 'version',
      message: `${field === undefined ? 'the version (v) is missing' : `the version (v) is "${field.raw.slice(0, 20)}", which is no number`}; read as version ${VERSION}`,
    })
  } else if (number > VERSION) {
    problems.push({
      part: 'version',
      message: `the link has version ${number}, which is newer than this program (it knows ${VERSION}); read as far as it goes`,
    })
  }
  return number ?? VERSION
}

const KEYS_1: ReadonlySet<string> = new Set('vsptcdnmxku')

function readVersion1(fields: Fields, problems: Problem[], version: number): Partial<Replay> {
  const link: { -readonly [Key in keyof Replay]?: Replay[Key] } = {}
  const bad = (part: string, message: string) => problems.push({ part, message })
  const text = (key: string) => fields.get(key)?.raw
  if (version === VERSION) link.version = VERSION

  const scenario = textOf(fields.get('s'), 'scenario', problems)
  if (scenario !== null && scenario !== '') link.scenario = scenario
  else if (scenario === '' || !fields.has('s')) bad('scenario', 'the scenario (s) is missing')

  link.params = readParams(fields.get('p'), problems)

  const read = readSchedule(text('t') ?? '')
  const steps = text('t') === undefined ? [] : read.schedule
  link.schedule = formatSchedule(steps)
  if (text('t') !== undefined && read.damage !== null) bad('schedule', `the schedule (t) ${read.damage}`)

  const cursor = text('c') ?? String(steps.length)
  if (!/^\d{1,9}$/.test(cursor)) bad('cursor', `the position (c) is "${cursor.slice(0, 20)}", which is no number of steps`)
  else link.cursor = Math.min(Number(cursor), steps.length)
  if (link.cursor !== undefined && Number(cursor) > steps.length)
    bad('cursor', `the position (c) ${cursor} lies behind the last of ${steps.length} steps; moved there`)

  const left = unfinishedOf(text('u'), steps.length)
  if (left !== null) problems.push({ part: 'unfinished', message: left, remark: true })

  const digest = text('d')?.toLowerCase() ?? null
  if (digest === null || DIGEST.test(digest)) link.digest = digest
  else bad('digest', 'the digest (d) is not 16 hexadecimal digits: the state cannot be verified')

  const title = textOf(fields.get('n'), 'title', problems)
  if (title !== null) link.title = title
  const note = textOf(fields.get('m'), 'note', problems)
  if (note !== null) link.note = note
  const source = readSource(text('x'), problems)
  if (source !== null) link.source = source

  for (const { key } of fields.values())
    if (!KEYS_1.has(key)) problems.push({ part: key, message: `"${key.slice(0, 20)}" is no field of a link; ignored`, remark: true })
  const seal = text('k')
  if (version === VERSION && seal !== undefined && seal !== sealOf([...fields.values()])) {
    bad('check', 'the check (k) does not match: the link was changed or damaged after it was made')
  }
  return link
}

/** What is missing of an address that was still being written; null where nothing says so. */
function unfinishedOf(text: string | undefined, steps: number): string | null {
  if (text === undefined) return null
  const of = /^\d{1,9}$/.test(text) ? Number(text) : 0
  const whole = 'this address was still being written'
  return of > steps
    ? `${whole}: it holds the first ${steps.toLocaleString('en-US')} of ${of.toLocaleString('en-US')} steps or more`
    : `${whole}: the page may have stood at another step`
}

/** null where the field is absent or cannot be read. */
function textOf(field: Field | undefined, part: string, problems: Problem[]): string | null {
  if (field === undefined) return null
  const text = unescaped(field.raw)
  if (text === null) problems.push({ part, message: `the ${part} (${field.key}) has a damaged %-sequence` })
  return text
}

function unescaped(raw: string): string | null {
  try {
    return decodeURIComponent(raw)
  } catch {
    return null
  }
}

function readParams(field: Field | undefined, problems: Problem[]): Record<string, string> {
  if (field === undefined || field.raw === '') return {}
  // Some programs escape more than they need to.
  const raw = field.raw.includes(':') ? field.raw : field.raw.replace(/%3a/gi, ':').replace(/%2c/gi, ',')
  const entries: [string, string][] = []
  for (const pair of raw.split(',')) {
    const colon = pair.indexOf(':')
    const name = unescaped(pair.slice(0, Math.max(0, colon)))
    const value = unescaped(pair.slice(colon + 1))
    if (colon < 0 || name === null || value === null)
      problems.push({ part: 'params', message: `the parameter (p) "${pair.slice(0, 30)}" is no name:value; left out` })
    else entries.push([name, value])
  }
  return Object.fromEntries(entries)
}

function readSource(text: string | undefined, problems: Problem[]): string | null {
  if (text === undefined) return null
  const unpacked = unpackSource(text)
  if (!unpacked.ok) problems.push({ part: 'source', message: `the edited scenario (x) ${unpacked.error}` })
  return unpacked.ok ? unpacked.value : null
}
