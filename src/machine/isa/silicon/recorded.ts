/**
 * Cases with the outcomes of a real processor as lines of text, so that the comparison also runs where no such processor is at hand.
 * Numbers of 64 bits are hexadecimal text; of the registers after the run only those that changed are listed.
 */
import { bytesToHex, hexToBytes } from '../../../lib/bytes.ts'
import type { Case } from './case.ts'
import type { Outcome } from './harness-node.ts'

interface Line {
  about: string
  bits: 32 | 64
  at: number
  code: string
  table: number
  flags: number
  registers: string[]
  patches: [number, string][]
  vector: number
  error: number
  cr2: string
  rip: string
  flagsAfter: number
  changed: [number, string][]
  memory: [number, number][]
}

export function formatRecorded(given: Case, outcome: Outcome): string {
  const changed: [number, string][] = []
  outcome.registers.forEach((value, i) => {
    if (value !== given.registers[i]) changed.push([i, value.toString(16)])
  })
  const line: Line = {
    about: given.about,
    bits: given.bits,
    at: given.codeOffset,
    code: bytesToHex(given.code),
    table: given.tableOffset,
    flags: given.flags,
    registers: Array.from(given.registers, (value) => value.toString(16)),
    patches: given.patches.map(({ offset, value }) => [offset, value.toString(16)]),
    vector: outcome.vector,
    error: outcome.errorCode,
    cr2: outcome.cr2.toString(16),
    rip: outcome.rip.toString(16),
    flagsAfter: outcome.flags,
    changed,
    memory: outcome.changes.map(({ offset, value }) => [offset, value]),
  }
  return JSON.stringify(line)
}

function number64(text: string): bigint {
  return BigInt(`0x${text}`)
}

export function parseRecorded(text: string): { given: Case; outcome: Outcome } {
  const line: Line = JSON.parse(text)
  const registers = BigUint64Array.from(line.registers, number64)
  const after = registers.slice()
  for (const [i, value] of line.changed) after[i] = number64(value)
  const given: Case = {
    bits: line.bits,
    codeOffset: line.at,
    code: hexToBytes(line.code) as Uint8Array,
    tableOffset: line.table,
    patches: line.patches.map(([offset, value]) => ({ offset, value: number64(value) })),
    registers,
    flags: line.flags,
    about: line.about,
  }
  const outcome: Outcome = {
    vector: line.vector,
    errorCode: line.error,
    cr2: number64(line.cr2),
    registers: after,
    rip: number64(line.rip),
    flags: line.flagsAfter,
    changes: line.memory.map(([offset, value]) => ({ offset, value })),
  }
  return { given, outcome }
}
