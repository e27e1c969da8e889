; The call-function IPI of a 32-bit kernel: ipi.asm in 32 bits. Its entry builds pt_regs like every other entry (pt-regs32.asm).
; The program that uses this has NR_CPUS, CPU 0 as the sender, csd (a dword for each CPU), and its number where each CPU's fs points.
;
; Left out: the lock-free queue of requests (there is one sender, so it is empty whenever it sends) and the locking of each csd.

CALL_FUNCTION_VECTOR equ 0xfb
MSR_X2APIC_EOI       equ 0x80b
MSR_X2APIC_ICR       equ 0x830
ICR_ALL_BUT_SELF     equ 3 << 18

section .text.ipi at KERNEL_TEXT + 0x480 exec

; on_each_cpu(do_sync_core, NULL, 1). Interrupts are on; clobbers eax, ecx, edx.
func smp_text_poke_sync_each_cpu
| for_each_other_cpu(cpu) csd[cpu].flags = CSD_LOCK
rept NR_CPUS - 1, n
        mov     dword ptr [csd + 4 + 4*n], 1
endr
| weak_wrmsr_fence(): an x2APIC ICR write may overtake buffered stores
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
rept NR_CPUS - 1, n
%%wait:
        cmp     dword ptr [csd + 4 + 4*n], 0
        je      %%acknowledged
        pause
        jmp     %%wait
%%acknowledged:
endr
|
        ret

func asm_sysvec_call_function
| orig_ax: the vector
        push    ~CALL_FUNCTION_VECTOR
        SAVE_ALL
| sysvec_call_function(regs)
        mov     eax, esp
        call    sysvec_call_function
        RESTORE_ALL
        iretd

section .text.sysvec at KERNEL_TEXT + 0x440 exec

func sysvec_call_function
| ack_APIC_irq()
        mov     ecx, MSR_X2APIC_EOI
        xor     eax, eax
        xor     edx, edx
        wrmsr
| do_sync_core(NULL)
        call    sync_core
| csd_unlock(): csd[this_cpu].flags = 0, the acknowledgement
        mov     eax, fs:[0]
        mov     dword ptr [csd + eax*4], 0
|
        ret
