import { expect, test } from 'vitest'
import type { ScenarioInfo, SearchVerdict, View } from '../worker/protocol.ts'
import { byFamily } from './dialogs/catalog.ts'
import { bytePairs, compact, groupedValue, listed, seconds, shortAddress, shortAddresses, trimmedValue } from './format.ts'
import { parseInline, parseMarkdown } from './markdown.ts'
import { branchTree } from './panels/Branches/words.ts'
import { executes, partsOf, passSentence, rowSentence, saying } from './panels/CallSite/words.ts'
import { byCpu } from './panels/Choices/words.ts'
import { codeWindow, tellingRegisters } from './panels/Cpus/words.ts'
import { foldedLabel, foldStack } from './panels/Stack/words.ts'
import { finding } from './panels/Verdict/words.ts'
import { copiesSentence, copyLetters, holdersSentence } from './parts/cache-states.ts'
import type { ChoiceView, CodeLine, LineCopy, SiteCpuView, SiteView, StackWord } from './snapshot.ts'

// ── numbers ─────────────────────────────────────────────────────────────────

test('numbers are written as people read them', () => {
  expect(shortAddress('0xffffffff8100103e')).toBe('…103e')
  expect(shortAddress('0x3e')).toBe('3e')
  expect(shortAddresses('call 0xffffffff81001148 with 0x10')).toBe('call …1148 with 0x10')
  expect(groupedValue('0xffffc90000cffff0')).toBe('ffffc900_00cffff0')
  expect(trimmedValue('0x0000000000000000')).toBe('0')
  expect(trimmedValue('0x0000000100000000')).toBe('1_00000000')
  expect(bytePairs('e81b020000')).toEqual(['e8', '1b', '02', '00', '00'])
  expect([9_999, 532_000, 5e6, 5.25e6].map(compact)).toEqual(['9,999', '532 k', '5 M', '5.3 M'])
  expect([0.1234, 12.34, 125].map(seconds)).toEqual(['123 ms', '12.3 s', '2 min 5 s'])
  expect([listed([]), listed(['a']), listed(['a', 'b', 'c'])]).toEqual(['', 'a', 'a, b and c'])
})

// ── stories ─────────────────────────────────────────────────────────────────

test('a story becomes headings, paragraphs and lists, and nothing of it becomes HTML', () => {
  const blocks = parseMarkdown('## Title\n\nFirst line\nsecond *line*.\n\n1. one\n   more\n2. two\n\n- `x`\n<script>')
  expect(blocks.map(({ kind }) => kind)).toEqual(['heading', 'paragraph', 'list', 'list', 'paragraph'])
  expect(blocks[2]).toEqual({ kind: 'list', ordered: true, items: [[{ kind: 'text', text: 'one more' }], [{ kind: 'text', text: 'two' }]] })
  expect(blocks[4]).toEqual({ kind: 'paragraph', inlines: [{ kind: 'text', text: '<script>' }] })
})

test('marks in a line: strong, emphasis, code, links to the web only', () => {
  expect(parseInline('a **b** *c* `*d*` [e](https://f) [g](javascript:h)').map(({ kind, text }) => `${kind}:${text}`)).toEqual([
    'text:a ',
    'strong:b',
    'text: ',
    'emphasis:c',
    'text: ',
    'code:*d*',
    'text: ',
    'link:e',
    'text: [g](javascript:h)',
  ])
})

// ── the call site ───────────────────────────────────────────────────────────

type From = SiteView['memory'][number]['from']
const memory = (text: string, from: readonly From[]) => bytePairs(text).map((value, i) => ({ value, from: from[i] as From }))

/** call A (e8 1b) → call B (e8 02), int3 in front, the tail still old. */
const site = {
  label: 'site0',
  memory: memory('cc1b', ['int3', 'old']),
} as unknown as SiteView

const cpu = (values: readonly string[][], variants: readonly [string, string, 'old' | 'new' | 'int3' | 'torn'][]): SiteCpuView => ({
  cpu: 1,
  here: true,
  pendingStore: null,
  lines: [],
  pass: null,
  bytes: values.map((each, i) => ({
    values: each.map((value) => ({ value, from: 'both' as const })),
    stale: each.some((value) => value !== site.memory[i]?.value),
  })),
  variants: variants.map(([bytes, text, meaning]) => ({ bytes, text, meaning, stale: meaning !== 'int3' })),
})

test('what a CPU would execute is said once each, what is torn first, and the rest is counted', () => {
  const view = cpu(
    [['cc'], ['1b']],
    [
      ['cc', 'int3', 'int3'],
      ['cc', 'int3', 'int3'],
      ['e81b', 'call A', 'old'],
      ['e802', 'call B', 'new'],
      ['e803', 'call …3', 'torn'],
    ],
  )
  expect(executes(view)).toMatchObject({ named: [{ meaning: 'torn' }, { meaning: 'int3' }, { meaning: 'old' }], more: 1 })
  expect(rowSentence(site, view)).toBe(
    'CPU 1 executes next at site0: call …3 (neither old nor new, stale), or int3 (int3), or call A (old, stale), or 1 more',
  )
})

test('the verdict stands behind one instruction, and before several, whose text may be cut off; between two writes memory is a mixture', () => {
  const parts = (...of: Parameters<typeof saying>) => Object.values(saying(...of)).join('|')
  const slot = 'push 0xffffffff81001015; sti; jmp b'
  expect(parts('new', slot)).toBe('|push …1015; sti; jmp b|')
  expect(parts('torn', 'call 0xffffffff81001148')).toBe('|call …1148| — neither old nor new')
  expect(parts('torn', slot)).toBe('neither old nor new: |push …1015; sti; jmp b|')
  expect(parts('torn', slot, memory('6810', ['new', 'between']))).toBe('neither old nor new, a mixture: |push …1015; sti; jmp b|')
  expect(parts('torn', slot, memory('6877', ['new', 'other']))).toBe('neither old nor new: |push …1015; sti; jmp b|')
})

test('what a CPU executed last is told with its bytes, before what it may execute', () => {
  const pass = {
    step: 80,
    now: true,
    values: [
      { value: 'e8', from: 'both' },
      { value: '05', from: 'new' },
    ],
    bytes: 'e805',
    text: 'call …1148',
    meaning: 'torn',
    stale: true,
  } as const
  expect(passSentence(pass)).toBe('call …1148, e8 05, in step 80: neither old nor new, stale')
  const just = { ...cpu([['cc', 'e8'], ['1b']], [['cc', 'int3', 'int3']]), pass }
  expect(partsOf(site, just)).toEqual([
    { parts: [{ value: 'e8', from: 'both' }], stale: true, taken: true },
    { parts: [{ value: '05', from: 'new' }], stale: true, taken: true },
  ])
  expect(partsOf(site, { ...just, pass: { ...pass, now: false } }).map(({ taken }) => taken)).toEqual([false, false])
  const view = { ...cpu([['cc'], ['1b']], [['cc', 'int3', 'int3']]), here: false, pass: { ...pass, now: false } }
  expect(rowSentence(site, view)).toBe(
    'CPU 1 executed last call …1148, e8 05, in step 80: neither old nor new, stale; would execute at site0: int3 (int3)',
  )
})

test('the letters of a cache line are said in words, and what the last step made of them', () => {
  const copies: LineCopy[] = [
    { state: 'I', before: null, instructions: false },
    { state: 'S', before: 'I', instructions: true },
  ]
  expect(copies.map(copyLetters)).toEqual(['I', 'I → S'])
  expect(copiesSentence(1, copies)).toBe(
    'In the cache of CPU 1: first line invalid, it has no copy; second line shared, as instructions (invalid before this step)',
  )
  expect(copiesSentence(0, [{ state: 'M', before: null, instructions: false }])).toBe('In the cache of CPU 0: modified, nobody else has it')
  expect(holdersSentence(['M', 'I'])).toBe('Its cache line: CPU 0 modified, CPU 1 invalid')
})

// ── lists ───────────────────────────────────────────────────────────────────

test('choices are gathered by CPU and keep the numbers of the whole list', () => {
  const choices = [0, 1, 0].map((of) => ({ cpu: of })) as ChoiceView[]
  expect(byCpu(choices).map(({ cpu: of, choices: own }) => [of, own.map(({ index }) => index)])).toEqual([
    [0, [0, 2]],
    [1, [1]],
  ])
})

test('the code window keeps two lines before the present one', () => {
  const lines = Array.from({ length: 12 }, (_, i) => ({ address: String(i), current: i === 5 })) as unknown as CodeLine[]
  expect(codeWindow(lines).map(({ address }) => address)).toEqual(['3', '4', '5', '6', '7', '8'])
})

test('registers that changed or point somewhere come before those that merely hold something', () => {
  const register = (name: string, value: string, changed = false, symbol: string | null = null) => ({ name, value, changed, symbol })
  const all = [
    register('rax', '0x0'),
    register('rbx', '0x7'),
    register('rcx', '0x0', true),
    register('rsp', '0x10'),
    register('rdi', '0x20', false, 'site'),
    register('rip', '0x1'),
  ]
  expect(tellingRegisters(all, 3).map(({ name }) => name)).toEqual(['rcx', 'rsp', 'rdi'])
  expect(tellingRegisters(all).map(({ name }) => name)).toEqual(['rbx', 'rcx', 'rsp', 'rdi'])
})

test('saved registers and the gap fold, a word that matters now does not', () => {
  const word = (label: string, kind: StackWord['kind'], more: Partial<StackWord> = {}): StackWord => ({
    address: label,
    value: '0x0',
    label,
    kind,
    frame: 0,
    changed: false,
    top: false,
    altered: null,
    overwritten: false,
    ...more,
  })
  const gap = Array.from({ length: 6 }, () => word('gap', 'gap'))
  const saved = ['rdi', 'rsi', 'rdx', 'rcx', 'rax'].map((name) => word(name, 'software'))
  const rows = foldStack([word('rip', 'hardware'), ...gap, ...saved, word('r8', 'software', { changed: true }), word('r9', 'software')])
  expect(rows.map((row) => (row.kind === 'word' ? row.word.label : foldedLabel(row.words)))).toEqual([
    'rip',
    'gap (6 words)',
    'rdi … rax (5 words)',
    'r8',
    'r9',
  ])
})

test('branches stand below the branch that they left, in the order in which they left it', () => {
  const branch = (id: number, parent: number | null, forkedAt: number): View['branches'][number] => ({
    id,
    name: '',
    named: false,
    starred: false,
    parent,
    forkedAt,
    length: 9,
    violatedAt: null,
  })
  const tree = branchTree([branch(0, null, 0), branch(1, 0, 5), branch(2, 0, 3), branch(3, 1, 6), branch(4, 99, 0)])
  expect(tree.map(({ branch: { id }, depth }) => `${id}/${depth}`)).toEqual(['0/0', '2/1', '1/1', '3/2', '4/0'])
})

test('the list of scenarios finds by every word', () => {
  const info = (id: string, family: string) => ({ id, family, title: id, summary: 'one two' }) as ScenarioInfo
  const catalog = [info('a', 'x'), info('b', 'y'), info('c', 'x')]
  expect(byFamily(catalog, '').map(({ family, scenarios }) => [family, scenarios.length])).toEqual([
    ['x', 2],
    ['y', 1],
  ])
  expect(byFamily(catalog, 'two Y')).toHaveLength(1)
  expect(byFamily(catalog, 'three')).toEqual([])
})

// ── verdicts ────────────────────────────────────────────────────────────────

test('only what was exhausted sounds safe', () => {
  const verdict: SearchVerdict = {
    kind: 'exhausted',
    states: 14208,
    transitions: 0,
    depth: 0,
    bytes: 0,
    seconds: 0,
    cut: null,
    complete: true,
    violations: [],
    outcomes: [],
    params: {},
  }
  expect(finding(verdict)).toMatchObject({ tone: 'proved', sentence: expect.stringContaining('every one of 14,208 states') })
  expect(finding({ ...verdict, kind: 'cut', cut: 'memory' })).toMatchObject({
    tone: 'attention',
    sentence: expect.stringContaining('proves nothing'),
  })
  const violation = { property: 'p', title: '', steps: 72, switches: 1, schedule: '', cycle: null }
  expect(finding({ ...verdict, kind: 'violated', violations: [violation] })).toMatchObject({
    tone: 'violation',
    sentence: expect.stringContaining('72 steps and 1 switch between CPUs'),
  })
})
