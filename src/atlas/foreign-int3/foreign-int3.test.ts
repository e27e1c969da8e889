/** An int3 that no sync waits for, and a descriptor that the patcher is done with: each race as the commit that mended it tells it. */
import { describe, expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { Scenario } from '../../scenario/format.ts'
import type { Params } from '../../scenario/params.ts'
import { races } from '../../scenario/races.ts'
import { edited } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()
const scenario = atlas.get('foreign-int3') as Scenario

/** From the last int3 of CPU 1 on, in the words that matter. */
function told(params: Params, property: string, words: readonly string[], from = scenario) {
  const found = races(from, { fetch: 'coherent', int3: 'elsewhere', ...params }, decode, words)
  const race = found.find((each) => each.property === property)
  const story = race?.story ?? []
  return { found: found.map(({ property }) => property), story: story.slice(story.lastIndexOf('1 #BP')), end: race?.end ?? '' }
}

describe('vec and nr_entries', () => {
  const words = ['bp_patching', 'bp_patching+0x8']

  test('the pointer is cleared first: one entry, and no vector', () => {
    const { found, story, end } = told({ handler: 'vec-before-nr' }, 'no-oops', words)
    expect(found).toEqual(['no-oops'])
    expect(story).toEqual(['1 #BP', '1 reads bp_patching+0x8 = 1', '1 reads bp_patching = 0'])
    expect(end).toMatch(/^CPU 1 executes movsxd rdx, dword ptr \[r11\+?0?\]: #PF on 0x0,/)
  })

  test('the number is cleared first: the handler has read it before', () => {
    const { story } = told({ handler: 'nr-before-vec' }, 'no-oops', words)
    expect(story).toEqual([
      '1 #BP',
      '1 reads bp_patching+0x8 = 1',
      '0 writes 0 → bp_patching+0x8',
      '0 writes 0 → bp_patching',
      '1 reads bp_patching = 0',
    ])
  })

  test('a sync between the two is what mends it', () => {
    const without = edited(scenario, 'descriptor.asm', '+ DESC_NR], 0\n        call    smp_text_poke_sync_each_cpu\n', '+ DESC_NR], 0\n')
    expect(told({ handler: 'nr-then-sync' }, 'no-oops', words).found).toEqual([])
    expect(told({ handler: 'nr-then-sync' }, 'no-oops', words, without).found).toEqual(['no-oops'])
  })
})

describe('a descriptor on the stack', () => {
  test('loaded, dropped, reused, counted up', () => {
    const { found, story } = told({ handler: 'descriptor-on-stack' }, 'stack-intact', ['bp_desc', 'stack0_frame+0x8', 'stack0_frame+0xc'])
    expect(found).toEqual(['no-oops', 'stack-intact', 'no-deadlock'])
    expect(story).toEqual([
      '1 #BP',
      '1 reads bp_desc = stack0_frame',
      '0 writes 0 → bp_desc',
      '0 reads stack0_frame+0xc = 1',
      '0 writes 0 → stack0_frame+0xc',
      '0 writes head → stack0_frame+0x8',
      '1 reads stack0_frame+0xc = ffffffff',
      '1 reads stack0_frame+0xc = ffffffff',
      '1 writes 0 → stack0_frame+0xc',
      '0 reads stack0_frame+0x8 = 81800300',
    ])
  })
})

describe('a global descriptor with a count', () => {
  test('needs no wait for an int3 elsewhere, which no entry speaks of', () => {
    expect(told({ refwait: 'off' }, 'no-oops', []).found).toEqual([])
  })

  test('needs the wait where text_poke has written the int3: it matches, and then the entry is another’s', () => {
    const { found, story } = told({ refwait: 'off', int3: 'poked' }, 'own-descriptor', ['tp_vec', 'tp_vec+0x4', 'bp_patching+0xc'])
    expect(found).toContain('own-descriptor')
    const order = ['1 reads tp_vec = 1010', '0 writes 3020 → tp_vec', '0 writes 1423 → tp_vec+0x4', '1 reads tp_vec+0x4 = 1423']
    expect(story.filter((word) => order.includes(word))).toEqual(order)
    expect(told({ int3: 'poked' }, 'own-descriptor', []).found).toEqual([])
  })

  test('a kprobe that nobody handles is an oops', () => {
    const deaf = edited(
      scenario,
      'kprobe.asm',
      '        mov     eax, 1\n.back:\n|\n        ret\n',
      '        xor     eax, eax\n.back:\n|\n        ret\n',
    )
    expect(told({}, 'no-oops', [], deaf).end).toMatch(/^CPU 1 executes je oops/)
  })
})
