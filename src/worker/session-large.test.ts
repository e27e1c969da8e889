/** What a step costs must not grow with the scenario: 40,000 sites make a state of a megabyte. Asserted as what is kept, not as time. */
import { expect, test } from 'vitest'
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { createDisassemble } from '../decoder/disassemble.ts'
import type { Scenario } from '../scenario/format.ts'
import { SPACING } from '../scenario/run.ts'
import { Session } from './session.ts'

test('a large run keeps of each state only what changed in it, and shows the sites where something happens', () => {
  const params = { sites: '1024', cpus: '8' }
  const opened = Session.open(atlas.get('forty-thousand-sites') as Scenario, params, createDecode(), createDisassemble())
  if (!opened.ok) throw new Error(opened.error.join('\n'))
  const session = opened.value
  const { run } = session
  session.go('end', null, { kind: 'round-robin' }, 20 * SPACING)
  expect(run.length).toBe(20 * SPACING)
  const pages = new Set(run.branch.keyframes.flat())
  // Ten pages at first, then those that some CPU writes to.
  expect(run.branch.keyframes[0]).toHaveLength(10)
  expect(pages.size).toBeLessThanOrEqual(10 + 20 * 6)
  const { sites, cpus } = session.view([], null).snapshot
  expect(sites.length).toBeGreaterThanOrEqual(8)
  expect(sites.map(({ address }) => BigInt(address))).toEqual(sites.map(({ address }) => BigInt(address)).toSorted((a, b) => (a < b ? -1 : 1)))
  for (const { rip } of cpus) {
    const at = session.instance.sites.find(({ address, length }) => BigInt(rip) >= address && BigInt(rip) < address + BigInt(length))
    if (at !== undefined) expect(sites.map(({ label }) => label)).toContain(at.label)
  }
  // One step before: what a snapshot compares with.
  const { digest } = run
  session.seek(run.length - 1)
  session.seek(run.length)
  expect(run.digest).toBe(digest)
})
