; Who may call on_each_cpu, and who may keep it waiting. CPU 0 synchronises everybody; CPU 1 does the same, or holds interrupts off for a while, or waits
; for a lock that CPU 0 holds.
;
; Left out: what the sync is for (nothing is patched here), and the warning that smp_call_function_many_cond prints when it is called like this.

NR_CPUS         equ 2
ON_EACH_CPU     equ 1
NEEDS_LOCK      equ OTHER == OTHER_SPINS || OTHER == OTHER_SPINS_MASKED
MASKED          equ OTHER == OTHER_MASKS || OTHER == OTHER_SPINS_MASKED

section .data at 0xffffffff82000000 shared
csd:    times NR_CPUS * NR_CPUS dd 0
lock:   dd      0

section .text at 0xffffffff81000100 exec

macro spin_lock
| spin_lock(&lock)
%%try:
        mov     eax, 1
        xchg    dword ptr [rel lock], eax
        test    eax, eax
        jz      %%taken
%%held:
        pause
        cmp     dword ptr [rel lock], 0
        jne     %%held
        jmp     %%try
%%taken:
endm

macro spin_unlock
| spin_unlock(&lock)
        mov     dword ptr [rel lock], 0
endm

func sender
if NEEDS_LOCK
        spin_lock
endif
if CALLER != CALLER_IRQS_ON
| local_irq_disable(), somewhere above
        cli
endif
if CALLER == CALLER_RUN_SYNC
        call    run_sync
else
        call    on_each_cpu
endif
if CALLER != CALLER_IRQS_ON
| local_irq_enable()
        sti
endif
if NEEDS_LOCK
        spin_unlock
endif
.rest:
| everybody has synchronised
        hlt
        jmp     .rest

; ftrace's way to be called with interrupts off as well, which happens while the machine boots.
func run_sync
| enable_irqs = irqs_disabled()
        pushfq
        pop     rbx
| if (enable_irqs) local_irq_enable()
        test    ebx, 0x200
        jnz     .sync
        sti
.sync:
| on_each_cpu(do_sync_core, NULL, 1)
        call    on_each_cpu
| if (enable_irqs) local_irq_disable()
        test    ebx, 0x200
        jnz     .back
        cli
.back:
|
        ret

; CPU 1, where it is no sender itself.
func waiter
if MASKED
| local_irq_disable()
        cli
endif
if NEEDS_LOCK
        spin_lock
| the critical section
        spin_unlock
else
| what must not be interrupted
        mov     ecx, 3
.work:
        dec     ecx
        jnz     .work
endif
if MASKED
| local_irq_enable()
        sti
endif
.rest:
| nothing left to do
        hlt
        jmp     .rest
