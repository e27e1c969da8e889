/** The lists of a scenario file, each as what the machine or the page needs of it. */
import type { Section } from '../assembler/assemble.ts'
import { hex, highHalf, lowHalf } from '../lib/u64.ts'
import type { Gate } from '../machine/config.ts'
import type { Environment } from '../machine/environment.ts'
import type { Decode } from '../machine/instruction.ts'
import type { AliasSpec, RegionSpec } from '../machine/memory-map.ts'
import { type CpuStart, cpuStart } from './cpu-setup.ts'
import type { Basis } from './format-meaning.ts'
import type { Reader } from './reader.ts'
import { checkSiteOverlaps } from './regions.ts'
import { type Site, type SiteVersion, startsOf } from './sites.ts'

/** A word of memory that the page lists. */
export interface WatchedWord {
  readonly title: string
  readonly address: bigint
  readonly size: number
}

/** More arrivals than anyone can search. */
const MOST_ARRIVALS = 255

export function readCpus(reader: Reader): CpuStart[] {
  const { file, mistakes } = reader
  const starts = [...reader.entries('cpus', file.cpus)].map(([where, cpu]) =>
    cpuStart(cpu, where, file.bits, (at, each) => reader.value(at, each), mistakes),
  )
  if (starts.length === 0) mistakes.push('cpus: no CPU is present with these parameters')
  return starts
}

/** More sites than any state could hold. */
const MOST_SITES = 100_000

export function readSites(reader: Reader, sections: readonly Section[], decode: Decode): Site[] {
  const { file, mistakes } = reader
  const sites: Site[] = []
  for (const [where, spec] of reader.entries('sites', file.sites)) {
    const first = reader.value(`${where}.label`, spec.label)
    const firstNew = reader.value(`${where}.new`, spec.new)
    const length = reader.within(`${where}.length`, spec.length, 1, 15)
    const { repeat } = spec
    const count = repeat === undefined ? 1 : reader.within(`${where}.repeat.count`, repeat.count, 1, MOST_SITES)
    const stride = repeat === undefined ? length : reader.within(`${where}.repeat.stride`, repeat.stride, length, 4096)
    const newStride = repeat === undefined ? length : reader.within(`${where}.repeat.newStride`, repeat.newStride, length, 4096)
    const group = repeat === undefined ? null : { first, count, stride }
    for (let i = 0; i < count; i++) {
      const address = first + BigInt(i * stride)
      const old = imageBytes(sections, address, length)
      const fresh = imageBytes(sections, firstNew + BigInt(i * newStride), length)
      const which = repeat === undefined ? '' : ` (number ${i})`
      if (old === null) mistakes.push(`${where}.label: ${spec.label}${which} is no place in the program`)
      else if (fresh === null) mistakes.push(`${where}.new: ${spec.new}${which} is no place in the program`)
      else {
        const oldStarts = startsOf(old, address, file.bits, decode)
        const newStarts = startsOf(fresh, address, file.bits, decode)
        sites.push({
          label: repeat === undefined ? spec.label : `${spec.label}[${i}]`,
          address,
          length,
          old,
          new: fresh,
          oldStarts,
          newStarts,
          between: readBetween(reader, where, spec.between ?? [], sections, { address, length }, decode),
          group,
        })
      }
      if (mistakes.length > 0) break
    }
  }
  checkSiteOverlaps(sites, mistakes)
  return sites
}

function readBetween(
  reader: Reader,
  where: string,
  places: readonly string[],
  sections: readonly Section[],
  { address, length }: { readonly address: bigint; readonly length: number },
  decode: Decode,
): SiteVersion[] {
  return places.flatMap((place, i) => {
    const bytes = imageBytes(sections, reader.value(`${where}.between.${i}`, place), length)
    if (bytes !== null) return [{ bytes, starts: startsOf(bytes, address, reader.file.bits, decode) }]
    reader.mistakes.push(`${where}.between.${i}: ${place} is no place in the program`)
    return []
  })
}

/** An alias shows a whole section, for reading and writing. */
export function readAliases(reader: Reader, regions: readonly RegionSpec[]): AliasSpec[] {
  const aliases: AliasSpec[] = []
  for (const [where, { name, of, at }] of reader.entries('aliases', reader.file.aliases)) {
    const region = regions.find((candidate) => candidate.name === of)
    const start = reader.value(`${where}.at`, at)
    if (region === undefined) reader.mistakes.push(`${where}.of: there is no section "${of}"`)
    // What tears at a line has to tear at the same byte through either mapping; real pages see to that.
    else if (((start ^ region.start) & 63n) !== 0n)
      reader.mistakes.push(`${where}.at: ${hex(start)} lies elsewhere in its 64-byte line than ${of} at ${hex(region.start)}`)
    else aliases.push({ name, start, of, offset: 0, length: region.bytes.length, read: true, write: true, exec: false })
  }
  return aliases
}

export function readGates(reader: Reader): { gates: (Gate | undefined)[]; gateNames: Map<number, string> } {
  const gates: (Gate | undefined)[] = []
  const gateNames = new Map<number, string>()
  for (const [where, gate] of reader.entries('idt', reader.file.idt)) {
    const vector = reader.within(`${where}.vector`, gate.vector, 0, 255)
    const handler = reader.value(`${where}.handler`, gate.handler)
    if (gates[vector] !== undefined) reader.mistakes.push(`${where}.vector: vector ${vector} has a gate already`)
    if (vector <= 255) gates[vector] = { handlerLo: lowHalf(handler), handlerHi: highHalf(handler), type: gate.type, ist: gate.ist, dpl: gate.dpl }
    if (gate.name !== undefined) gateNames.set(vector, gate.name)
  }
  return { gates, gateNames }
}

export function readWatch(reader: Reader): WatchedWord[] {
  return [...reader.entries('watch', reader.file.watch)].map(([where, { label, size, title }]) => ({
    title: title ?? label,
    address: reader.value(`${where}.label`, label),
    size,
  }))
}

export interface ResolvedNote {
  readonly address: bigint
  readonly says: string
  readonly basis: Basis | null
  readonly source: string | null
}

/** In the order of their addresses. */
export function readNotes(reader: Reader): ResolvedNote[] {
  return [...reader.entries('notes', reader.file.notes)]
    .map(([where, { at, says, basis, source }]) => ({
      address: reader.value(`${where}.at`, at),
      says,
      basis: basis ?? null,
      source: source ?? null,
    }))
    .sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0))
}

/** What may arrive from outside, on those of the named CPUs that are present; null where nothing may. */
export function readEnvironment(reader: Reader, cpus: number): Environment | null {
  const { nmi, timer } = reader.file.machine.environment
  const where = 'machine.environment'
  const present = (at: string, list: readonly (number | { readonly cpu: number; readonly when: string })[]) => {
    const named = list.map((entry) => (typeof entry === 'number' ? { cpu: entry, when: undefined } : entry))
    return [...reader.entries(`${where}.${at}.cpus`, named)].map(([, { cpu }]) => cpu).filter((cpu) => cpu < cpus)
  }
  const environment = {
    ...(nmi === undefined ? {} : { nmi: { most: reader.within(`${where}.nmi.most`, nmi.most, 0, MOST_ARRIVALS), cpus: present('nmi', nmi.cpus) } }),
    ...(timer === undefined
      ? {}
      : {
          timer: {
            most: reader.within(`${where}.timer.most`, timer.most, 0, MOST_ARRIVALS),
            cpus: present('timer', timer.cpus),
            vector: reader.within(`${where}.timer.vector`, timer.vector, 32, 255),
          },
        }),
  }
  return Object.keys(environment).length === 0 ? null : environment
}

/** The program image's bytes at an address, or null where they do not lie in one section. */
function imageBytes(sections: readonly Section[], address: bigint, length: number): Uint8Array | null {
  for (const section of sections) {
    const offset = address - section.address
    if (offset >= 0n && offset + BigInt(length) <= BigInt(section.bytes.length)) return section.bytes.slice(Number(offset), Number(offset) + length)
  }
  return null
}
