/** Writing code that nobody else runs, and code that somebody does. */
import { expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { Scenario } from '../../scenario/format.ts'
import { races } from '../../scenario/races.ts'
import { atlas } from '../index.ts'

const decode = createDecode()
const scenario = atlas.get('early-static-call') as Scenario
const MODELS = ['worst', 'amd', 'snoop-keep', 'snoop-nuke', 'coherent']
const brokenUnder = (params: Record<string, string>) => MODELS.filter((fetch) => races(scenario, { ...params, fetch }, decode).length > 0)

test('alone, this CPU’s own sync is needed by what Intel guarantees, and by nothing else', () => {
  expect(brokenUnder({ update: 'write' })).toEqual(['worst'])
  expect(brokenUnder({ update: 'write-and-sync' })).toEqual([])
})

test('with another CPU running, a plain write tears under every model', () => {
  expect(brokenUnder({ aps: 'running' })).toEqual(MODELS)
  const [torn] = races(scenario, { aps: 'running', fetch: 'coherent' }, decode)
  expect(torn?.property).toBe('whole-instruction')
  expect(torn?.story).toEqual([
    '0 writes e9 → static_call_tramp',
    expect.stringMatching(/^0 writes [0-9a-f]+ → static_call_tramp\+0x[13]$/),
    expect.stringMatching(/^1 executes jmp 0x/),
  ])
})
