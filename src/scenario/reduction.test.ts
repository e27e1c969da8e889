/** The reduction must not be seen in anything but the number of states: it is compared with the search that branches at every single step. */
import { describe, expect, test } from 'vitest'
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { parseSchedule } from '../machine/choice.ts'
import type { Instance } from './build.ts'
import type { ExploreResult } from './explore.ts'
import type { Scenario } from './format.ts'
import { Checker } from './properties.ts'
import { Run } from './run.ts'
import { mustBuild, search, toy } from './toy.ts'

const decode = createDecode()
const textPoke = atlas.get('text-poke') as Scenario

function answer(result: ExploreResult) {
  return {
    verdict: result.kind,
    violations: result.violations.map(({ property, steps, switches, trap }) => ({ property, steps, switches, trap })),
    outcomes: result.outcomes.map((row) => row.key),
  }
}

/** A schedule of the search is a schedule of the machine: it has as many steps as it says, and ends in the violation. */
function replays(instance: Instance, result: ExploreResult): void {
  const checker = Checker.create(instance)
  if (!checker.ok) throw new Error(checker.error.join('\n'))
  for (const { property, schedule, steps, trap } of result.violations) {
    const run = new Run(instance, checker.value)
    for (const choice of parseSchedule(schedule).schedule) expect(run.take(choice), `${property}: ${schedule}`).not.toBeNull()
    expect(run.cursor, property).toBe(steps)
    const { violated } = run.branch
    if (trap !== null) expect(violated).toBeNull()
    else {
      expect(violated?.step, property).toBe(steps)
      expect((violated?.mask ?? 0) & (1 << checker.value.properties.findIndex(({ id }) => id === property))).not.toBe(0)
    }
  }
}

function same(instance: Instance, maxStates = 2_000_000): { reduced: ExploreResult; full: ExploreResult } {
  const reduced = search(instance)
  const full = search(instance, { reduce: false, maxStates })
  replays(instance, reduced)
  replays(instance, full)
  return { reduced, full }
}

describe('one caller: the same verdict, shortest races and outcomes', () => {
  test.each([
    {},
    { sync1: 'off' },
    { sync2: 'off' },
    { sync3: 'off' },
    { sync1: 'off', sync2: 'off', sync3: 'off' },
    { fetch: 'coherent' },
    { fetch: 'coherent', sync3: 'off' },
    { site: 'inside', sync2: 'off', sync3: 'off' },
    { batch: 'call-nop', sync1: 'off' },
  ])('%o', (chosen) => {
    const { reduced, full } = same(mustBuild(textPoke, { ...chosen, callers: '1' }, decode))
    expect(answer(reduced)).toEqual(answer(full))
    expect(reduced.complete && full.complete).toBe(true)
    expect(reduced.states).toBeLessThan(full.states / 5)
  })
})

test('two callers: a bounded search without reduction meets the same shortest race', () => {
  const instance = mustBuild(textPoke, { sync1: 'off' }, decode)
  const full = search(instance, { reduce: false, maxStates: 400_000 })
  replays(instance, full)
  expect(full.cut).toBe('the limit of states')
  expect(answer(full).violations).toEqual(answer(search(instance)).violations)
})

describe('what a reduction could get wrong', () => {
  const ipi = `
  mov ecx, 0x830
  mov eax, (3 << 18) | 0x40
  xor edx, edx
  wrmsr
  hlt`
  const gate = { vector: 0x40, handler: 'handler', name: 'IPI' }
  const eoi = 'mov ecx, 0x80b\n xor eax, eax\n xor edx, edx\n wrmsr\n'

  test('a handler that reads private memory between two local-looking stores to it', () => {
    const program = `
sender:${ipi}
worker:
  mov dword ptr [rel flag], 1
  mov dword ptr [rel flag], 2
  cli
  hlt
handler:
  mov ebx, [rel flag]
  ${eoi}
  iretq
section .own at 0xffffffff83000000 private=1
flag: dd 0`
    const scenario = toy(program, ['sender', 'worker'], { idt: [gate], outcome: ['1:rbx'] })
    const { reduced, full } = same(mustBuild(scenario, {}, decode))
    expect(answer(full).outcomes).toEqual(['1:rbx=0', '1:rbx=1', '1:rbx=2'])
    expect(answer(reduced)).toEqual(answer(full))
  })

  test('a condition over shared memory at a label that local steps reach', () => {
    const program = `
writer:
  mov dword ptr [rel x], 1
  mov dword ptr [rel x], 2
  hlt
looker:
  mov eax, [rel y]
first:
  nop
second:
  nop
  mov eax, [rel y]
  hlt`
    const properties = [
      { kind: 'assert', id: 'first', title: 'x is not 2 at first', at: 'first', holds: 'u32[x] != 2' },
      { kind: 'assert', id: 'second', title: 'x is not 2 at second', at: 'second', holds: 'u32[x] != 2' },
    ]
    const { reduced, full } = same(mustBuild(toy(program, ['writer', 'looker'], { properties }), {}, decode))
    expect(full.violations.map(({ property }) => property)).toEqual(['first', 'second'])
    expect(answer(reduced)).toEqual(answer(full))
  })

  const nosy = `
sender:${ipi}
worker:
  mov eax, 1
  mov eax, 2
  mov eax, 3
  cli
  hlt
handler:
  mov ebx, eax
  mov r8, [rsp]
  ${eoi}
  iretq`

  test('a handler that looks at what it interrupted is why a scenario can say "anywhere"', () => {
    const careless = mustBuild(toy(nosy, ['sender', 'worker'], { idt: [gate], outcome: ['1:rbx'] }), {}, decode)
    expect(search(careless).outcomes.length).toBeLessThan(search(careless, { reduce: false }).outcomes.length)
    const machine = { interrupts: 'anywhere' }
    const { reduced, full } = same(mustBuild(toy(nosy, ['sender', 'worker'], { idt: [gate], outcome: ['1:rbx'], machine }), {}, decode))
    expect(answer(reduced)).toEqual(answer(full))
    expect(reduced.outcomes.map(({ key }) => key)).toEqual(['1:rbx=0', '1:rbx=1', '1:rbx=2', '1:rbx=3'])
  })

  test('NMIs and timer interrupts that come when they like, as often as the budget allows', () => {
    const add = (register: string) => `  mov ${register}, [rel x]\n  inc ${register}\n  mov [rel x], ${register}\n`
    const program = `
worker:
${add('eax')}${add('eax')}  mov ebx, 1
  mov ebx, 2
  hlt
on_nmi:
  push rcx
${add('ecx')}  pop rcx
  iretq
on_timer:
  push rax
  push rcx
  push rdx
${add('ecx')}  ${eoi}  pop rdx
  pop rcx
  pop rax
  iretq`
    const environment = { nmi: { most: 'nmis', cpus: [0] }, timer: { most: 1, cpus: [0, 3], vector: 0x20 } }
    const scenario = toy(program, ['worker'], {
      params: [{ name: 'nmis', title: 'NMIs', values: ['0', '1', '2'], default: '1' }],
      machine: { environment },
      idt: [
        { vector: 2, handler: 'on_nmi' },
        { vector: 0x20, handler: 'on_timer' },
      ],
      outcome: ['u32[x]'],
      properties: [{ kind: 'no-deadlock' }],
    })
    const outcomes = ['0', '1', '2'].map((nmis) => {
      const { reduced, full } = same(mustBuild(scenario, { nmis }, decode))
      expect(answer(reduced)).toEqual(answer(full))
      return answer(reduced).outcomes
    })
    // Whoever is interrupted between reading and writing takes back what the handlers have added.
    expect(outcomes.map((keys) => keys.length)).toEqual([2, 3, 4])
    expect(outcomes[1]).toEqual(['u32[x]=2', 'u32[x]=3', 'u32[x]=4'])
  })

  test('a CPU that computes for ever is a livelock with a cycle of its own length', () => {
    const properties = [{ kind: 'no-deadlock' }]
    const round = mustBuild(toy('a:\n mov ecx, 3\n.on: nop\n jmp .on', ['a'], { properties }), {}, decode)
    expect(search(round).violations).toMatchObject([{ property: 'no-deadlock', trap: 'livelock', cycle: '0s*2' }])
    expect(search(round, { reduce: false }).violations).toMatchObject([{ property: 'no-deadlock', trap: 'livelock', cycle: '0s*2' }])
  })

  test('a CPU that never does the same twice meets a bound of the search', () => {
    const counter = mustBuild(toy('a:\n.on: inc rcx\n jmp .on', ['a']), {}, decode)
    expect(search(counter, { maxStates: 10 })).toMatchObject({ kind: 'cut', cut: 'the limit of states', complete: false })
  })
})
