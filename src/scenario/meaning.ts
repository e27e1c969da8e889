/**
 * What a step means and what it rests on: guaranteed by the architecture, documented by one vendor, folklore, or a rule of the protocol. A note of the
 * scenario says it for its own lines; for the rest it follows from what kind of step it was, and under which fetch model.
 */
import { choiceKind, DRAIN, type PackedChoice, PREFETCH } from '../machine/choice.ts'
import type { MachineEvent } from '../machine/events.ts'
import type { Instance } from './build.ts'
import type { ResolvedNote } from './build-parts.ts'
import type { Basis } from './format-meaning.ts'

export interface Meaning {
  readonly basis: Basis
  /** The note's sentence, or what is special about this kind of step; null for an ordinary instruction. */
  readonly says: string | null
  readonly source: string | null
}

const rests = (basis: Basis, says: string | null, source: string): Meaning => ({ basis, says, source })

const ORDINARY = rests('architecture', null, 'Intel SDM vol. 2')
const VISIBLE = rests('architecture', null, 'Intel SDM vol. 3A 8.2; x86-TSO')
const TEXT_VISIBLE = rests(
  'architecture',
  'In memory from now on; a CPU that fetched these bytes before need not have them.',
  'Intel SDM vol. 3A 8.1.3',
)
const ICR_OVERTAKES = 'Writing the x2APIC’s ICR waits for no store of its own CPU.'
const DELIVERED = rests('architecture', null, 'Intel SDM vol. 3A chapter 6')
const SERIALISED = rests('architecture', 'Serialises: stores are visible, and whatever was fetched is forgotten.', 'Intel SDM vol. 3A 8.3')

/** A fetch that differs from memory: who allows it. */
const STALE: Readonly<Record<string, Meaning>> = {
  worst: rests('vendor', 'Stale bytes: Intel’s manual leaves open what an unsynchronised CPU fetches.', 'Intel SDM vol. 3A 8.1.3'),
  amd: rests('vendor', 'Stale bytes, within what AMD documents.', 'AMD APM vol. 2 7.6.1'),
  'snoop-keep': rests(
    'folklore',
    'Stale bytes: they were in the fetch window already, and the window was kept.',
    'no manual; see docs/fetch-models.md',
  ),
  'snoop-nuke': rests('folklore', 'Stale bytes: they were in the fetch window already.', 'no manual; see docs/fetch-models.md'),
}

/** Serialising by what only AMD calls so. */
const SERIALISED_BY_VENDOR = rests('vendor', 'Fetch starts afresh: AMD documents it, Intel does not.', 'AMD APM vol. 2 7.6.4')

export function meaningOf(instance: Instance, choice: PackedChoice, events: readonly MachineEvent[]): Meaning {
  const executed = events.find((event) => event.kind === 'execute')
  if (executed?.kind === 'execute') {
    if (executed.stale) return STALE[fetchName(instance)] ?? ORDINARY
    const note = noteAt(instance, executed.address)
    const generic = genericOf(choice, events)
    return note === null ? generic : { basis: note.basis ?? generic.basis, says: note.says, source: note.source ?? generic.source }
  }
  return genericOf(choice, events)
}

function genericOf(choice: PackedChoice, events: readonly MachineEvent[]): Meaning {
  if (choiceKind(choice) === DRAIN) return events.some((event) => event.kind === 'visible' && event.hot) ? TEXT_VISIBLE : VISIBLE
  if (choiceKind(choice) === PREFETCH) return rests('folklore', 'Fetch runs ahead of execution.', 'no manual; see docs/fetch-models.md')
  for (const event of events) {
    if (event.kind === 'serialize') return event.by === 'mfence' ? SERIALISED_BY_VENDOR : SERIALISED
    if (event.kind === 'ipi-sent') return rests('architecture', ICR_OVERTAKES, 'Intel SDM vol. 3A 10.12.3')
    if (event.kind === 'deliver') return DELIVERED
  }
  return ORDINARY
}

/** The note that holds at an address: the last one at or before it in the same function. */
export function noteAt({ notes, program }: Instance, address: bigint): ResolvedNote | null {
  let found: ResolvedNote | null = null
  for (const note of notes) {
    if (note.address > address) break
    found = note
  }
  return found !== null && (found.address === address || program.func(found.address) === program.func(address)) ? found : null
}

function fetchName({ scenario, params }: Instance): string {
  const { fetch } = scenario.file.machine
  return params[fetch] ?? fetch
}
