import { expect, test } from 'vitest'
import { createDecode } from '../decoder/decode.ts'
import { hexToBytes } from '../lib/bytes.ts'
import { type Site, SiteIndex, siteMeaning, startsOf } from './sites.ts'

const bytes = (hex: string) => hexToBytes(hex) as Uint8Array
const decode = createDecode()

function site(old: string, fresh: string, bits: 32 | 64 = 64): Site {
  const address = 0xc100_0000n
  return {
    label: 'site',
    address,
    length: old.length / 2,
    old: bytes(old),
    new: bytes(fresh),
    oldStarts: startsOf(bytes(old), address, bits, decode),
    newStarts: startsOf(bytes(fresh), address, bits, decode),
    between: [],
    group: null,
  }
}

test.each([
  ['e811111111', 0, 'old'],
  ['e822222222', 0, 'new'],
  ['cc', 0, 'int3'],
  ['e811112222', 0, 'torn'],
  ['11', 1, 'torn'],
  ['cc', 1, 'torn'],
  ['', 0, 'torn'],
])('call A → call B: %s fetched %i bytes in is %s', (hex, offset, meaning) => {
  expect(siteMeaning(site('e811111111', 'e822222222'), bytes(hex), offset)).toBe(meaning)
})

// The 5-byte nop of old 32-bit kernels is two instructions, so somebody may stand between them.
test.each([
  ['90', 0, 'old'],
  ['8d742600', 1, 'old'],
  ['e811111111', 0, 'new'],
  ['11', 1, 'torn'],
  ['74', 2, 'torn'],
])('a slot that holds two instructions: %s fetched %i bytes in is %s', (hex, offset, meaning) => {
  const slot = site('908d742600', 'e811111111', 32)
  expect(slot.oldStarts).toEqual([0, 1])
  expect(siteMeaning(slot, bytes(hex), offset)).toBe(meaning)
})

test('arming a probe: the new version is the breakpoint itself', () => {
  expect(siteMeaning(site('55', 'cc'), bytes('cc'))).toBe('new')
})

test.each([
  ['cc', 0, 'old'],
  ['6815100081', 0, 'new'],
  ['e911000000', 5, 'new'],
  ['68aa100081', 0, 'new'],
  ['e922000000', 5, 'new'],
  ['6815100000', 0, 'torn'],
  ['15', 1, 'torn'],
])('a stub that is written twice: %s fetched %i bytes in is %s', (hex, offset, meaning) => {
  const first = bytes('6815100081e911000000')
  const stub = site('cccccccccccccccccccc', '68aa100081e922000000')
  expect(siteMeaning({ ...stub, between: [{ bytes: first, starts: [0, 5] }] }, bytes(hex), offset)).toBe(meaning)
})

test('a site is found by any of its bytes, and only by them', () => {
  const sites = [0x30n, 0x10n, 0x20n].map((address) => ({ ...site('e811111111', 'e822222222'), address }))
  const index = new SiteIndex(sites)
  expect([0xfn, 0x10n, 0x14n, 0x15n, 0x20n, 0x34n, 0x35n].map((address) => index.at(address)?.address ?? null)).toEqual([
    null,
    0x10n,
    0x10n,
    null,
    0x20n,
    0x30n,
    null,
  ])
  expect(new SiteIndex([]).at(0x10n)).toBe(null)
  expect([0x10n, 0x11n, 0xfn].map((address) => index.from(address)?.address ?? null)).toEqual([0x10n, null, null])
})
