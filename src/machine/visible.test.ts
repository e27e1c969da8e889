/**
 * What a step marks as visible is what the search relies on (docs/search.md): with local steps taken together it must find what it finds with every single
 * step a choice. Compared here for the fetch models and for what the flagship scenario does not do.
 */
import { describe, expect, test } from 'vitest'
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import type { ExploreResult } from '../scenario/explore.ts'
import type { Scenario } from '../scenario/format.ts'
import { mustBuild, search, toy } from '../scenario/toy.ts'

const decode = createDecode()
const textPoke = atlas.get('text-poke') as Scenario
const MODELS = ['worst', 'amd', 'snoop-keep', 'snoop-nuke', 'coherent'] as const

const answer = (result: ExploreResult) => ({
  verdict: result.kind,
  violations: result.violations.map(({ property, steps, switches }) => ({ property, steps, switches })),
  outcomes: result.outcomes.map((row) => row.key),
})

/** The table of docs/fetch-models.md: is this sync needed, by fetch model? */
const NEEDED: readonly (readonly [site: string, sync: string, needed: readonly boolean[]])[] = [
  ['inside', 'sync1', [true, false, false, false, false]],
  ['inside', 'sync2', [true, false, false, false, false]],
  ['inside', 'sync3', [true, true, true, true, true]],
  ['across', 'sync1', [true, true, true, false, false]],
  ['across', 'sync2', [true, false, true, false, false]],
  ['across', 'sync3', [true, true, true, true, true]],
]

describe('one caller of the flagship scenario, reduced or not, under each fetch model', () => {
  test.each(MODELS)('%s: all three syncs suffice', (fetch) => {
    for (const site of ['inside', 'across']) expect(search(mustBuild(textPoke, { site, fetch, callers: '1' }, decode)).kind, site).toBe('exhausted')
  })

  test.each(NEEDED.flatMap(([site, sync, needed]) => MODELS.map((fetch, i) => [site, sync, fetch, needed[i] ? 'violated' : 'exhausted'] as const)))(
    'site %s a line, without %s, %s: %s',
    (site, sync, fetch, verdict) => {
      const instance = mustBuild(textPoke, { site, fetch, [sync]: 'off', callers: '1' }, decode)
      const reduced = search(instance)
      const full = search(instance, { reduce: false })
      expect(reduced.kind).toBe(verdict)
      expect(reduced.complete && full.complete).toBe(true)
      expect(answer(reduced)).toEqual(answer(full))
      expect(reduced.states).toBeLessThan(full.states)
    },
  )
})

describe('toys, reduced or not', () => {
  const outcome = ['0:rax', '1:rax', '0:rbx', '1:rbx']
  const cases: [string, string, Record<string, unknown>][] = [
    [
      'torn loads and stores',
      'a: mov rbx, across\n mov rax, [rbx]\n mov qword ptr [rbx], -1\n hlt\nb: mov rbx, across\n mov qword ptr [rbx], 0x55\n mov rax, [rbx]\n hlt\nsection .more at 0xffffffff8300003c shared\nacross: dq 0',
      {},
    ],
    [
      'two reads in one instruction',
      'a: lea rsi, [rel x]\n lea rdi, [rel y]\n cmpsd\n setb al\n hlt\nb: mov dword ptr [rel x], 1\n mov dword ptr [rel y], 1\n hlt',
      {},
    ],
    [
      'a fault that hangs on shared memory, with stores buffered',
      'a: mov dword ptr [rel x], 1\n mov eax, 1\n xor edx, edx\n div dword ptr [rel y]\n hlt\nh: mov ebx, 7\n hlt\nb: mov dword ptr [rel y], 1\n mfence\n mov eax, [rel x]\n hlt',
      { idt: [{ vector: 0, handler: 'h', type: 'interrupt' }] },
    ],
    [
      'string stores in any order',
      'a: lea rdi, [rel x]\n mov al, 1\n mov ecx, 3\n rep stosb\n hlt\nb: mov ebx, [rel x]\n mov eax, [rel x]\n hlt',
      {},
    ],
  ]
  test.each(cases)('%s', (_, program, fields) => {
    const instance = mustBuild(toy(program, ['a', 'b'], { outcome, ...fields }), {}, decode)
    const reduced = search(instance)
    const full = search(instance, { reduce: false })
    expect(answer(reduced)).toEqual(answer(full))
    expect(full.outcomes.length).toBeGreaterThan(1)
  })
})
