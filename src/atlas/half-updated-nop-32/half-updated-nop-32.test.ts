/** Nops that change byte by byte under a timer interrupt: both instructions that are none of them, as the commit lists them. */
import { expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { Scenario } from '../../scenario/format.ts'
import { races } from '../../scenario/races.ts'
import { atlas } from '../index.ts'

const decode = createDecode()
const scenario = atlas.get('half-updated-nop-32') as Scenario

test('with interrupts on, the timer finds one byte changed, or two', () => {
  const found = races(scenario, { optimize: 'irqs-on' }, decode)
  expect(found.map(({ property, steps }) => [property, steps])).toEqual([
    ['whole-instruction', 13],
    ['unchanged', 15],
  ])
  expect(found.map(({ story }) => story)).toEqual([
    ['0 writes 8d → site0', '0 timer', expect.stringMatching(/^0 executes lea edx, \[eax-0x3c29c670\]/)],
    ['0 writes 8d → site0', '0 writes 76 → site0+0x1', '0 timer', expect.stringMatching(/^0 executes lea esi, \[esi-0x70\]/)],
  ])
})

test('with interrupts off the sync_core is needed only where a CPU need not notice its own stores', () => {
  const models = ['worst', 'amd', 'snoop-keep', 'snoop-nuke', 'coherent']
  expect(models.filter((fetch) => races(scenario, { optimize: 'irqs-off', fetch }, decode).length > 0)).toEqual(['worst'])
})
