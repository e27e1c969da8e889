/**
 * A schedule in an address: no spaces, unreserved characters only. Two spellings, and the shorter one is used:
 *
 *   0s12.1s.1s_2.0d     plain: runs `<cpu><letter>[count][_variant]`, as formatSchedule writes them
 *   A…, B…              packed (schedule-model.ts), without and with a search for repeats
 *
 * A packed schedule carries checks, 8 bits about every 48 characters and at the end, so a reader of a damaged one keeps what was checked.
 * Format: docs/links.md. Frozen with version 1 of the links.
 */
import { choiceVariant, formatSchedule, type PackedChoice, parseSchedule } from '../machine/choice.ts'
import { BitReader, BitWriter } from './bit-coder.ts'
import { codeBits, codeNumber, ScheduleModel } from './schedule-model.ts'

/** More steps than this are refused: a short text can claim any number of them. */
export const MAX_STEPS = 1 << 22

/** Characters up to which nothing is packed. */
const READABLE = 16

/** What parseSchedule reads. */
const MAX_VARIANT = 999_999

const PLAIN = 'A'
const REPEATING = 'B'
/** Characters between two checks. */
const SPACING = 48
const CHECK_BITS = 8
const COUNT_BITS = 23

/** What could be read. `damage` says what is wrong, as a clause behind "the schedule (t)"; null where all is well. */
export interface ReadSchedule {
  readonly schedule: PackedChoice[]
  readonly damage: string | null
}

export function writeSchedule(schedule: ArrayLike<PackedChoice>): string {
  const writer = new ScheduleWriter(schedule)
  while (writer.run(Number.POSITIVE_INFINITY));
  return writer.text
}

/** Spells a schedule a piece at a time: a million steps take longer than anybody should wait for. */
export class ScheduleWriter {
  private readonly plain: PlainWriter
  private readonly packed: Packer
  private readonly repeating: Packer

  constructor(schedule: ArrayLike<PackedChoice>) {
    this.plain = new PlainWriter(schedule)
    this.packed = new Packer(schedule, false)
    this.repeating = new Packer(schedule, true)
  }

  /** Goes on for about so many steps; false when the text is there. */
  run(steps: number): boolean {
    if (!this.plain.run(steps)) return true
    if (this.short) return false
    const ended = this.packed.run(steps)
    return !this.repeating.run(steps) || !ended
  }

  get text(): string {
    const spellings = [this.plain.text, ...(this.short ? [] : [PLAIN + this.packed.text, REPEATING + this.repeating.text])]
    return spellings.reduce((best, spelling) => (spelling.length < best.length ? spelling : best))
  }

  /** What is short anyway stays readable. */
  private get short(): boolean {
    return this.plain.text.length <= READABLE
  }
}

export function readSchedule(text: string): ReadSchedule {
  if (text.startsWith(PLAIN)) return unpack(text, false)
  if (text.startsWith(REPEATING)) return unpack(text, true)
  return readPlain(text)
}

// ── plain ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

class PlainWriter {
  private readonly schedule: ArrayLike<PackedChoice>
  private next = 0
  text = ''

  constructor(schedule: ArrayLike<PackedChoice>) {
    this.schedule = schedule
  }

  /** True when the text is there. */
  run(steps: number): boolean {
    const { schedule } = this
    const end = Math.min(schedule.length, this.next + steps)
    let { text, next } = this
    while (next < end) {
      const choice = schedule[next] as PackedChoice
      const first = next
      while (next < schedule.length && schedule[next] === choice) next++
      const variant = choiceVariant(choice)
      text += `${text === '' ? '' : '.'}${formatSchedule([choice]).slice(0, 2)}${next - first === 1 ? '' : next - first}${variant === 0 ? '' : `_${variant}`}`
    }
    Object.assign(this, { text, next })
    return next === schedule.length
  }
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

// ── packed ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

class Packer {
  private readonly schedule: ArrayLike<PackedChoice>
  private readonly writer = new BitWriter()
  private readonly model: ScheduleModel
  private next = 0
  private check = 0
  private due = SPACING
  private ended = false
  text = ''

  constructor(schedule: ArrayLike<PackedChoice>, repeats: boolean) {
    this.schedule = schedule
    this.model = new ScheduleModel(repeats)
    codeNumber(this.writer, schedule.length, 4, COUNT_BITS)
  }

  /** True when the text is there. */
  run(steps: number): boolean {
    const { schedule, writer, model } = this
    if (this.ended) return true
    const end = Math.min(schedule.length, this.next + steps)
    let { check, due } = this
    for (let i = this.next; i < end; i++) {
      const choice = schedule[i] as PackedChoice
      model.code(writer, choice)
      check = checkOf(check, choice)
      if (writer.settled < due) continue
      codeBits(writer, check & 0xff, CHECK_BITS)
      due = writer.settled + SPACING
    }
    Object.assign(this, { next: end, check, due })
    if (end < schedule.length) return false
    codeBits(writer, check & 0xff, CHECK_BITS)
    this.text = writer.finish()
    this.ended = true
    return true
  }
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

function checkOf(check: number, choice: PackedChoice): number {
  const mixed = Math.imul(check ^ choice, 0x9e3779b1)
  return mixed ^ (mixed >>> 15)
}

function kept(steps: number, of: number | null): string {
  return of === null ? `kept ${steps} steps` : `kept ${steps} of ${of} steps`
}

function shorten(text: string): string {
  return text.length > 20 ? `${text.slice(0, 20)}…` : text
}
