/** The 32-bit parts together: a call is patched while another CPU runs through it, with the entries, the IPI and the poke of a 32-bit kernel. */
import { expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import { mustBuild, scenarioOf, search } from '../../scenario/toy.ts'
import { libraryText } from '../index.ts'

const decode = createDecode()
const PARTS = ['pt-regs32', 'entry32', 'ipi32', 'sync-core32', 'poke32', 'oops']

/** CPU 0 patches call a → call b in three stages, as many of them synchronised as asked; CPU 1 passes once. With the old frame the handler skips the call. */
function patching({ frame, syncs }: { readonly frame: 'old' | 'complete'; readonly syncs: number }) {
  const stage = (at: number, what: string, size: number, sync: boolean) =>
    `mov eax, 0x10001010 + ${at}\nmov edx, ${what}\nmov ecx, ${size}\ncall text_poke\n${sync ? 'call smp_text_poke_sync_each_cpu\n' : ''}`
  const text = `
COMPLETE_FRAME equ ${frame === 'complete' ? 1 : 0}
NR_CPUS equ 2
section .text at 0xc1000000 exec
patcher:
${stage(0, '0xcc', 1, syncs > 0)}${stage(1, 'b - (site + 5)', 4, syncs > 1)}${stage(0, '0xe8', 1, syncs > 2)}
.rest:  hlt
        jmp     .rest
section .text.site at 0xc1001010 exec
site:   call    a
done:   hlt
        jmp     done
section .text.callees at 0xc1001200 exec
a:      mov     ebx, 1
        ret
        align   64
b:      mov     ebx, 2
        ret
func exc_int3
        cmp     dword ptr [eax + PT_IP], site + 1
        jne     oops
if COMPLETE_FRAME
        sub     dword ptr [eax + PT_SP], 4
        mov     ecx, [eax + PT_SP]
        mov     dword ptr [ecx], site + 5
        mov     dword ptr [eax + PT_IP], b
else
        add     dword ptr [eax + PT_IP], 4
endif
        ret
section .rodata at 0xc1800000
new0:   db      0xe8
        dd      b - (site + 5)
percpu: dd      0, 1
section .data at 0xc2000000 shared
csd:    dd      0, 0
section .stack0 at 0xf5c0e000 private=0 stack
        resb    256
top0:
section .stack1 at 0xf5c1e000 private=1 stack
        resb    512
top1:   dd      0
`
  return scenarioOf({
    format: 1,
    id: 'patch-32',
    title: 'patch',
    bits: 32,
    program: [{ name: 'patch.asm', text }, ...PARTS.map((name) => ({ name: `${name}.asm`, text: libraryText(`lib/${name}.asm`) as string }))],
    machine: { fetch: 'worst' },
    cpus: [
      { role: 'patcher', entry: 'patcher', fsBase: 'percpu', registers: { esp: 'top0' } },
      { role: 'caller', entry: 'site', fsBase: 'percpu + 4', registers: { esp: 'top1' } },
    ],
    idt: [
      { vector: 3, handler: 'asm_exc_int3', dpl: 3 },
      { vector: 0xfb, handler: 'asm_sysvec_call_function' },
    ],
    sites: [{ label: 'site', length: 5, new: 'new0' }],
    aliases: [{ name: 'poking_mm', of: '.text.site', at: 0x10001010 }],
    properties: [
      { kind: 'whole-instruction' },
      { kind: 'assert', id: 'frame-intact', title: 'the stack is as it was', at: 'done', holds: 'esp == stack_top' },
      { kind: 'never', id: 'no-oops', title: 'no oops', at: ['oops'] },
      { kind: 'no-deadlock' },
    ],
    outcome: ['1:ebx'],
  })
}

test.each([
  ['complete', 1169, ['ebx=1', 'ebx=2']],
  ['old', 1292, ['ebx=0', 'ebx=1', 'ebx=2']],
] as const)('a patch with three syncs breaks nothing, with the %s frame at all entries', (frame, states, outcomes) => {
  const result = search(mustBuild(patching({ frame, syncs: 3 }), {}, decode))
  expect(result).toMatchObject({ kind: 'exhausted', states, violations: [] })
  expect(result.outcomes.map(({ key }) => key)).toEqual(outcomes.map((name) => `1:${name}`))
})

test('without the last two an old tail follows the new first byte', () => {
  const result = search(mustBuild(patching({ frame: 'complete', syncs: 1 }), {}, decode))
  expect(result.violations.map(({ property }) => property)).toEqual(['whole-instruction'])
})
