/** ftrace of 2012: what its races tell, and that each property can fail for its own reason. */
import { expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { Scenario } from '../../scenario/format.ts'
import type { Params } from '../../scenario/params.ts'
import { races } from '../../scenario/races.ts'
import { edited } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()
const ftrace = atlas.get('ftrace-2012') as Scenario

/** The races as "property steps/switches", and the story of the first. */
function told(params: Params) {
  const found = races(ftrace, params, decode)
  return { found: found.map(({ property, steps, switches }) => `${property} ${steps}/${switches}`), story: found[0]?.story, end: found[0]?.end }
}

test('a live-patched function runs its old body while its call is modified, all syncs in place', () => {
  const { found, story } = told({ kind: 'modify-call' })
  expect(found).toEqual(['no-lost-call 100/1'])
  expect(story).toEqual(['0 writes cc → vfs_read', '1 executes int3', '1 #BP', '1 IRET'])
})

test('without the first sync an old first byte meets the new tail', () => {
  const { found, story } = told({ sync1: 'off' })
  expect(found).toEqual(['whole-instruction 78/1', 'no-oops 78/1'])
  expect(story?.slice(0, 3)).toEqual(['0 writes cc → vfs_read', '0 writes 0b → vfs_read+0x1', '1 executes ud2, stale'])
})

test('without the second sync the new first byte meets the nop’s tail: a call 0x441f bytes too far', () => {
  const { found, story, end } = told({ sync2: 'off' })
  expect(found).toEqual(['whole-instruction 169/3'])
  expect(story?.slice(-4, -1)).toEqual(['0 writes 0b → vfs_read+0x1', '0 writes 000013 → vfs_read+0x2', '0 writes e8 → vfs_read'])
  expect(end).toMatch(/neither old nor new: e80b440000/)
})

test('without the third sync a stale int3 is taken when nobody modifies any more', () => {
  const { found, story, end } = told({ sync3: 'off' })
  expect(found).toEqual(['no-oops 257/5'])
  expect(story?.slice(-3)).toEqual(['0 writes e8 → vfs_read', '1 executes int3, stale', '1 #BP'])
  expect(end).toMatch(/^CPU 1 executes jmp oops/)
})

test('an int3 that the way back has taken away is still hit, where no sync follows', () => {
  const { found, story } = told({ fails: 'add-breakpoints', errsync: 'none' })
  expect(found).toEqual(['no-oops 189/1'])
  expect(story?.filter((line) => !line.includes('vfs_write'))).toEqual([
    '0 writes cc → vfs_read',
    '0 writes 0f → vfs_read',
    '1 executes int3, stale',
    '1 #BP',
  ])
})

test('the way back from the second stage has no sync between tails and first bytes', () => {
  const { found, story, end } = told({ fails: 'add-update' })
  expect(found).toEqual(['whole-instruction 283/3'])
  expect(story?.slice(-4, -1)).toEqual(['0 writes 0b → vfs_read+0x1', '0 writes 000013 → vfs_read+0x2', '0 writes e8 → vfs_read'])
  expect(end).toMatch(/neither old nor new: e80b440000/)
})

const COHERENT = { fetch: 'coherent' }

test.each<[string, Scenario, Params, string, RegExp]>([
  [
    'the handler resumes one byte too early',
    edited(ftrace, 'lib/ftrace-int3.asm', 'PT_RIP], MCOUNT_INSN_SIZE - 1', 'PT_RIP], MCOUNT_INSN_SIZE - 2'),
    COHERENT,
    'whole-instruction',
    /^CPU 1 executes/,
  ],
  [
    'the counter goes up after the first stage only',
    edited(
      edited(
        ftrace,
        'ftrace-2012.asm',
        '        inc     dword ptr [rel modifying_ftrace_code]\n| ftrace_modify_all_code',
        '| ftrace_modify_all_code',
      ),
      'lib/ftrace-records.asm',
      'phase "tail"\n',
      'phase "tail"\n        inc     dword ptr [rel modifying_ftrace_code]\n',
    ),
    COHERENT,
    'no-oops',
    /^CPU 1 executes jmp oops/,
  ],
  [
    'the search among the records stops short of the last',
    edited(ftrace, 'lib/ftrace-int3.asm', 'lea     rcx, [rel ftrace_pages_end]', 'lea     rcx, [rel ftrace_pages_end - DYN_FTRACE_SIZE]'),
    { records: '2', ...COHERENT },
    'no-oops',
    /^CPU 1 executes jmp oops/,
  ],
  [
    'the new trampoline is no tracer',
    edited(ftrace, 'callers.asm', 'registered\n        mov     ebx, 2\n        redirect', 'registered\n        mov     ebx, 3\n        redirect'),
    COHERENT,
    'old-or-new',
    /^CPU 1 executes ret/,
  ],
  [
    'the new trampoline goes straight back to the caller, and pops a word too many',
    edited(
      ftrace,
      'callers.asm',
      'registered\n        mov     ebx, 2\n        redirect',
      'registered\n        mov     ebx, 2\n        mov eax, 1\n        add rsp, 8\n        ret 8\n        redirect',
    ),
    COHERENT,
    'frame-intact',
    /^CPU 1 executes ret 8/,
  ],
  [
    'the last stage does nothing',
    edited(ftrace, 'lib/ftrace-records.asm', 'for_ftrace_rec_iter finish_update, ', 'for_ftrace_rec_iter add_update, '),
    COHERENT,
    'no-oops',
    /^CPU 1 executes jmp oops/,
  ],
  [
    'the records change nothing',
    edited(ftrace, 'ftrace-2012.asm', 'new_trampoline, UPDATE\nif NR', 'new_trampoline, FTRACE_UPDATE_IGNORE\nif NR'),
    COHERENT,
    'new-after-return',
    /^CPU 1 executes ret/,
  ],
])('%s', (_, scenario, params, property, says) => {
  const found = races(scenario, params, decode)
  expect(found.map((race) => race.property)).toContain(property)
  expect(found.find((race) => race.property === property)?.end).toMatch(says)
})
