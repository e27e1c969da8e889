/** Which 64-byte line an address lies in, for those who keep account of caches: the same for a site and for the alias through which it is written. */
import { highHalf, lowHalf } from '../lib/u64.ts'
import type { Machine } from '../machine/machine.ts'
import { HOT, SHARED } from '../machine/memory-map.ts'

const LINE = 64n

/** Null where nothing is mapped, and for memory that CPUs do not share or that nobody writes. */
export function lineOf(m: Machine, address: bigint): bigint | null {
  const piece = m.find(lowHalf(address), highHalf(address))
  if (piece === null || (piece.kind !== HOT && piece.kind !== SHARED)) return null
  const first = m.addressOfShared(piece.offset + ((lowHalf(address) - piece.lo) >>> 0))
  return first - (first % LINE)
}
