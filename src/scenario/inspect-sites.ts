/** The signature picture's data: the bytes of each call site in memory, and as each CPU may fetch them. */
import { bytesToHex } from '../lib/bytes.ts'
import { hex, highHalf, joinHalves, lowHalf } from '../lib/u64.ts'
import { fetchVariants } from '../machine/fetch.ts'
import { RIP, STORE_COUNT, STORE_WORDS, STORES } from '../machine/layout.ts'
import type { Machine } from '../machine/machine.ts'
import { memoryBytes } from '../machine/step.ts'
import type { Instance } from './build.ts'
import { valueText } from './describe.ts'
import type { Inspection } from './inspection.ts'
import type { Pass } from './pass-log.ts'
import { type Site, siteMeaning } from './sites.ts'
import type { PassView, SiteByte, SiteCpuView, SiteMeaning, SiteView } from './snapshot.ts'

export function inspectSites(view: Inspection, m: Machine): readonly SiteView[] {
  const { instance, disassemble, cacheLines, passes, run } = view
  return shownSites(instance, m).map((site) => {
    const lo = lowHalf(site.address)
    const hi = highHalf(site.address)
    const text = (bytes: Uint8Array) => disassemble(bytes, lo, hi, m.bits, (address) => instance.program.nameOrNull(address))
    const memory = memoryBytes(m, lo, hi, site.length)
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
      memoryText: memory[0] === 0xcc ? 'int3' : text(memory),
      oldText: text(site.old),
      newText: text(site.new),
      cpus: instance.cpus.map((_, cpu) => {
        const lines = copies.map((all) => all[cpu]).filter((copy) => copy !== undefined)
        const pass = passes?.last(cpu, site) ?? null
        return { ...inspectCpu(site, m, cpu, memory, text), lines, pass: pass === null ? null : passView(site, pass, run.cursor, text) }
      }),
    }
  })
}

/** So many sites are all shown; of more, so many. */
const ALL = 64
const SOME = 8

/** Of a long row of sites: those that a CPU is at, those that hold an int3, then the first ones. */
function shownSites({ sites, cpus }: Instance, m: Machine): readonly Site[] {
  if (sites.length <= ALL) return sites
  const shown = new Set<Site>()
  const rips = cpus.map((_, cpu) => {
    m.select(cpu)
    return joinHalves(m.w[m.c + RIP] as number, m.w[m.c + RIP + 1] as number)
  })
  for (const site of sites) if (rips.some((rip) => rip >= site.address && rip < site.address + BigInt(site.length))) shown.add(site)
  for (const site of sites) {
    if (shown.size >= SOME) break
    if (memoryBytes(m, lowHalf(site.address), highHalf(site.address), 1)[0] === 0xcc) shown.add(site)
  }
  for (const site of sites) {
    if (shown.size >= SOME) break
    shown.add(site)
  }
  return sites.filter((site) => shown.has(site))
}

/** All bytes of the slot: with int3 in front the tail does not matter to who executes it. */
function wholeMeaning(site: Site, bytes: Uint8Array): SiteMeaning {
  return siteMeaning(site, bytes[0] === 0xcc ? bytes.subarray(0, 1) : bytes)
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
    return `${valueText(joinHalves(m.w[at + 2] as number, m.w[at + 3] as number), (m.w[at + 1] as number) & 0xff)} → +${address - site.address}`
  }
  return null
}

function siteByte(site: Site, index: number, byte: number): SiteByte {
  return { value: byte.toString(16).padStart(2, '0'), from: fromOf(site, index, byte) }
}

function fromOf(site: Site, index: number, byte: number): SiteByte['from'] {
  if (index === 0 && byte === 0xcc) return 'int3'
  const isOld = site.old[index] === byte
  const isNew = site.new[index] === byte || site.between.some(({ bytes }) => bytes[index] === byte)
  return isOld && isNew ? 'both' : isOld ? 'old' : isNew ? 'new' : 'other'
}
