/**
 * A second opinion on every instruction: it accesses memory as often, and changes only those flags, as iced-x86 lists for it, and the micro-ops of
 * its record claim the same.
 */
import { expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import { metadataOf } from '../../decoder/metadata.ts'
import { Random } from '../../lib/random.ts'
import type { MachineEvent } from '../events.ts'
import type { Fetched } from '../fetch.ts'
import { FLAGS, STOP } from '../layout.ts'
import { stepSelected } from '../step.ts'
import { STATUS_FLAGS } from './flags.ts'
import { type Case, createTable } from './silicon/case.ts'
import { CaseMaker } from './silicon/case-maker.ts'
import { createMachine, setUp } from './silicon/compare.ts'
import { ENCODINGS } from './silicon/encodings.ts'

const SEED = 7
const CASES_A_LINE = 20

/** Accesses that our memory makes in two: it knows no 16-byte ones. */
const ACCESSES_OF_TWO = new Set(['cmpxchg16b'])

/** iced leaves out the slot of esp, which processors read and throw away: it can fault. */
const READS_ONE_MORE = new Set(['popa', 'popad', 'popaw'])

const MACHINES = { 32: createMachine(32, createDecode()), 64: createMachine(64, createDecode()) }

interface Observed {
  readonly fetched: Fetched
  readonly loads: number
  readonly stores: number
  readonly locked: boolean
  readonly changedFlags: number
}

/** Executes the first instruction of a case; null where it raises something or is not known. */
function observe(given: Case, table: Uint8Array): Observed | null {
  const m = MACHINES[given.bits]
  setUp(m, given, table)
  const events: MachineEvent[] = []
  m.listener = (event) => events.push(event)
  const before = m.w[m.c + FLAGS] as number
  const { fetched } = stepSelected(m, 0)
  m.listener = null
  if (m.w[m.c + STOP] !== 0 || fetched === null || fetched.bound === null) return null
  return {
    fetched,
    loads: events.filter(({ kind }) => kind === 'load').length,
    stores: events.filter(({ kind }) => kind === 'store').length,
    locked: events.some((event) => event.kind === 'store' && event.locked),
    changedFlags: before ^ (m.w[m.c + FLAGS] as number),
  }
}

function complaints(given: Case, { fetched, loads, stores, locked, changedFlags }: Observed): string[] {
  const { instruction, bytes, bound } = fetched
  const wrong: string[] = []
  const say = (what: string) => wrong.push(`${instruction.code}: ${what}`)
  const metadata = metadataOf(bytes, given.bits)
  const times = ACCESSES_OF_TWO.has(instruction.mnemonic) ? 2 : 1
  const reads = metadata.reads + (READS_ONE_MORE.has(instruction.mnemonic) ? 1 : 0)
  const done = (instruction.rep || instruction.repne) && loads + stores === 0
  if (!done && loads !== times * (reads + metadata.readWrites)) say(`${loads} loads, iced lists ${reads} and ${metadata.readWrites}`)
  if (!done && stores !== times * (metadata.writes + metadata.readWrites))
    say(`${stores} stores, iced lists ${metadata.writes} and ${metadata.readWrites}`)
  const strange = changedFlags & STATUS_FLAGS & ~(metadata.flagsWritten | metadata.flagsUndefined)
  if (strange !== 0) say(`changes flags 0x${strange.toString(16)}, which iced does not list`)
  const claims = new Set(bound?.record.microOps)
  if (loads > 0 && !claims.has('load') && !claims.has('locked')) say('loads, and its record does not say so')
  if (stores > 0 && !claims.has('store') && !claims.has('locked')) say('stores, and its record does not say so')
  const shouldLock = instruction.lock || (instruction.mnemonic === 'xchg' && stores > 0)
  if (locked !== shouldLock) say(locked ? 'is locked' : 'is not locked')
  return wrong
}

test(`iced lists the accesses and flags that we see, and records claim them, seed ${SEED}`, () => {
  const random = new Random(SEED)
  const table = createTable(random)
  const wrong = new Set<string>()
  const seen = new Set<string>()
  for (const encoding of ENCODINGS) {
    const maker = new CaseMaker(random, (candidate) => candidate === encoding)
    for (let i = 0; i < CASES_A_LINE; i++) {
      const given = maker.make()
      const observed = observe(given, table)
      if (observed === null) continue
      seen.add(observed.fetched.instruction.code)
      for (const complaint of complaints(given, observed)) wrong.add(complaint)
    }
  }
  expect([...wrong]).toEqual([])
  expect(seen.size).toBeGreaterThan(500)
})
