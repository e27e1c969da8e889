/** Reads a schedule in an address, as schedule-text.ts spells it: as far as it can be read, and what is wrong with the rest. */
import { choiceVariant, type PackedChoice, parseSchedule } from '../machine/choice.ts'
import { BitReader } from './bit-coder.ts'
import { codeBits, codeNumber, ScheduleModel } from './schedule-model.ts'
import { CHECK_BITS, COUNT_BITS, checkOf, MAX_STEPS, PLAIN, REPEATING, SPACING } from './schedule-text.ts'

/** What parseSchedule reads. */
const MAX_VARIANT = 999_999

/** What could be read. `damage` says what is wrong, as a clause behind "the schedule (t)"; null where all is well. */
export interface ReadSchedule {
  readonly schedule: PackedChoice[]
  readonly damage: string | null
}

export function readSchedule(text: string): ReadSchedule {
  if (text.startsWith(PLAIN)) return unpack(text, false)
  if (text.startsWith(REPEATING)) return unpack(text, true)
  return readPlain(text)
}

function readPlain(text: string): ReadSchedule {
  const schedule: PackedChoice[] = []
  let at = 0
  for (const run of text.split('.')) {
    const problem = readRun(run, schedule)
    if (problem !== null)
      return {
        schedule,
        damage: `is damaged at character ${at + 1}: ${problem}; ${kept(schedule.length, schedule.length + countSteps(text.slice(at)))}`,
      }
    at += run.length + 1
  }
  return { schedule, damage: null }
}

const RUN = /^([0-7][a-zA-Z])(\d{1,9})?(?:_(\d{1,6}))?$/

function readRun(run: string, into: PackedChoice[]): string | null {
  const match = RUN.exec(run)
  const noRun = `"${shorten(run)}" is no run of choices (like 0s12)`
  if (match === null) return noRun
  const [, choice, count, variant] = match
  if (into.length + Number(count ?? 1) > MAX_STEPS) return `"${run}" makes more than ${MAX_STEPS} steps`
  const { schedule, error } = parseSchedule(`${choice}${variant === undefined ? '' : `.${variant}`}${count === undefined ? '' : `*${count}`}`)
  if (error !== null) return noRun
  for (const each of schedule) into.push(each)
  return null
}

/** Steps of what looks like runs: for the message only. */
function countSteps(text: string): number {
  let steps = 0
  for (const run of text.split('.')) steps += Math.max(1, Number(RUN.exec(run)?.[2] ?? 1))
  return steps
}

function unpack(text: string, repeats: boolean): ReadSchedule {
  const reader = new BitReader(text, 1)
  const steps = codeNumber(reader, 0, 4, COUNT_BITS)
  const schedule: PackedChoice[] = []
  let good = 0
  const damaged = (what: string): ReadSchedule => {
    const where = reader.end < text.length ? reader.end : reader.position
    const why = reader.end < text.length ? `"${text[reader.end]}" is no character of it` : what
    return {
      schedule: schedule.slice(0, good),
      damage: `is damaged at or before character ${Math.min(where + 1, text.length)}: ${why}; ${kept(good, steps)}`,
    }
  }
  if (steps > MAX_STEPS || reader.overrun) return { schedule, damage: `is damaged: its length cannot be read; ${kept(0, null)}` }
  const model = new ScheduleModel(repeats)
  let check = 0
  let due = SPACING
  while (schedule.length < steps) {
    const choice = model.code(reader, -1)
    if (choiceVariant(choice) > MAX_VARIANT) return damaged('it names a variant that cannot be')
    check = checkOf(check, choice)
    schedule.push(choice)
    if (reader.settled < due) continue
    if (codeBits(reader, 0, CHECK_BITS) !== (check & 0xff)) return damaged('its check does not match')
    if (reader.overrun) return damaged('its end is missing')
    due = reader.settled + SPACING
    good = schedule.length
  }
  if (codeBits(reader, 0, CHECK_BITS) !== (check & 0xff)) return damaged(reader.overrun ? 'its end is missing' : 'its check does not match')
  good = steps
  // Checks that match by luck, or something behind the end.
  return reader.overrun || reader.end < text.length ? damaged('its end is missing') : { schedule, damage: null }
}

function kept(steps: number, of: number | null): string {
  return of === null ? `kept ${steps} steps` : `kept ${steps} of ${of} steps`
}

function shorten(text: string): string {
  return text.length > 20 ? `${text.slice(0, 20)}…` : text
}
