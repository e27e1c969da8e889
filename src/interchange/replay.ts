/**
 * A replay: everything that is needed to stand at one moment of one run again. What a share link holds, and what `link encode` reads as JSON.
 */

import { fail, ok, type Result } from '../lib/result.ts'
import { formatSchedule, parseSchedule } from '../machine/choice.ts'
import { MAX_STEPS } from './schedule-text.ts'

export interface Replay {
  readonly version: 1
  /** Id of a bundled scenario (for an edited one, where the editing started). */
  readonly scenario: string
  /** Parameters that differ from their default. */
  readonly params: Readonly<Record<string, string>>
  /** As formatSchedule writes it. */
  readonly schedule: string
  /** How many steps of the schedule have been taken. */
  readonly cursor: number
  /** Digest of the state after these steps: 16 hexadecimal digits. */
  readonly digest: string | null
  readonly title?: string
  readonly note?: string
  /** The whole text of an edited scenario. */
  readonly source?: string
}

export const DIGEST = /^[0-9a-f]{16}$/

/** Checks what somebody wrote by hand, and brings the schedule into its one spelling. The error names the field. */
export function checkReplay(value: unknown): Result<Replay> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail('a replay must be a JSON object')
  const fields = value as Readonly<Record<string, unknown>>
  const { version = 1, scenario, params = {}, schedule: text = '', digest = null } = fields
  const unknown = Object.keys(fields).find((key) => !KEYS.includes(key))
  if (unknown !== undefined) return fail(`"${unknown}" is no field of a replay (${KEYS.join(', ')})`)
  if (version !== 1) return fail('"version" must be 1')
  if (typeof scenario !== 'string' || scenario === '') return fail('"scenario" must be the id of a scenario')
  if (typeof params !== 'object' || params === null || Array.isArray(params)) return fail('"params" must be an object of strings')
  for (const [key, param] of Object.entries(params)) if (typeof param !== 'string') return fail(`"params.${key}" must be a string`)
  if (typeof text !== 'string') return fail('"schedule" must be a text like "0s*12 1s"')
  const { schedule, error } = parseSchedule(text, MAX_STEPS)
  if (error !== null) return fail(`"schedule": ${error}`)
  const { cursor = schedule.length } = fields
  if (!Number.isInteger(cursor) || (cursor as number) < 0 || (cursor as number) > schedule.length) {
    return fail(`"cursor" must be an integer from 0 to ${schedule.length}, the length of the schedule`)
  }
  if (digest !== null && !(typeof digest === 'string' && DIGEST.test(digest)))
    return fail('"digest" must be 16 hexadecimal digits in lower case, or null')
  for (const key of TEXTS) if (key in fields && typeof fields[key] !== 'string') return fail(`"${key}" must be a text`)
  const replay = { version, scenario, params, schedule: formatSchedule(schedule), cursor, digest, ...pick(fields) } as Replay
  return brokenText(replay) ? fail('a text holds half of a character (a lone surrogate), which no link can carry') : ok(replay)
}

const TEXTS = ['title', 'note', 'source'] as const
const KEYS: readonly string[] = ['version', 'scenario', 'params', 'schedule', 'cursor', 'digest', ...TEXTS]

function pick(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(TEXTS.filter((key) => key in fields).map((key) => [key, fields[key]]))
}

export const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

function brokenText(replay: Replay): boolean {
  const texts = [replay.scenario, replay.title ?? '', replay.note ?? '', replay.source ?? '', ...Object.entries(replay.params).flat()]
  return texts.some((text) => text.search(LONE_SURROGATE) >= 0)
}
