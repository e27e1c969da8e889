/** The offset read as data: what tears, what does not, and properties that fail for their own reason when the assembly is broken on purpose. */
import { describe, expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { Scenario } from '../../scenario/format.ts'
import type { Params } from '../../scenario/params.ts'
import { races } from '../../scenario/races.ts'
import { edited } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()
const scenario = atlas.get('dcache-coherent-offset') as Scenario
const violated = (params: Params, from: Scenario = scenario) => races(from, params, decode).map(({ property }) => property)

/** The four bytes of a site across two lines, and what of them lies in the second, where they are written and read as data. */
const OFFSET = ['0xffff88000100103e', '0xffff880001001040']

/** The race of one property, from where the int3 is executed. */
function told(params: Params, property: string) {
  const race = races(scenario, params, decode, OFFSET).find((each) => each.property === property)
  const trap = race?.story.lastIndexOf('1 #BP') ?? -1
  return { steps: `${race?.steps}/${race?.switches}`, story: race?.story.slice(trap - 1) ?? [], end: race?.end ?? '' }
}

describe('an offset across two lines, written by a plain store', () => {
  test('is read half old and half new, by a locked load too', () => {
    const { steps, story } = told({ site: 'lines', access: 'plain-write' }, 'mixed-offset')
    expect(steps).toBe('112/3')
    expect(story).toEqual([
      '1 executes int3',
      '1 #BP',
      '1 reads 0xffff88000100103e = 1401306',
      // A locked read is a read-modify-write: it writes back what it has read.
      '1 writes 01401306 → call_site+0x1',
    ])
  })

  test('written whole and read by a plain load: the load comes in two parts', () => {
    const { steps, story } = told({ site: 'lines', access: 'plain-read' }, 'mixed-offset')
    expect(steps).toBe('112/3')
    expect(story).toEqual([
      '1 executes int3',
      '1 #BP',
      '1 reads 0xffff88000100103e = 1be',
      '0 reads 0xffff88000100103e = 14001be',
      '0 writes 03801306 → call_site+0x1',
      '1 reads 0xffff880001001040 = 380',
    ])
  })
})

test('the tail of a nop leads 0x441f bytes too far', () => {
  const { steps, story, end } = told({ kind: 'nop-call' }, 'nop-as-offset')
  expect(steps).toBe('75/1')
  expect(story).toEqual(['1 executes int3', '1 #BP', '1 writes 0000441f → call_site+0x1', '1 IRET'])
  expect(end).toMatch(/^CPU 1 executes iretq/)
})

test.each([
  ['first', ['0 writes cc → call_site', '0 writes 03801333 → call_site+0x1', '1 executes call 0xffffffff82401148, stale']],
  ['second', ['0 writes 03801333 → call_site+0x1', '0 writes e8 → call_site', '1 executes call 0xffffffff82401148, stale']],
])('data is one thing, execution another: without the %s broadcast', (which, story) => {
  const race = races(scenario, { syncs: `no-${which}` }, decode)[0]
  expect(race?.property).toBe('whole-instruction')
  expect(race?.story.slice(-3)).toEqual(story)
})

describe('without the third broadcast', () => {
  test('the handler that knows nothing is never late, not even with stale fetch', () => {
    expect(violated({ syncs: 'no-third' })).toEqual([])
  })

  test('one that knows that there was a nop is', () => {
    expect(violated({ syncs: 'no-third', strategy: 'site-kinds', kind: 'nop-call' })).toEqual(['new-after-return'])
  })

  test('one that asks a flag is', () => {
    expect(violated({ syncs: 'no-third', strategy: 'two-flags', fetch: 'coherent' })).toEqual(['no-oops'])
  })
})

test('a lock across two lines faults', () => {
  expect(told({ site: 'lines', splitlock: 'fault' }, 'no-oops').end).toMatch(/^CPU 1 executes lock cmpxchg .*#AC/)
})

test('a locked read of read-only text faults', () => {
  expect(told({ reads_through: 'text' }, 'no-oops').end).toMatch(/^CPU 1 executes lock cmpxchg .*#PF on 0xffffffff81001011, error code 0x3/)
})

const COHERENT = { fetch: 'coherent' }

test.each<[string, Scenario, Params, string[]]>([
  [
    'the handler reads one byte further on',
    edited(scenario, 'handler.asm', '        lock cmpxchg [rdx + 1], ecx', '        lock cmpxchg [rdx], ecx'),
    COHERENT,
    ['mixed-offset'],
  ],
  [
    'the patcher writes the offset before the int3',
    edited(
      scenario,
      'patcher.asm',
      'phase "int3"\n',
      '        mov     rax, SITE_ADDR + 1 + TEXT_TO_DIRECT_MAP\n        mov     ecx, [rel new + 1]\n        xchg    [rax], ecx\nphase "int3"\n',
    ),
    { fetch: 'worst' },
    ['whole-instruction'],
  ],
  [
    'the handler counts from the wrong end of the call',
    edited(scenario, 'handler.asm', '        add     rsi, 5\n', '        add     rsi, 4\n'),
    COHERENT,
    ['no-oops'],
  ],
  [
    'the flag is raised after the int3',
    edited(
      edited(scenario, 'patcher.asm', '        mov     dword ptr [rel updating_calls], 1\n', ''),
      'patcher.asm',
      'phase "offset"\n',
      'phase "offset"\n        mov     dword ptr [rel updating_calls], 1\n',
    ),
    { ...COHERENT, strategy: 'two-flags' },
    ['no-oops'],
  ],
  [
    'the patcher is done before it has begun',
    edited(scenario, 'patcher.asm', 'phase "int3"\n', '        mov dword ptr [rel patch_done], 1\nphase "int3"\n'),
    COHERENT,
    ['new-after-return'],
  ],
  ['the handler pushes nothing', edited(scenario, 'handler.asm', '        sub     rdx, 8\n', ''), COHERENT, ['frame-intact']],
])('%s', (_, broken, params, expected) => {
  expect(violated(params, broken)).toEqual(expected)
})
