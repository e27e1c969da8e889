import { expect, test } from 'vitest'
import type { SiteView, Snapshot } from '../scenario/snapshot.ts'
import { pictureSvg } from './picture.ts'

const site: SiteView = {
  label: 'site0',
  address: '0x103e',
  length: 2,
  lineBreak: 1,
  memory: [
    { value: 'cc', from: 'int3' },
    { value: '05', from: 'new' },
  ],
  memoryMeaning: 'int3',
  memoryText: 'int3',
  oldText: 'call a',
  newText: 'call b',
  between: [],
  cpus: [
    {
      cpu: 0,
      bytes: [
        {
          values: [
            { value: 'cc', from: 'int3' },
            { value: 'e8', from: 'both' },
          ],
          stale: true,
        },
        { values: [{ value: '05', from: 'new' }], stale: false },
      ],
      variants: [{ bytes: 'e805', text: 'call <nowhere>', meaning: 'torn', stale: true }],
      here: true,
      pendingStore: null,
      lines: [],
      pass: null,
    },
  ],
}

function snapshot(words: number): Snapshot {
  const word = (i: number) => ({
    address: `0xffffc9000001${(0x1000 + 8 * i).toString(16)}`,
    value: '00000000_00000001',
    label: `word ${i}`,
    kind: 'plain' as const,
    frame: -1,
    changed: false,
    top: i === 0,
    altered: i === 1 ? 'overwritten' : null,
  })
  const stack = { name: '.stack0', top: '0x0', sp: '0x0', words: Array.from({ length: words }, (_, i) => word(i)) }
  return { sites: [site], cpus: [{ role: 'caller', stack }], said: 'CPU 0 did something.' } as unknown as Snapshot
}

test('the picture draws each byte that a CPU may fetch, hatches the stale one, and marks what was overwritten', () => {
  const svg = pictureSvg(snapshot(3), { site: 0, cpu: 0, title: 'a < b' })
  expect(svg).toContain('<title>a &lt; b</title>')
  expect([...svg.matchAll(/font-size="14" fill="[^"]+">([0-9a-f]{2})</g)].map((match) => match[1])).toEqual(['cc', '05', 'cc', 'e8', '05'])
  expect(svg.match(/url\(#stale\)/g)).toHaveLength(1)
  expect(svg).toContain('call &lt;nowhere&gt; (neither old nor new)')
  expect(svg).toContain('word 1 — overwritten')
})

const VALUES = [
  { value: 'e8', from: 'both' },
  { value: '05', from: 'new' },
] as const

test('what the last step executed is framed byte by byte, and said instead of what could run', () => {
  const pass = { step: 9, now: true, values: VALUES, bytes: 'e805', text: 'call c', meaning: 'torn', stale: true } as const
  const ran = { ...site, cpus: site.cpus.map((view) => ({ ...view, pass })) }
  const svg = pictureSvg({ ...snapshot(1), sites: [ran] }, { site: 0, cpu: 0, title: '' })
  expect(svg.match(/stroke-width="2.5"/g)).toHaveLength(2)
  expect(svg).toContain('ran call c (neither old nor new)')
  expect(svg).not.toContain('call &lt;nowhere&gt;')
  const before = { ...site, cpus: site.cpus.map((view) => ({ ...view, pass: { ...pass, now: false } })) }
  expect(pictureSvg({ ...snapshot(1), sites: [before] }, { site: 0, cpu: 0, title: '' })).not.toContain('stroke-width="2.5"')
})

test('a long stack is cut, and says so; without a site there is still a stack', () => {
  expect(pictureSvg(snapshot(60), { site: 0, cpu: 0, title: '' })).toContain('the 34 lowest of 60 words')
  expect(pictureSvg({ ...snapshot(2), sites: [] }, { site: 0, cpu: 0, title: '' })).toContain('word 0')
})

test('a slot with several instructions: a mixture is said in words, long addresses are short, and bytes of a version in between have a letter of their own', () => {
  const memory = [
    { value: '68', from: 'new' },
    { value: '10', from: 'between' },
  ] as const
  const slot = { ...site, memory, memoryMeaning: 'torn', memoryText: 'push 0xffffffff81001010; sti; jmp b', length: 11, cpus: [] } as const
  const svg = pictureSvg({ ...snapshot(0), sites: [slot] }, { site: 0, cpu: null })
  expect(svg).toContain('neither old nor new: push …1010; sti; jmp b')
  expect([...svg.matchAll(/font-size="9" fill="[^"]+">(.)</g)].map((match) => match[1])).toEqual(['n', 'b'])
  expect(svg).toContain(`viewBox="0 52 ${960 + 6 * 46} `)
})
