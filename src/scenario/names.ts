/** Names for the timeline: what a program and its sites call an address. */
import { bytesToHex } from '../lib/bytes.ts'
import type { Instance } from './build.ts'
import { indexOf, type Site, siteMeaning } from './sites.ts'

export interface ProgramNames {
  symbol(address: bigint): string | null
  func(address: bigint): string | null
  phase(address: bigint): string | null
  site(address: bigint): string | null
  meaning(address: bigint, bytes: Uint8Array): 'old' | 'new' | 'int3' | 'torn' | null
  wait(address: bigint): string | null
  outcome(address: bigint): 'old' | 'new' | null
}

export function programNames(instance: Instance): ProgramNames {
  const { program, sites } = instance
  const index = indexOf(sites)
  const siteOf = (address: bigint) => index.at(address)
  const outcomes = new Map<string, 'old' | 'new'>()
  for (const site of sites) {
    const [old, fresh] = [target(site, site.old), target(site, site.new)].map((address) => (address === null ? null : program.func(address)))
    if (old !== null && old !== undefined && old !== fresh) outcomes.set(old, 'old')
    if (fresh !== null && fresh !== undefined && old !== fresh) outcomes.set(fresh, 'new')
  }
  return {
    symbol: (address) => program.nameOrNull(address),
    func: (address) => program.func(address),
    phase: (address) => program.phase(address),
    site: (address) => siteOf(address)?.label ?? null,
    meaning: (address, bytes) => {
      const site = siteOf(address)
      if (site === null) return null
      return siteMeaning(site, bytes, Number(address - site.address))
    },
    wait: (address) => program.line(address)?.source ?? null,
    outcome: (address) => outcomes.get(program.func(address) ?? '') ?? null,
  }
}

/** Where a call or jump goes; null for anything else. */
function target(site: Site, bytes: Uint8Array): bigint | null {
  const next = site.address + BigInt(bytes.length)
  const hex = bytesToHex(bytes)
  if ((hex.startsWith('e8') || hex.startsWith('e9')) && bytes.length === 5)
    return BigInt.asUintN(64, next + BigInt(new DataView(bytes.buffer, bytes.byteOffset).getInt32(1, true)))
  if (hex.startsWith('eb') && bytes.length === 2) return BigInt.asUintN(64, next + BigInt(new DataView(bytes.buffer, bytes.byteOffset).getInt8(1)))
  return null
}
