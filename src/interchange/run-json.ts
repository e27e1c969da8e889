/**
 * A run as JSON for programs: the replay (which `link encode` reads), then every step with what it did. Addresses and 64-bit values are "0x…" strings,
 * bytes lower-case hexadecimal. Fields: docs/trace-formats.md.
 */
import { bytesToHex } from '../lib/bytes.ts'
import { hex } from '../lib/u64.ts'
import { choiceCpu, formatSchedule, type PackedChoice } from '../machine/choice.ts'
import type { MachineEvent } from '../machine/events.ts'
import { encodeLink, type Replay } from './link.ts'

/** One step as the run handed it out. */
export interface ExportedStep {
  readonly choice: PackedChoice
  readonly kind: string
  readonly events: readonly MachineEvent[]
}

export interface ExportedRun {
  readonly replay: Replay
  readonly steps: readonly ExportedStep[]
  readonly violation: { readonly step: number; readonly cpu: number; readonly property: string } | null
}

export function toRunJson({ replay, steps, violation }: ExportedRun): string {
  const head = JSON.stringify({ format: 'pokescope-run', version: 1, link: encodeLink(replay), replay, violation })
  const lines = steps.map(({ choice, kind, events }, step) =>
    JSON.stringify({ step, choice: formatSchedule([choice]), cpu: choiceCpu(choice), kind, events }, plain),
  )
  return `${head.slice(0, -1)},"steps":[\n${lines.join(',\n')}\n]}\n`
}

/** What JSON has no word for. */
function plain(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return hex(value)
  return value instanceof Uint8Array ? bytesToHex(value) : value
}
