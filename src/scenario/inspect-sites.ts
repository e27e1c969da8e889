/** The signature picture's data: the bytes of each call site in memory, and as each CPU may fetch them. */
import { bytesToHex } from '../lib/bytes.ts'
import { hex, highHalf, joinHalves, lowHalf } from '../lib/u64.ts'
import { fetchVariants } from '../machine/fetch.ts'
import { RIP, STORE_COUNT, STORE_WORDS, STORES } from '../machine/layout.ts'
import type { Machine } from '../machine/machine.ts'
import { HOT } from '../machine/memory-map.ts'
import { memoryBytes } from '../machine/step.ts'
import type { Instance } from './build.ts'
import type { Inspection } from './inspection.ts'
import type { Pass } from './pass-log.ts'
import { indexOf, type Site, siteMeaning, startsOf } from './sites.ts'
import type { PassView, SiteByte, SiteCpuView, SiteMeaning, SiteView } from './snapshot.ts'

export function inspectSites(view: Inspection, m: Machine): readonly SiteView[] {
  const { instance, disassemble, cacheLines, passes, run } = view
  return shownSites(instance, m).map((site) => {
    const lo = lowHalf(site.address)
    const hi = highHalf(site.address)
    const textAt = (bytes: Uint8Array, at: bigint) =>
      disassemble(bytes, lowHalf(at), highHalf(at), m.bits, (address) => instance.program.nameOrNull(address))
    const text = (bytes: Uint8Array) => textAt(bytes, site.address)
    const memory = memoryBytes(m, lo, hi, site.length)
    const whole = (bytes: Uint8Array) => wholeText(m, site, bytes, (each, at) => textAt(each, site.address + BigInt(at)))
    const line = 64 - (lo & 63)
    const touched = line < site.length ? [site.address, site.address + BigInt(line)] : [site.address]
    const copies = touched.map((address) => cacheLines?.line(address) ?? [])
    return {
      label: site.label,
      address: hex(site.address),
      length: site.length,
      lineBreak: line < site.length ? line : null,
      memory: Array.from(memory, (byte, i) => siteByte(site, i, byte)),
      memoryMeaning: wholeMeaning(site, memory),
      memoryText: whole(memory),
      oldText: whole(site.old),
      newText: whole(site.new),
      between: site.between.map(({ bytes }) => whole(bytes)),
      cpus: instance.cpus.map((_, cpu) => {
        const lines = copies.map((all) => all[cpu]).filter((copy) => copy !== undefined)
        const pass = passes?.last(cpu, site) ?? null
        return { ...inspectCpu(site, m, cpu, memory, text), lines, pass: pass === null ? null : passView(site, pass, run.cursor, whole) }
      }),
    }
  })
}

/** So many sites are all shown; of more, so many. */
const ALL = 64
const SOME = 8

const places = new WeakMap<readonly Site[], Int32Array>()

/** Where the first bytes of the sites are in `u8` of every machine of the instance, -1 where they cannot be written. */
function placesOf({ sites }: Instance, m: Machine): Int32Array {
  let found = places.get(sites)
  if (found === undefined) places.set(sites, (found = Int32Array.from(sites, ({ address }) => placeOf(m, lowHalf(address), highHalf(address)))))
  return found
}

function placeOf(m: Machine, lo: number, hi: number): number {
  const piece = m.find(lo, hi)
  return piece === null || piece.kind !== HOT ? -1 : m.layout.sharedMemory * 4 + piece.offset + ((lo - piece.lo) >>> 0)
}

/** Of a long row of sites: those that a CPU is at, those that hold an int3, then the first ones. */
function shownSites(instance: Instance, m: Machine): readonly Site[] {
  const { sites, cpus } = instance
  if (sites.length <= ALL) return sites
  const index = indexOf(sites)
  const at = placesOf(instance, m)
  const shown = new Set<Site>()
  for (const [cpu] of cpus.entries()) {
    m.select(cpu)
    const site = index.at(joinHalves(m.w[m.c + RIP] as number, m.w[m.c + RIP + 1] as number))
    if (site !== null) shown.add(site)
  }
  for (let i = 0; i < at.length && shown.size < SOME; i++) if (m.u8[at[i] as number] === 0xcc) shown.add(sites[i] as Site)
  for (let i = 0; shown.size < SOME; i++) shown.add(sites[i] as Site)
  return [...shown].sort((a, b) => (a.address < b.address ? -1 : 1))
}

/** All bytes of the slot: with int3 in front the tail does not matter to who executes it. */
function wholeMeaning(site: Site, bytes: Uint8Array): SiteMeaning {
  return siteMeaning(site, bytes[0] === 0xcc ? bytes.subarray(0, 1) : bytes)
}

/**
 * What the slot holds, as text: where its versions are of several instructions, all that stand there, since a mixture may differ from each version in any of them.
 * Behind an int3 in front nobody comes to the rest.
 */
function wholeText({ bits, config }: Machine, site: Site, bytes: Uint8Array, textAt: (bytes: Uint8Array, offset: number) => string): string {
  if (bytes[0] === 0xcc) return 'int3'
  const isSlot = [site.oldStarts, site.newStarts, ...site.between.map(({ starts }) => starts)].some(({ length }) => length > 1)
  const starts = isSlot ? startsOf(bytes, site.address, bits, config.decode) : [0]
  const texts = starts.map((at) => textAt(bytes.subarray(at), at))
  return runsOf(texts).join('; ')
}

/** Padding is said once: “ret; 4 × int3”. */
function runsOf(texts: readonly string[]): string[] {
  const runs: { text: string; times: number }[] = []
  for (const text of texts) {
    const last = runs.at(-1)
    if (last?.text === text) last.times++
    else runs.push({ text, times: 1 })
  }
  return runs.map(({ text, times }) => (times === 1 ? text : `${times} × ${text}`))
}

function inspectCpu(
  site: Site,
  m: Machine,
  cpu: number,
  memory: Uint8Array,
  text: (bytes: Uint8Array) => string,
): Omit<SiteCpuView, 'lines' | 'pass'> {
  m.select(cpu)
  const lo = lowHalf(site.address)
  const hi = highHalf(site.address)
  const variants = fetchVariants(m, lo, hi)
  // What each position may show: one-byte fetches at each position would decode something else, so ask the fetch model by unit through the variants,
  // and where a variant is shorter than the site (int3) its tail stays open.
  const values: Set<number>[] = Array.from({ length: site.length }, () => new Set<number>())
  for (const { bytes } of variants) for (const [i, byte] of bytes.entries()) values[i]?.add(byte)
  values.forEach((set, i) => {
    if (set.size === 0) set.add(memory[i] as number)
  })
  const rip = joinHalves(m.w[m.c + RIP] as number, m.w[m.c + RIP + 1] as number)
  return {
    cpu,
    bytes: values.map((set, i) => {
      const inMemory = memory[i] as number
      const list = [...set].sort((a, b) => (a === inMemory ? -1 : b === inMemory ? 1 : a - b))
      return { values: list.map((byte) => siteByte(site, i, byte)), stale: list.some((byte) => byte !== inMemory) }
    }),
    variants: variants.map((variant) => ({
      bytes: bytesToHex(variant.bytes),
      text: variant.bytes.length === 0 ? 'not mapped' : text(variant.bytes),
      meaning: siteMeaning(site, variant.bytes),
      stale: variant.bytes.some((byte, i) => byte !== memory[i]),
    })),
    here: rip === site.address,
    pendingStore: pendingStore(site, m),
  }
}

function passView(site: Site, { step, offset, bytes, stale }: Pass, cursor: number, text: (bytes: Uint8Array) => string): PassView {
  const values: (SiteByte | null)[] = Array.from({ length: site.length }, () => null)
  for (const [i, byte] of bytes.entries()) if (offset + i < values.length) values[offset + i] = siteByte(site, offset + i, byte)
  const meaning = siteMeaning(site, bytes, offset)
  const said = meaning === 'int3' ? 'int3' : offset === 0 ? text(bytes) : `the bytes from +${offset} on`
  return { step, now: step === cursor, values, bytes: bytesToHex(bytes), text: said, meaning, stale }
}

/** The newest store to this site that is still in the selected CPU's store buffer. */
function pendingStore(site: Site, m: Machine): string | null {
  for (let i = (m.w[m.c + STORE_COUNT] as number) - 1; i >= 0; i--) {
    const at = m.c + STORES + i * STORE_WORDS
    const offset = m.w[at] as number
    if (offset >= m.map.hotBytes) continue
    const address = m.addressOfShared(offset)
    if (address < site.address || address >= site.address + BigInt(site.length)) continue
    const value = joinHalves(m.w[at + 2] as number, m.w[at + 3] as number)
    return `${inMemory(value, (m.w[at + 1] as number) & 0xff)} → +${address - site.address}`
  }
  return null
}

/** "05 13": as the bytes will lie. */
function inMemory(value: bigint, size: number): string {
  return Array.from({ length: size }, (_, i) => bytesToHex([Number((value >> BigInt(8 * i)) & 0xffn)])).join(' ')
}

function siteByte(site: Site, index: number, byte: number): SiteByte {
  return { value: bytesToHex([byte]), from: fromOf(site, index, byte) }
}

function fromOf(site: Site, index: number, byte: number): SiteByte['from'] {
  if (index === 0 && byte === 0xcc) return 'int3'
  const isOld = site.old[index] === byte
  const isNew = site.new[index] === byte
  if (isOld || isNew) return isOld && isNew ? 'both' : isOld ? 'old' : 'new'
  return site.between.some(({ bytes }) => bytes[index] === byte) ? 'between' : 'other'
}
