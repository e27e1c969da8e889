/** Spinning in the int3 handler: who waits for whom in each of its deadlocks, and what the spinning rests on. */
import { describe, expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import { joinHalves } from '../../lib/u64.ts'
import { choiceCpu, parseSchedule } from '../../machine/choice.ts'
import { RIP } from '../../machine/layout.ts'
import type { Scenario } from '../../scenario/format.ts'
import { Checker } from '../../scenario/properties.ts'
import { races } from '../../scenario/races.ts'
import { Run } from '../../scenario/run.ts'
import { roundRobin } from '../../scenario/scheduler.ts'
import { edited, mustBuild, search } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()
const scenario = atlas.get('iret-spin') as Scenario

/** The functions in which each CPU goes round for ever, once the shortest deadlock has closed. */
function stuck(hit: string): string[] {
  const instance = mustBuild(scenario, { fetch: 'coherent', hit }, decode)
  const { violations } = search(instance)
  expect(violations.map(({ property, trap }) => `${property} ${trap}`)).toEqual(['no-deadlock livelock'])
  const checker = Checker.create(instance)
  if (!checker.ok) throw new Error(checker.error.join('\n'))
  const run = new Run(instance, checker.value)
  for (const choice of parseSchedule(violations[0]?.schedule ?? '').schedule) run.take(choice)
  const seen = instance.cpus.map(() => new Set<string>())
  let last = 0
  for (let i = 0; i < 1000; i++) {
    const { machine: m } = run
    for (const [cpu, functions] of seen.entries()) {
      m.select(cpu)
      // The way there is not the way round.
      if (i >= 400) functions.add(instance.program.func(joinHalves(m.w[m.c + RIP] as number, m.w[m.c + RIP + 1] as number)) ?? '')
    }
    const choice = roundRobin(m, run.choices(), last)
    if (choice === null) break
    last = choiceCpu(choice)
    run.take(choice)
  }
  return seen.map((functions) => [...functions].sort().join(' '))
}

const SPINS = 'asm_exc_int3 exc_int3 traced'
const WAITS_FOR_ACKNOWLEDGEMENT = 'smp_text_poke_sync_each_cpu'

describe('the patch waits for whoever waits for the patch', () => {
  test.each([
    ['irqs-off', [WAITS_FOR_ACKNOWLEDGEMENT, SPINS]],
    ['nmi-on-caller', [WAITS_FOR_ACKNOWLEDGEMENT, SPINS]],
    ['irq-on-patcher', [SPINS, SPINS]],
    ['nmi-on-patcher', [SPINS, SPINS]],
    ['lock', ['asm_common_interrupt', SPINS]],
    ['fifo', [SPINS]],
  ])('%s', (hit, functions) => {
    expect(stuck(hit)).toEqual(functions)
  })
})

test('a handler that emulates the call waits for nobody', () => {
  for (const hit of ['irqs-off', 'nmi-on-caller', 'irq-on-patcher', 'nmi-on-patcher', 'fifo']) {
    expect(races(scenario, { strategy: 'emulate', hit, fetch: 'coherent' }, decode)).toEqual([])
  }
})

describe('with one thing broken', () => {
  test.each<[string, Scenario, Record<string, string>, string[]]>([
    [
      'the handler does not go back to the int3, but behind it',
      edited(scenario, 'iret-spin.asm', '        dec     qword ptr [rdi + PT_RIP]\n', ''),
      {},
      ['whole-instruction', 'no-oops'],
    ],
    [
      'the handler goes one byte too far back',
      edited(scenario, 'iret-spin.asm', 'dec     qword ptr [rdi + PT_RIP]', 'sub     qword ptr [rdi + PT_RIP], 2'),
      {},
      ['whole-instruction'],
    ],
    [
      'the new instruction calls the old function',
      edited(scenario, 'iret-spin.asm', '        dd      callee_b - (site0 + 5)', '        dd      callee_a - (site0 + 5)'),
      {},
      ['new-after-return'],
    ],
    [
      'the emulated call returns to the int3',
      edited(scenario, 'iret-spin.asm', 'add     rdx, 4', 'dec     rdx'),
      { strategy: 'emulate', hit: 'irqs-off' },
      ['old-or-new', 'no-deadlock'],
    ],
    [
      'the emulated call pushes nothing',
      edited(scenario, 'iret-spin.asm', '        mov     [rdi + PT_RSP], rax\n', ''),
      { strategy: 'emulate' },
      ['body-runs'],
    ],
  ])('%s', (_, broken, params, properties) => {
    expect(races(broken, { fetch: 'coherent', ...params }, decode).map(({ property }) => property)).toEqual(properties)
  })
})
