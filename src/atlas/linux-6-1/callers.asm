; CPUs 1 to 3, as they were while Linux 6.1 was recorded: a hot loop in user space that asks for its parent's process id. The recorded call sites lie in the
; traced system call; the recorded jump labels in what a timer interrupt runs to wake somebody up.
;
; A pass through the sites leaves in eax what it did: 0 nothing was called, 1 the old thing, 2 the new thing.
; Left out: SYSCALL (the gate of int 0x80 leads into the kernel instead), swapgs, page tables. What the kernel takes from the time-stamp counter to
; place each system call's stack at one of two alignments comes from the ticks here: our machine has no clock.

section .text.user at 0x401000 exec
func user_loop
| for (;;) getppid();
        mov     eax, 64
        int     0x80
        jmp     user_loop

section .text.start at 0xffffffff81001000 exec
func start_user
| go to user space
        push    0x2b
        push    0
        push    0x202
        push    0x33
        lea     rax, [rel user_loop]
        push    rax
        iretq

section .text.syscall at 0xffffffff81001100 exec
func entry_INT80
if BATCH == BATCH_JUMP_LABEL
| local_irq_enable(); the body of getppid; local_irq_disable()
        sti
        mov     r12d, dword ptr [rel patch_done]
        cli
else
| add_random_kstack_offset()
        mov     rbp, rsp
        mov     ecx, gs:[8]
        and     ecx, 1
        shl     ecx, 3
        sub     rsp, rcx
| local_irq_enable()
        sti
        call    pass
| local_irq_disable()
        cli
        mov     rsp, rbp
endif
| back to user space
        test    r12d, r12d
        jnz     .rest
        iretq
.rest:
| the patch is over: nothing left to do
        hlt
        jmp     .rest

; One pass through the site that rdi chooses.
section .text.pass at 0xffffffff81001200 exec
func pass
| done = READ_ONCE(patch_done)
        mov     r12d, dword ptr [rel patch_done]
| eax = nothing called yet
        xor     eax, eax
        mov     r13, rsp
| the function that holds the site
if BATCH == BATCH_JUMP_LABEL
        test    edi, edi
        jz      second_site
        call    site0
pass_end:
        ret
second_site:
        call    site1
pass_end_1:
        ret
else
        call    site0
pass_end:
        ret
pass_end_1:
        ud2
endif

TIMER_VECTOR equ 0xec

section .text.tick at 0xffffffff81001300 exec
func asm_sysvec_apic_timer_interrupt
| save what this handler uses
        push    rax
        push    rcx
        push    rdx
        push    rbp
        mov     rbp, rsp
| ack_APIC_irq()
        mov     ecx, MSR_X2APIC_EOI
        xor     eax, eax
        xor     edx, edx
        wrmsr
| this_cpu_inc(ticks)
        mov     ecx, gs:[8]
        inc     ecx
        and     ecx, 3
        mov     gs:[8], ecx
if BATCH == BATCH_JUMP_LABEL
| try_to_wake_up(): through the first site or the second, on either alignment
        push    rdi
        push    r12
        push    r13
        mov     edi, ecx
        and     edi, 1
        shr     ecx, 1
        shl     ecx, 3
        sub     rsp, rcx
        call    pass
        lea     rsp, [rbp - 24]
        pop     r13
        pop     r12
        pop     rdi
endif
| restore and return
        pop     rbp
        pop     rdx
        pop     rcx
        pop     rax
        iretq

; ── the recorded sites ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

; The target of the branch in these five bytes at that address.
macro TARGET5 name, at, bytes
name    equ at + 5 + ((((bytes >> 8) & 0xffffffff) ^ 0x80000000) - 0x80000000)
endm

section .text.site0 at SITE0_ADDR exec
site0:
if BATCH == BATCH_JUMP_LABEL
; a 2-byte nop becomes a short jmp
OLD0 equ 0
NEW0 equ 2
        db      SITE0_OLD & 0xff, (SITE0_OLD >> 8) & 0xff
func ttwu_do_wakeup
| the key is off: nothing
        ret
        address SITE0_ADDR + 2 + ((((SITE0_NEW >> 8) & 0xff) ^ 0x80) - 0x80)
func ttwu_do_wakeup_stat
| the key is on: count it
        mov     eax, 2
        ret
else
        db      SITE0_OLD & 0xff, (SITE0_OLD >> 8) & 0xff, (SITE0_OLD >> 16) & 0xff, (SITE0_OLD >> 24) & 0xff, (SITE0_OLD >> 32) & 0xff
func __x64_sys_getppid
| the traced function itself
        ret
if (SITE0_OLD & 0xff) == 0xe8
OLD0 equ 1
        TARGET5 OLD_TARGET, SITE0_ADDR, SITE0_OLD
section .text.old_tracer at OLD_TARGET exec
func old_tracer
| what it called before
        mov     eax, 1
        ret
else
OLD0 equ 0
endif
if (SITE0_NEW & 0xff) == 0xe8
NEW0 equ 2
        TARGET5 NEW_TARGET, SITE0_ADDR, SITE0_NEW
section .text.new_tracer at NEW_TARGET exec
func new_tracer
| what it calls now
        mov     eax, 2
        ret
else
NEW0 equ 0
endif
endif

section .rodata.new at 0xffffffff81800000
new0:   dq      SITE0_NEW

if NR_SITES == 2
; a 5-byte nop becomes a near jmp
OLD1 equ 0
NEW1 equ 2
section .text.site1 at SITE1_ADDR exec
site1:
        db      SITE1_OLD & 0xff, (SITE1_OLD >> 8) & 0xff, (SITE1_OLD >> 16) & 0xff, (SITE1_OLD >> 24) & 0xff, (SITE1_OLD >> 32) & 0xff
func try_to_wake_up
| the key is off: nothing
        ret
        TARGET5 ON_TARGET1, SITE1_ADDR, SITE1_NEW
section .text.site1_on at ON_TARGET1 exec
func try_to_wake_up_stat
| the key is on: count it
        mov     eax, 2
        ret
section .rodata.new1 at 0xffffffff81800010
new1:   dq      SITE1_NEW
else
OLD1 equ 0
NEW1 equ 0
endif
