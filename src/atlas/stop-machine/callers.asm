; CPU 1: one pass after another through the site, until the patcher has returned; the pass that starts after that must do the new thing.
; And the NMI of either CPU: the handler runs through the same site.
; A pass leaves in eax (and ebx, for two sites) what it did: 1 the old thing, 2 the new thing.

; Inside one aligned quadword: only the number of stores matters here.
SITE0_ADDR equ 0xffffffff81001010
SITE1_ADDR equ 0xffffffff81001110

section .text.caller at 0xffffffff81000f00 exec
func caller
| done = READ_ONCE(patch_done)
        mov     r12d, dword ptr [rel patch_done]
| the functions that hold the sites
        call    pass
pass_end:
if PARK == PARK_THREAD
| cond_resched(): has the stopper been woken?
        cmp     dword ptr [rel stopper_woken], 0
        je      .go_on
        mov     dword ptr [rel stopper_woken], 0
        call    stop_cpu
.go_on:
endif
| while (!done)
        test    r12d, r12d
        jz      caller
.rest:
| nothing left to do
        hlt
        jmp     .rest

func pass
if SITES == 2
| ebx = what the second site does
        call    traced1
        mov     ebx, eax
endif
| eax = what the first site does
        call    traced0
        ret

section .text.site0 at SITE0_ADDR exec
func traced0
site0:
        call    callee_a
| return
        ret

if SITES == 2
section .text.site1 at SITE1_ADDR exec
func traced1
site1:
        call    callee_a
| return
        ret
endif

section .text.callee_a at 0xffffffff81001200 exec
func callee_a
| return 1
        mov     eax, 1
        ret

; Below the sites, so that every byte of a displacement differs.
section .text.callee_b at 0xffffffff80ffe348 exec
func callee_b
| return 2
        mov     eax, 2
        ret

section .rodata.new at 0xffffffff81800000
new0:   db      0xe8
        dd      callee_b - (SITE0_ADDR + 5)
        db      0, 0, 0
new1:   db      0xe8
        dd      callee_b - (SITE1_ADDR + 5)
        db      0, 0, 0

section .text.nmi at 0xffffffff81000800 exec
; An NMI on either CPU. r13d: had the patcher returned when it came?
func asm_exc_nmi
| save what this handler uses
        push    rax
        push    rbx
        push    rcx
        push    rsi
        push    rdi
        push    r13
        mov     r13d, dword ptr [rel patch_done]
if STRATEGY != STRATEGY_PLAIN
        call    ftrace_nmi_enter
endif
| the handler runs through the sites as well
        call    pass
nmi_pass_end:
if STRATEGY != STRATEGY_PLAIN
        call    ftrace_nmi_exit
endif
| restore and return
        pop     r13
        pop     rdi
        pop     rsi
        pop     rcx
        pop     rbx
        pop     rax
        iretq
