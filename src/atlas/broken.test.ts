/**
 * Properties that can fail: the assembly is broken on purpose, one thing at a time, and the property that is there for it has to catch it, with a
 * shortest schedule that leads to the place of the accident.
 */
import { describe, expect, test } from 'vitest'
import { createDecode } from '../decoder/decode.ts'
import { createDisassemble } from '../decoder/disassemble.ts'
import { choiceCpu, formatSchedule, parseSchedule } from '../machine/choice.ts'
import type { Instance } from '../scenario/build.ts'
import { describe as inWords } from '../scenario/describe.ts'
import type { FoundViolation } from '../scenario/explore.ts'
import type { Scenario } from '../scenario/format.ts'
import type { Params } from '../scenario/params.ts'
import { Checker } from '../scenario/properties.ts'
import { Run } from '../scenario/run.ts'
import { edited, type Fields, mustBuild, search, toy } from '../scenario/toy.ts'
import { atlas } from './index.ts'

const decode = createDecode()
const disassemble = createDisassemble()
const textPoke = atlas.get('text-poke') as Scenario

/** The last step of a violation's schedule: who, and what happened there. */
function accident(instance: Instance, { property, schedule, steps, trap }: FoundViolation) {
  const checker = Checker.create(instance)
  if (!checker.ok) throw new Error(checker.error.join('\n'))
  const run = new Run(instance, checker.value)
  const choices = parseSchedule(schedule).schedule
  const last = choices.pop() as number
  for (const choice of choices) expect(run.take(choice)).not.toBeNull()
  expect(run.branch.violated, `${formatSchedule(choices)} violates already`).toBeNull()
  const before = run.machine.w.slice()
  const taken = run.take(last)
  const { violated } = run.branch
  expect(run.cursor).toBe(steps)
  expect(violated?.step).toBe(trap === null ? steps : undefined)
  if (trap === null) expect(((violated?.mask ?? 0) >> checker.value.properties.findIndex(({ id }) => id === property)) & 1).toBe(1)
  const { title, detail } = inWords(instance, disassemble, run.machine, before, last, taken?.events ?? [])
  return { property, steps, says: `CPU ${choiceCpu(last)} ${title}${detail === null ? '' : `: ${detail}`}` }
}

function accidents(scenario: Scenario, params: Params = {}) {
  const instance = mustBuild(scenario, params, decode)
  return search(instance).violations.map((violation) => accident(instance, violation))
}

/** In text_poke, with one caller and no stale fetch. Each violation: property, at most so many steps, and what the last one says. */
type Expected = readonly [property: string, atMost: number, says: RegExp]

function expectAccidents(scenario: Scenario, params: Params, expected: readonly Expected[]): void {
  const found = accidents(scenario, params)
  expect(found.map(({ property }) => property)).toEqual(expected.map(([property]) => property))
  for (const [i, [, atMost, says]] of expected.entries()) {
    expect(found[i]?.says).toMatch(says)
    expect(found[i]?.steps).toBeLessThanOrEqual(atMost)
  }
}

const PATCH = 'text-poke.asm'
const HANDLER = 'lib/tp-int3-handler.asm'
const trapGates = { ...textPoke, file: { ...textPoke.file, idt: textPoke.file.idt.map((gate) => ({ ...gate, type: 'trap' as const })) } }
/** Room for an IPI inside the #BP, which an interrupt gate does not let in. */
const roomy = edited(trapGates, PATCH, '        resb    320\nstack1_top', '        resb    640\nstack1_top')

describe('text_poke with one thing broken', () => {
  test.each<[string, Scenario, Params, Expected[]]>([
    [
      'the handler goes to the target and pushes no return address',
      edited(textPoke, HANDLER, 'je      .call', 'je      .jmp'),
      {},
      [['no-oops', 200, /^CPU 1 finds nothing to execute at 0x0: #PF on 0x0,/]],
    ],
    [
      'the handler pushes the return address twice',
      edited(textPoke, HANDLER, '        sub     rax, 8\n', '        mov     [rax - 8], rsi\n        sub     rax, 16\n'),
      {},
      [['frame-intact', 200, /^CPU 1 executes ret/]],
    ],
    [
      'the handler emulates another displacement',
      edited(
        textPoke,
        HANDLER,
        '        add     rsi, rdx\n        mov     [rdi + PT_RIP], rsi',
        '        lea     rsi, [rsi + rdx + 5]\n        mov     [rdi + PT_RIP], rsi',
      ),
      {},
      [['old-or-new', 200, /^CPU 1 executes ret/]],
    ],
    [
      'the descriptor is published after the int3',
      textPoke,
      { publish: 'late' },
      [['no-oops', 100, /^CPU 1 executes je oops: if \(!smp_text_poke_int3/]],
    ],
    [
      'the entry code leaves no gap',
      edited(textPoke, 'lib/entry64.asm', 'rept 6', 'rept 0'),
      {},
      [['no-oops', 200, /^CPU 1 executes iretq: #GP, error code 0x10/]],
    ],
    [
      'the new callee does a third thing',
      edited(
        textPoke,
        'callers.asm',
        'return 2\n        mov     eax, 2\n        ret\n\nsection .rodata.new',
        'return 2\n        mov     eax, 3\n        ret\n\nsection .rodata.new',
      ),
      {},
      [
        ['old-or-new', 200, /^CPU 1 executes ret/],
        ['new-after-return', 400, /^CPU 1 executes ret/],
      ],
    ],
    [
      'the patcher says that it is done before it has begun',
      edited(textPoke, PATCH, 'phase "int3"\n', '        mov dword ptr [rel patch_done], 1\nphase "int3"\n'),
      {},
      [['new-after-return', 100, /^CPU 1 executes ret: return 1/]],
    ],
    ['a trap gate lets the last sync into the handler', roomy, {}, [['no-oops', 400, /^CPU 1 executes je oops/]]],
    [
      'a trap gate, and no room on the stack for two handlers',
      trapGates,
      {},
      [['no-oops', 200, /^CPU 1 executes push .*#PF on 0xffffc9000001fff8, error code 0x2/]],
    ],
    [
      'the search among two entries turns the wrong way',
      edited(textPoke, HANDLER, 'jb      .left', 'ja      .left'),
      { batch: 'jump-label' },
      [['no-oops', 300, /^CPU 1 executes je oops/]],
    ],
    [
      'a caller never lets interrupts in',
      edited(textPoke, 'callers.asm', 'at SITE0_ADDR - 11 exec\nfunc caller\n', 'at SITE0_ADDR - 12 exec\nfunc caller\n        cli\n'),
      {},
      [['no-deadlock', 300, /^CPU \d executes/]],
    ],
    [
      'the patcher runs something that the machine does not model',
      edited(textPoke, PATCH, 'phase "tail"\n', '        db 0xd9, 0xe8\nphase "tail"\n'),
      {},
      [['within-model', 200, /^CPU 0 executes fld1: unsupported/]],
    ],
    [
      'the patcher writes text that is no site',
      edited(textPoke, PATCH, 'phase "tail"\n', '        mov rdi, POKE0 - 1\n        mov byte ptr [rdi], 0x90\nphase "tail"\n'),
      {},
      [['within-model', 200, /^CPU 0 executes mov byte ptr .* writes text that the scenario does not declare as a site/]],
    ],
    [
      'the patcher looks into the stack of a caller',
      edited(textPoke, PATCH, 'phase "tail"\n', '        mov rax, stack1_top - 8\n        mov rax, [rax]\nphase "tail"\n'),
      {},
      [['within-model', 200, /^CPU 0 executes mov rax, .*: .* private to another CPU/]],
    ],
    [
      'the patcher reads below its stack pointer',
      edited(textPoke, PATCH, 'phase "tail"\n', '        mov rax, [rsp - 8]\nphase "tail"\n'),
      {},
      [['within-model', 200, /^CPU 0 executes mov rax, .*: .* reads a stack below the stack pointer/]],
    ],
  ])('%s', (_, scenario, params, expected) => {
    expectAccidents(scenario, { callers: '1', fetch: 'coherent', ...params }, expected)
  })
})

describe('two CPUs and two locks', () => {
  const take = (lock: string) => `  mov eax, 1\n.${lock}: xchg [rel ${lock}], eax\n  test eax, eax\n  jnz .${lock}\n`
  const give = (lock: string) => `  mov dword ptr [rel ${lock}], 0\n`
  const user = (name: string, first: string, second: string) => `func ${name}\n${take(first)}${take(second)}${give(second)}${give(first)}  hlt\n`
  const properties: Fields = { properties: [{ kind: 'no-deadlock' }] }

  test('taken in the same order are no trouble', () => {
    const program = user('a', 'lock_a', 'lock_b') + user('b', 'lock_a', 'lock_b')
    expect(search(mustBuild(toy(program, ['a', 'b'], properties), {}, decode))).toMatchObject({ kind: 'exhausted', violations: [] })
  })

  test('taken in opposite orders end in a livelock of both spinning', () => {
    const program = user('a', 'lock_a', 'lock_b') + user('b', 'lock_b', 'lock_a')
    const [violation, ...more] = search(mustBuild(toy(program, ['a', 'b'], properties), {}, decode)).violations
    expect(more).toEqual([])
    // Their fate is sealed when each has its first lock, after two steps of either; the schedule goes on until both are on their way round. Of a livelock the
    // reduced search does not say that its schedule is the shortest.
    expect(violation).toMatchObject({
      property: 'no-deadlock',
      trap: 'livelock',
      steps: 18,
      switches: 2,
      schedule: '0s*2 1s*9 0s*7',
      shortest: false,
    })
  })
})

test('an exception without a gate is a violation even where no property speaks of it', () => {
  expect(accidents(toy('a:\n  ud2', ['a']))).toMatchObject([{ property: 'within-model', steps: 1, says: /#UD/ }])
})
