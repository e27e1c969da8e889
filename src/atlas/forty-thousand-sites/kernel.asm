; What all strategies share: CPUs and their stacks, the sync, the list of records.

NR_CPUS     equ CPUS
; The kernel writes text through another mapping.
ALIAS       equ 0x7734c8000000

phase ""
section .text.head at 0xffffffff81000000 exec
_stext:
        ud2

; Each CPU's gs base points at its number.
section .rodata.percpu at 0xffffffff81800200
percpu: dq      0, 1, 2, 3, 4, 5, 6, 7

section .data at 0xffffffff82000000 shared
csd:    dd      0, 0, 0, 0, 0, 0, 0, 0
        align   64
patch_done:
        dd      0
        align   64
modifying_ftrace_code:
        dd      0
        align   64
tp_refs:
        dd      0, 0, 0, 0, 0, 0, 0, 0
        align   64
tp_nr:  dd      0
        align   64
tp_vec:
        times   VECTOR dq 0, 0

; One record a function: +0 its offset from `functions` (4), +4 what is to be done (4), then FTRACE_FL_ENABLED. Only the patcher looks at it.
section .records at 0xffffffff83000000 private=0
records:
times RECORDS dq (($ - records) * 2) | ((($ - records) / 8 % 17 != 0) * (1 + (($ - records) / 8 - 1) % 3)) << 32
ENABLED     equ 0x100

rept 8, n
section .stack{n} at 0xffffc90000010000 + 0x10000 * n private={n} stack
        resb    512
stack_top_{n}:
endr

CALL_FUNCTION_VECTOR equ 0xfb
MSR_X2APIC_EOI       equ 0x80b
MSR_X2APIC_ICR       equ 0x830
ICR_ALL_BUT_SELF     equ 3 << 18

section .text.ipi at 0xffffffff81000500 exec
; on_each_cpu(do_sync_core, NULL, 1), with loops over the CPUs. Interrupts are on; clobbers rax, rcx, rdx, r8.
func run_sync
| for_each_other_cpu(cpu) csd[cpu].flags = CSD_LOCK
        lea     r8, [rel csd]
        mov     ecx, NR_CPUS - 1
.mark:
        mov     dword ptr [r8 + rcx*4], 1
        dec     ecx
        jnz     .mark
| weak_wrmsr_fence()
        mfence
        lfence
| apic->send_IPI_allbutself(CALL_FUNCTION_VECTOR)
        mov     ecx, MSR_X2APIC_ICR
        mov     eax, ICR_ALL_BUT_SELF | CALL_FUNCTION_VECTOR
        xor     edx, edx
        wrmsr
| local_irq_disable(); do_sync_core(NULL); local_irq_enable()
        cli
        call    sync_core
        sti
| csd_lock_wait(): until every other CPU has run it
        mov     ecx, NR_CPUS - 1
.wait:
        cmp     dword ptr [r8 + rcx*4], 0
        je      .acknowledged
        pause
        jmp     .wait
.acknowledged:
        dec     ecx
        jnz     .wait
|
        ret

func asm_sysvec_call_function
| save what this handler uses
        push    rax
        push    rcx
        push    rdx
| ack_APIC_irq()
        mov     ecx, MSR_X2APIC_EOI
        xor     eax, eax
        xor     edx, edx
        wrmsr
| do_sync_core(NULL)
        call    sync_core
| csd_unlock(): the acknowledgement
        mov     eax, gs:[0]
        lea     rcx, [rel csd]
        mov     dword ptr [rcx + rax*4], 0
| restore and return
        pop     rdx
        pop     rcx
        pop     rax
        iretq

section .text.exc_int3 at 0xffffffff81000680 exec
func exc_int3
if STRATEGY == STRATEGY_FTRACE
| if (!ftrace_int3_handler(regs)) die("int3")
        call    ftrace_int3_handler
else
| if (!smp_text_poke_int3_handler(regs)) die("int3")
        call    smp_text_poke_int3_handler
endif
        test    eax, eax
        jz      oops
|
        ret

section .text.patcher at 0xffffffff81000100 exec
func patcher
if STRATEGY == STRATEGY_FTRACE
| arch_ftrace_update_code()
        call    ftrace_replace_code
else
| ftrace_replace_code(): one request after another
        call    ftrace_queue_all
endif
phase "done"
| return; everybody may rely on the new code now
        mov     dword ptr [rel patch_done], 1
.rest:
        hlt
        jmp     .rest
