import { expect, test } from 'vitest'
import type { View } from '../worker/protocol.ts'
import { plainWords, siteWords } from './guide-words.ts'
import { aView } from './testing.ts'

type Moment = View['moments'][number]
type Site = View['snapshot']['sites'][number]
type SiteCpu = Site['cpus'][number]

const byte = (word: string) =>
  ({
    value: word.slice(0, 2),
    from: word.includes('3') && word.startsWith('cc') ? 'int3' : word.endsWith('n') ? 'new' : word.endsWith('o') ? 'old' : 'both',
  }) as const

/** "e8 bdo 01o": two digits, and o, n or 3 for the version that they belong to; with | where a CPU may have either. */
function site(memory: string, cpus: readonly Partial<SiteCpu>[] = []): Site {
  const meaning = { memoryMeaning: 'old', memoryText: 'call a', oldText: 'call a', newText: 'call b', between: [] } as const
  const blank = { bytes: [], variants: [], here: false, pendingStore: null, lines: [], pass: null }
  return {
    label: 'site0',
    address: '0x1000',
    length: 5,
    lineBreak: null,
    memory: memory.split(' ').map(byte),
    ...meaning,
    cpus: cpus.map((more, cpu) => ({ cpu, ...blank, ...more })),
  }
}

const fetched = (words: string): SiteCpu['bytes'] =>
  words.split(' ').map((word) => ({ values: word.split('|').map(byte), stale: word.includes('|') }))

function stands(at: number, ...sites: Site[]): View {
  const view = aView({ movers: Array.from({ length: at }, () => 0) })
  return { ...view, snapshot: { ...view.snapshot, sites } }
}

function moment(kind: Moment['kind'], cpu: number, text: string): Moment {
  return { step: 9, cpu, kind, text, meaning: { basis: 'architecture', says: null, source: null } }
}

test('a breakpoint that becomes visible: who writes what, and which byte the other CPU may still hold', () => {
  const at = stands(9, site('cc3 bdo 01o 00 00', [{}, { bytes: fetched('cc3|e8 bdo 01o 00 00') }]))
  expect(plainWords(moment('missed', 0, 'CPU 0’s store cc → site0 becomes visible.'), 1, at)).toBe(
    'CPU 0 writes a breakpoint (cc) over the first byte of the call. CPU 1 may still hold the old byte e8, which it fetched before.',
  )
})

test('a tail byte: the mix that nobody wrote is named', () => {
  const variants = [{ bytes: 'e805010000', text: 'call 0x5', meaning: 'torn', stale: true }] as const
  const at = stands(9, site('cc3 05n 01o 00 00', [{}, { bytes: fetched('cc3|e8 05n|bdo 01o 00 00'), variants }]))
  expect(plainWords(moment('missed', 0, 'CPU 0’s store 05 → site0+0x1 becomes visible.'), 1, at)).toBe(
    'CPU 0 writes 05 over the second byte of the call, as the new one has it. CPU 1 may still hold the old byte bd, which it fetched before. Put together, that may be e8 05 01 00 00, which nobody wrote.',
  )
})

test('the violation: the bytes that were executed, and what was meant', () => {
  const pass = { step: 9, now: true, values: [], bytes: 'e805010000', text: 'call 0x5', meaning: 'torn', stale: true } as const
  const at = stands(9, site('cc3 05n 01o 00 00', [{}, { pass }]))
  expect(plainWords(moment('violation', 1, 'CPU 1 executes call 0x5.'), 1, at)).toBe(
    'CPU 1 executes e8 05 01 00 00, some bytes old and some new: call 0x5. The old instruction was call a, the new one is call b; nobody wrote this one.',
  )
})

test('where the sentence is of something else, or the page stands elsewhere, nothing plainer is known', () => {
  const missed = moment('missed', 0, 'CPU 0’s store cc → site0 becomes visible.')
  expect(plainWords(missed, 1, stands(8, site('cc3 bdo 01o 00 00')))).toBeNull()
  expect(plainWords(missed, 1, stands(9, site('e8 bdo 01o 00 00')))).toBeNull()
  expect(plainWords(moment('cause', 0, 'CPU 0’s store 0 → tp_refs becomes visible.'), 1, stands(9, site('cc3 bdo 01o 00 00')))).toBeNull()
  expect(plainWords(moment('violation', 1, 'CPU 1 executes iretq: #GP.'), 1, stands(9, site('cc3 05n 01o 00 00', [{}, {}])))).toBeNull()
})

test('who steps by hand is told how the site stands: untouched, in a store buffer, in memory', () => {
  expect(siteWords(stands(3, site('e8 bdo 01o 00 00')))).toBe(
    'After 3 steps the call is still as it was: call a, in memory and for each CPU. Whoever patches it has to prepare first.',
  )
  expect(siteWords(stands(3, site('e8 bdo 01o 00 00', [{ pendingStore: 'cc → +0' }])))).toBe(
    'CPU 0 has written cc over the call, from the first byte on, but that waits in its store buffer: no other CPU sees it yet.',
  )
  const variants = (['int3', 'call a'] as const).map((text) => ({ bytes: '', text, meaning: 'old' as const, stale: false }))
  expect(siteWords(stands(3, site('cc3 bdo 01o 00 00', [{}, { variants }])))).toBe(
    'Memory holds cc bd 01 00 00 now. A CPU may have fetched the call before: CPU 1 may execute int3, or call a.',
  )
  expect(siteWords(stands(3))).toBeNull()
})

test('somebody who is asked what a CPU may execute is told what memory holds, and nothing of what CPUs have fetched or are about to write', () => {
  const variants = (['int3', 'call a'] as const).map((text) => ({ bytes: '', text, meaning: 'old' as const, stale: false }))
  const unsure = { variants, bytes: fetched('cc3|e8 bdo 01o 00 00') }
  const written = stands(9, site('cc3 bdo 01o 00 00', [{ pendingStore: '05 → +1' }, unsure]))
  expect(siteWords(written, true)).toBe('Memory holds cc bd 01 00 00 now.')
  expect(siteWords(stands(9, site('e8 bdo 01o 00 00', [{ pendingStore: 'cc → +0' }, {}])), true)).toBe(
    'Memory holds e8 bd 01 00 00, as before: call a.',
  )
  const missed = moment('missed', 0, 'CPU 0’s store cc → site0 becomes visible.')
  expect(plainWords(missed, 1, written, true)).toBe('CPU 0 writes a breakpoint (cc) over the first byte of the call.')
})

test('a byte of a version in between is said to be that, and counts as written', () => {
  const made = { ...site('68 10 10 00 81'), memory: [{ value: '10', from: 'between' }] } as const
  expect(plainWords(moment('missed', 0, 'CPU 0’s store 10 → site0 becomes visible.'), 1, stands(9, made))).toBe(
    'CPU 0 writes 10 over the first byte of the call, as a version in between has it.',
  )
  expect(siteWords(stands(9, made))).toBe('Memory holds 10 now. Every CPU that comes to the call executes call a.')
})
