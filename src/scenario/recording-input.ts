/**
 * A batch that was recorded from a real kernel, as symbols of the program: the sites, lengths, old and new bytes that the emulated kernel then patches.
 * Symbols for site i: SITEi_ADDR, SITEi_LEN, SITEi_OLD and SITEi_NEW (bytes as a little-endian number); NR_SITES. Without a recorded batch NR_SITES is 0.
 */
import { hexToBytes } from '../lib/bytes.ts'
import { fail, ok, type Result } from '../lib/result.ts'
import { parseU64 } from '../lib/u64.ts'
import type { Scenario } from './format.ts'

interface RecordedSite {
  readonly site: string
  readonly len: number
  readonly old: string
  readonly new: string
}

export function recordingSymbols(scenario: Scenario, params: Readonly<Record<string, string>>): Result<Record<string, bigint>> {
  const spec = scenario.file.recording
  if (spec === undefined) return ok({})
  const index = spec.batches[params[spec.param] as string]
  if (index === undefined) return ok({ NR_SITES: 0n })
  const where = `recording ${spec.file}, batch ${index}`
  const batch = (scenario.recording as { batches?: { events?: { event?: string; sites?: RecordedSite[] }[] }[] } | null)?.batches?.[index]
  const sites = batch?.events?.find((event) => event.event === 'batch begin')?.sites
  if (sites === undefined || sites.length === 0) return fail(`${where}: there is no "batch begin" event with sites`)
  const symbols: Record<string, bigint> = { NR_SITES: BigInt(sites.length) }
  for (const [i, site] of sites.entries()) {
    const address = parseU64(site.site)
    const old = hexToBytes(site.old)
    const fresh = hexToBytes(site.new)
    if (address === null || old === null || fresh === null || old.length !== site.len || fresh.length !== site.len || site.len < 1 || site.len > 8) {
      return fail(`${where}, site ${i}: address, length or bytes cannot be read`)
    }
    symbols[`SITE${i}_ADDR`] = address
    symbols[`SITE${i}_LEN`] = BigInt(site.len)
    symbols[`SITE${i}_OLD`] = littleEndian(old)
    symbols[`SITE${i}_NEW`] = littleEndian(fresh)
  }
  return ok(symbols)
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number)
  return value
}
