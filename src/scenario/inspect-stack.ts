/** The words of the stack that a CPU stands on, with what is known of each from the log. */
import { hex, highHalf, joinHalves, lowHalf } from '../lib/u64.ts'
import type { MachineEvent } from '../machine/events.ts'
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

/** What a step wrote by itself, from and to: a frame, or the stores of its instruction. */
function writtenBy(events: readonly MachineEvent[], cpu: number): (readonly [from: bigint, end: bigint])[] {
  return events.flatMap((event) => {
    if (event.cpu !== cpu) return []
    if (event.kind === 'deliver') return [[event.frame, event.frame + BigInt(event.frameBytes)] as const]
    // What waits in the store buffer is not there yet.
    if (event.kind === 'store' && !event.buffered) return [[event.address, event.address + BigInt(event.size)] as const]
    return []
  })
}

export function inspectStack(view: Inspection, cpu: number): StackView {
  const { instance, last, stackLog, scratch } = view
  const m = view.run.machine
  const { name, top, sp } = stackOf(m, cpu)
  const word = m.bits / 8
  const written = last === null ? [] : writtenBy(last.taken.events, cpu)
  if (last !== null) scratch.w.set(last.before)
  // What is known says where words begin: they need not lie on one grid.
  const known = stackLog.between(cpu, sp, top)
  const words: StackWord[] = []
  for (let address = sp, next = 0; address < top && words.length < MOST_WORDS; ) {
    while (next < known.length && (known[next]?.[0] as bigint) < address) next++
    const [start, entry] = known[next] ?? [top, null]
    const here = start === address ? entry : null
    const room = start > address && start < top ? start - address : top - address
    const size = here?.size ?? (room < BigInt(word) ? Number(room) : word)
    const value = readWord(m, address, size)
    const points = size < word || value < LEAST_ADDRESS ? null : instance.program.nameOrNull(value)
    const pointed = points === null || here?.kind === 'gap' ? '' : ` → ${points}`
    const isCopied = here?.spent === true && here.kind !== 'gap'
    words.push({
      address: hex(address),
      value: value.toString(16).padStart(2 * size, '0'),
      label: here === null || here.label === '' ? (points ?? '') : `${here.label}${isCopied ? ', copied' : ''}${pointed}`,
      kind: here?.kind ?? 'plain',
      frame: here?.frame ?? -1,
      // Written counts, whatever was there before: a pushed zero is news.
      changed:
        last !== null &&
        (written.some(([from, end]) => address < end && from < address + BigInt(size)) || readWord(scratch, address, size) !== value),
      top: address === sp,
      altered: here?.altered ?? null,
      overwritten: here?.overwritten ?? false,
    })
    address += BigInt(size)
  }
  return { name, top: hex(top), sp: hex(sp), words: words.reverse() }
}
