/**
 * How likely each choice is, given those before it: the statistics behind the packed spelling of a schedule (schedule-text.ts).
 *
 * A choice is coded as its place in the list of choices by recency: 0 = the same as the last one, 1 = the one before that run… Each "is it this one?"
 * is a bit, estimated in three contexts: the place alone, the length of the present run, and the last three different choices. A choice that has not occurred yet is
 * spelled out.
 * With `repeats`, the model first looks for the latest place where the last 16 choices were the same, and guesses that what came then comes
 * again: whole loops of a patcher then cost next to nothing.
 *
 * Frozen: links of version 1 depend on every number here.
 */
import { choiceCpu, choiceKind, choiceVariant, type PackedChoice, packChoice } from '../machine/choice.ts'
import { type BitCoder, BitModel, EVEN } from './bit-coder.ts'

const RANKS = 16
const RUNS = 11
const IDS = 16
/** Choices that must be equal before a repeat is guessed; longer matches are told apart up to the second number. */
const MATCH = 16
const LONGEST = 63
const CPUS = 8
const KINDS = 7
/** Variants have fewer bits than this. */
const VARIANT_BITS = 20

export class ScheduleModel {
  private readonly byRank = new BitModel(RANKS)
  private readonly byRun = new BitModel(RANKS * RUNS * IDS)
  private readonly byHistory = new BitModel(RANKS * IDS * IDS * IDS)
  private readonly byMatch = new BitModel(LONGEST + 1)
  private readonly byKind = new BitModel(KINDS + 1)
  private readonly recent: PackedChoice[] = []
  private readonly ids = new Map<PackedChoice, number>()
  /** Ids of the last three different choices in a row (1…15; 0 = none), and how often the last one has come. */
  private last = 0
  private second = 0
  private third = 0
  private run = 0
  private readonly repeats: Repeats | null

  constructor(repeats: boolean) {
    this.repeats = repeats ? new Repeats() : null
  }

  /** Codes one choice: writes the given one, or reads one. Both sides learn from it in the same way. */
  code(coder: BitCoder, given: PackedChoice): PackedChoice {
    const choice = this.guess(coder, given)
    this.learn(choice)
    return choice
  }

  private guess(coder: BitCoder, given: PackedChoice): PackedChoice {
    let excluded = -1
    if (this.repeats !== null && this.repeats.length >= MATCH) {
      const guessed = this.repeats.next
      const context = Math.min(this.repeats.length, LONGEST)
      const bit = coder.code(given === guessed ? 1 : 0, this.byMatch.at(context))
      this.byMatch.learn(context, bit)
      if (bit === 1) return guessed
      excluded = guessed
    }
    const { run, recent } = this
    const runContext = run < 8 ? run : run < 16 ? 8 : run < 32 ? 9 : 10
    for (let rank = 0; rank < recent.length; rank++) {
      const candidate = recent[rank] as PackedChoice
      if (candidate === excluded) continue
      const r = Math.min(rank, RANKS - 1)
      const a = (r * RUNS + runContext) * IDS + this.last
      const b = ((r * IDS + this.last) * IDS + this.second) * IDS + this.third
      const bit = coder.code(given === candidate ? 1 : 0, this.blend(r, a, b))
      this.byRank.learn(r, bit)
      this.byRun.learn(a, bit)
      this.byHistory.learn(b, bit)
      if (bit === 1) return candidate
    }
    return this.spell(coder, given)
  }

  /** The closer a context looks and the more often it was seen, the more its estimate counts. */
  private blend(rank: number, a: number, b: number): number {
    const { byRank, byRun, byHistory } = this
    const general = 1 + Math.min(byRank.weight(rank), 4)
    const closer = 2 * Math.min(byRun.weight(a), 20)
    const closest = 4 * Math.min(byHistory.weight(b), 30)
    return Math.floor((general * byRank.at(rank) + closer * byRun.at(a) + closest * byHistory.at(b)) / (general + closer + closest))
  }

  private spell(coder: BitCoder, given: PackedChoice): PackedChoice {
    let cpu = 0
    while (cpu < CPUS - 1 && codeBits(coder, choiceCpu(given) > cpu ? 1 : 0, 1) === 1) cpu++
    let kind = 0
    while (kind < KINDS - 1) {
      const bit = coder.code(choiceKind(given) === kind ? 1 : 0, this.byKind.at(kind))
      this.byKind.learn(kind, bit)
      if (bit === 1) break
      kind++
    }
    const plain = coder.code(choiceVariant(given) === 0 ? 1 : 0, this.byKind.at(KINDS))
    this.byKind.learn(KINDS, plain)
    return packChoice(cpu, kind, plain === 1 ? 0 : 1 + codeNumber(coder, choiceVariant(given) - 1, 0, VARIANT_BITS))
  }

  private learn(choice: PackedChoice): void {
    const { recent, ids } = this
    const at = recent.indexOf(choice)
    if (at < 0) ids.set(choice, Math.min(ids.size + 1, IDS - 1))
    else if (at > 0) recent.splice(at, 1)
    if (at !== 0) {
      recent.unshift(choice)
      this.third = this.second
      this.second = this.last
      this.last = ids.get(choice) as number
      this.run = 0
    }
    this.run++
    this.repeats?.add(choice)
  }
}

/** Finds where the last choices have occurred before. */
class Repeats {
  /** How many of the last choices are the same as those before `next`. */
  length = 0
  private at = 0
  private readonly history: PackedChoice[] = []
  private readonly latest = new Map<number, number>()

  get next(): PackedChoice {
    return this.history[this.at] as PackedChoice
  }

  add(choice: PackedChoice): void {
    const { history } = this
    if (this.length > 0 && history[this.at] === choice) {
      this.length++
      this.at++
    } else {
      this.length = 0
    }
    history.push(choice)
    if (history.length < MATCH) return
    let key = 0
    for (let i = history.length - MATCH; i < history.length; i++) key = (Math.imul(key, 0x2c1b3c6d) + (history[i] as number) + 1) | 0
    if (this.length === 0) {
      const earlier = this.latest.get(key)
      if (earlier !== undefined) {
        this.at = earlier
        while (this.length < MATCH && history[earlier - 1 - this.length] === history[history.length - 1 - this.length]) this.length++
      }
    }
    this.latest.set(key, history.length)
  }
}

/** `count` bits of equal probability, the highest first. */
export function codeBits(coder: BitCoder, value: number, count: number): number {
  let result = 0
  for (let i = count - 1; i >= 0; i--) result = result * 2 + coder.code((value >> i) & 1, EVEN)
  return result
}

/** A number that is rather small (exponential Golomb code): how many bits it has beyond `order`, in unary, then the bits. */
export function codeNumber(coder: BitCoder, value: number, order: number, most: number): number {
  const given = value + (1 << order)
  let bits = order
  while (bits < most && codeBits(coder, given >> (bits + 1) > 0 ? 1 : 0, 1) === 1) bits++
  return (1 << bits) + codeBits(coder, given & ((1 << bits) - 1), bits) - (1 << order)
}
