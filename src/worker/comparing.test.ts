import { expect, test } from 'vitest'
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { createDisassemble } from '../decoder/disassemble.ts'
import { formatSchedule } from '../machine/choice.ts'
import { isDifference } from '../scenario/compare-runs.ts'
import type { Scenario } from '../scenario/format.ts'
import { Comparing } from './comparing.ts'
import { Session } from './session.ts'

const decode = createDecode()
const disassemble = createDisassemble()

function calmRun(params: Readonly<Record<string, string>>): string {
  const opened = Session.open(atlas.get('text-poke') as Scenario, params, decode, disassemble)
  if (!opened.ok) throw new Error(opened.error.join('\n'))
  opened.value.go('end', null, { kind: 'fewest-switches' }, 2000)
  return formatSchedule(opened.value.run.branch.schedule)
}

function compared(comparing: Comparing, a: Record<string, string>, b: Record<string, string>, schedules: readonly [string, string]) {
  const [left, right] = ([a, b] as const).map((params, i) =>
    comparing.open(
      { kind: 'compare-run', side: i === 0 ? 'a' : 'b', scenario: 'text-poke', params, schedule: schedules[i] as string },
      decode,
      disassemble,
    ),
  )
  expect([left?.kind, right?.kind]).toEqual(['compare-run', 'compare-run'])
  const answer = comparing.compare(disassemble)
  if (answer.kind !== 'compare') throw new Error(answer.kind)
  return answer
}

test('the same scenario with and without sync 1: all the other instructions of the patcher are still the same ones', () => {
  const comparing = new Comparing()
  const answer = compared(comparing, {}, { sync1: 'off' }, [calmRun({}), calmRun({ sync1: 'off' })])
  const patcher = answer.runs.cpus[0]
  expect(patcher?.whole).toBe(true)
  const changed = (patcher?.rows ?? []).filter(isDifference)
  const titles = changed.map(({ a, b }) => [a === null ? null : answer.a.steps[a]?.title, b === null ? null : answer.b.steps[b]?.title])
  // One sync: the call, what it does, and the wait. Nothing is in B alone.
  expect(titles[0]).toEqual(['executes call smp_text_poke_sync_each_cpu', null])
  // Of those that both have, only one does another thing: it finds the number in rcx already there, from the first sync.
  expect(titles.filter(([, b]) => b !== null)).toEqual([['executes mov ecx, 0x830', 'executes mov ecx, 0x830']])
  expect(answer.runs.first).toEqual({ cpu: 0, row: { a: answer.runs.shared, b: null, differs: false } })
  expect(answer.a.timeline?.steps).toBe(answer.a.steps.length)
  expect([answer.a.ended, answer.b.ended, answer.a.violated]).toEqual([true, true, null])
})

test('a schedule is carried over as far as it is possible, and it is said where it is not', () => {
  const comparing = new Comparing()
  const schedule = calmRun({})
  const { a, b } = compared(comparing, {}, { sync1: 'off' }, [schedule, schedule])
  expect(a.remarks).toEqual([])
  expect(b.remarks).toEqual([expect.stringMatching(/^Step \d+ of the schedule, .*: CPU \d .* there; kept the \d+ steps before it\.$/)])
  expect(b.steps.length).toBeLessThan(a.steps.length)
})

test('states at two moments: what a CPU may fetch, memory, registers, by their names', () => {
  const comparing = new Comparing()
  const schedule = calmRun({})
  compared(comparing, {}, {}, [schedule, schedule])
  const at = (a: number, b: number) => {
    const answer = comparing.at({ kind: 'compare-at', a, b })
    if (answer.kind !== 'compare-at') throw new Error(answer.kind)
    return answer.differences
  }
  expect(at(0, 0)).toEqual([])
  const differences = at(0, 60)
  expect(differences.find(({ kind, what }) => kind === 'memory' && what === 'site0')?.b).toMatch(/^cc .*int3$/)
  expect(differences).toContainEqual(expect.objectContaining({ kind: 'cpu', cpu: 0, what: 'stands at', a: 'patcher' }))
  expect(differences.some(({ kind }) => kind === 'register')).toBe(true)
})

test('nothing is compared before there are two runs, and a scenario that does not exist is refused', () => {
  const comparing = new Comparing()
  expect(comparing.compare(disassemble).kind).toBe('refused')
  expect(comparing.at({ kind: 'compare-at', a: 0, b: 0 }).kind).toBe('refused')
  expect(comparing.open({ kind: 'compare-run', side: 'a', scenario: 'none', params: {}, schedule: '' }, decode, disassemble)).toMatchObject({
    kind: 'refused',
    message: 'There is no scenario "none".',
  })
})
