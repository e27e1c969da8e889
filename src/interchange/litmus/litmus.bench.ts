/** What the command line's `litmus` takes a test, without starting up: parsing, assembling, searching, writing the record. */
import { createDecode } from '../../decoder/decode.ts'
import { loadIcedNode } from '../../decoder/iced-node.ts'
import { litmusRecord, runLitmus } from './run.ts'

const NAMED = import.meta.glob<string>('./named/*.litmus', { query: '?raw', import: 'default', eager: true })
const ROUNDS = 100

export function bench(): { name: string; value: number; unit: string; note?: string }[] {
  loadIcedNode()
  const decode = createDecode()
  const texts = Object.values(NAMED)
  let states = 0
  const round = () => {
    states = 0
    const start = performance.now()
    for (const text of texts) {
      const result = runLitmus(text, decode)
      if (!result.ok) throw new Error(result.error)
      litmusRecord(result.value)
      states += result.value.explored
    }
    return performance.now() - start
  }
  const cold = round()
  const times = Array.from({ length: ROUNDS }, round).sort((a, b) => a - b)
  const warm = times[ROUNDS / 2] as number
  return [
    { name: 'the named litmus tests, cold', value: tenths(cold), unit: 'ms', note: `${texts.length} tests, ${states} states` },
    { name: 'the named litmus tests, warm', value: tenths(warm), unit: 'ms', note: `median of ${ROUNDS} rounds` },
    { name: 'a test, warm', value: Math.round((1000 * warm) / texts.length) / 1000, unit: 'ms' },
  ]
}

function tenths(value: number): number {
  return Math.round(10 * value) / 10
}
