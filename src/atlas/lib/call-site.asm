; CPU 1 calls through one site, one pass after another, until the patcher has returned; the pass that starts after that must call the new function.
; A pass leaves in eax what it called: 0 nothing, 1 the old function, 2 the new one.
; The program that uses this has patch_done (4) in shared memory. SITE defined as SITE_ACROSS puts the call across two 64-byte lines.

if !defined(SITE)
ACROSS equ 0
else
ACROSS equ SITE == SITE_ACROSS
endif
SITE0_ADDR equ 0xffffffff81001010 + 0x2e * ACROSS

section .text.site0 at SITE0_ADDR - 9 exec
func caller
| done = READ_ONCE(patch_done)
        mov     r12d, dword ptr [rel patch_done]
| nothing was called yet
        xor     eax, eax
| tracer()
site0:
        call    callee_a
pass_end:
| while (!done)
        test    r12d, r12d
        jz      caller
.rest:
| nothing left to do
        hlt
        jmp     .rest

section .text.callee_a at 0xffffffff81001200 exec
func callee_a
| return 1
        mov     eax, 1
        ret

; Elsewhere, so that the displacements differ in more than one byte.
section .text.callee_b at 0xffffffff81002348 exec
func callee_b
| return 2
        mov     eax, 2
        ret

section .rodata.new at 0xffffffff81800000
new0:   db      0xe8
        dd      callee_b - (site0 + 5)
        db      0, 0, 0

section .text.head at 0xffffffff81000000 exec
_stext:
        ud2
