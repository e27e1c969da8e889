/** The words of the stack that a CPU stands on, with what is known of each from the log. */
import { hex, highHalf, joinHalves, lowHalf } from '../lib/u64.ts'
import type { Machine } from '../machine/machine.ts'
import type { Inspection } from './inspection.ts'
import { readWord } from './scope.ts'
import type { StackView, StackWord } from './snapshot.ts'
import { stackPointer } from './stack-log.ts'

/** More than anyone reads; of a deeper stack the words nearest to the stack pointer are shown. */
const MOST_WORDS = 128
/** Lower numbers are no addresses, even where a label has such a value. */
const LEAST_ADDRESS = 0x10000n

/** The region that the CPU's stack pointer lies in (its end counts as inside), and the pointer. */
export function stackOf(m: Machine, cpu: number): { name: string; top: bigint; sp: bigint } {
  m.select(cpu)
  const sp = stackPointer(m)
  const piece = m.map.pieces.find(
    (candidate) => candidate.kind !== 0 && candidate.hi === highHalf(sp) && (lowHalf(sp) - candidate.lo) >>> 0 <= candidate.size,
  )
  if (piece === undefined) return { name: 'not mapped', top: sp, sp }
  return { name: piece.region, top: joinHalves(piece.lo, piece.hi) + BigInt(piece.size), sp }
}

export function inspectStack(view: Inspection, cpu: number): StackView {
  const { instance, last, stackLog, scratch } = view
  const m = view.run.machine
  const { name, top, sp } = stackOf(m, cpu)
  const size = m.bits / 8
  const step = BigInt(size)
  if (last !== null) scratch.w.set(last.before)
  const skipped = (top - sp) / step - BigInt(MOST_WORDS)
  const words: StackWord[] = []
  for (let address = top - step * (skipped > 0n ? skipped + 1n : 1n); address >= sp; address -= step) {
    const value = readWord(m, address, size)
    const entry = stackLog.entry(cpu, address)
    const points = value < LEAST_ADDRESS ? null : instance.program.nameOrNull(value)
    const pointed = points === null || entry?.kind === 'gap' ? '' : ` → ${points}`
    words.push({
      address: hex(address),
      value: value.toString(16).padStart(2 * size, '0'),
      label: entry === null ? (points ?? '') : `${entry.label}${pointed}`,
      kind: entry?.kind ?? 'plain',
      frame: entry?.frame ?? -1,
      changed: last !== null && readWord(scratch, address, size) !== value,
      top: address === sp,
      altered: entry?.altered ?? null,
    })
  }
  return { name, top: hex(top), sp: hex(sp), words }
}
