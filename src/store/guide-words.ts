/**
 * What the guide says of a moment, to somebody who sees a call being patched for the first time. All of it follows from the moment and from the bytes that stand at the
 * site then: nothing here knows a scenario. What cannot be said so plainly is said as the captions say it.
 */
import type { View } from '../worker/protocol.ts'

type Moment = View['moments'][number]
type Site = View['snapshot']['sites'][number]
type SiteByte = Site['memory'][number]

const PLACES = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth'] as const

/** The sentences of a moment; null where the page stands elsewhere, or nothing plainer than the caption is known. `victim`: the CPU that goes wrong in the end.
 * `asked`: what CPUs may have fetched is a question that nobody has answered yet, and is left out. */
export function plainWords(moment: Moment, victim: number, { cursor, snapshot }: Pick<View, 'cursor' | 'snapshot'>, asked = false): string | null {
  if (cursor !== moment.step) return null
  for (const site of snapshot.sites) {
    const words = moment.kind === 'violation' ? brokenAt(site, moment.cpu) : writtenAt(site, moment, asked ? null : victim)
    if (words !== null) return words
  }
  return null
}

/** “CPU 0 writes a breakpoint (cc) over the first byte. CPU 1 may still hold the old byte e8.” */
function writtenAt(site: Site, { cpu, text }: Moment, victim: number | null): string | null {
  const written = changed(site, text)
  if (written === null) return null
  const { at, bytes } = written
  const byte = site.memory[at] as SiteByte
  const place = bytes === 1 ? `the ${placeOf(at)} byte` : `${bytes} bytes, from the ${placeOf(at)} on,`
  const values = site.memory
    .slice(at, at + bytes)
    .map(({ value }) => value)
    .join(' ')
  const what =
    byte.from === 'int3'
      ? `a breakpoint (${values}) over ${place} of the call`
      : `${values} over ${place} of the call, as ${byte.from === 'between' ? 'a version in between' : byte.from === 'old' ? 'the old one' : 'the new one'} has it`
  if (victim === null) return `CPU ${cpu} writes ${what}.`
  return [`CPU ${cpu} writes ${what}.`, mayHold(site, victim, at, bytes), mayMix(site, victim)].filter(Boolean).join(' ')
}

/** Which bytes of the site that step wrote: as its sentence names them, if they are what memory holds now. */
function changed({ label, memory }: Site, text: string): { readonly at: number; readonly bytes: number } | null {
  const [, value = '', name, offset = '0'] = /store ([0-9a-f]+) → ([^\s+]+)(?:\+0x([0-9a-f]+))? becomes visible/.exec(text) ?? []
  const at = Number.parseInt(offset, 16)
  const bytes = value.length / 2
  const holds = Array.from({ length: bytes }, (_, i) => memory[at + i]?.value === value.slice(2 * i, 2 * i + 2)).every(Boolean)
  return name === label && bytes > 0 && holds ? { at, bytes } : null
}

function mayHold({ memory, cpus }: Site, victim: number, at: number, bytes: number): string {
  const stale = Array.from({ length: bytes }, (_, i) => {
    const now = memory[at + i]?.value
    const fetched = cpus.find(({ cpu }) => cpu === victim)?.bytes[at + i]
    return fetched?.values.find(({ value }) => value !== now)?.value ?? null
  }).filter((value) => value !== null)
  if (stale.length === 0) return ''
  return `CPU ${victim} may still hold the old byte${stale.length === 1 ? '' : 's'} ${stale.join(' ')}, which it fetched before.`
}

/** What it may execute that nobody wrote. */
function mayMix({ cpus }: Site, victim: number): string {
  const torn = cpus.find(({ cpu }) => cpu === victim)?.variants.find(({ meaning }) => meaning === 'torn')
  return torn === undefined ? '' : `Put together, that may be ${spaced(torn.bytes)}, which nobody wrote.`
}

/** “CPU 1 executes e8 05 01 00 00: the new tail behind the old first byte.” */
function brokenAt({ cpus, oldText, newText }: Site, victim: number): string | null {
  const pass = cpus.find(({ cpu }) => cpu === victim)?.pass
  if (pass === undefined || pass === null || !pass.now || pass.meaning !== 'torn') return null
  return `CPU ${victim} executes ${spaced(pass.bytes)}, some bytes old and some new: ${pass.text}. The old instruction was ${oldText}, the new one is ${newText}; nobody wrote this one.`
}

function spaced(bytes: string): string {
  return bytes.replace(/\s+/g, '').match(/../g)?.join(' ') ?? bytes
}

/** How the call site stands, to somebody who steps by hand and waits for something to happen there. `asked`: as above, so that only memory is spoken of. */
export function siteWords({ cursor, snapshot: { sites } }: Pick<View, 'cursor' | 'snapshot'>, asked = false): string | null {
  const site =
    sites.find(({ memory, cpus }) => memory.some(isWritten) || (!asked && cpus.some(({ pendingStore }) => pendingStore !== null))) ?? sites[0]
  if (site === undefined) return null
  if (asked)
    return `Memory holds ${site.memory.map(({ value }) => value).join(' ')}${site.memory.some(isWritten) ? ' now' : `, as before: ${site.oldText}`}.`
  const waiting = site.cpus.find(({ pendingStore }) => pendingStore !== null)
  if (site.memory.some(isWritten)) {
    const now = `Memory holds ${site.memory.map(({ value }) => value).join(' ')} now.`
    if (waiting !== undefined) return `${now} ${waits(waiting)}`
    // The last one: patchers come first.
    const unsure = site.cpus.findLast(({ variants }) => variants.length > 1)
    if (unsure === undefined) return `${now} Every CPU that comes to the call executes ${site.memoryText}.`
    return `${now} A CPU may have fetched the call before: CPU ${unsure.cpu} may execute ${unsure.variants.map(({ text }) => text).join(', or ')}.`
  }
  if (waiting !== undefined) return waits(waiting)
  return `${cursor === 1 ? 'After this step' : `After ${cursor} steps`} the call is still as it was: ${site.oldText}, in memory and for each CPU. Whoever patches it has to prepare first.`
}

function waits({ cpu, pendingStore }: Site['cpus'][number]): string {
  const [, values = pendingStore, at = '0'] = /^(.*) → \+(\d+)$/.exec(pendingStore ?? '') ?? []
  return `CPU ${cpu} has written ${values} over the call, from the ${placeOf(Number(at))} byte on, but that waits in its store buffer: no other CPU sees it yet.`
}

function placeOf(at: number): string {
  return PLACES[at] ?? `${at + 1}th`
}

function isWritten({ from }: SiteByte): boolean {
  return from === 'int3' || from === 'new' || from === 'between' || from === 'other'
}
