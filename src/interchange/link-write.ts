/** Writing share links (link.ts says what they are). Needs no compressor: an edited scenario comes packed. */
import { assert } from '../lib/assert.ts'
import { parseSchedule } from '../machine/choice.ts'
import { type Field, fieldsOf, sealOf, VERSION } from './link-fields.ts'
import { LONE_SURROGATE, type Replay } from './replay.ts'
import { MAX_STEPS, writeSchedule } from './schedule-text.ts'

/** A replay whose edited scenario, if it has one, is packed as link-source.ts does it. */
export type PackedReplay = Partial<Omit<Replay, 'source'>> & { readonly packed?: string }

/** The fragment, without "#". Leave parameters that equal their default out. What is left out of the replay is left out of the link. */
export function writeLink(replay: PackedReplay): string {
  return writeSpelled(replay, spell(replay.schedule ?? ''))
}

/** A schedule as schedule-text.ts spells it. */
export interface Spelled {
  readonly steps: number
  readonly spelling: string
}

/** As `writeLink`, where the schedule has been spelled already. */
export function writeSpelled(replay: Omit<PackedReplay, 'schedule'>, { steps, spelling }: Spelled): string {
  const { scenario, params = {}, digest = null, title, note, packed, cursor = steps } = replay
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
  if (packed !== undefined) add('x', packed)
  return sealed(fields)
}

/** What the sender of a link says to whoever opens it. */
export interface Words {
  readonly title: string
  readonly note: string
}

/** The words of a link that `withWords` wrote; null where there are none. */
export function wordsOf(fragment: string): Words | null {
  const { fields } = fieldsOf(fragment)
  const text = (key: string) => {
    try {
      return decodeURIComponent(fields.get(key)?.raw ?? '')
    } catch {
      return ''
    }
  }
  const words = { title: text('n'), note: text('m') }
  return words.title === '' && words.note === '' ? null : words
}

/** The same link with other words for whoever opens it. Empty words are left out. */
export function withWords(fragment: string, words: Words): string {
  const kept = [...fieldsOf(fragment).fields.values()].filter(({ key }) => !'kmn'.includes(key))
  const added = [
    { key: 'n', raw: escaped(words.title) },
    { key: 'm', raw: escaped(words.note) },
  ].filter(({ raw }) => raw !== '')
  const source = kept.findIndex(({ key }) => key === 'x')
  return sealed(kept.toSpliced(source < 0 ? kept.length : source, 0, ...added))
}

/** The same link, marked as one that was still being written when the run had `steps` steps. What is no link stays as it is. */
export function unfinished(fragment: string, steps: number): string {
  const { fields } = fieldsOf(fragment)
  if (!fields.has('v')) return fragment
  const kept = [...fields.values()].filter(({ key }) => key !== 'k' && key !== 'u')
  return sealed([...kept, { key: 'u', raw: String(steps) }])
}

/** The link of the start of the same scenario with the same parameters. */
export function startOf(fragment: string): string {
  return sealed([...fieldsOf(fragment).fields.values()].filter(({ key }) => 'vspx'.includes(key)))
}

/** `fields` begin with the version. */
function sealed(fields: readonly Field[]): string {
  // Early, so that a link which was cut off anywhere behind it is known to be.
  return fields
    .toSpliced(1, 0, { key: 'k', raw: sealOf(fields) })
    .map(({ key, raw }) => `${key}=${raw}`)
    .join('&')
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
