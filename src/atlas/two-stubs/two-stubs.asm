; Two stubs, the second half of the mail: the int3 handler looks at the interrupted flags. Interrupts were off: the plain stub. Interrupts were on: it clears IF
; in the saved flags and goes to the stub that has an sti before its jump, whose shadow covers that jump.
; A parameter makes the choice wrong: the plain stub where interrupts were on, or the stub with sti where they were off.
;
; Left out: the test for "is this the handler of a static call?", because every request here is one.

IRQS         equ CALLS == CALLS_IRQS_ON
PREEMPT      equ ARRIVES == ARRIVES_TIMER
TWO_STUBS    equ 1
PLAIN_FOR_ON equ CHOICE == CHOICE_WRONG && IRQS
STI_FOR_OFF  equ CHOICE == CHOICE_WRONG && !IRQS

AT_INT3 equ 1
macro at_int3
| if (regs->flags & X86_EFLAGS_IF) {
        test    byte ptr [rdi + PT_RFLAGS + 1], 2
        jz      %%off
if !PLAIN_FOR_ON
| newip = magic_static_call_bp_int3_handler_sti
        lea     rcx, [rel sti_stub]
endif
| regs->flags &= ~X86_EFLAGS_IF; }
        and     qword ptr [rdi + PT_RFLAGS], ~0x200
        jmp     %%chosen
%%off:
if STI_FOR_OFF
| wrong: newip = magic_static_call_bp_int3_handler_sti
        lea     rcx, [rel sti_stub]
endif
%%chosen:
endm

; The timer's work takes a lock that callers with interrupts off hold.
IRQ_LOCK   equ 1
TIMER_TICK equ 1
macro timer_tick
| spin_lock(&irq_lock)
%%spin:
        mov     al, 1
        xchg    al, [rel irq_lock]
        test    al, al
        jz      %%taken
        pause
        jmp     %%spin
%%taken:
| spin_unlock(&irq_lock)
        mov     byte ptr [rel irq_lock], 0
endm

section .lock at 0xffffffff82100000 private=1
; Only the caller's CPU takes it here.
irq_lock:
        db      0

section .text.nmi at 0xffffffff81000d80 exec
func asm_exc_nmi
| nothing to do
        iretq
