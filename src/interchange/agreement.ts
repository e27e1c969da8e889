/** Does what a run of ours shows agree with what was recorded? Values that a recording leaves out, or that it names by a symbol nobody explains, agree with anything. */
import { bytesToHex } from '../lib/bytes.ts'
import { hex } from '../lib/u64.ts'
import type { Observation, Trap } from './observer.ts'
import { type RecordedEvent, type Recording, resolve } from './recording.ts'

/** What happened earlier on the CPU that an observation needs to be understood. */
export interface Earlier {
  /** Which sync of the batch is going on: 1, 2, 3. */
  readonly sync: number
  /** The last int3 that the CPU took. */
  readonly trap: Trap | null
}

/** In what they differ: one phrase a value; nothing where they agree. */
export function disagreements(recording: Recording, recorded: RecordedEvent, seen: Observation, { sync, trap }: Earlier): string[] {
  if (recorded.event !== seen.event) return [`in the model it does “${seen.event}” next`]
  const differ: string[] = []
  const compare = (what: string, is: unknown, model: unknown) => {
    if (is !== model) differ.push(`${what}: recorded ${show(is)}, in the model ${show(model)}`)
  }
  if ('sync' in recorded) compare('sync', recorded.sync, sync)
  switch (recorded.event) {
    case 'write int3':
    case 'write tail':
    case 'write first byte':
      if (!('stored' in seen)) break
      compare('site', recorded.site, seen.site)
      compare('offset', recorded.offset, seen.offset)
      compare('stored', bytesToHex(recorded.stored), seen.stored)
      compare('bytes', bytesToHex(recorded.bytes).slice(0, seen.bytes.length), seen.bytes)
      break
    case 'sync ipi sent':
      if ('mask' in seen) compare('mask', recorded.mask, seen.mask)
      break
    case 'sync ipi taken':
      if ('inUser' in seen) compare('in user mode', recorded.in_user, seen.inUser)
      break
    case 'int3 hit':
      if (seen.event !== 'int3 hit') break
      differ.push(...trapDisagreements(recorded, seen))
      compare('of this batch', recorded.mine, seen.mine)
      compare('bytes', bytesToHex(recorded.bytes).slice(0, seen.bytes.length), seen.bytes)
      break
    case 'int3 return': {
      if (seen.event !== 'int3 return') break
      compare('site', recorded.site, trap?.site ?? 0n)
      compare('handled by text_poke', recorded.handled_by === 'text_poke', seen.handled)
      const resume = resolve(recording, recorded.resume)
      if (resume !== null) compare('resumes at', resume, seen.resume)
      const moved = seen.sp - (trap?.sp ?? seen.sp)
      compare('stack pointer moves by', recorded.sp_delta, Number(BigInt.asIntN(64, moved)))
      const pushed = recorded.pushed === undefined ? null : resolve(recording, recorded.pushed)
      if (pushed !== null) compare('pushed', pushed, seen.pushed)
      const bytes = seen.bytes.get(recorded.site)
      if (bytes !== undefined) compare('bytes', bytesToHex(recorded.bytes).slice(0, bytes.length), bytes)
      break
    }
  }
  return differ
}

/** The same for the moment of the int3 itself, before the handler begins. */
export function trapDisagreements(recorded: Extract<RecordedEvent, { event: 'int3 hit' }>, { site, ifBefore, sp }: Trap): string[] {
  const differ: string[] = []
  if (recorded.site !== site) differ.push(`site: recorded ${hex(recorded.site)}, in the model ${hex(site)}`)
  if ((recorded.IF_before === 1) !== ifBefore) differ.push(`IF before: recorded ${recorded.IF_before}, in the model ${ifBefore ? 1 : 0}`)
  const mod = Number(sp & 15n)
  if (recorded.rsp_mod16 !== mod) differ.push(`rsp modulo 16: recorded ${recorded.rsp_mod16}, in the model ${mod}`)
  return differ
}

function show(value: unknown): string {
  return typeof value === 'bigint' ? hex(value) : typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)
}

/** An event in one line: "CPU 3: int3 hit at 0xffffffff810be3a0, bytes cc1f440000". */
export function sentenceOf(event: RecordedEvent): string {
  const site = 'site' in event ? ` at ${hex(event.site)}` : ''
  const details: string[] = []
  if ('sync' in event) details.push(`sync ${event.sync}`)
  if ('mask' in event) details.push(`mask ${hex(event.mask)}`)
  if ('in_user' in event) details.push(event.in_user ? 'in user mode' : 'in the kernel')
  if ('stored' in event) details.push(`${bytesToHex(event.stored)} at +${event.offset}`)
  if ('resume' in event) details.push(`goes on at ${event.resume}`)
  if ('pushed' in event && event.pushed !== undefined) details.push(`pushed ${event.pushed}`)
  if ('rsp_mod16' in event) details.push(`IF ${event.IF_before}, rsp mod 16 = ${event.rsp_mod16}`)
  if ('bytes' in event) details.push(`bytes ${bytesToHex(event.bytes)}`)
  const what = 'sync' in event ? event.event.replace(/^sync/, '').trim() : event.event
  return `CPU ${event.cpu}: ${what}${site}${details.length === 0 ? '' : ` (${details.join(', ')})`}`
}
