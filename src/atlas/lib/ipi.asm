; The call-function IPI: text_poke's sync. The sender marks a csd word for each other CPU, sends one IPI to all of them, runs the function itself,
; and waits until every word is clear again: one IPI operation a sync, acknowledgements in any order, as recorded from Linux 6.1.
; The program that uses this has NR_CPUS, CPU 0 as the sender, csd (a dword for each CPU), and its number where each CPU's gs points.
;
; text_poke calls this smp_text_poke_sync_each_cpu today; a program that defines ON_EACH_CPU gets it as on_each_cpu, for a caller of its own.
;
; Left out: the lock-free queue of requests (there is one sender, so it is empty whenever it sends) and the locking of each csd.

CALL_FUNCTION_VECTOR equ 0xfb
MSR_X2APIC_EOI       equ 0x80b
MSR_X2APIC_ICR       equ 0x830
ICR_ALL_BUT_SELF     equ 3 << 18

; A program that wants to know what the fence and the handler's own sync are for may define them as 0.
if !defined(FENCE)
ICR_FENCE equ 1
else
ICR_FENCE equ FENCE
endif
if !defined(IPISYNC)
HANDLER_SYNC equ 1
else
HANDLER_SYNC equ IPISYNC
endif

section .text.ipi at 0xffffffff81000500 exec

; on_each_cpu(do_sync_core, NULL, 1). Interrupts are on; clobbers rax, rcx, rdx.
if defined(ON_EACH_CPU)
func on_each_cpu
else
func smp_text_poke_sync_each_cpu
endif
| for_each_other_cpu(cpu) csd[cpu].flags = CSD_LOCK
rept NR_CPUS - 1, n
        mov     dword ptr [rel csd + 4 + 4*n], 1
endr
if ICR_FENCE
| weak_wrmsr_fence(): an x2APIC ICR write may overtake buffered stores
        mfence
        lfence
endif
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
rept NR_CPUS - 1, n
%%wait:
        cmp     dword ptr [rel csd + 4 + 4*n], 0
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
if HANDLER_SYNC
| do_sync_core(NULL)
        call    sync_core
endif
| csd_unlock(): csd[this_cpu].flags = 0, the acknowledgement
        mov     eax, gs:[0]
        lea     rcx, [rel csd]
        mov     dword ptr [rcx + rax*4], 0
| restore and return
        pop     rdx
        pop     rcx
        pop     rax
        iretq
