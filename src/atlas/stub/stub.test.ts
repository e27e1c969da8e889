/** One stub for all calls: the mail's own story, the shorter one that the search finds, and properties that fail for their own reason. */
import { describe, expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import { joinHalves } from '../../lib/u64.ts'
import { choiceCpu, choiceKind, IRQ, packChoice, TIMER_ARRIVES } from '../../machine/choice.ts'
import { RIP } from '../../machine/layout.ts'
import { explore } from '../../scenario/expectation.ts'
import type { Scenario } from '../../scenario/format.ts'
import { Checker } from '../../scenario/properties.ts'
import { races } from '../../scenario/races.ts'
import { Run } from '../../scenario/run.ts'
import { calmChoice } from '../../scenario/scheduler.ts'
import { edited, mustBuild } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()
const scenario = atlas.get('stub') as Scenario
const CALM = { fetch: 'coherent' }

const found = (params: Record<string, string>, from = scenario) =>
  races(from, { ...CALM, ...params }, decode).map(({ property, steps, switches }) => `${property} ${steps}/${switches}`)

describe('with interrupts on at the call', () => {
  test('the broadcast itself is the interrupt: taken between push and jump, it is acknowledged, and the stub is made anew', () => {
    const all = races(scenario, { ...CALM, calls: 'irqs-on' }, decode)
    expect(all.map(({ property, steps, switches }) => `${property} ${steps}/${switches}`)).toEqual(['stub-not-reused 367/9', 'old-or-new 370/9'])
    const [reused, wrong] = all
    const trap = reused?.story.lastIndexOf('1 #BP') ?? 0
    expect(reused?.story.slice(trap).filter((line) => /^1|stub|site0/.test(line))).toEqual([
      '1 #BP',
      '1 IRET',
      '1 executes push 0xffffffff81001010',
      ...['1 IPI', '1 IRET', '0 writes 00001338 → site0+0x1', '1 IRET'],
      ...['1 IPI', '1 IRET', '0 writes e8 → site0', '1 IRET'],
      ...['1 IPI', '1 IRET', '0 writes f556e98100101568 → stub', '1 IRET'],
      '1 executes jmp callee_d',
    ])
    // One step earlier in the stub, and the second call is made in place of the first.
    expect(wrong?.story.slice(-2)).toEqual(['1 executes push 0xffffffff81001015', '1 executes jmp callee_d'])
  })

  test('the mail’s story is a race as well: pushed, rescheduled, and back in another’s stub', () => {
    const instance = mustBuild(scenario, { ...CALM, calls: 'preempted' }, decode)
    const checker = Checker.create(instance)
    if (!checker.ok) throw new Error(checker.error.join('\n'))
    const run = new Run(instance, checker.value)
    const at = (cpu: number, label: string) => {
      const { machine: m } = run
      m.select(cpu)
      return joinHalves(m.w[m.c + RIP] as number, m.w[m.c + RIP + 1] as number) === instance.program.symbol(label)
    }
    const take = (choice: number | null | undefined) => {
      if (choice === null || choice === undefined || run.take(choice) === null || run.length > 2000)
        throw new Error(`stuck after ${run.length} steps`)
    }
    /** Lets a CPU go on calmly until it is at a label. */
    const go = (cpu: number, label: string) => {
      while (!at(cpu, label) && run.branch.violated === null) take(calmChoice(run.machine, run.choices(), cpu))
    }
    /** Lets the patcher go on, while the other CPU does nothing but take interrupts and come back to where it is. */
    const patch = (label: string, meanwhile: string) => {
      while (!at(0, label)) {
        take(calmChoice(run.machine, run.choices(), 0))
        const interrupt = run.choices().find((choice) => choiceCpu(choice) === 1 && choiceKind(choice) === IRQ)
        if (interrupt === undefined) continue
        take(interrupt)
        go(1, meanwhile)
      }
    }
    // The first stub is made and the int3 written; the caller traps, and pushes.
    patch('text_poke_bp', 'caller')
    go(0, 'text_poke')
    go(0, 'smp_text_poke_sync_each_cpu')
    go(1, 'stub_jmp')
    take(packChoice(1, TIMER_ARRIVES, 0))
    go(1, 'schedule')
    // Another task, which is about to call schedule(), acknowledges every broadcast; the first call is patched, the second call's stub made.
    patch('write_stub', 'schedule')
    patch('text_poke_bp', 'schedule')
    expect(run.branch.violated).toBeNull()
    // The caller has the CPU again, in the middle of that one.
    go(1, 'stub_jmp')
    go(1, 'callee_d')
    const names = checker.value.properties.filter((_, i) => (((run.branch.violated?.mask ?? 0) >> i) & 1) === 1).map(({ id }) => id)
    expect(names).toEqual(['stub-not-reused'])
  })

  test('a stub that is not reused is safe, and one that is stays so with interrupts off', () => {
    expect(found({ calls: 'irqs-on', reuse: 'off' })).toEqual([])
    expect(found({})).toEqual([])
  })
})

test('the sync after the stub and the handler’s IRET do for each other, as far as architecture goes', () => {
  const verdict = (params: Record<string, string>) => {
    const result = explore(scenario, params, decode)
    return result.ok && result.value.kind
  }
  expect(verdict({ stubsync: 'off' })).toBe('exhausted')
  expect(verdict({ exit_iret: 'off' })).toBe('exhausted')
  expect(verdict({ stubsync: 'off', exit_iret: 'off' })).toBe('violated')
  expect(verdict({ stubsync: 'off', exit_iret: 'off', fetch: 'amd' })).toBe('exhausted')
})

describe('with one thing broken', () => {
  const stubs = 'lib/call-stubs.asm'
  test.each<[string, Scenario, string[]]>([
    ['the stub pushes another address', edited(scenario, stubs, 'stub_for stub, site0 + 5,', 'stub_for stub, pass_end,'), ['old-or-new']],
    [
      'the handler makes room, and the stub pushes as well',
      edited(
        scenario,
        'lib/text-poke-bp.asm',
        'mov     [rdi + PT_RIP], rcx',
        'mov     [rdi + PT_RIP], rcx\n        sub     qword ptr [rdi + PT_RSP], 8',
      ),
      ['frame-intact'],
    ],
    [
      'a caller waits for the patcher with interrupts off',
      edited(scenario, 'lib/two-sites.asm', '| local_irq_restore()\n        sti\n', ''),
      ['no-deadlock'],
    ],
    [
      'the stub jumps to the old target',
      edited(scenario, stubs, 'stub_for stub, site0 + 5, callee_b', 'stub_for stub, site0 + 5, callee_c'),
      ['old-or-new'],
    ],
    [
      'the handler goes to the jump, past the push',
      edited(scenario, 'lib/text-poke-bp.asm', 'mov     rcx, [rel bp_int3_handler]', 'lea     rcx, [rel stub_jmp]'),
      ['stub-not-reused', 'no-oops'],
    ],
    ['the stub is made behind the int3', edited(scenario, stubs, '        call    text_poke_stub\n', ''), ['no-oops']],
    [
      'the patcher says too early that it has returned',
      edited(scenario, stubs, 'func patcher\n', 'func patcher\n        mov dword ptr [rel patch_done], 1\n'),
      ['new-after-return'],
    ],
    [
      'the handler claims nothing',
      edited(scenario, 'lib/text-poke-bp.asm', 'cmp     rcx, [rel bp_int3_addr]', 'cmp     rcx, [rel bp_int3_handler]'),
      ['no-oops'],
    ],
  ])('%s', (_, broken, properties) => {
    expect(races(broken, CALM, decode).map(({ property }) => property)).toEqual(properties)
  })
})
