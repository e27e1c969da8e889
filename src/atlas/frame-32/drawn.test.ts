/** What the stack panel shows of the frames, on 32 and on 64 bit: nothing of these layouts is typed in anywhere, so they are written down here. */
import { expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import { createDisassemble } from '../../decoder/disassemble.ts'
import { parseSchedule } from '../../machine/choice.ts'
import type { Scenario } from '../../scenario/format.ts'
import { inspectStack } from '../../scenario/inspect-stack.ts'
import type { Params } from '../../scenario/params.ts'
import { Checker } from '../../scenario/properties.ts'
import { Run, type Taken } from '../../scenario/run.ts'
import { StackLog } from '../../scenario/stack-log.ts'
import { mustBuild } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()
const disassemble = createDisassemble()

/** The words at the end of a schedule, from the highest down: kind, label, and what became of it; runs of saved registers in one line. */
function drawn(id: string, params: Params, schedule: string): string[] {
  const instance = mustBuild(atlas.get(id) as Scenario, params, decode)
  const checker = Checker.create(instance)
  if (!checker.ok) throw new Error(checker.error.join('\n'))
  const run = new Run(instance, checker.value)
  const stackLog = new StackLog(instance)
  let last: { readonly taken: Taken; readonly before: Int32Array } | null = null
  for (const choice of parseSchedule(schedule).schedule) {
    const before = run.machine.w.slice()
    const taken = run.take(choice)
    if (taken === null) throw new Error(`${schedule}: not possible`)
    stackLog.append(taken)
    last = { taken, before }
  }
  const { words } = inspectStack({ instance, checker: checker.value, disassemble, run, stackLog, scratch: instance.machine(), last }, 0)
  return words
    .filter(({ kind, altered }) => kind !== 'plain' || altered !== null)
    .map(({ kind, label, altered, overwritten, value }) => {
      const size = value.length / 2
      const bytes = size === instance.scenario.file.bits / 8 ? '' : ` (${size} bytes)`
      return `${kind}: ${label}${bytes}${altered === null ? '' : ` ← ${altered}`}${overwritten ? ' !' : ''}`
    })
    .filter((line) => !/^software: [re]?(ax|bx|cx|dx|si|di|bp|[c-g]s|\d+)\b[^←]*$/.test(line))
}

const CALLER = 'return: return address → pass_end'
const HANDLERS = ['asm_exc_int3+0x48', 'exc_int3+0x5', 'ftrace_int3_handler+0x16'].map((where) => `return: return address → ${where}`)

test('complete frame: the push goes into the gap, and regs->sp is a word like any other', () => {
  expect(drawn('frame-32', {}, '0s*54')).toEqual([
    CALLER,
    'return: return address, emulated push → site0_end',
    ...Array.from({ length: 4 }, () => 'gap: gap'),
    'software: ss',
    'software: esp ← changed by int3_emulate_push',
    'hardware: eflags',
    'hardware: cs ← changed by asm_exc_int3',
    'hardware: eip → ftrace_regs_caller ← changed by int3_emulate_call',
    'software: orig_ax = −1',
    ...HANDLERS,
  ])
})

test('its way out builds the frame of IRET in the gap', () => {
  const pushed = [CALLER, 'return: return address, emulated push → site0_end']
  const frame = ['hardware: eflags', 'hardware: cs', 'hardware: eip → ftrace_regs_caller ← changed by int3_emulate_call']
  expect(drawn('frame-32', {}, '0s*87')).toEqual([...pushed, ...frame])
  expect(drawn('frame-32', {}, '0s*88')).toEqual(pushed)
})

test('up too early: what is pushed is a copy of what the NMI has overwritten', () => {
  expect(drawn('frame-32', { arrives: 'nmi', exit: 'early' }, '0s*80 0N 0s*61')).toEqual([
    CALLER,
    'return: return address, emulated push → site0_end',
    'hardware: eflags',
    'hardware: cs ← changed by asm_exc_int3',
    'hardware: eip ← overwritten by NMI !',
    'software: eax ← overwritten by NMI !',
  ])
})

test('old frame: the naive push changes a word of the interrupted stack, the one in place overwrites the flags', () => {
  expect(drawn('frame-32', { frame: 'naive' }, '0s*38')[0]).toBe('return: return address → caller+0x1d ← overwritten by int3_emulate_push !')
  expect(drawn('frame-32', { frame: 'in-place' }, '0s*43').slice(0, 4)).toEqual([
    CALLER,
    'hardware: eflags → site0_end ← overwritten by int3_emulate_push !',
    'hardware: cs',
    'hardware: eip → ftrace_regs_caller ← changed by int3_emulate_call',
  ])
})

test('first cut: at the place of esp lies a copy of the word at S', () => {
  expect(drawn('frame-32', { frame: 'first-cut' }, '0s*42').slice(0, 8)).toEqual([
    CALLER,
    ...Array.from({ length: 4 }, () => 'gap: gap'),
    'software: copy',
    'software: copy of return address → pass_end',
    'hardware: eflags',
  ])
})

test('moved: the frame a word lower, room on top', () => {
  expect(drawn('frame-32', { frame: 'move' }, '0s*60').slice(0, 6)).toEqual([
    CALLER,
    'hardware: eflags, copied',
    'hardware: eflags',
    'hardware: cs',
    'hardware: eip → traced_function+0x1',
    'software: orig_ax = −1',
  ])
})

const STORED = '0s*72'
const RSP = 'hardware: rsp ← changed by ftrace_int3_handler'

test.each<[string, Params, string[]]>([
  ['gap, S ≡ 0', {}, ['return: return address, emulated push → traced_body', ...Array.from({ length: 5 }, () => 'gap: gap'), 'hardware: ss', RSP]],
  [
    'gap, S ≡ 3',
    { smod16: '3' },
    [
      'return: return address, emulated push → traced_body',
      'gap: gap (3 bytes)',
      ...Array.from({ length: 5 }, () => 'gap: gap'),
      'hardware: ss',
      RSP,
    ],
  ],
  ['no gap, S ≡ 0', { frame: 'no-gap' }, ['hardware: ss → traced_body ← overwritten by ftrace_int3_handler !', RSP]],
  [
    'no gap, S ≡ 1',
    { frame: 'no-gap', smod16: '1' },
    ['gap: alignment (1 bytes)', 'hardware: ss ← overwritten in part by ftrace_int3_handler !', RSP],
  ],
  ['no gap, S ≡ 8', { frame: 'no-gap', smod16: '8' }, ['return: return address, emulated push → traced_body', 'hardware: ss', RSP]],
  [
    'no gap, S ≡ 11',
    { frame: 'no-gap', smod16: '11' },
    ['return: return address, emulated push → traced_body', 'gap: alignment (3 bytes)', 'hardware: ss', RSP],
  ],
])('64 bit, %s', (_, params, lines) => {
  const steps = params.frame === 'no-gap' ? '0s*65' : STORED
  expect(drawn('frame-64', params, steps).slice(0, lines.length + 1)).toEqual([CALLER, ...lines])
})
