; Waiting until every task has been somewhere else: synchronize_rcu_tasks, for a program with one task that may be in the way. The task says rcu_tasks_qs where
; it is in no slot; the patcher waits until it has. RCU orders what is before with what is behind, on both sides.
; Included before the program that uses it.
;
; Left out: finding the tasks, and everything by which RCU avoids that they have to say something. A context switch that a task has asked for says it in
; Linux; one that was forced upon it does not.

section .data.rcu at 0xffffffff82000200 shared
rcu_tasks_holdout:
        dd      0

section .text.rcu at 0xffffffff81000d00 exec

func synchronize_rcu_tasks
| holdout = 1; wait until the task has said that it is in no slot
        mov     dword ptr [rel rcu_tasks_holdout], 1
        mfence
.wait:
        pause
        cmp     dword ptr [rel rcu_tasks_holdout], 0
        jne     .wait
|
        ret

macro rcu_tasks_qs
| rcu_tasks_qs(): this task is in no slot
        lock and dword ptr [rel rcu_tasks_holdout], 0
endm
