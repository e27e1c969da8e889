; CPU 1's task: one pass after another through two static calls, until the patcher has returned. The first calls A and will call B, the second calls C and will
; call D. A pass leaves in al what the first did (0 nothing was called, 1 the old thing, 2 the new thing) and in ah what it had done before, if it was called
; twice; in bl and bh the same of the second.
; IRQS defined as 0: both calls lie in a section with interrupts off. IRQ_LOCK is defined: that section holds a lock which an interrupt handler takes as well.

if !defined(IRQS)
IRQS equ 1
endif

section .text.caller at 0xffffffff81001000 exec
func caller
| done = READ_ONCE(patch_done)
        mov     r12d, dword ptr [rel patch_done]
| first = second = nothing called yet
        xor     eax, eax
        xor     ebx, ebx
if !IRQS
| local_irq_save()
        cli
if defined(IRQ_LOCK)
| spin_lock(&irq_lock)
        mov     byte ptr [rel irq_lock], 1
endif
endif
| static_call(first)()
site0:
        call    callee_a
| static_call(second)()
site1:
        call    callee_c
pass_end:
if !IRQS
if defined(IRQ_LOCK)
| spin_unlock(&irq_lock)
        mov     byte ptr [rel irq_lock], 0
endif
| local_irq_restore()
        sti
endif
| while (!done)
        test    r12d, r12d
        jz      caller
.rest:
| nothing left to do
        hlt
        jmp     .rest

; Old and new targets differ in two bytes of the displacement, so that a mixture is neither.
section .text.callees at 0xffffffff81001200 exec
func callee_a
| first = 1, and remember what it was
        mov     ah, al
        mov     al, 1
        ret
func callee_c
| second = 1, and remember what it was
        mov     bh, bl
        mov     bl, 1
        ret

section .text.callee_b at 0xffffffff81002348 exec
func callee_b
| first = 2, and remember what it was
        mov     ah, al
        mov     al, 2
        ret

section .text.callee_d at 0xffffffff81002560 exec
func callee_d
| second = 2, and remember what it was
        mov     bh, bl
        mov     bl, 2
        ret

section .rodata.new at 0xffffffff81800000
; Call instructions of five bytes, as they will stand at their sites, and three bytes to fill a quadword.
new0:   db      0xe8
        dd      callee_b - (site0 + 5)
        db      0, 0, 0
new1:   db      0xe8
        dd      callee_d - (site1 + 5)
        db      0, 0, 0
