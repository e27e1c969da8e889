/**
 * Every nondeterminism is a named choice: a closed list of kinds, in this canonical order, for each CPU in turn. A schedule is a
 * list of choices, and nothing else decides what happens.
 */

export const CHOICE_KINDS = ['step', 'drain', 'irq', 'nmi', 'nmi-arrives', 'timer-arrives', 'prefetch'] as const
export type ChoiceKind = (typeof CHOICE_KINDS)[number]

export interface Choice {
  readonly cpu: number
  readonly kind: ChoiceKind
  /**
   * Which of several ways. For a step: the index into the fetch candidates (byte strings in ascending order, 0 where there is one only), or, in the
   * middle of a line-crossing load, the piece that is read (0 = lower address). For a drain: twice the place of the store in the buffer, plus the
   * piece of a line-crossing one. For a prefetch: which of the windows that can be reached. 0 otherwise.
   */
  readonly variant: number
}

/** A choice packed into one integer: cpu in bits 0..2, kind in bits 3..6, variant above. */
export type PackedChoice = number

export function packChoice(cpu: number, kind: number, variant: number): PackedChoice {
  return cpu | (kind << 3) | (variant << 7)
}

export function choiceCpu(packed: PackedChoice): number {
  return packed & 7
}

/** Index into CHOICE_KINDS. */
export function choiceKind(packed: PackedChoice): number {
  return (packed >> 3) & 15
}

export function choiceVariant(packed: PackedChoice): number {
  return packed >> 7
}

export const STEP = 0
export const DRAIN = 1
export const IRQ = 2
export const NMI = 3
export const NMI_ARRIVES = 4
export const TIMER_ARRIVES = 5
export const PREFETCH = 6

export function unpackChoice(packed: PackedChoice): Choice {
  return { cpu: choiceCpu(packed), kind: CHOICE_KINDS[choiceKind(packed)] as ChoiceKind, variant: choiceVariant(packed) }
}

/** One letter a kind, in the order of CHOICE_KINDS; upper case where the environment acts. */
const LETTERS = 'sdinNTp'

/**
 * A schedule as text: runs of equal choices, `<cpu><letter>[.variant][*count]`, separated by spaces.
 * Example: `0s*12 1s 1s.2 0d 2i` — CPU 0 steps 12 times, CPU 1 steps twice (the second time with fetch candidate 2), …
 */
export function formatSchedule(schedule: ArrayLike<PackedChoice>): string {
  const runs: string[] = []
  for (let i = 0; i < schedule.length; ) {
    const choice = schedule[i] as number
    let end = i + 1
    while (end < schedule.length && schedule[end] === choice) end++
    const variant = choiceVariant(choice)
    runs.push(`${choiceCpu(choice)}${LETTERS[choiceKind(choice)]}${variant === 0 ? '' : `.${variant}`}${end - i === 1 ? '' : `*${end - i}`}`)
    i = end
  }
  return runs.join(' ')
}

/** The inverse of formatSchedule. `maxSteps` guards against a run that would not fit in memory. */
export function parseSchedule(text: string, maxSteps = 50_000_000): { schedule: PackedChoice[]; error: null | string } {
  const schedule: PackedChoice[] = []
  for (const run of text.split(/\s+/)) {
    if (run === '') continue
    const match = /^([0-7])([a-zA-Z])(?:\.(\d{1,6}))?(?:\*(\d{1,9}))?$/.exec(run)
    const kind = match === null ? -1 : LETTERS.indexOf(match[2] as string)
    if (match === null || kind < 0) return { schedule, error: `"${run}" is no run of choices (like 0s*12)` }
    const count = Number(match[4] ?? 1)
    if (count === 0 || schedule.length + count > maxSteps)
      return { schedule, error: `"${run}": a count must be 1 or more, and a schedule at most ${maxSteps} steps` }
    const packed = packChoice(Number(match[1]), kind, Number(match[3] ?? 0))
    for (let i = 0; i < count; i++) schedule.push(packed)
  }
  return { schedule, error: null }
}
