/**
 * Instructions that read shared memory more than once: other CPUs may write between two reads, so each read is a step of its own. Work in progress
 * is state, never a closure: what has been read lies in LATCH, and the instruction starts over with it, up to the read that is next.
 *
 *   one read                 one step, as for nearly all instructions
 *   cmps, IRET, POPA, …      a step for each read; the last one completes the instruction
 *   a read across a line     first a step that finds out (it reads nothing), then one for each piece, in either order (SDM 3A 8.1.1, APM 2 7.3.2)
 *
 * A store needs no step of its own: it becomes visible when the store buffer lets it. Reads of private memory cannot be told apart from one another.
 *
 * The same word of the state says that an exception waits for the store buffer (delivery.ts).
 */
import {
  LATCH,
  LATCH_BYTES,
  LATCH_CODE,
  PROGRESS,
  PROGRESS_CODE_SHIFT,
  PROGRESS_INSTRUCTION,
  PROGRESS_KIND,
  PROGRESS_LOWER,
  PROGRESS_SHIFT,
  PROGRESS_UPPER,
} from './layout.ts'
import type { Machine } from './machine.ts'
import { readBytes, writeBytes } from './store-buffer.ts'

const BOTH = PROGRESS_LOWER | PROGRESS_UPPER
const CODE_BITS = 15 << PROGRESS_CODE_SHIFT

/** Prepares the selected CPU's next step; `piece`: which piece of a line-crossing read it does, where both are left. */
export function resume(m: Machine, piece: number): void {
  const progress = m.w[m.c + PROGRESS] as number
  m.latched = (progress & PROGRESS_KIND) === PROGRESS_INSTRUCTION ? (progress >> PROGRESS_SHIFT) & 0xff : 0
  m.consumed = 0
  m.fresh = 0
  m.piece = piece
  m.storesBefore = m.storeCount
}

/** Pieces of a line-crossing read that the selected CPU still has to do: bit 0 the lower, bit 1 the upper one. */
export function piecesLeft(m: Machine): number {
  return ((m.w[m.c + PROGRESS] as number) & BOTH) >> 2
}

/** A read that is not the first of its step, or that an earlier step has done, or that crosses a line: leaves the value, or throws m.pause. */
export function loadInSteps(m: Machine, lo: number, hi: number, size: number): void {
  const latch = (m.c + LATCH) * 4
  if (m.consumed < m.latched) {
    readBytes(m, m.u8, latch + m.consumed, size)
    m.consumed += size
    m.told = true
    return
  }
  const at = lo & (m.granule - 1)
  const split = at + size > m.granule ? m.granule - at : 0
  if (m.fresh !== 0) {
    makeRoom(m, m.fresh)
    writeBytes(m.u8, latch + m.latched, m.fresh, m.freshLo, m.freshHi)
    m.latched += m.fresh
    pause(m, split === 0 ? 0 : BOTH)
  }
  if (split === 0) {
    m.visible = true
    m.peekBytes(lo, hi, 0, size)
  } else {
    const left = (m.w[m.c + PROGRESS] as number) & BOTH
    if (left === 0) pause(m, BOTH)
    readPiece(m, lo, hi, size, split, left)
  }
  m.fresh = size
  m.freshLo = m.lo
  m.freshHi = m.hi
}

/** Reads one piece; where it was the last, leaves the whole value. */
function readPiece(m: Machine, lo: number, hi: number, size: number, split: number, left: number): void {
  makeRoom(m, size)
  const at = (m.c + LATCH) * 4 + m.latched
  const upper = left === PROGRESS_UPPER || (left === BOTH && m.piece === 1)
  const from = upper ? split : 0
  const end = upper ? size : split
  m.visible = true
  m.peekBytes(lo, hi, from, end)
  const valueLo = m.lo
  const valueHi = m.hi
  if (m.listener !== null && !m.quiet) {
    const start = (lo + from) | 0
    readPlaced(m, valueLo, valueHi, from)
    m.tellLoad(start, (start >>> 0 < from ? hi + 1 : hi) | 0, end - from)
    m.told = true
  }
  if (left === BOTH) {
    for (let i = from; i < end; i++) m.u8[at + i] = i < 4 ? valueLo >>> (8 * i) : valueHi >>> (8 * (i - 4))
    pause(m, upper ? PROGRESS_LOWER : PROGRESS_UPPER)
  }
  readBytes(m, m.u8, at, size)
  m.lo |= valueLo
  m.hi |= valueHi
}

/** Moves the bytes of a piece from their places in the value down to bit 0. */
function readPlaced(m: Machine, valueLo: number, valueHi: number, from: number): void {
  const value = (BigInt(valueHi >>> 0) << 32n) | BigInt(valueLo >>> 0)
  const moved = value >> BigInt(8 * from)
  m.lo = Number(moved & 0xffff_ffffn) | 0
  m.hi = Number(moved >> 32n) | 0
}

function makeRoom(m: Machine, size: number): void {
  if (m.latched + size > LATCH_BYTES) m.unsupported(`an instruction that reads more than ${LATCH_BYTES} bytes of shared memory`)
}

function pause(m: Machine, pieces: number): never {
  const { w, c } = m
  // Starting over would store again. Only ENTER with nesting does that.
  if (m.storeCount !== m.storesBefore) m.unsupported('an instruction that reads shared memory again after it has stored')
  w[c + PROGRESS] = ((w[c + PROGRESS] as number) & CODE_BITS) | PROGRESS_INSTRUCTION | pieces | (m.latched << PROGRESS_SHIFT)
  throw m.pause
}

/** Keeps the bytes of a paused instruction that lies in hot memory: they have been fetched, and are not fetched again. */
export function latchCode(m: Machine, bytes: Uint8Array): void {
  const { w, c } = m
  if (((w[c + PROGRESS] as number) & CODE_BITS) !== 0) return
  m.u8.set(bytes, (c + LATCH_CODE) * 4)
  w[c + PROGRESS] = (w[c + PROGRESS] as number) | (bytes.length << PROGRESS_CODE_SHIFT)
}

/** The bytes of the paused instruction, or null where its memory cannot change. */
export function latchedCode(m: Machine): Uint8Array | null {
  const length = ((m.w[m.c + PROGRESS] as number) & CODE_BITS) >> PROGRESS_CODE_SHIFT
  return length === 0 ? null : m.u8.slice((m.c + LATCH_CODE) * 4, (m.c + LATCH_CODE) * 4 + length)
}

/** The selected CPU is at an instruction boundary again. */
export function clearProgress(m: Machine): void {
  m.w.fill(0, m.c + PROGRESS, m.c + LATCH_CODE + 4)
}
