import { expect, test } from 'vitest'
import { createDecode } from '../decoder/decode.ts'
import { createDisassemble } from '../decoder/disassemble.ts'
import { Random } from '../lib/random.ts'
import { parseSchedule } from '../machine/choice.ts'
import { compareRuns, isDifference, type RunComparison, type ToldStep } from './compare-runs.ts'
import { tellSteps } from './compare-runs-steps.ts'
import { mustBuild, toy } from './toy.ts'

const decode = createDecode()
const disassemble = createDisassemble()

/** "0a 1b 0c!": CPU 0 does a, CPU 1 does b, CPU 0 does c with another effect. */
const told = (text: string): ToldStep[] =>
  (text.match(/\S+/g) ?? []).map((word) => ({
    cpu: Number(word[0]),
    key: word[1] as string,
    sense: word.slice(1),
    title: word[1] as string,
    effect: word.slice(2),
  }))

/** One column a CPU: `=` both, `~` both but otherwise, `a` or `b` one of them; numbers are those of the steps. */
const drawn = ({ cpus }: RunComparison) =>
  cpus.map(({ rows }) =>
    rows.map(({ a, b, differs }) => `${a ?? '-'}${a === null ? 'b' : b === null ? 'a' : differs ? '~' : '='}${b ?? '-'}`).join(' '),
  )

test('each CPU is aligned for itself: another order of the CPUs is no difference of what they do', () => {
  const compared = compareRuns(told('0a 1x 0b 1y'), told('0a 0b 1x 1y'), 2)
  expect(drawn(compared)).toEqual(['0=0 2=1', '1=2 3=3'])
  expect(compared.shared).toBe(1)
  expect(compared.first).toBeNull()
})

test('what only one run has, and what both have with another effect, is marked; the first such step of any CPU is named', () => {
  const compared = compareRuns(told('0a 1x 0b 1y 0c'), told('0a 1x 0c 1y! 1z'), 2)
  expect(drawn(compared)).toEqual(['0=0 2a- 4=2', '1=1 3~3 -b4'])
  expect(compared.shared).toBe(2)
  expect(compared.first).toEqual({ cpu: 0, row: { a: 2, b: null, differs: false } })
})

test('that one run goes on longer is no difference of what it does; the one of another CPU behind it is', () => {
  expect(compareRuns(told('0a 1x'), told('0a 1x 1y 0b'), 2).first).toBeNull()
  expect(compareRuns(told('0a 1x 1p'), told('1x 1y 0a 0b 1p'), 2).first).toEqual({ cpu: 1, row: { a: null, b: 1, differs: false } })
})

test.each([1, 2])('every step of either run stands in exactly one row of its CPU, in order (seed %i)', (seed) => {
  const random = new Random(seed)
  const some = () =>
    told(Array.from({ length: random.below(40) }, () => `${random.below(3)}${'abcd'[random.below(4)]}${'!'.repeat(random.below(2))}`).join(' '))
  for (let round = 0; round < 100; round++) {
    const a = some()
    const b = some()
    const compared = compareRuns(a, b, 3)
    for (const side of ['a', 'b'] as const) {
      const steps = side === 'a' ? a : b
      const own = compared.cpus.map(({ rows }) => rows.map((row) => row[side]).filter((i) => i !== null))
      expect(own, `seed ${seed}`).toEqual([0, 1, 2].map((cpu) => steps.flatMap((step, i) => (step.cpu === cpu ? [i] : []))))
    }
    if (compared.cpus.every(({ rows }) => !rows.some(isDifference))) expect(compared.first).toBeNull()
  }
})

test('two runs of one machine: the load that comes before or after the store of the other CPU is the first that differs', () => {
  const scenario = toy('one:\n  mov dword ptr [rel x], 1\n  mfence\n  hlt\ntwo:\n  nop\n  mov eax, dword ptr [rel x]\n  hlt\n', ['one', 'two'])
  const instance = mustBuild(scenario, {}, decode)
  const of = (schedule: string) => tellSteps(instance, disassemble, parseSchedule(schedule).schedule, instance)
  const compared = compareRuns(of('1s 0s 0d 1s'), of('1s 0s 1s 0d'), 2)
  expect(drawn(compared)).toEqual(['1=1 2=3', '0=0 3~2'])
  expect(compared.shared).toBe(2)
  expect(compared.first).toMatchObject({ cpu: 1, row: { a: 3, b: 2 } })
})
