; ftrace of 2008 to 2012: stop_machine parks every other CPU with interrupts off, then the patcher writes as it likes. stop_machine does not stop NMIs; what
; was done about them is ftrace_nmi_enter and what the patcher does around ftrace_mod_code (kernel arch/x86/kernel/ftrace.c of 2008, and of 3.0, in our own
; words as assembly).
;
; Left out: the threads that stop_machine runs on each CPU, and the steps in which it lets them go forward together. Here another CPU parks inside of the IPI's
; handler, or, as the threads of a kernel without preemption did, when it next asks whether it should let somebody else run. Left out too: records and flags,
; what wakes the threads, and counting how often NMIs helped. The names of stop_machine's parts differ from version to version.

NR_CPUS            equ 2
STOP_VECTOR        equ 0xfb
MSR_X2APIC_EOI     equ 0x80b
MSR_X2APIC_ICR     equ 0x830
ICR_ALL_BUT_SELF   equ 3 << 18

; Text is written through the direct map of all memory, where nothing is ever executed.
TEXT_TO_DIRECT_MAP equ 0xffff880000000000 - 0xffffffff80000000

section .data at 0xffffffff82000000 shared
; stop_machine's words.
thread_ack:
        dd      0
state:  dd      0
stopper_woken:
        dd      0
        align 64
; What NMIs have to know.
if STRATEGY == STRATEGY_NMI_WRITES
in_nmi: dd      0
mod_code_write:
        dd      0
else
nmi_running:
        dq      0
endif
mod_code_ip:
        dq      0
mod_code_newcode:
        dq      0
        align 64
patch_done:
        dd      0

section .stack0 at 0xffffc90000010000 private=0 stack
        resb    320
stack0_top:
section .stack1 at 0xffffc90000020000 private=1 stack
        resb    448
stack1_top:
        dq      0

STOP_WAIT           equ 0
STOP_EXIT           equ 1
MOD_CODE_WRITE_FLAG equ 1 << 31

section .text.patcher at 0xffffffff81000100 exec
func patcher
| stop_machine(__ftrace_modify_code, &command)
        call    stop_machine
phase "done"
| return; everybody may rely on the new code now
        mov     dword ptr [rel patch_done], 1
.rest:
        hlt
        jmp     .rest

func stop_machine
phase "stop"
| state = STOP_WAIT; thread_ack = other CPUs
        mov     dword ptr [rel state], STOP_WAIT
        mov     dword ptr [rel thread_ack], NR_CPUS - 1
if PARK == PARK_THREAD
| wake the other CPUs' threads
        mov     dword ptr [rel stopper_woken], 1
else
| interrupt the other CPUs
        mfence
        lfence
        mov     ecx, MSR_X2APIC_ICR
        mov     eax, ICR_ALL_BUT_SELF | STOP_VECTOR
        xor     edx, edx
        wrmsr
endif
| while (thread_ack != 0) cpu_relax(): until all of them stand still
.parked:
        pause
        cmp     dword ptr [rel thread_ack], 0
        jne     .parked
| local_irq_disable()
        cli
| fn(data)
        call    __ftrace_modify_code
phase "let go"
| state = STOP_EXIT
        mov     dword ptr [rel state], STOP_EXIT
| local_irq_enable()
        sti
|
        ret

; Every other CPU stands here while the patcher writes. Clobbers rax.
func stop_cpu
| local_irq_disable(); ack
        cli
        lock dec dword ptr [rel thread_ack]
| while (state != STOP_EXIT) cpu_relax()
.wait:
        pause
        cmp     dword ptr [rel state], STOP_EXIT
        jne     .wait
if EXITSYNC
| sync_core(): forget what was fetched before
        call    sync_core
endif
if PARK == PARK_THREAD
| local_irq_enable()
        sti
endif
|
        ret

if PARK == PARK_IPI
func asm_sysvec_stop
| save, ack_APIC_irq()
        push    rax
        push    rcx
        push    rdx
        mov     ecx, MSR_X2APIC_EOI
        xor     eax, eax
        xor     edx, edx
        wrmsr
| stop_cpu(), in the handler
        call    stop_cpu
| restore and return
        pop     rdx
        pop     rcx
        pop     rax
        iretq
endif

section .text.ftrace at 0xffffffff81000300 exec
; With the machine stopped: one site after the other.
func __ftrace_modify_code
phase "write"
| do_ftrace_mod_code(ip, new_code)
        lea     rdi, [rel site0]
        lea     rsi, [rel new0]
        call    do_ftrace_mod_code
if SITES == 2
        lea     rdi, [rel site1]
        lea     rsi, [rel new1]
        call    do_ftrace_mod_code
endif
|
        ret

; The barrier of an NMI that has looked whether it has to write: MFENCE, as smp_mb() was then; or what else might stand there.
macro nmi_barrier
if FENCE == FENCE_MFENCE
| smp_mb()
        mfence
elif FENCE == FENCE_LOCKED
| smp_mb(), as a locked operation
        lock add dword ptr [rsp], 0
else
| sync_core(), by CPUID: IRET would let the next NMI in
        push    rbx
        push    rdx
        xor     eax, eax
        xor     ecx, ecx
        cpuid
        pop     rdx
        pop     rbx
endif
endm

if STRATEGY == STRATEGY_PLAIN
func do_ftrace_mod_code
| probe_kernel_write(ip, new_code, 5)
        call    ftrace_write5
|
        ret
else
func do_ftrace_mod_code
if PUBLISH == PUBLISH_FIRST
| mod_code_ip = ip; mod_code_newcode = new_code; smp_wmb()
        mov     [rel mod_code_ip], rdi
        mov     [rel mod_code_newcode], rsi
endif
if STRATEGY == STRATEGY_NMI_WRITES
| mod_code_write = 1: from here on NMIs write too
        mov     dword ptr [rel mod_code_write], 1
if BARRIER
| smp_mb(): NMIs see the flag before in_nmi is read
        mfence
endif
if WAIT1
| wait_for_nmi(): until no NMI is running that has not seen the flag
.before:
        pause
        cmp     dword ptr [rel in_nmi], 0
        jne     .before
endif
else
| wait_for_nmi_and_set_mod_flag(): from here on NMIs write too; none is running that does not know
        mov     ecx, MOD_CODE_WRITE_FLAG
.before:
        pause
if WAIT1
        xor     eax, eax
        lock cmpxchg [rel nmi_running], ecx
        jnz     .before
else
        lock or [rel nmi_running], ecx
endif
endif
if PUBLISH == PUBLISH_LATE
| mod_code_ip = ip; mod_code_newcode = new_code
        mov     [rel mod_code_ip], rdi
        mov     [rel mod_code_newcode], rsi
endif
| smp_mb(); ftrace_mod_code()
        mfence
        call    ftrace_mod_code
if STRATEGY == STRATEGY_NMI_WRITES
| smp_wmb(); mod_code_write = 0; smp_mb()
        mov     dword ptr [rel mod_code_write], 0
        mfence
if WAIT2
| wait_for_nmi(): until no NMI is running that still writes
.after:
        pause
        cmp     dword ptr [rel in_nmi], 0
        jne     .after
endif
else
| smp_mb(); clear_mod_flag()
        mfence
        lock and dword ptr [rel nmi_running], ~MOD_CODE_WRITE_FLAG & 0xffffffff
if WAIT2
| wait_for_nmi(): until no NMI is running that still writes
.after:
        pause
        cmp     dword ptr [rel nmi_running], 0
        jne     .after
endif
endif
|
        ret

; What patcher and NMIs do, perhaps at the same time: all of them write the same bytes to the same place.
func ftrace_mod_code
| probe_kernel_write(mod_code_ip, mod_code_newcode, 5)
        mov     rdi, [rel mod_code_ip]
        mov     rsi, [rel mod_code_newcode]
        call    ftrace_write5
|
        ret

if STRATEGY == STRATEGY_NMI_WRITES
; 2008: a counter and a flag. The barrier stands between them.
func ftrace_nmi_enter
| atomic_inc(&in_nmi)
        lock inc dword ptr [rel in_nmi]
        nmi_barrier
| if (mod_code_write) ftrace_mod_code(): whatever is half written is whole then
        cmp     dword ptr [rel mod_code_write], 0
        je      .nothing
        call    ftrace_mod_code
.nothing:
|
        ret

func ftrace_nmi_exit
| smp_wmb(); atomic_dec(&in_nmi)
        lock dec dword ptr [rel in_nmi]
|
        ret
else
; Later: counter and flag in one word. The barrier stands behind both, before anything is executed.
func ftrace_nmi_enter
| if (atomic_inc_return(&nmi_running) & MOD_CODE_WRITE_FLAG) ftrace_mod_code(): whatever is half written is whole then
        mov     eax, 1
        lock xadd [rel nmi_running], eax
        test    eax, MOD_CODE_WRITE_FLAG
        jz      .nothing
        call    ftrace_mod_code
.nothing:
        nmi_barrier
|
        ret

func ftrace_nmi_exit
| smp_mb(); atomic_dec(&nmi_running)
        lock dec dword ptr [rel nmi_running]
|
        ret
endif
endif

; Copies 5 bytes of rsi over the text at rdi: four and one, as a compiler makes it. Clobbers rax, rdi.
func ftrace_write5
        mov     rax, TEXT_TO_DIRECT_MAP
        add     rdi, rax
| memcpy(ip, new_code, 4)
        mov     eax, [rsi]
        mov     [rdi], eax
| memcpy(ip + 4, new_code + 4, 1)
        mov     al, [rsi + 4]
        mov     [rdi + 4], al
|
        ret
