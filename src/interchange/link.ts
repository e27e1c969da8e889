/**
 * Share links: a replay as the fragment of an address, `v=1&k=AbCd&s=text-poke&p=sync1:off&t=0s12.1s&c=12&d=0123456789abcdef`.
 *
 * Fields are readable and named, so that a damaged one costs nothing but itself; `k` is a check over all others. Reading never throws: it gives
 * what could be read, and says of each part what is wrong with it. Format, limits and the promise about old links: docs/links.md.
 */
import { deflateSync, Inflate, strFromU8, strToU8 } from 'fflate'
import { assert } from '../lib/assert.ts'
import { formatSchedule, parseSchedule } from '../machine/choice.ts'
import { base64urlToBytes, bytesToBase64url } from './base64url.ts'
import { type Field, fieldsOf, type Problem, sealOf } from './link-fields.ts'
import { DIGEST, LONE_SURROGATE, type Replay } from './replay.ts'
import { MAX_STEPS, readSchedule, writeSchedule } from './schedule-text.ts'

export type { Problem } from './link-fields.ts'
export type { Replay } from './replay.ts'

export interface DecodedLink {
  /** What could be read. Complete where there are no problems. */
  readonly link: Partial<Replay>
  readonly problems: readonly Problem[]
}

const VERSION = 1
/** Characters of a fragment, and bytes of an edited scenario, beyond which a link is refused. Browsers take about 2 million characters. */
const MAX_FRAGMENT = 4_000_000
export const MAX_SOURCE = 1 << 20

// ── writing ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The fragment, without "#". Leave parameters that equal their default out. What is left out of the replay is left out of the link. */
export function encodeLink(replay: Partial<Replay>): string {
  return encodeSpelled(replay, spell(replay.schedule ?? ''))
}

/** A schedule as schedule-text.ts spells it. */
export interface Spelled {
  readonly steps: number
  readonly spelling: string
}

/** As `encodeLink`, where the schedule has been spelled already. */
export function encodeSpelled(replay: Partial<Omit<Replay, 'schedule'>>, { steps, spelling }: Spelled): string {
  const { scenario, params = {}, digest = null, title, note, source, cursor = steps } = replay
  const fields: Field[] = [{ key: 'v', raw: String(VERSION) }]
  const add = (key: string, raw: string) => fields.push({ key, raw })
  if (scenario !== undefined) add('s', escaped(scenario))
  const entries = Object.entries(params)
  if (entries.length > 0) add('p', entries.map((entry) => entry.map(escaped).join(':')).join(','))
  if (steps > 0) add('t', spelling)
  if (cursor !== steps) add('c', String(cursor))
  if (digest !== null) add('d', escaped(digest))
  if (title !== undefined) add('n', escaped(title))
  if (note !== undefined) add('m', escaped(note))
  if (source !== undefined) add('x', pack(source))
  // Early, so that a link which was cut off anywhere behind it is known to be.
  fields.splice(1, 0, { key: 'k', raw: sealOf(fields) })
  return fields.map(({ key, raw }) => `${key}=${raw}`).join('&')
}

let packed = { source: '', text: bytesToBase64url(deflateSync(new Uint8Array(0), { level: 9 })) }

/** Remembers the last text: every moment of an edited scenario carries the same. */
function pack(source: string): string {
  if (packed.source !== source) packed = { source, text: bytesToBase64url(deflateSync(strToU8(source), { level: 9 })) }
  return packed.text
}

let last = { schedule: '', steps: 0, spelling: '' }

/** Remembers the last schedule: the page asks again and again for the same one with another cursor. */
function spell(schedule: string): Spelled {
  if (last.schedule !== schedule) {
    const parsed = parseSchedule(schedule, MAX_STEPS)
    assert(parsed.error === null, `a link of a schedule that is none: ${parsed.error}`)
    last = { schedule, steps: parsed.schedule.length, spelling: writeSchedule(parsed.schedule) }
  }
  return last
}

/** Percent-encodes all but unreserved characters: "'()*!" are none, though encodeURIComponent leaves them. */
function escaped(text: string): string {
  return encodeURIComponent(text.replace(LONE_SURROGATE, '\ufffd')).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

// ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Reads a fragment, with or without "#" (or the whole address). Empty text is an empty link without problems. */
export function decodeLink(fragment: string): DecodedLink {
  if (fragment.length > MAX_FRAGMENT) return { link: {}, problems: [{ part: 'link', message: `the link is longer than ${MAX_FRAGMENT} characters` }] }
  const { fields, problems } = fieldsOf(fragment)
  if (fields.size === 0) return { link: {}, problems }
  const version = readVersion(fields.get('v'), problems)
  const reader = READERS.get(version) ?? READERS.get(VERSION)
  return { link: reader?.(fields, problems, version) ?? {}, problems }
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

const KEYS_1: ReadonlySet<string> = new Set('vsptcdnmxk')

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
  const bad = (what: string) => {
    problems.push({ part: 'source', message: `the edited scenario (x) ${what}` })
    return null
  }
  const packed = base64urlToBytes(text)
  if (!(packed instanceof Uint8Array)) return bad(`is damaged at character ${packed.wrongAt + 1}`)
  const bytes = inflateUpTo(packed, MAX_SOURCE)
  if (bytes === 'too-long') return bad(`is longer than ${MAX_SOURCE} bytes; refused`)
  if (bytes === null || packed.length === 0) return bad('is damaged: it cannot be unpacked')
  return strFromU8(bytes)
}

/** Unpacks little by little, so that a short text that claims to hold gigabytes is stopped early. */
function inflateUpTo(packed: Uint8Array, limit: number): Uint8Array | 'too-long' | null {
  const chunks: Uint8Array[] = []
  let length = 0
  let ended = false
  try {
    const inflate = new Inflate((chunk, final) => {
      chunks.push(chunk)
      length += chunk.length
      ended ||= final
    })
    for (let at = 0; at < packed.length || at === 0; at += 256) {
      inflate.push(packed.subarray(at, at + 256), at + 256 >= packed.length)
      if (length > limit) return 'too-long'
    }
  } catch {
    return null
  }
  if (!ended) return null
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}
