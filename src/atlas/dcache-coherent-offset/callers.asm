; CPU 1: one pass after another through the call site, until the patcher has returned; the pass that starts after that must do the new thing.
; A pass leaves in eax what it did: 0 nothing was called, 1 the old function, 2 the new one.

; The four bytes of the offset lie inside an aligned quadword; or across two quadwords of one line, three bytes and one; or across two lines, two and two.
if SITE == SITE_INSIDE
SITE_ADDR equ 0xffffffff81001010
elif SITE == SITE_QUADWORDS
SITE_ADDR equ 0xffffffff81001014
else
SITE_ADDR equ 0xffffffff8100103d
endif
if KIND == KIND_NOP_CALL
OLD equ 0
else
OLD equ 1
endif
if KIND == KIND_CALL_NOP
NEW equ 0
else
NEW equ 2
endif

NEXT       equ SITE_ADDR + 5
OLD_TARGET equ 0xffffffff82401200
NEW_TARGET equ 0xffffffff84802348
; The four bytes behind the first one, as a number. Every byte of the two offsets differs.
NOP_TAIL   equ 0x441f
if OLD == 0
OLD_TAIL   equ NOP_TAIL
else
OLD_TAIL   equ OLD_TARGET - NEXT
endif
if NEW == 0
NEW_TAIL   equ NOP_TAIL
else
NEW_TAIL   equ NEW_TARGET - NEXT
endif

section .text.site at SITE_ADDR - 9 exec
func caller
| done = READ_ONCE(patch_done)
        mov     r12d, dword ptr [rel patch_done]
| nothing was called yet
        xor     eax, eax
| tracer()
call_site:
if OLD == 0
        nop     dword ptr [rax+rax*1+0]
else
        call    trace_old
endif
pass_end:
| while (!done)
        test    r12d, r12d
        jz      caller
.rest:
| nothing left to do
        hlt
        jmp     .rest

section .text.trace_old at OLD_TARGET exec
func trace_old
| return 1
        mov     eax, 1
        ret

section .text.trace_new at NEW_TARGET exec
func trace_new
| return 2
        mov     eax, 2
        ret

; Where a call goes whose offset is the tail of a nop: read as a number, 1f 44 00 00 is 0x441f.
section .text.wild at NEXT + NOP_TAIL exec
func behind_the_nop
        ud2

section .rodata.new at 0xffffffff81800000
if NEW == 0
new:    db      0x0f
else
new:    db      0xe8
endif
        dd      NEW_TAIL
