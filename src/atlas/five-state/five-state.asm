; hpa's scheme of 14 and 15 January 2019, in our reading of his two mails: a handler that nobody has to wait for. bp_poke_state is
;
;   0 nothing is being patched      1 int3 is written, or will be at once     2 everybody has seen the int3: the patcher patches
;   3 the patch is complete         4 a handler has undone the int3: the patcher has to begin again
;
; and bp_mask has a bit for each CPU that still has to answer; whoever is in a #BP answers right there, so that nobody waits for his interrupts.
;
;   first-mail  state 1 or 4: put the old byte back if the int3 is still there; state 2: complete the patch. Answer last
;   second-mail answer first; in state 1 or 4 look a few times whether it goes away by itself (not on the patching CPU, which would wait for itself), then
;               put the old byte back; in state 2 complete the patch
;
;   repaired    ours: as on the 14th, but before it begins again the patcher takes the int3 back itself and waits until every CPU has taken an interrupt, and its
;               last broadcast, too, is answered by interrupts only. (That it takes the int3 back itself matters from two callers on. With two of them and
;               interrupts on, this scheme was searched to its end once: 1.3 million states; without that step, a race.)
;
; As in the mails there is no broadcast between the tail and the first byte; a parameter adds one. What the mails leave open is our reading: the mask and the
; states are words of shared memory; "clear bit in mask" and "complete patch sequence" are a locked AND, and plain stores of tail and first byte; a few times
; is once; get_cpu() keeps the patcher from being preempted until its last broadcast is answered. One site.
; Left out: mapping the page that is written through and removing the mapping; the look whether an int3 is a site at all (state 0: it is not ours).

NOP_CALL      equ 1
RETRIES       equ 1
STATE_IDLE    equ 0
STATE_INT3    equ 1
STATE_PATCH   equ 2
STATE_DONE    equ 3
STATE_UNDONE  equ 4

IPI_VECTOR    equ 0xfb
MSR_EOI       equ 0x80b
MSR_ICR       equ 0x830
ALL_BUT_SELF  equ 3 << 18
; Every CPU but CPU 0, which patches.
OTHERS        equ (1 << NR_CPUS) - 2

section .data at 0xffffffff82000000 shared
bp_poke_state:
        dd      0
bp_old_value:
        dd      0
        align 64
bp_mask:
        dd      0
bp_drain:
        dd      0
patch_done:
        dd      0
lock_word:
        dd      0

; mask <- online_cpu_mask - self; send IPIs; wait for mask = 0
macro broadcast mask
        mov     dword ptr [rel mask], OTHERS
        mfence
        lfence
        mov     ecx, MSR_ICR
        mov     eax, ALL_BUT_SELF | IPI_VECTOR
        xor     edx, edx
        wrmsr
%%wait:
        cmp     dword ptr [rel mask], 0
        je      %%answered
        pause
        jmp     %%wait
%%answered:
endm

; clear bit in mask; this CPU's number is in r8d
macro answer mask
        mov     ecx, r8d
        mov     eax, 1
        shl     eax, cl
        not     eax
        lock and [rel mask], eax
endm

; complete the patch sequence: the tail, then the first byte
macro write_tail
        mov     edx, [rel new0 + 1]
        mov     rax, POKE0
        mov     [rax + 1], edx
endm
macro write_first
        mov     dl, [rel new0]
        mov     rax, POKE0
        mov     [rax], dl
endm

section .text.patcher at 0xffffffff81000100 exec

func patcher
phase "int3"
if HIT == HIT_FIFO
| get_cpu()
        mov     rdx, gs:[8]
        inc     qword ptr [rdx + RQ_PREEMPT_COUNT]
endif
| bp_old_value = atomic_read(bp_write_addr)
        mov     rax, POKE0
        movzx   eax, byte ptr [rax]
        mov     [rel bp_old_value], eax
.again:
| atomic_write(&bp_poke_state, 1)
        mov     dword ptr [rel bp_poke_state], STATE_INT3
| atomic_write(bp_write_addr, 0xcc)
        mov     rax, POKE0
        mov     byte ptr [rax], 0xcc
phase "first broadcast"
| mask = online_cpu_mask - self; send IPIs; wait for mask = 0
        broadcast bp_mask
| while (cmpxchg(&bp_poke_state, 1, 2) != 1): somebody has undone it, begin again
        mov     eax, STATE_INT3
        mov     ecx, STATE_PATCH
        lock cmpxchg [rel bp_poke_state], ecx
if STRATEGY == STRATEGY_REPAIRED
        jne     undo_and_drain
else
        jne     .again
endif
phase "patch"
| patch the site
        write_tail
if SYNC2
| not in the mails: a broadcast between the tail and the first byte
        broadcast bp_mask
endif
| remove the breakpoint
        write_first
| atomic_write(&bp_poke_state, 3)
        mov     dword ptr [rel bp_poke_state], STATE_DONE
phase "last broadcast"
if STRATEGY == STRATEGY_REPAIRED
| not in the mails: bp_drain = online_cpu_mask - self; send IPIs; wait for bp_drain = 0, which only an interrupt answers
        broadcast bp_drain
else
| mask = online_cpu_mask - self; send IPIs; wait for mask = 0
        broadcast bp_mask
endif
| atomic_write(&bp_poke_state, 0)
        mov     dword ptr [rel bp_poke_state], STATE_IDLE
if HIT == HIT_FIFO
| put_cpu()
        mov     rdx, gs:[8]
        dec     qword ptr [rdx + RQ_PREEMPT_COUNT]
endif
phase "done"
| return; everybody may rely on the new code now
        mov     dword ptr [rel patch_done], 1
.rest:
        hlt
        jmp     .rest

if STRATEGY == STRATEGY_REPAIRED
; Not in the mails. Handlers that have seen states 1 and 4 may be slow to undo; the next int3 must not be theirs.
undo_and_drain:
phase "undo"
| cmpxchg(bp_write_addr, 0xcc, bp_old_value)
        mov     rdx, POKE0
        mov     eax, 0xcc
        mov     ecx, [rel bp_old_value]
        lock cmpxchg [rdx], cl
| bp_drain = online_cpu_mask - self; send IPIs; wait for bp_drain = 0, which only an interrupt answers
        broadcast bp_drain
        jmp     patcher.again
endif

section .text.ipi at 0xffffffff81000500 exec
func asm_sysvec_call_function
        push    rax
        push    rcx
        push    rdx
        push    r8
| ack_APIC_irq()
        mov     ecx, MSR_EOI
        xor     eax, eax
        xor     edx, edx
        wrmsr
| clear bit in mask
        mov     r8d, gs:[0]
        answer bp_mask
if STRATEGY == STRATEGY_REPAIRED
| clear bit in bp_drain
        answer bp_drain
endif
| sync_core()
        call    sync_core
|
        pop     r8
        pop     rdx
        pop     rcx
        pop     rax
        iretq

section .text.exc_int3 at 0xffffffff81000800 exec
; rdi = pt_regs. Whatever happens here, the interrupted CPU goes back to the site.
func exc_int3
| if (bp_int3_handler(regs)) regs->ip -= 1, else die("int3")
        call    bp_int3_handler
        test    eax, eax
        jz      oops
        dec     qword ptr [rdi + PT_RIP]
|
        ret

func bp_int3_handler
        mov     r8d, gs:[0]
        mov     r9, POKE0
if STRATEGY != STRATEGY_SECOND_MAIL
| state = cmpxchg(&bp_poke_state, 1, 4)
        mov     eax, STATE_INT3
        mov     ecx, STATE_UNDONE
        lock cmpxchg [rel bp_poke_state], ecx
        cmp     eax, STATE_INT3
        je      .undo
        cmp     eax, STATE_UNDONE
        je      .undo
        cmp     eax, STATE_PATCH
        je      .complete
        cmp     eax, STATE_DONE
        je      .answer
| case 0: no patching in progress; return 0
        xor     eax, eax
        ret
.undo:
| case 1, 4: invlpg; cmpxchg(bp_write_addr, 0xcc, bp_old_value)
        invlpg  [r9]
        mov     eax, 0xcc
        mov     ecx, [rel bp_old_value]
        lock cmpxchg [r9], cl
        jmp     .answer
.complete:
| case 2: invlpg; complete the patch sequence, remove the breakpoint
        invlpg  [r9]
        write_tail
        write_first
.answer:
| clear bit in mask; return 1
        answer bp_mask
        mov     eax, 1
        ret
else
| state = atomic_read(&bp_poke_state); if (state == 0) return 0: no patching in progress
        mov     eax, [rel bp_poke_state]
        mov     r10d, eax
        test    eax, eax
        jnz     .recheck
        ret
if REREAD
.reread:
| not in the mail: state = atomic_read(&bp_poke_state)
        mov     r10d, [rel bp_poke_state]
endif
.recheck:
| clear bit in mask
        answer bp_mask
| switch (state)
        cmp     r10d, STATE_INT3
        je      .wait
        cmp     r10d, STATE_UNDONE
        je      .wait
        cmp     r10d, STATE_PATCH
        je      .complete
| case 3, 0: it goes away by itself, or is taken again
        mov     eax, 1
        ret
.wait:
| case 1, 4: if this is not the patching CPU, look again a few times
        test    r8d, r8d
        jz      .undo
        mov     r11d, RETRIES
.look:
| invlpg; if (*bp_write_addr != 0xcc) goto recheck
        invlpg  [r9]
        cmp     byte ptr [r9], 0xcc
if REREAD
        jne     .reread
else
        jne     .recheck
endif
| state = atomic_read(&bp_poke_state); if (state != 1 && state != 4) goto recheck
        mov     r10d, [rel bp_poke_state]
        cmp     r10d, STATE_INT3
        je      .still
        cmp     r10d, STATE_UNDONE
        jne     .recheck
.still:
        dec     r11d
        jnz     .look
.undo:
| state = cmpxchg(&bp_poke_state, 1, 4); if (state != 1 && state != 4) goto recheck
        mov     eax, STATE_INT3
        mov     ecx, STATE_UNDONE
        lock cmpxchg [rel bp_poke_state], ecx
        mov     r10d, eax
        cmp     eax, STATE_INT3
        je      .restore
        cmp     eax, STATE_UNDONE
        jne     .recheck
.restore:
| atomic_write(bp_write_addr, bp_old_value)
        mov     ecx, [rel bp_old_value]
        mov     [r9], cl
        mov     eax, 1
        ret
.complete:
| case 2: if this is not the patching CPU, look again first
        test    r8d, r8d
        jz      .write
        invlpg  [r9]
        mov     r10d, [rel bp_poke_state]
        cmp     r10d, STATE_PATCH
        jne     .recheck
.write:
| complete the patch sequence, remove the breakpoint
        write_tail
        write_first
        mov     eax, 1
        ret
endif
