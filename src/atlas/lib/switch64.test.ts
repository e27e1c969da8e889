/** The context switch: tasks that share a CPU keep their registers, take turns where the timer says so, and stay where their priority or a count keeps them. */
import { describe, expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import { mustBuild, scenarioOf, search } from '../../scenario/toy.ts'
import { libraryText } from '../index.ts'

const decode = createDecode()

/** Two tasks on CPU 0. Each writes down its turn: `log` grows by one decimal digit a turn. */
function tasks(first: string, second: string, { prio = [0, 0], timers = 1 } = {}) {
  const text = `
macro log digit
        imul    r12, qword ptr [rel trace], 10
        add     r12, digit
        mov     [rel trace], r12
endm
section .text at 0xffffffff81002000 exec
one:
${first}
one_done:
        hlt
        jmp     one_done
two:
        sti
${second}
two_done:
        call    schedule
        jmp     two_done
section .rodata at 0xffffffff81800000
percpu: dq      0, rq
section .data at 0xffffffff82000000 private=0
rq:     dq      task_one, 0
task_one: dq    0, task_two, ${prio[0]}
task_two: dq    stack_two_top - FIRST_FRAME, task_one, ${prio[1]}
trace:  dq      0
section .stack_one at 0xffffc90000010000 private=0 stack
        resb    400
stack_one_top:
section .stack_two at 0xffffc90000020000 private=0 stack
        resb    400
        first_frame two
stack_two_top:
`
  const library = libraryText('lib/switch64.asm') as string
  return scenarioOf({
    format: 1,
    id: 'tasks',
    title: 'tasks',
    program: [
      { name: 'switch64.asm', text: library },
      { name: 'tasks.asm', text },
    ],
    machine: { environment: { timer: { most: timers, cpus: [0], vector: 0xec } } },
    cpus: [{ role: 'cpu', entry: 'one', gsBase: 'percpu', registers: { rsp: 'stack_one_top' } }],
    idt: [{ vector: 0xec, handler: 'asm_sysvec_apic_timer_interrupt' }],
    properties: [{ kind: 'no-deadlock' }],
    outcome: ['u64[trace]', '0:rbx'],
  })
}

/** All outcomes, in order. */
function outcomes(scenario: ReturnType<typeof tasks>, reduce = true) {
  const result = search(mustBuild(scenario, {}, decode), { reduce })
  expect(result.kind).toBe('exhausted')
  return result.outcomes.map(({ key }) => key.replaceAll(/[^ =]+=/g, '')).sort()
}

const ALL = ['rax', 'rbx', 'rcx', 'rdx', 'rsi', 'rdi', 'rbp', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15']
const clobber = ALL.map((name) => `        mov     ${name}, -1`).join('\n')

describe('a context switch', () => {
  test('happens wherever the timer comes, also where the task has halted', () => {
    // The second task has its turn when the timer says so: before, between, behind those of the first, or never.
    const found = outcomes(tasks('  log 1\n  log 2', '  log 9'))
    expect(found).toEqual(['12 0', '129 0', '192 0', '912 0'].sort())
  })

  test('keeps every register and the flags of the task that was interrupted', () => {
    const fill = ALL.map((name, i) => `        mov     ${name}, ${i + 1}`).join('\n')
    const sum = ALL.slice(2)
      .map((name) => `        lea     rbx, [rbx + rbx + 0]\n        add     rbx, ${name}`)
      .join('\n')
    const program = `${fill}\n  mov rbx, 0\n  stc\n  nop\n  adc rbx, 0\n  add rbx, rax\n${sum}`
    const found = outcomes(tasks(program, clobber), false)
    expect(found).toHaveLength(1)
    expect(found).toEqual(outcomes(tasks(program, '')))
  })

  test('gives turns to tasks of equal priority', () => {
    const found = outcomes(tasks('  log 1\n  log 2', '  log 8\n  log 9', { timers: 3 }))
    expect(found).toContain('1829 0')
    expect(found).toContain('8129 0')
  })

  test('never takes the CPU from a task of higher priority', () => {
    const found = outcomes(tasks('  log 1\n  log 2', '  log 8\n  log 9', { timers: 2, prio: [0, 1] }))
    expect(found.every((outcome) => !/8.*[12].*9/.test(outcome))).toBe(true)
    expect(found).toContain('1892 0')
    expect(outcomes(tasks('  log 1\n  log 2', '  log 9', { prio: [1, 0] }))).toEqual(['12 0'])
  })

  test('waits while preempt_count is not 0', () => {
    const busy = '  inc qword ptr [rel rq + 8]\n  log 1\n  log 2\n  dec qword ptr [rel rq + 8]\n  log 3'
    expect(outcomes(tasks(busy, '  log 9'))).toEqual(['123 0', '1239 0', '1293 0', '9123 0'].sort())
  })

  test('is the same with and without reduction', () => {
    const scenario = tasks('  log 1\n  push rax\n  pop rax\n  log 2', '  log 8\n  push rcx\n  log 9', { timers: 2 })
    expect(outcomes(scenario, false)).toEqual(outcomes(scenario))
  })
})
