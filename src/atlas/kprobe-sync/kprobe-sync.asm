; Kprobes are armed and disarmed by one written byte. Register: the int3 is written; later every task has been somewhere else, and the optimizer turns the five
; bytes into a jmp. Unregister: the byte is taken back, the kprobe is removed from the table, and what readers may still use is freed behind synchronize_rcu.
;
; Left out: that optimizer and unregistration are done by other tasks, the text_mutex and kprobe_mutex they hold, unoptimizing first (scenario optprobe-flag).
; synchronize_rcu waits for handlers, which run with interrupts off; here it waits like synchronize_rcu_tasks, for the end of a pass, which is longer.

NR_CPUS         equ 2
TP_VEC_MAX      equ 1
PROBED_AT_FIRST equ OPERATION == OPERATION_UNREGISTER
RCU_TASKS       equ 1

section .text.head at 0xffffffff81000000 exec
_stext:
        ud2

section .rodata.requests at 0xffffffff81800100
request:
        dq      probed, POKE_BASE + (probed & 0xfff)
        dd      5, 0
        db      0xe9
        dd      detour - (probed + 5)
        db      0, 0, 0

section .data at 0xffffffff82000080 shared
csd:    times NR_CPUS dd 0
patch_done:
        dd      0
kprobe_optimized:
        dd      0
kprobe: dq      probed
kprobe_insn:
        dq      insn_slot

section .text.patcher at 0xffffffff81000100 exec

func patcher
if OPERATION == OPERATION_REGISTER
| arch_arm_kprobe(p): text_poke(addr, int3, 1)
phase "arm"
        mov     rdi, POKE_BASE + (probed & 0xfff)
        mov     esi, 0xcc
        mov     edx, 1
        call    text_poke
if ARM == ARM_SYNC
| text_poke_sync()
        call    smp_text_poke_sync_each_cpu
endif
| optimize_kprobe(): from here on the int3 takes the detour
        mov     dword ptr [rel kprobe_optimized], 1
phase "wait for tasks"
| kprobe_optimizer(): synchronize_rcu_tasks()
        call    synchronize_rcu_tasks
| text_poke_bp(addr, jmp detour, 5)
        lea     rbp, [rel request]
        call    smp_text_poke_single
else
phase "disarm"
| arch_disarm_kprobe(p): text_poke(addr, old, 1)
        mov     rdi, POKE_BASE + (probed & 0xfff)
        movzx   esi, byte ptr [rel plain]
        mov     edx, 1
        call    text_poke
if ARM == ARM_SYNC
| text_poke_sync()
        call    smp_text_poke_sync_each_cpu
endif
| hlist_del_rcu(&p->hlist)
        mov     qword ptr [rel kprobe], 0
phase "wait for readers"
| synchronize_rcu()
        call    synchronize_rcu_tasks
| free_insn_slot(p)
        mov     qword ptr [rel kprobe_insn], 0
endif
phase "done"
| done
        mov     dword ptr [rel patch_done], 1
.rest:
        hlt
        jmp     .rest
