/**
 * Recordings of live text patching in real kernels: what a kernel wrote, when it synchronised, and how it answered each int3. The format, and how to
 * record one, is in docs/trace-formats.md.
 *
 * A recorder knows most addresses by symbol only ("ftrace_caller+0x5"). What each site's new instruction means follows from its bytes, so a site's
 * `target` gives the value of its symbol, and all other uses of that symbol are resolved, and checked, with it.
 */
import * as v from 'valibot'
import { bytesToHex, hexToBytes } from '../lib/bytes.ts'
import { fail, ok, type Result } from '../lib/result.ts'
import { hex, parseU64 } from '../lib/u64.ts'

const address = v.pipe(
  v.string(),
  v.check((text) => text.startsWith('0x') && parseU64(text) !== null, 'must be an address like "0xffffffff81000000"'),
  v.transform((text) => parseU64(text) as bigint),
)
const bytes = v.pipe(
  v.string(),
  v.check((text) => text !== '' && hexToBytes(text) !== null, 'must be bytes in hexadecimal, two digits each'),
  v.transform((text) => hexToBytes(text) as Uint8Array),
)
const count = v.pipe(v.number('must be a number'), v.integer('must be a whole number'), v.minValue(0, 'must not be negative'))
const syncNumber = v.pipe(count, v.minValue(1, 'must be 1 or more'))

const site = v.object({
  site: address,
  len: v.pipe(count, v.minValue(1, 'must be 1 to 8'), v.maxValue(8, 'must be 1 to 8')),
  old: bytes,
  new: bytes,
  emulate: bytes,
  target: v.string(),
})

const head = { seq: count, cpu: count }
const write = { ...head, site: address, offset: count, stored: bytes, bytes }

const event = v.variant('event', [
  v.object({ ...head, event: v.literal('batch begin'), nr: count, sites: v.array(site) }),
  v.object({ ...write, event: v.literal('write int3') }),
  v.object({ ...write, event: v.literal('write tail') }),
  v.object({ ...write, event: v.literal('write first byte') }),
  v.object({ ...head, event: v.literal('sync begin'), sync: syncNumber }),
  v.object({ ...head, event: v.literal('sync ipi sent'), sync: syncNumber, mask: address }),
  v.object({ ...head, event: v.literal('sync ipi taken'), sync: syncNumber, in_user: v.boolean() }),
  v.object({ ...head, event: v.literal('sync taken'), sync: syncNumber }),
  v.object({ ...head, event: v.literal('sync done'), sync: syncNumber }),
  v.object({ ...head, event: v.literal('int3 hit'), site: address, mine: v.boolean(), bytes, IF_before: v.picklist([0, 1]), rsp_mod16: count }),
  v.object({
    ...head,
    event: v.literal('int3 return'),
    site: address,
    handled_by: v.string(),
    resume: v.string(),
    sp_delta: v.pipe(v.number(), v.integer()),
    pushed: v.optional(v.string()),
    bytes,
  }),
  v.object({ ...head, event: v.literal('batch end') }),
])

const file = v.object({
  kernel: v.string(),
  machine: v.string(),
  batches: v.array(v.object({ what: v.optional(v.string(), ''), events: v.array(event) })),
})

export type RecordedEvent = v.InferOutput<typeof event>

export interface RecordedSite {
  readonly address: bigint
  readonly length: number
  readonly old: Uint8Array
  readonly new: Uint8Array
  /** First byte of the instruction that an int3 handler emulates here: E8 call, E9 and EB jump (also nops: a jump by 0). */
  readonly emulate: number
  /** Where that instruction goes, as the recorder names it. */
  readonly target: string
  /** The same, from the new bytes (of a nop: the address behind it). null where the instruction is none of these. */
  readonly destination: bigint | null
}

export interface RecordedBatch {
  readonly what: string
  /** Index of the CPU that patches. */
  readonly patcher: number
  readonly sites: readonly RecordedSite[]
  readonly events: readonly RecordedEvent[]
}

export interface Recording {
  readonly kernel: string
  readonly machine: string
  readonly batches: readonly RecordedBatch[]
  /** Addresses of the symbols that the sites' targets name. */
  readonly symbols: ReadonlyMap<string, bigint>
}

/** Reads a recording that has been parsed as JSON. The error says where it is wrong. */
export function parseRecording(json: unknown): Result<Recording> {
  const parsed = v.safeParse(file, json)
  if (!parsed.success) return fail(explain(parsed.issues[0]))
  const batches: RecordedBatch[] = []
  for (const [i, { what, events }] of parsed.output.batches.entries()) {
    const batch = toBatch(what, events)
    if (!batch.ok) return fail(`batches[${i}]${batch.error}`)
    batches.push(batch.value)
  }
  const symbols = symbolsOf(batches)
  if (!symbols.ok) return symbols
  const { kernel, machine } = parsed.output
  return ok({ kernel, machine, batches, symbols: symbols.value })
}

function explain(issue: v.BaseIssue<unknown>): string {
  const path = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('')
  return `${path.slice(1) || 'the recording'}: ${issue.message}`
}

/** A batch: begins with its sites, numbers its events upwards, writes only within its sites, ends. */
function toBatch(what: string, events: readonly RecordedEvent[]): Result<RecordedBatch> {
  const begin = events[0]
  if (begin?.event !== 'batch begin') return fail('.events[0]: must be "batch begin"')
  if (events[events.length - 1]?.event !== 'batch end') return fail(`.events[${events.length - 1}]: must be "batch end"`)
  const sites: RecordedSite[] = []
  for (const [i, { site: start, len, old, new: fresh, emulate, target }] of begin.sites.entries()) {
    if (old.length !== len || fresh.length !== len || emulate.length !== 1)
      return fail(`.events[0].sites[${i}]: old and new must have ${len} bytes, emulate one`)
    const opcode = emulate[0] as number
    sites.push({ address: start, length: len, old, new: fresh, emulate: opcode, target, destination: destinationOf(start, fresh, opcode) })
  }
  if (sites.length !== begin.nr) return fail(`.events[0]: nr is ${begin.nr}, but there are ${sites.length} sites`)
  let seq = -1
  for (const [i, each] of events.entries()) {
    if (each.seq <= seq) return fail(`.events[${i}].seq: ${each.seq} does not come after ${seq}`)
    seq = each.seq
    if (!('offset' in each)) continue
    const written = sites.find(({ address: start }) => start === each.site)
    if (written === undefined) return fail(`.events[${i}].site: ${hex(each.site)} is no site of this batch`)
    if (each.offset + each.stored.length > written.length) return fail(`.events[${i}]: writes beyond its site`)
  }
  return ok({ what, patcher: begin.cpu, sites, events })
}

/** Where the emulated instruction goes: calls and jumps by their displacement; a nop is emulated as a jump by 0. */
function destinationOf(start: bigint, fresh: Uint8Array, emulate: number): bigint | null {
  const behind = start + BigInt(fresh.length)
  const data = new DataView(fresh.buffer, fresh.byteOffset, fresh.length)
  const long = emulate === 0xe8 || emulate === 0xe9
  if (!long && emulate !== 0xeb) return null
  if (fresh[0] !== emulate) return emulate === 0xe8 ? null : behind
  const displacement = long && fresh.length === 5 ? data.getInt32(1, true) : emulate === 0xeb && fresh.length === 2 ? data.getInt8(1) : null
  return displacement === null ? null : BigInt.asUintN(64, behind + BigInt(displacement))
}

// ── symbols ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

const SYMBOLIC = /^(.+?)(?:\+(0x[0-9a-f]+))?$/i

function symbolsOf(batches: readonly RecordedBatch[]): Result<Map<string, bigint>> {
  const symbols = new Map<string, bigint>()
  for (const [i, { sites }] of batches.entries()) {
    for (const [k, { target, destination }] of sites.entries()) {
      const [, name, offset] = SYMBOLIC.exec(target) ?? []
      if (destination === null || name === undefined) continue
      const value = destination - BigInt(offset ?? 0)
      const before = symbols.get(name)
      if (before !== undefined && before !== value) {
        return fail(`batches[${i}].events[0].sites[${k}].target: ${target} makes ${name} ${hex(value)}, but an earlier site made it ${hex(before)}`)
      }
      symbols.set(name, value)
    }
  }
  return ok(symbols)
}

/** "name+0x5" or "0x…" as an address; null where no site's target names the symbol. */
export function resolve(recording: Recording, text: string): bigint | null {
  if (text.startsWith('0x')) return parseU64(text)
  const [, name = '', offset] = SYMBOLIC.exec(text) ?? []
  const value = recording.symbols.get(name)
  return value === undefined ? null : BigInt.asUintN(64, value + BigInt(offset ?? 0))
}

// ── what can be compared with a model ───────────────────────────────────────────────────────────────────────────────────────────────────

export type PatcherAction =
  | { readonly kind: 'write'; readonly site: bigint; readonly offset: number; readonly stored: string }
  | { readonly kind: 'sync begin' | 'sync done'; readonly sync: number }
  | { readonly kind: 'end' }

/** What the patcher did, in its own order: every write to text, every sync from begin to end, and the end of the batch. */
export function batchOrder({ events, patcher }: RecordedBatch): PatcherAction[] {
  const actions: PatcherAction[] = []
  for (const each of events) {
    if (each.cpu !== patcher) continue
    if ('offset' in each) actions.push({ kind: 'write', site: each.site, offset: each.offset, stored: bytesToHex(each.stored) })
    else if (each.event === 'sync begin' || each.event === 'sync done') actions.push({ kind: each.event, sync: each.sync })
    else if (each.event === 'batch end') actions.push({ kind: 'end' })
  }
  return actions
}

export interface Int3Answer {
  readonly site: bigint
  /** Address at which the interrupted CPU goes on; null where the recording does not say enough. */
  readonly resume: bigint | null
  /** By how much its stack pointer has moved. */
  readonly spDelta: number
  /** The word that was pushed for it (a return address); null where none was. */
  readonly pushed: bigint | null
}

/** How the handler answered int3 at the sites of this batch: each different answer once, in the order of sites. */
export function int3Answers(recording: Recording, batch: RecordedBatch): Int3Answer[] {
  const answers = new Map<string, Int3Answer>()
  for (const each of batch.events) {
    if (each.event !== 'int3 return' || !batch.sites.some(({ address: start }) => start === each.site)) continue
    const pushed = each.pushed === undefined ? null : resolve(recording, each.pushed)
    const answer = { site: each.site, resume: resolve(recording, each.resume), spDelta: each.sp_delta, pushed }
    answers.set([answer.site, answer.resume, answer.spDelta, answer.pushed].join(), answer)
  }
  return [...answers.values()].sort((a, b) => (a.site < b.site ? -1 : a.site > b.site ? 1 : 0))
}
