/** Names of what is pushed: by the CPU, as a frame, and by a push, told by its bytes. */
import { registerName } from './describe.ts'

const SEGMENTS: Readonly<Record<number, string>> = { 6: 'es', 14: 'cs', 22: 'ss', 30: 'ds' }
const WIDE_SEGMENTS: Readonly<Record<number, string>> = { 160: 'fs', 168: 'gs' }

const LONG_FRAME = ['rip', 'cs', 'rflags', 'rsp', 'ss']
const SHORT_FRAME = ['eip', 'cs', 'eflags', 'esp', 'ss']

/** The words of a frame that the CPU pushed, from the lowest address up. */
export function frameNames(bits: 32 | 64, count: number): readonly string[] {
  const withError = bits === 64 ? count === 6 : count === 4 || count === 6
  const names = bits === 64 ? LONG_FRAME : SHORT_FRAME
  return (withError ? ['error code', ...names] : names).slice(0, count)
}

/** The register of a push without prefixes other than REX.B, or null. */
export function pushedName(bytes: Uint8Array, bits: 32 | 64): string | null {
  const [first, second] = bytes
  if (first === undefined) return null
  if (bytes.length === 2 && first === 0x0f) return WIDE_SEGMENTS[second as number] ?? null
  const rex = bits === 64 && bytes.length === 2 && (first & 0xf0) === 0x40
  const opcode = (rex ? second : first) as number
  if (bytes.length !== (rex ? 2 : 1)) return null
  if (opcode >= 0x50 && opcode <= 0x57) return registerName((opcode & 7) + (rex && (first & 1) !== 0 ? 8 : 0), bits)
  return bits === 32 ? (SEGMENTS[opcode] ?? null) : null
}
