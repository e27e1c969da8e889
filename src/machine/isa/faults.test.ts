/** An instruction that raises an exception has changed nothing: it can be started again once the cause is gone. */
import { expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import { Random } from '../../lib/random.ts'
import { CR2, ERROR_CODE, FLAG_RF, FLAGS, STOP, STOP_EXCEPTION } from '../layout.ts'
import { VECTOR_BP, VECTOR_DB, VECTOR_OF } from '../machine.ts'
import { stepSelected } from '../step.ts'
import { createTable } from './silicon/case.ts'
import { CaseMaker } from './silicon/case-maker.ts'
import { createMachine, describeCase, setUp } from './silicon/compare.ts'
import { ENCODINGS } from './silicon/encodings.ts'

const SEED = 11
const CASES_A_LINE = 30

/** What a raised exception itself writes. */
const REPORTS = [CR2, CR2 + 1, STOP, ERROR_CODE]
/** Traps are delivered after their instruction. */
const TRAPS = new Set([VECTOR_BP, VECTOR_DB, VECTOR_OF])
/** These work word by word, as real processors do: what is done stays done, and starting again does it again. */
const PIECEMEAL = new Set(['enter', 'popa', 'popad', 'popaw'])

test(`whatever raises an exception leaves the state as it was, seed ${SEED}`, { timeout: 60_000 }, () => {
  const random = new Random(SEED)
  const table = createTable(random)
  const machines = { 32: createMachine(32, createDecode()), 64: createMachine(64, createDecode()) }
  const wrong: string[] = []
  let raised = 0
  for (const encoding of ENCODINGS) {
    const maker = new CaseMaker(random, (candidate) => candidate === encoding)
    for (let i = 0; i < CASES_A_LINE; i++) {
      const given = maker.make()
      const m = machines[given.bits]
      setUp(m, given, table)
      const before = m.w.slice()
      const { fetched } = stepSelected(m, 0)
      const stopped = m.w[m.c + STOP] as number
      if ((stopped & 0xff) !== STOP_EXCEPTION || TRAPS.has(stopped >> 8) || PIECEMEAL.has(fetched?.instruction.mnemonic ?? '')) continue
      raised++
      for (const at of REPORTS) before[m.c + at] = m.w[m.c + at] as number
      // A fault reports RF as 1.
      before[m.c + FLAGS] = (before[m.c + FLAGS] as number) | ((m.w[m.c + FLAGS] as number) & FLAG_RF)
      const changed = before.findIndex((word, at) => word !== m.w[at])
      if (changed >= 0) wrong.push(`word ${changed}: ${describeCase(given)}`)
    }
  }
  expect(wrong.slice(0, 3)).toEqual([])
  expect(raised).toBeGreaterThan(1000)
})
