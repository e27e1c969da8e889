; The handlers, reduced to one site. What differs between the proposals is how regs travel: passed, returned, or pointed at.
;
; Left out: the counter that says whether anybody patches, the search among all sites; and those that are asked when it is not ftrace's int3: text_poke, kgdb,
; kprobes, the notifiers.

section .text.handler at 0xc1000800 exec

func exc_int3
if POINTER
| if (ftrace_int3_handler(regs)) return; regs: struct pt_regs **
        push    ebx
        mov     ebx, eax
        mov     eax, [ebx]
        call    ftrace_int3_handler
        mov     [ebx], eax
        pop     ebx
elif MOVES
| regs = ftrace_int3_handler(regs)
        call    ftrace_int3_handler
else
| if (!ftrace_int3_handler(regs)) die("int3")
        call    ftrace_int3_handler
endif
| 0: nobody claims it
        test    eax, eax
        jz      oops
|
        ret

; eax = regs; returns regs, wherever they are then, or 0 where the int3 is not its own.
func ftrace_int3_handler
| ip = regs->ip - 1; if (!ftrace_location(ip)) return 0
        cmp     dword ptr [eax + PT_IP], site0 + 1
        je      .ours
        xor     eax, eax
        ret
.ours:
if FRAME == FRAME_SKIP
| regs->ip += 4: behind the call, which is not made
        add     dword ptr [eax + PT_IP], 4
        ret
elif EMULATES == EMULATES_CALL
| return int3_emulate_call(regs, ftrace_regs_caller)
        mov     edx, ftrace_regs_caller
        call    int3_emulate_call
        ret
else
| int3_emulate_jmp(regs, key_on); return regs
        mov     dword ptr [eax + PT_IP], key_on
        ret
endif

; What may arrive in the middle: an NMI, or with interrupts on a timer interrupt. Each needs the stack below what it interrupts, and does nothing else.
func exc_nmi
| a function call or two
        push    eax
        call    .nothing
        pop     eax
        ret
.nothing:
        ret

func asm_sysvec_apic_timer_interrupt
| orig_ax: the vector
        push    ~LOCAL_TIMER_VECTOR
        SAVE_ALL
| sysvec_apic_timer_interrupt(regs)
        mov     eax, esp
        call    sysvec_apic_timer_interrupt
        RESTORE_ALL
        iretd

func sysvec_apic_timer_interrupt
| ack_APIC_irq()
        mov     ecx, MSR_X2APIC_EOI
        xor     eax, eax
        xor     edx, edx
        wrmsr
|
        ret

LOCAL_TIMER_VECTOR equ 0xec
MSR_X2APIC_EOI     equ 0x80b
