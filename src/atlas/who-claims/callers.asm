; CPU 1: runs through the call sites, one pass after another, until the patcher has returned; the pass that starts after that must find the new code.
; The sites are the calls inside of ftrace's trampolines that one update changes after another; what is around them in the trampolines is left out.
; A pass leaves in eax, ebx and ebp whom each of them called: 0 nobody, 1 the old function, 2 the new one.
;
; In Linux the sites of one update get the same function, and it is the next update that brings another. Here each has a function of its own: one update less
; to search.

SITE0_ADDR equ 0xffffffff81001010
SITE1_ADDR equ 0xffffffff81001018
SITE2_ADDR equ 0xffffffff81001020

section .text.sites at SITE0_ADDR - 16 exec
func caller
| done = READ_ONCE(patch_done)
        mov     r12d, dword ptr [rel patch_done]
| nobody was called yet, and nothing sent back
        xor     eax, eax
        xor     ebx, ebx
        xor     ebp, ebp
        xor     r13d, r13d
| ftrace_call: the function that ftrace_caller calls
ftrace_call:
        call    trace_old
if MODIFICATIONS == 3
|
        align   8
| ftrace_regs_call: the function that ftrace_regs_caller calls
ftrace_regs_call:
        call    regs_trace_old
|
        align   8
| ops_call: the function that the trampoline of one ftrace_ops calls
ops_call:
        call    ops_trace_old
endif
pass_end:
| while (!done)
        test    r12d, r12d
        jz      caller
.rest:
| nothing left to do
        hlt
        jmp     .rest

section .text.tracers at 0xffffffff81001200 exec
func trace_old
| eax = 1
        mov     eax, 1
        jmp     traced
func regs_trace_old
| ebx = 1
        mov     ebx, 1
        jmp     traced
func ops_trace_old
| ebp = 1
        mov     ebp, 1
        jmp     traced
; Elsewhere, so that all bytes of the displacement differ but the highest.
section .text.tracers_new at 0xffffffff81022348 exec
func trace_new
| eax = 2
        mov     eax, 2
        jmp     traced
func regs_trace_new
| ebx = 2
        mov     ebx, 2
        jmp     traced
func ops_trace_new
| ebp = 2
        mov     ebp, 2
        jmp     traced
; All of them end here, where the properties look who has called whom.
func traced
| return
        ret

section .rodata.new at 0xffffffff81800000
new0:   db      0xe8
        dd      trace_new - (SITE0_ADDR + 5)
new1:   db      0xe8
        dd      regs_trace_new - (SITE1_ADDR + 5)
new2:   db      0xe8
        dd      ops_trace_new - (SITE2_ADDR + 5)
