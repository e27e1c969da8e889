/**
 * The fast loop: many instructions of a machine that has one CPU and no shared memory, as long as nothing but instructions can happen.
 *
 * It runs the same code of each instruction as `step.ts`, in the same order, and leaves everything out that cannot matter here: choices, events,
 * shadows, what others see. It stops before an instruction that could change that (system instructions, repeated strings, segment registers),
 * and the caller makes a step of it. plain-run.test.ts compares the two on random programs.
 *
 * Code may rewrite itself: what has been decoded is remembered with the version of the code, which every store into it changes (Machine.codeVersion).
 */
import { assert } from '../lib/assert.ts'
import { type Fetched, fetchVariants } from './fetch.ts'
import type { Bound } from './isa/registry.ts'
import { FLAG_RF, FLAG_TF, FLAGS, RIP, STATUS, STATUS_NMI_BLOCKED, STOP } from './layout.ts'
import type { Machine } from './machine.ts'
import { type Piece, PRIVATE, ROM } from './memory-map.ts'
import { failed } from './step.ts'

interface Decoded {
  readonly fetched: Fetched
  readonly execute: Bound['execute']
  readonly nextLo: number
  readonly nextHi: number
  /** The code version for which this is known to be what memory holds. */
  version: number
}

type DecodedPiece = (Decoded | undefined)[]

const decodedPieces = new WeakMap<Piece, DecodedPiece>()

/**
 * Runs up to `most` instructions and answers how many retired. It may end early: before an instruction that is not plain, or after one that
 * raised an exception (which has then been delivered, or has stopped the CPU).
 */
export function runPlain(m: Machine, most: number): number {
  const { w, c } = m
  assert(m.layout.cpus === 1 && m.map.sharedBytes === 0 && m.listener === null, 'the fast loop needs one CPU, private memory and no listener')
  if (w[c + STOP] !== 0 || ((w[c + STATUS] as number) & ~STATUS_NMI_BLOCKED) !== 0 || ((w[c + FLAGS] as number) & (FLAG_RF | FLAG_TF)) !== 0) return 0
  let lo = w[c + RIP] as number
  let hi = w[c + RIP + 1] as number
  let piece: Piece | null = null
  let pieceLo = 0
  let pieceHi = 0
  let pieceSize = 0
  let decoded: DecodedPiece = []
  let retired = 0
  try {
    while (retired < most) {
      const offset = (lo - pieceLo) >>> 0
      if (offset >= pieceSize || hi !== pieceHi) {
        piece = codeAt(m, lo, hi)
        if (piece === null) break
        pieceLo = piece.lo
        pieceHi = piece.hi
        pieceSize = piece.size
        decoded = decodedOf(piece)
        continue
      }
      let entry = decoded[offset]
      if (entry === undefined || entry.version !== m.codeVersion) {
        entry = decodeAt(m, piece as Piece, offset, decoded)
        if (entry === undefined) break
      }
      m.nextLo = entry.nextLo
      m.nextHi = entry.nextHi
      entry.execute(m)
      lo = m.nextLo
      hi = m.nextHi
      retired++
    }
  } catch (thrown) {
    w[c + RIP] = lo
    w[c + RIP + 1] = hi
    failed(m, thrown)
    return retired
  }
  w[c + RIP] = lo
  w[c + RIP + 1] = hi
  return retired
}

function codeAt(m: Machine, lo: number, hi: number): Piece | null {
  for (const piece of m.map.pieces) {
    if (piece.hi === hi && (lo - piece.lo) >>> 0 < piece.size) return piece.exec && (piece.kind === PRIVATE || piece.kind === ROM) ? piece : null
  }
  return null
}

function decodedOf(piece: Piece): DecodedPiece {
  let decoded = decodedPieces.get(piece)
  if (decoded === undefined) {
    decoded = []
    decodedPieces.set(piece, decoded)
  }
  return decoded
}

/** The instruction at this offset as memory holds it now; undefined where it is not plain. */
function decodeAt(m: Machine, piece: Piece, offset: number, decoded: DecodedPiece): Decoded | undefined {
  const lo = (piece.lo + offset) | 0
  const fetched = fetchVariants(m, lo, piece.hi)[0] as Fetched
  const { length } = fetched.bytes
  if (!isPlain(fetched) || offset + length > piece.size) return undefined
  let entry = decoded[offset]
  if (entry?.fetched !== fetched) {
    const next = lo + length
    const nextHi = m.bits === 32 ? 0 : (lo >>> 0) + length > 0xffff_ffff ? (piece.hi + 1) | 0 : piece.hi
    entry = { fetched, execute: (fetched.bound as Bound).execute, nextLo: next | 0, nextHi, version: 0 }
    decoded[offset] = entry
  }
  entry.version = m.codeVersion
  if (piece.kind === PRIVATE) {
    const at = piece.offset + offset
    m.codeFrom = m.codeTo === 0 ? at : Math.min(m.codeFrom, at)
    m.codeTo = Math.max(m.codeTo, at + length)
  }
  return entry
}

/** These change what may happen at the next boundary, though their micro-ops do not tell. */
const BOUNDARY = new Set(['sti', 'cli', 'hlt', 'popf', 'popfd', 'popfq'])
const PLAIN = new Set(['load', 'compute', 'store', 'branch', 'locked'])

/** Can this instruction do nothing but compute, access memory and branch (or raise an exception)? */
export function isPlain({ bound, hot, instruction }: Fetched): boolean {
  if (bound === null || hot || instruction.invalid !== null || instruction.rep || instruction.repne || BOUNDARY.has(instruction.mnemonic))
    return false
  return (
    bound.record.microOps.every((op) => PLAIN.has(op)) && instruction.operands.every(({ kind }) => kind !== 'seg' && kind !== 'cr' && kind !== 'dr')
  )
}
