/**
 * The batches that a real Linux 6.1 patched, run in the emulated kernel: whatever the schedule, the patcher writes and synchronises in the recorded order, and
 * an int3 is answered as the real kernel answered it.
 */
import { describe, expect, test } from 'vitest'
import { createDecode } from '../decoder/decode.ts'
import {
  batchOrder,
  type Int3Answer,
  int3Answers,
  type PatcherAction,
  parseRecording,
  type RecordedBatch,
  type RecordedEvent,
} from '../interchange/recording.ts'
import { bytesToHex } from '../lib/bytes.ts'
import { Random } from '../lib/random.ts'
import { highHalf, lowHalf } from '../lib/u64.ts'
import { memoryBytes } from '../machine/step.ts'
import type { Instance } from '../scenario/build.ts'
import type { Scenario } from '../scenario/format.ts'
import { Checker } from '../scenario/properties.ts'
import { Run } from '../scenario/run.ts'
import { randomChoice, roundRobin } from '../scenario/scheduler.ts'
import { readWord } from '../scenario/scope.ts'
import { mustBuild } from '../scenario/toy.ts'
import { atlas } from './index.ts'

const scenario = atlas.get('text-poke') as Scenario
const parsed = parseRecording(scenario.recording)
if (!parsed.ok) throw new Error(parsed.error)
const recording = parsed.value
const decode = createDecode()

const PATCHER = 0
const PAGE = 0xfffn

/** What was seen of one run, in the words of the recording. */
interface Seen {
  readonly actions: PatcherAction[]
  /** Bytes of the site when the write was over, one for each write. */
  readonly bytes: string[]
  /** For each sync: who was sent an interrupt, who took it, who ran sync_core, in order. */
  readonly syncs: string[][]
  readonly answers: Map<string, Int3Answer>
  /** int3 taken by a CPU that had acknowledged the last sync. */
  late: number
  steps: number
}

/** Runs to the end, and listens. */
function listen(instance: Instance, batch: RecordedBatch, seed: number | null): Seen {
  const checker = Checker.create(instance)
  if (!checker.ok) throw new Error(checker.error.join('\n'))
  const run = new Run(instance, checker.value)
  const { machine: m } = run
  const random = new Random(seed ?? 0)
  const at = (label: string) => instance.program.symbol(label) as bigint
  const [syncStart, syncCore, refs] = [at('smp_text_poke_sync_each_cpu'), at('sync_core'), at('tp_refs')]
  const bytesAt = (site: bigint, length: number) => bytesToHex(memoryBytes(m, lowHalf(site), highHalf(site), length))
  const seen: Seen = { actions: [], bytes: [], syncs: [], answers: new Map(), late: 0, steps: 0 }
  const traps = new Map<number, { site: bigint; sp: bigint }>()
  let inSync = false
  let writing: bigint | null = null
  let last = -1
  for (; seen.steps < 100_000; seen.steps++) {
    const choice = seed === null ? roundRobin(m, run.choices(), last) : randomChoice(run.choices(), random)
    if (choice === null) break
    const events = run.take(choice)?.events ?? []
    last = choice & 7
    expect(run.branch.violated, `seed ${seed}`).toBeNull()
    for (const event of events) {
      const sync = seen.syncs[seen.syncs.length - 1]
      if (event.kind === 'store' && event.hot) {
        // Written through the alias: the page differs, the offset in it does not.
        const site = batch.sites.find(
          ({ address, length }) => (event.address & PAGE) - (address & PAGE) < BigInt(length) && (event.address & PAGE) >= (address & PAGE),
        )
        expect(site, `store to 0x${event.address.toString(16)}`).toBeDefined()
        if (site === undefined) continue
        expect(event.address).not.toBe(site.address)
        writing = site.address
        const stored =
          event.value
            .toString(16)
            .padStart(2 * event.size, '0')
            .match(/../g)
            ?.reverse()
            .join('') ?? ''
        seen.actions.push({ kind: 'write', site: site.address, offset: Number((event.address - site.address) & PAGE), stored })
      } else if (event.kind === 'serialize' && event.cpu === PATCHER && writing !== null) {
        seen.bytes.push(bytesAt(writing, batch.sites.find(({ address }) => address === writing)?.length ?? 0))
        writing = null
      } else if (event.kind === 'execute' && event.cpu === PATCHER && event.address === syncStart) {
        inSync = true
        seen.syncs.push([])
        seen.actions.push({ kind: 'sync begin', sync: seen.syncs.length })
      } else if (
        event.kind === 'execute' &&
        event.cpu === PATCHER &&
        inSync &&
        event.mnemonic === 'ret' &&
        instance.program.func(event.address) === 'smp_text_poke_sync_each_cpu'
      ) {
        inSync = false
        seen.actions.push({ kind: 'sync done', sync: seen.syncs.length })
      } else if (event.kind === 'ipi-sent') sync?.push(`sent to ${event.target}`)
      else if (event.kind === 'deliver' && event.cause === 'irq') sync?.push(`${event.cpu} interrupted`)
      else if (event.kind === 'execute' && event.address === syncCore) sync?.push(`${event.cpu} runs sync_core`)
      else if (event.kind === 'store' && event.locked && event.cpu === PATCHER && event.address === refs) seen.actions.push({ kind: 'end' })
      else if (event.kind === 'deliver' && event.vector === 3) {
        traps.set(event.cpu, { site: event.returnAddress - 1n, sp: event.interruptedSp })
        if (seen.syncs[2]?.includes(`${event.cpu} runs sync_core`) === true) seen.late++
      } else if (event.kind === 'iret') {
        const trap = traps.get(event.cpu)
        if (trap === undefined) continue
        traps.delete(event.cpu)
        m.select(event.cpu)
        const answer = {
          site: trap.site,
          resume: event.address,
          spDelta: Number(event.sp - trap.sp),
          pushed: event.sp < trap.sp ? readWord(m, event.sp, 8) : null,
        }
        seen.answers.set(Object.values(answer).join(), answer)
      }
    }
  }
  return seen
}

/** The recorded syncs in the same words. */
function recordedSyncs(batch: RecordedBatch): string[][] {
  const words = (event: RecordedEvent): string[] => {
    if (event.event === 'sync ipi sent') return [1, 2, 3].filter((cpu) => ((event.mask >> BigInt(cpu)) & 1n) !== 0n).map((cpu) => `sent to ${cpu}`)
    return event.event === 'sync ipi taken' ? [`${event.cpu} interrupted`] : event.event === 'sync taken' ? [`${event.cpu} runs sync_core`] : []
  }
  return [1, 2, 3].map((sync) => batch.events.filter((event) => 'sync' in event && event.sync === sync).flatMap(words))
}

/** What holds in any order of acknowledgements: everybody else is sent one interrupt and takes it once, then runs the function; so does the patcher. */
function expectSync(sync: readonly string[], cpus: number): void {
  const others = Array.from({ length: cpus - 1 }, (_, i) => i + 1)
  expect([...sync].sort()).toEqual(
    [`0 runs sync_core`, ...others.flatMap((cpu) => [`sent to ${cpu}`, `${cpu} interrupted`, `${cpu} runs sync_core`])].sort(),
  )
  for (const cpu of others) {
    const order = [`sent to ${cpu}`, `${cpu} interrupted`, `${cpu} runs sync_core`].map((word) => sync.indexOf(word))
    expect(order).toEqual([...order].sort((a, b) => a - b))
  }
  expect(sync.indexOf('0 runs sync_core')).toBeGreaterThan(sync.indexOf(`sent to ${cpus - 1}`))
}

const { batches: indices = {} } = scenario.file.recording ?? {}

describe.each(Object.entries(indices))('batch %s', (name, index) => {
  const batch = recording.batches[index] as RecordedBatch
  const instance = mustBuild(scenario, { batch: name }, decode)
  const runs = [null, 41, 42, 43, 44, 45].map((seed) => listen(instance, batch, seed))

  test('patches the recorded sites: addresses, old and new bytes', () => {
    expect(instance.sites.map(({ address, length, old, new: fresh }) => [address, length, bytesToHex(old), bytesToHex(fresh)])).toEqual(
      batch.sites.map(({ address, length, old, new: fresh }) => [address, length, bytesToHex(old), bytesToHex(fresh)]),
    )
  })

  test('writes, syncs and ends in the recorded order, round robin and with seeds 41 to 45', () => {
    const bytes = batch.events.flatMap((event) => ('offset' in event ? [bytesToHex(event.bytes)] : []))
    for (const seen of runs) {
      expect(seen.actions).toEqual(batchOrder(batch))
      expect(seen.bytes).toEqual(bytes)
    }
  })

  test('each sync reaches everybody else once, and the patcher runs it too, as recorded', () => {
    for (const sync of recordedSyncs(batch)) expectSync(sync, 4)
    for (const seen of runs) {
      expect(seen.syncs).toHaveLength(3)
      for (const sync of seen.syncs) expectSync(sync, 3)
    }
  })

  test('answers int3 as recorded: where it goes on, how far the stack moves, what is pushed', () => {
    const recorded = int3Answers(recording, batch)
    expect(recorded.length).toBeGreaterThan(0)
    const given = new Map(runs.flatMap((seen) => [...seen.answers]))
    expect(given.size).toBe(batch.sites.length)
    for (const answer of recorded) expect([...given.values()]).toContainEqual(answer)
    // A site that nobody hit while it was recorded goes where its bytes say.
    for (const { site, resume } of given.values()) expect(resume).toBe(batch.sites.find(({ address }) => address === site)?.destination)
  })

  test('nobody takes an int3 after its own last acknowledgement', () => {
    expect(runs.map((seen) => seen.late)).toEqual(runs.map(() => 0))
  })
})
