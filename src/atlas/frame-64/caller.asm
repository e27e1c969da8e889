; The caller: a function calls a traced function, whose first five bytes are a call of ftrace that is just being changed: an int3 stands there. Registers hold
; something that can be recognised, and the stack pointer at the site, S, is what the parameter says: S mod 16. Compiled code keeps it a multiple of 8; the
; other values are here because nothing in the hardware forbids them.
;
; Left out: what ftrace_regs_caller does for its callbacks. It only looks whether it was called as by a call.

; A traced function is entered by a call: S = caller's stack pointer - 8.
S       equ stack_end - 8

section .text.caller at 0xffffffff81001000 exec
func caller
if PATCHING
| done = READ_ONCE(patch_done)
        mov     r12d, dword ptr [rel patch_done]
endif
| registers that can be recognised
        mov     eax, 0xa0
        mov     ecx, 0xa1
        mov     edx, 0xa2
        mov     ebx, 0xa3
        mov     rbp, rsp
        mov     esi, 0xa6
        mov     edi, 0xa7
        xor     r8d, r8d
        mov     r9d, 0xa9
        mov     r10d, 0xaa
        mov     r11d, 0xab
        mov     r13d, 0xad
        mov     r15d, 0xaf
| r14 = flags
        cmp     eax, ecx
        pushfq
        pop     r14
| traced_function()
        call    traced_function
pass_end:
if PATCHING
| while (!done)
        test    r12d, r12d
        jz      caller
endif
.rest:
| nothing left to do
        hlt
        jmp     .rest

section .text.traced at 0xffffffff81001810 exec
func traced_function
| a nop, or a call of another tracer, becomes a call of ftrace: int3 stands in front of the rest
site0:
if PATCHING
        call    old_tracer
else
        db      0xcc, 0x1f, 0x44, 0, 0
endif
traced_body:
| the body of the function
        inc     ebx
        ret

section .text.tracers at 0xffffffff81001a00 exec
; The old target, where somebody patches while this runs.
func old_tracer
| r8 = 1
        mov     r8d, 1
        ret

; The new one: what the int3 stands for.
func ftrace_regs_caller
| r15 = flags; r8 = 2
        pushfq
        pop     r15
        mov     r8d, 2
        ret

section .rodata.new at 0xffffffff81800000
new0:   db      0xe8
        dd      ftrace_regs_caller - (site0 + 5)

; The CPU's own words: what only its handlers use. It is CPU 0, unless the patcher is there, who sends IPIs as CPU 0.
if PATCHING
section .percpu at 0xffffffff83000000 private=1
else
section .percpu at 0xffffffff83000000 private=0
endif
this_cpu_in_nmi:
        dq      0
this_cpu_ftrace_bp_call_return:
        dq      0
this_cpu_ftrace_bp_call_nmi_return:
        dq      0

if PATCHING
section .stack at 0xffffc90000010000 private=1 stack
else
section .stack at 0xffffc90000010000 private=0 stack
endif
        resb    512 + 8 + SMOD16
stack_end:
        dq      0
