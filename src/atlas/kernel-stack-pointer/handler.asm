; Somebody asks where the interrupted stack was: kernel_stack_pointer(regs), as a profiler or a stack dump does. The handler asks for the regs that it was given;
; or somebody remembered these regs, and asks when the call has been emulated; or an NMI asks for its own.
;
; Left out: the case that the answer lies on another stack, whose link the kernel then follows.

; Where a handler can emulate a call, the interrupted code goes on one word deeper.
if ASKS == ASKS_LATER && (MOVES || INT3_ONLY || COMPLETE_FRAME)
EMULATES equ 1
else
EMULATES equ 0
endif
TRUE_SP equ S - 4*EMULATES

section .text.handler at 0xc1000800 exec

; eax = regs; returns the stack pointer that was interrupted, if it is right.
func kernel_stack_pointer
if READS == READS_MARKED
| if (!(regs->cs & CS_FROM_KERNEL)) return &regs->sp
        test    dword ptr [eax + PT_CS], CS_FROM_KERNEL
        jnz     .complete
        lea     eax, [eax + PT_SP]
        ret
.complete:
endif
if READS == READS_ADDRESS
| return &regs->sp
        lea     eax, [eax + PT_SP]
        ret
else
| return regs->sp
        mov     eax, [eax + PT_SP]
        ret
endif

func exc_int3
        push    ebx
        mov     ebx, eax
if ASKS == ASKS_LATER
| set_irq_regs(regs)
        mov     [irq_regs], eax
endif
if EMULATES
| regs = int3_emulate_call(regs, ftrace_regs_caller)
        mov     edx, ftrace_regs_caller
        call    int3_emulate_call
        mov     ebx, eax
else
| regs->ip += 4: behind the call, which is not made
        add     dword ptr [eax + PT_IP], 4
endif
if ASKS == ASKS_INT3
| kernel_stack_pointer(regs)
        mov     eax, ebx
        call    kernel_stack_pointer
elif ASKS == ASKS_LATER
| kernel_stack_pointer(get_irq_regs())
        mov     eax, [irq_regs]
        call    kernel_stack_pointer
else
        mov     eax, TRUE_SP
endif
asked:
| return regs
        mov     eax, ebx
        pop     ebx
        ret

; The NMI of a profiler.
func exc_nmi
| answer = kernel_stack_pointer(regs)
        call    kernel_stack_pointer
        mov     [answer], eax
        ret
