/** Shorthand for the tests of this folder. */
import { bytesToHex } from '../lib/bytes.ts'
import { assemble } from './assemble.ts'
import type { AssembleOptions, Assembly } from './types.ts'

export const BASE = 0xffff_ffff_8100_0000n

/** One file; fails the test, with all complaints, where there are errors. */
export function assembled(text: string, options: Partial<AssembleOptions> = {}): Assembly {
  const { assembly, diagnostics } = assemble({ bits: 64, files: [{ name: 'test.asm', text }], ...options })
  if (assembly === null) throw new Error(diagnostics.map(({ line, message }) => `line ${line}: ${message}`).join('\n'))
  return assembly
}

/** The bytes of the first section as hexadecimal digits. */
export function bytesOf(text: string, options: Partial<AssembleOptions> = {}): string {
  return bytesToHex(assembled(text, options).sections[0]?.bytes ?? [])
}

/** Complaints as "line:column message [expected]". */
export function complaintsOf(text: string, options: Partial<AssembleOptions> = {}): string[] {
  const { diagnostics } = assemble({ bits: 64, files: [{ name: 'test.asm', text }], ...options })
  return diagnostics.map(({ line, column, message, expected }) => `${line}:${column} ${message}${expected === undefined ? '' : ` [${expected}]`}`)
}
