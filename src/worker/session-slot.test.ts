/** Slots with several instructions, as the page sees them: a stub that is made anew goes through a version in between. */
import { expect, test } from 'vitest'
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { createDisassemble } from '../decoder/disassemble.ts'
import type { Scenario } from '../scenario/format.ts'
import type { SiteView } from '../scenario/snapshot.ts'
import { Session } from './session.ts'

/** All that a site shows in the run with the fewest switches, each once. */
function stagesOf(id: string, label: string, params: Readonly<Record<string, string>>): readonly SiteView[] {
  const opened = Session.open(atlas.get(id) as Scenario, params, createDecode(), createDisassemble())
  if (!opened.ok) throw new Error(opened.error.join('\n'))
  const { value: session } = opened
  session.go('end', null, { kind: 'fewest-switches' }, 2000)
  const stages = new Map<string, SiteView>()
  for (const { sites } of session.snapshots(Array.from({ length: session.run.length + 1 }, (_, step) => step))) {
    const site = sites.find((each) => each.label === label)
    if (site !== undefined) stages.set(bytesOf(site), site)
  }
  return [...stages.values()]
}

/** “68n 10b”: each byte with the first letter of where it comes from. */
const bytesOf = ({ memory }: SiteView) => memory.map(({ value, from }) => `${value}${from.charAt(0)}`).join(' ')

test('a stub that is written twice names all its instructions at each moment, and what is only of the first making is marked so', () => {
  const stages = stagesOf('two-stubs', 'sti_stub', { arrives: 'nmi', fetch: 'coherent' })
  expect(stages.map((site) => [bytesOf(site), site.memoryMeaning, site.memoryText])).toEqual([
    ['cci cco cco cco cco cco cco cco cco cco cco', 'old', 'int3'],
    ['68n 10b 10n 00n 81n fbn e9n 2db cco cco cco', 'torn', 'push 0xffffffff81001010; sti; jmp 0xffffffff4dccfc48'],
    ['68n 10b 10n 00n 81n fbn e9n 2db f3b ffn ffn', 'new', 'push 0xffffffff81001010; sti; jmp callee_b'],
    ['68n 15n 10n 00n 81n fbn e9n 45n f3b ffn ffn', 'torn', 'push 0xffffffff81001015; sti; jmp 0xffffffff81002360'],
    ['68n 15n 10n 00n 81n fbn e9n 45n f5n ffn ffn', 'new', 'push 0xffffffff81001015; sti; jmp callee_d'],
  ])
  expect(stages[0]).toMatchObject({
    oldText: 'int3',
    newText: 'push 0xffffffff81001015; sti; jmp callee_d',
    between: ['push 0xffffffff81001010; sti; jmp callee_b'],
  })
})

test('a call has one instruction in each version, and no version in between', () => {
  const [first] = stagesOf('text-poke', 'site0', {})
  expect(first).toMatchObject({ memoryText: 'call callee_a', oldText: 'call callee_a', newText: 'call callee_b', between: [] })
})

test('two short instructions in the place of one are both named, in the old version as well', () => {
  const [first] = stagesOf('multi-instruction-slot', 'site0', { slot: 'xor-ret' })
  expect(first).toMatchObject({ memoryText: 'xor eax, eax; ret; 2 × nop', oldText: 'xor eax, eax; ret; 2 × nop', newText: 'jmp callee_b' })
})
