/** Alignment, and the bytes between items: in code the multi-byte NOPs that Intel's manual recommends (instruction set reference, NOP), in data zeros. */
import { hexToBytes } from '../lib/bytes.ts'

const NOPS: readonly Uint8Array[] = [
  '90',
  '6690',
  '0f1f00',
  '0f1f4000',
  '0f1f440000',
  '660f1f440000',
  '0f1f8000000000',
  '0f1f840000000000',
  '660f1f840000000000',
].map((hex) => hexToBytes(hex) ?? new Uint8Array())

/** As few NOPs as possible. */
export function nops(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; ) {
    const nop = NOPS[Math.min(length - at, NOPS.length) - 1] as Uint8Array
    bytes.set(nop, at)
    at += nop.length
  }
  return bytes
}

export function isAlignment(value: bigint): boolean {
  return value > 0n && value <= 1n << 30n && (value & (value - 1n)) === 0n
}
