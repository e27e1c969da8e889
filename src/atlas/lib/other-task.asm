; Another task on the caller's CPU, which has nothing to do but to be scheduled: the time that the caller's task is off the CPU is the time that this one has not
; yet called schedule(). Interrupts are on, so it takes every broadcast.

section .text.other at 0xffffffff81000e00 exec
func other_task
| a new task begins with interrupts off
        sti
.turn:
| cond_resched()
        call    schedule
        jmp     .turn
