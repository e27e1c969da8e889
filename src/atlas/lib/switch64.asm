; Preemption: the timer interrupt saves what it interrupted, acknowledges, and gives the CPU to another task by swapping stack pointers; a task that gives up
; the CPU itself calls schedule(). Linux does the same with more layers: asm_sysvec_apic_timer_interrupt, preempt_schedule_irq, __schedule, __switch_to_asm.
;
; Each CPU has a run queue of its own, which nobody else touches, and a ring of tasks in it. The program that uses this has at gs:[8] the address of its
; CPU's run queue, and in that CPU's private memory
;
;   run queue   +0 current task (8)      +8 preempt_count (8), 0 while the task may be preempted
;   task        +0 saved stack pointer   +8 the next task of the ring   +16 priority (8)
;
; A task that has not run yet has on its stack six words for r15 r14 r13 r12 rbp rbx, and the address where it begins, with interrupts off as a new task
; does in Linux (it switches them on itself): the macro first_frame lays that out.
;
; The timer takes the next task of the ring unless its priority is lower: tasks of equal priority take turns, one of higher priority (SCHED_FIFO) keeps the
; CPU until it calls schedule(). What the timer interrupt does besides is in the program's macro timer_tick, if it defines TIMER_TICK.
;
; Left out: choosing among more than the next task, sleeping and waking, migration, time slices, need_resched (every timer interrupt asks for a switch),
; floating point, address spaces, and the accounting of interrupts.

LOCAL_TIMER_VECTOR equ 0xec
RQ_CURR            equ 0
RQ_PREEMPT_COUNT   equ 8
TASK_SP            equ 0
TASK_NEXT          equ 8
TASK_PRIO          equ 16

; What a new task finds on its stack when it is first switched to.
macro first_frame begin
        dq      0, 0, 0, 0, 0, 0
        dq      begin
endm
FIRST_FRAME equ 56

section .text.switch at 0xffffffff81000f00 exec

; The local timer's interrupt, with interrupts off until its IRET, or until another task switches them on.
func asm_sysvec_apic_timer_interrupt
| save what this handler uses: rcx, rdx, rsi, rdi, r8 to r11 belong to the interrupted task as well
        push    rax
        push    rcx
        push    rdx
        push    rsi
        push    rdi
        push    r8
        push    r9
        push    r10
        push    r11
| ack_APIC_irq()
        mov     ecx, 0x80b
        xor     eax, eax
        xor     edx, edx
        wrmsr
if defined(TIMER_TICK)
        timer_tick
endif
| if (!preempt_count() && next->prio >= curr->prio) preempt_schedule_irq()
        mov     rdx, gs:[8]
        cmp     qword ptr [rdx + RQ_PREEMPT_COUNT], 0
        jne     .back
        mov     rax, [rdx + RQ_CURR]
        mov     rcx, [rax + TASK_NEXT]
        mov     rsi, [rcx + TASK_PRIO]
        cmp     rsi, [rax + TASK_PRIO]
        jb      .back
        call    __schedule
.back:
| restore, and return to what was interrupted
        pop     r11
        pop     r10
        pop     r9
        pop     r8
        pop     rdi
        pop     rsi
        pop     rdx
        pop     rcx
        pop     rax
        iretq

; The current task gives up the CPU; it returns when the others have let it. Interrupts are on; clobbers what a call may.
func schedule
| local_irq_disable(); __schedule(); local_irq_enable()
        cli
        call    __schedule
        sti
|
        ret

; Interrupts are off.
func __schedule
| prev = rq->curr; next = pick_next_task(rq); rq->curr = next
        mov     rdx, gs:[8]
        mov     rax, [rdx + RQ_CURR]
        mov     rcx, [rax + TASK_NEXT]
        mov     [rdx + RQ_CURR], rcx
| __switch_to_asm(prev, next): save what a call keeps
        push    rbx
        push    rbp
        push    r12
        push    r13
        push    r14
        push    r15
| prev->thread.sp = rsp; rsp = next->thread.sp
        mov     [rax + TASK_SP], rsp
switch_stacks:
        mov     rsp, [rcx + TASK_SP]
| restore what the next task has saved here, and go on where it was
        pop     r15
        pop     r14
        pop     r13
        pop     r12
        pop     rbp
        pop     rbx
|
        ret
