; One call site inside a function, and whoever may run into it while CPU 0 patches it. HIT says who does:
;
;   task             CPU 1, with interrupts on
;   irqs-off         CPU 1, in a section with interrupts off
;   lock             CPU 1, with interrupts on, while it holds a lock that an interrupt on CPU 0 takes as well
;   irq-on-patcher   CPU 1 with interrupts on, and an interrupt handler on CPU 0
;   nmi-on-patcher   CPU 1 with interrupts on, and the NMI handler on CPU 0
;   nmi-on-caller    CPU 1 with interrupts on, and the NMI handler on CPU 1
;   fifo             a task of higher priority on CPU 0, which is the only CPU here
;
; A pass leaves in al what the site did: 0 nothing, 1 the old thing, 2 the new thing; in ah what it had done before, if it was called twice; and 1 in ebx if the
; function behind it ran. NOP_CALL says what is patched: 0 call A -> call B, 1 nop -> call B.
; The lock is one that Linux takes as spin_lock_bh: the task keeps interrupts on, and on the patcher's CPU it is taken behind an interrupt, by a softirq. (With
; spin_lock_irqsave the task would be in a section with interrupts off.)
;
; Left out: softirqs as something of their own (the interrupt handler takes the lock itself), other things that handlers do.

if HIT == HIT_FIFO
NR_CPUS   equ 1
else
NR_CPUS   equ 2
endif
POKE_BASE equ 0x7734c8d12000
POKE0     equ POKE_BASE + (site0 & 0xfff)
if HIT == HIT_FIFO
ARRIVES_AS equ LOCAL_TIMER_VECTOR
else
ARRIVES_AS equ 0x31
endif

if NOP_CALL
OLD       equ 0
else
OLD       equ 1
endif

section .text.traced at 0xffffffff81001000 exec
func traced
| nothing called yet
        xor     eax, eax
site0:
if NOP_CALL
        nop     dword ptr [rax + rax*1 + 0]
else
        call    callee_a
endif
passed:
| the function itself
        mov     ebx, 1
        ret

section .text.callee_a at 0xffffffff81001200 exec
func callee_a
| result = 1, and remember what it was
        mov     ah, al
        mov     al, 1
        ret

section .text.callee_b at 0xffffffff81002348 exec
func callee_b
| result = 2, and remember what it was
        mov     ah, al
        mov     al, 2
        ret

; The new instruction, as it will stand at the site.
section .rodata.new at 0xffffffff81800000
new0:   db      0xe8
        dd      callee_b - (site0 + 5)
        db      0, 0, 0

section .rodata.percpu at 0xffffffff81800200
; Each CPU's gs base points at its number, and behind it the address of its run queue.
percpu0: dq     0
if HIT == HIT_FIFO
        dq      rq0
endif
percpu1: dq     1

section .stack0 at 0xffffc90000010000 private=0 stack
        resb    640
stack0_top:
section .stack1 at 0xffffc90000020000 private=1 stack
        resb    640
stack1_top:
        dq      0

section .text.caller at 0xffffffff81001100 exec
; CPU 1.
func caller
| done = READ_ONCE(patch_done)
        mov     r12d, dword ptr [rel patch_done]
if HIT == HIT_IRQS_OFF
| local_irq_save()
        cli
elif HIT == HIT_LOCK
| spin_lock_bh(&lock)
.spin:
        mov     ecx, 1
        xchg    ecx, [rel lock_word]
        test    ecx, ecx
        jz      .locked
        pause
        jmp     .spin
.locked:
endif
| traced()
        xor     ebx, ebx
        call    traced
pass_end:
if HIT == HIT_IRQS_OFF
| local_irq_restore()
        sti
elif HIT == HIT_LOCK
| spin_unlock_bh(&lock)
        mov     dword ptr [rel lock_word], 0
endif
| while (!done)
        test    r12d, r12d
        jz      caller
.rest:
| nothing left to do
        hlt
        jmp     .rest

if HIT == HIT_LOCK || HIT == HIT_IRQ_ON_PATCHER


section .text.irq at 0xffffffff81000e00 exec
; An interrupt on the patcher's CPU.
func asm_common_interrupt
        push    rax
        push    rcx
        push    rdx
        push    rbx
| ack_APIC_irq()
        mov     ecx, 0x80b
        xor     eax, eax
        xor     edx, edx
        wrmsr
if HIT == HIT_LOCK
| spin_lock(&lock)
.spin:
        mov     ecx, 1
        xchg    ecx, [rel lock_word]
        test    ecx, ecx
        jz      .locked
        pause
        jmp     .spin
.locked:
| spin_unlock(&lock)
        mov     dword ptr [rel lock_word], 0
else
| traced()
        call    traced
endif
|
        pop     rbx
        pop     rdx
        pop     rcx
        pop     rax
        iretq
endif

if HIT == HIT_NMI_ON_PATCHER || HIT == HIT_NMI_ON_CALLER
section .text.nmi at 0xffffffff81000e80 exec
; An NMI, wherever its CPU is.
func asm_exc_nmi
        push    rax
        push    rbx
| traced()
        call    traced
|
        pop     rbx
        pop     rax
        iretq
endif

if HIT == HIT_FIFO
section .text.fifo at 0xffffffff81000e00 exec
; A SCHED_FIFO task on the patcher's CPU: once it is awake, nobody takes the CPU from it.
func fifo_task
| a new task begins with interrupts off
        sti
| traced()
        call    traced
.sleep:
| schedule(): sleep
        call    schedule
        jmp     .sleep

section .tasks0 at 0xffffc90000030000 private=0
rq0:    dq      task_patcher, 0
task_patcher:
        dq      0, task_fifo, 0
task_fifo:
        dq      stack_fifo_top - FIRST_FRAME, task_patcher, 1
section .stack_fifo at 0xffffc90000040000 private=0 stack
        resb    400
        first_frame fifo_task
stack_fifo_top:
endif
