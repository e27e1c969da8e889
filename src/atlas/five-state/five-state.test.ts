/** The five states: the int3 that is taken back too late, the loop of the second mail, the answer of a nested handler, and what the repair's two waits are for. */
import { describe, expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { Scenario } from '../../scenario/format.ts'
import { races } from '../../scenario/races.ts'
import { edited } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()
const scenario = atlas.get('five-state') as Scenario
const CALM = { fetch: 'coherent' }

const told = (params: Record<string, string>, from = scenario) => races(from, { ...CALM, ...params }, decode, ['bp_poke_state', 'bp_mask'])
const names = (params: Record<string, string>, from = scenario) => told(params, from).map(({ property }) => property)

/** From the last #BP on, without reads of the mask and what IRET does. */
function afterTrap(story: readonly string[] = []): string[] {
  return story
    .slice(story.lastIndexOf('1 #BP'))
    .filter((line) => !/IRET|reads bp_mask|writes 4 → bp_poke_state/.test(line) || /^1 writes 4/.test(line))
}

/** The patcher sees that its int3 has been undone, and begins again. */
const AGAIN = ['0 reads bp_poke_state = 4', '0 writes 1 → bp_poke_state', '0 writes cc → site0', '0 writes 2 → bp_mask']
/** `0f 41 13`, of the old nop and the new call. */
const TORN = '1 executes cmovno edx, dword ptr [rbx]'
/** It believes that everybody has seen the new int3, and writes the tail. */
const PATCHES = ['0 reads bp_poke_state = 1', '0 writes 2 → bp_poke_state', '0 writes 00001341 → site0+0x1']

describe('an int3 that is taken back too late is the next one', () => {
  test('14 January: the handler’s CPU has answered before it trapped', () => {
    const [torn] = told({})
    expect(torn).toMatchObject({ property: 'whole-instruction', steps: 151, switches: 5 })
    expect(torn?.story.indexOf('1 IPI')).toBeLessThan(torn?.story.indexOf('1 #BP') ?? 0)
    expect(afterTrap(torn?.story)).toEqual([
      '1 #BP',
      '1 reads bp_poke_state = 1',
      '1 writes 4 → bp_poke_state',
      ...AGAIN,
      '1 writes 0f → site0',
      '1 writes 0 → bp_mask',
      ...PATCHES,
      TORN,
    ])
  })

  test('15 January: the handler answers first', () => {
    const torn = told({ strategy: 'second-mail' }).find(({ property }) => property === 'whole-instruction')
    expect(torn?.story.filter((line) => line === '1 #BP')).toHaveLength(1)
    expect(afterTrap(torn?.story)).toEqual([
      '1 #BP',
      '1 reads bp_poke_state = 1',
      '1 writes 0 → bp_mask',
      '1 reads bp_poke_state = 1',
      '1 reads bp_poke_state = 1',
      '1 writes 4 → bp_poke_state',
      ...AGAIN,
      '1 writes 0f → site0',
      '1 IPI',
      '1 writes 0 → bp_mask',
      ...PATCHES,
      TORN,
    ])
  })
})

test('15 January: when the int3 has gone, the handler goes round with the state that it has read, unless it reads it again', () => {
  expect(names({ strategy: 'second-mail' })).toEqual(['whole-instruction', 'no-oops', 'no-deadlock'])
  expect(names({ strategy: 'second-mail', reread: 'on' })).toEqual(['whole-instruction', 'no-oops'])
})

describe('the repair needs both of its waits', () => {
  const repaired = { strategy: 'repaired' }
  const own = 'five-state.asm'

  test('with both nothing is violated', () => {
    expect(names(repaired)).toEqual([])
    expect(names({ ...repaired, hit: 'irqs-off' })).toEqual([])
    expect(names({ ...repaired, hit: 'fifo' })).toEqual([])
  })

  test('without the wait before it begins again, the late handler is back', () => {
    expect(
      names(repaired, edited(scenario, own, '        broadcast bp_drain\n        jmp     patcher.again', '        jmp     patcher.again')),
    ).toEqual(['whole-instruction', 'no-oops'])
  })

  test('if a #BP may answer the last broadcast, an NMI’s #BP answers for the one that it interrupted', () => {
    const broken = edited(scenario, own, '        broadcast bp_drain\nelse', '        broadcast bp_mask\nelse')
    expect(names(repaired, broken)).toEqual([])
    const [race, ...more] = told({ ...repaired, hit: 'nmi-on-caller' }, broken)
    expect(more).toEqual([])
    expect(race?.property).toBe('no-oops')
    const { story = [] } = race ?? {}
    expect(story.slice(story.indexOf('1 #BP')).filter((line) => /#BP|NMI|state|IRET/.test(line))).toEqual([
      ...['1 #BP', '1 NMI', '1 #BP'],
      ...['0 reads bp_poke_state = 1', '0 writes 2 → bp_poke_state', '0 writes 3 → bp_poke_state'],
      ...['1 reads bp_poke_state = 3', '1 writes 3 → bp_poke_state'],
      '0 writes 0 → bp_poke_state',
      ...['1 IRET', '1 IRET', '1 reads bp_poke_state = 0', '1 writes 0 → bp_poke_state'],
    ])
  })
})

test('who completes the patch with another opcode is found out', () => {
  const wrong = edited(scenario, 'five-state.asm', '        mov     dl, [rel new0]', '        mov     dl, 0xe9')
  expect(names({ strategy: 'repaired', hit: 'irqs-off' }, wrong)).toEqual(['whole-instruction'])
})
