/** What an int3 stands for: the races of the argument as they are told, and properties that fail for their own reason when the assembly is broken on purpose. */
import { expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { Scenario } from '../../scenario/format.ts'
import type { Params } from '../../scenario/params.ts'
import { races } from '../../scenario/races.ts'
import { edited } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()
const scenario = atlas.get('what-to-emulate') as Scenario

/** The race of one property, and its story from the last #BP on. */
function told(params: Params, property: string, words: readonly string[] = []) {
  const race = races(scenario, params, decode, words).find((each) => each.property === property)
  const trap = race?.story.lastIndexOf('1 #BP') ?? -1
  return { steps: `${race?.steps}/${race?.switches}`, story: race?.story.slice(trap - 1) ?? [], end: race?.end ?? '' }
}

test('skip: the call is live-patched, the int3 is skipped, the old body runs', () => {
  const { steps, story, end } = told({ strategy: 'skip', kind: 'call-call' }, 'no-lost-call')
  expect(steps).toBe('108/1')
  expect(story).toEqual(['1 executes int3', '1 #BP', '1 IRET'])
  expect(end).toMatch(/^CPU 1 executes ret: the function's own body/)
})

test('regs-caller: a nop becomes a call of one trampoline, and another one is called', () => {
  const { steps, story } = told({ strategy: 'regs-caller', kind: 'nop-call' }, 'calls-old-or-new', ['tracer_ops_hash'])
  expect(steps).toBe('116/1')
  expect(story).toEqual(['1 executes int3', '1 #BP', '1 IRET', '1 reads tracer_ops_hash = vfs_read'])
})

test('regs-caller: a call becomes a nop, and the trampoline that is called all the same finds nobody who wants to hear of it', () => {
  const { story } = told({ strategy: 'regs-caller', kind: 'call-nop' }, 'calls-old-or-new', ['tracer_ops_hash'])
  expect(story).toEqual(['1 executes int3', '1 #BP', '1 IRET', '1 reads tracer_ops_hash = 0'])
})

test('shared-target: the variable holds the last site’s target, and the first site is hit', () => {
  const race = races(scenario, { strategy: 'shared-target', kind: 'mixed' }, decode, ['ftrace_update_target']).find(
    ({ property }) => property === 'no-lost-call',
  )
  expect(race?.story.filter((line) => !/IPI|IRET/.test(line))).toEqual([
    '0 writes ftrace_regs_caller → ftrace_update_target',
    '0 writes tracer_trampoline → ftrace_update_target',
    '0 writes cc → vfs_read',
    '1 executes int3',
    '1 #BP',
    '1 reads ftrace_update_target = tracer_trampoline',
  ])
})

const COHERENT = { fetch: 'coherent' }

/** What is broken, with which parameters; the violated properties, and what the last step of the first says. */
test.each<[string, Scenario, Params, string[], RegExp]>([
  [
    'ftrace_regs_caller asks no hash, and redirects a function that nobody patched',
    edited(scenario, 'callers.asm', '        jne     .tracer\n', ''),
    { ...COHERENT, strategy: 'regs-caller', kind: 'mixed' },
    ['calls-old-or-new', 'function-runs'],
    /^CPU 1 executes ret/,
  ],
  [
    'the tracer’s hash is set for one function only',
    edited(scenario, 'patcher.asm', '        mov     [rel tracer_ops_hash], rax\nif MIXED', 'if MIXED'),
    { ...COHERENT, kind: 'call-call' },
    ['new-after-return'],
    /^CPU 1 executes mov r15d, ebx/,
  ],
  [
    'the handler looks a record up, and takes the one behind it',
    edited(scenario, 'handler.asm', 'mov     r9, [rax + REC_ADDR_NEW]', 'mov     r9, [rax + DYN_FTRACE_SIZE + REC_ADDR_NEW]'),
    { ...COHERENT, kind: 'mixed' },
    ['no-lost-call', 'calls-old-or-new', 'no-oops'],
    /^CPU 1 executes ret/,
  ],
  [
    'the handler returns one byte too early',
    edited(scenario, 'handler.asm', 'PT_RIP], MCOUNT_INSN_SIZE - 1', 'PT_RIP], MCOUNT_INSN_SIZE - 2'),
    { ...COHERENT, kind: 'call-nop' },
    ['whole-instruction', 'no-oops'],
    /^CPU 1 /,
  ],
  [
    'the final run_sync is missing',
    edited(scenario, 'patcher.asm', 'SYNC3         equ 1', 'SYNC3         equ 0'),
    { ...COHERENT, kind: 'call-call' },
    ['no-oops'],
    /^CPU 1 executes je oops/,
  ],
  [
    'the patcher is done before it has begun',
    edited(scenario, 'patcher.asm', 'phase "register"\n', 'phase "register"\n        mov dword ptr [rel patch_done], 1\n'),
    COHERENT,
    ['new-after-return'],
    /^CPU 1 executes mov r15d, ebx/,
  ],
])('%s', (_, broken, params, violated, end) => {
  const found = races(broken, params, decode)
  expect(found.map(({ property }) => property)).toEqual(violated)
  expect(found[0]?.end).toMatch(end)
})
