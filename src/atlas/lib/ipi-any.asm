; The call-function IPI where any CPU may be the sender: each has a csd word for each CPU, csd[sender][target], and whoever is interrupted looks what all the
; others want of it. With one sender lib/ipi.asm does the same with less.
; The program that uses this has NR_CPUS, csd (NR_CPUS * NR_CPUS dwords), and each CPU's number where its gs points.
;
; text_poke calls this smp_text_poke_sync_each_cpu; a program that defines ON_EACH_CPU gets it as on_each_cpu, for a caller of its own.
;
; Left out: the lock-free queues (so an IPI is sent even where one is pending; the second finds nothing to do), the locking of each csd (its owner
; waits for it before it sends again), and the warning where interrupts are off.

CALL_FUNCTION_VECTOR equ 0xfb
MSR_X2APIC_EOI       equ 0x80b
MSR_X2APIC_ICR       equ 0x830
ICR_ALL_BUT_SELF     equ 3 << 18

section .text.ipi at 0xffffffff81000500 exec

; on_each_cpu(do_sync_core, NULL, 1). Leaves interrupts as they are; clobbers rax, rcx, rdx, r8.
if defined(ON_EACH_CPU)
func on_each_cpu
else
func smp_text_poke_sync_each_cpu
endif
| for_each_other_cpu(cpu) csd[this_cpu][cpu].flags = CSD_LOCK
        mov     ecx, gs:[0]
        lea     r8, [rel csd]
        imul    eax, ecx, 4 * NR_CPUS
        add     r8, rax
rept NR_CPUS, n
        cmp     ecx, n
        je      %%self
        mov     dword ptr [r8 + 4*n], 1
%%self:
endr
| weak_wrmsr_fence()
        mfence
        lfence
| apic->send_IPI_allbutself(CALL_FUNCTION_VECTOR)
        mov     ecx, MSR_X2APIC_ICR
        mov     eax, ICR_ALL_BUT_SELF | CALL_FUNCTION_VECTOR
        xor     edx, edx
        wrmsr
| local_irq_save(); do_sync_core(NULL); local_irq_restore()
        pushfq
        cli
        call    sync_core
        popfq
| csd_lock_wait(): until every other CPU has run it
        mov     ecx, gs:[0]
rept NR_CPUS, n
        cmp     ecx, n
        je      %%acknowledged
%%wait:
        cmp     dword ptr [r8 + 4*n], 0
        je      %%acknowledged
        pause
        jmp     %%wait
%%acknowledged:
endr
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
| for each other CPU: has it a request for this one?
        mov     edx, gs:[0]
        lea     rcx, [rel csd]
        lea     rcx, [rcx + rdx*4]
rept NR_CPUS, n
        cmp     edx, n
        je      %%none
        cmp     dword ptr [rcx + 4*NR_CPUS*n], 0
        je      %%none
| do_sync_core(NULL); csd_unlock(): the acknowledgement
        call    sync_core
        mov     dword ptr [rcx + 4*NR_CPUS*n], 0
%%none:
endr
| restore and return
        pop     rdx
        pop     rcx
        pop     rax
        iretq
