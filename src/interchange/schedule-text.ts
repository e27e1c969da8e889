/**
 * A schedule in an address: no spaces, unreserved characters only. Two spellings, and the shorter one is used:
 *
 *   0s12.1s.1s_2.0d     plain: runs `<cpu><letter>[count][_variant]`, as formatSchedule writes them
 *   A…, B…              packed (schedule-model.ts), without and with a search for repeats
 *
 * A packed schedule carries checks, 8 bits about every 48 characters and at the end, so a reader of a damaged one keeps what was checked.
 * Format: docs/links.md. Frozen with version 1 of the links. Reading is schedule-reader.ts's: the page writes all the time, and reads only what it is opened with.
 */
import { choiceVariant, formatSchedule, type PackedChoice } from '../machine/choice.ts'
import { BitWriter } from './bit-coder.ts'
import { codeBits, codeNumber, ScheduleModel } from './schedule-model.ts'

/** More steps than this are refused: a short text can claim any number of them. */
export const MAX_STEPS = 1 << 22

/** Characters up to which nothing is packed. */
const READABLE = 16

export const PLAIN = 'A'
export const REPEATING = 'B'
/** Characters between two checks. */
export const SPACING = 48
export const CHECK_BITS = 8
export const COUNT_BITS = 23

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

export function checkOf(check: number, choice: PackedChoice): number {
  const mixed = Math.imul(check ^ choice, 0x9e3779b1)
  return mixed ^ (mixed >>> 15)
}
