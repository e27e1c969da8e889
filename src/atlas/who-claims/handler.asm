; The #BP handlers that the mail of 6 May 2019 compares: whose int3 is it, and what does it stand for? All of them read shared memory that the patcher may be
; changing at that moment; they differ in what they read, in which order, and in what they do when the answer is "nobody's".
;
; smp_rmb is no instruction on x86: loads are not reordered anyway.
;
; edx says at oops why nobody claims the int3, for the properties alone: 0 nothing is being modified (any more), 1 something is, but elsewhere.
; r13d of the interrupted code counts how often the handler has sent it back, for the properties alone.
;
; Left out: ftrace_location, which claims the int3s of the records, and whoever is asked after ftrace; entry and exit tracking.

NOT_MODIFYING equ 0
ELSEWHERE     equ 1
PT_R13        equ 0x10

RECHECKED equ STRATEGY == STRATEGY_RECHECK || STRATEGY == STRATEGY_RECHECK_NO_IRET || STRATEGY == STRATEGY_HEAD_TAIL_RECHECK

; Lets interrupts in for a moment.
macro window at
if IRQS == at
| local_irq_enable(), for whatever reason; local_irq_disable()
        sti
        nop
        cli
endif
endm

section .text.exc_int3 at 0xffffffff81000800 exec

; rdi = pt_regs.
func exc_int3
| ip = regs->ip - 1
        mov     rsi, [rdi + PT_RIP]
        dec     rsi
ask:
if COUNTED
| if (!atomic_read(&modifying_ftrace_code)) it is nobody's
        mov     edx, NOT_MODIFYING
        cmp     dword ptr [rel modifying_ftrace_code], 0
        je      not_mine
        window  IRQS_BEFORE
if READ == READ_ADDRESS_FIRST
read_fields:
| if (ip != ftrace_update_func) it is somebody else's
        mov     edx, ELSEWHERE
        cmp     rsi, [rel ftrace_update_func]
        jne     not_mine
read_target:
| func = ftrace_update_target
        mov     r9, [rel ftrace_update_target]
else
read_target:
| func = ftrace_update_target
        mov     r9, [rel ftrace_update_target]
read_fields:
| if (ip != ftrace_update_func) it is somebody else's
        mov     edx, ELSEWHERE
        cmp     rsi, [rel ftrace_update_func]
        jne     not_mine
endif

elif HEAD_TAIL
| head = atomic_read(&modifying_ftrace_head); smp_rmb(); tail = atomic_read(&modifying_ftrace_tail)
        mov     eax, [rel modifying_ftrace_head]
        mov     ecx, [rel modifying_ftrace_tail]
| if (head != tail + 1) nothing is being modified
        mov     edx, NOT_MODIFYING
        lea     r8d, [rcx + 1]
        cmp     eax, r8d
        jne     not_mine
        window  IRQS_BEFORE
read_fields:
| ip = ftrace_update_func; func = ftrace_update_target; smp_rmb()
        mov     r8, [rel ftrace_update_func]
read_target:
        mov     r9, [rel ftrace_update_target]
if TAILCHECK
tail_again:
| if (atomic_read(&modifying_ftrace_tail) != tail) that modification is over
        cmp     ecx, [rel modifying_ftrace_tail]
        jne     not_mine
endif
compare_address:
if STRATEGY != STRATEGY_HEAD_TAIL
| if (regs->ip - 1 != ip) it is somebody else's: what the mail's sketch leaves to the reader
        mov     edx, ELSEWHERE
        cmp     rsi, r8
        jne     not_mine
endif
        mov     rsi, r8

elif STRATEGY == STRATEGY_SEQCOUNT || STRATEGY == STRATEGY_SEQCOUNT_AROUND
seq_begin:
| seq = read_seqcount_begin(&ftrace_seq): wait until it is even
        mov     ecx, [rel ftrace_seq]
        test    cl, 1
        jz      seq_stable
        pause
        jmp     seq_begin
seq_stable:
if STRATEGY == STRATEGY_SEQCOUNT
| modifying = modifying_ftrace_code
        mov     eax, [rel modifying_ftrace_code]
endif
        window  IRQS_BEFORE
read_fields:
| ip = ftrace_update_func; func = ftrace_update_target
        mov     r8, [rel ftrace_update_func]
read_target:
        mov     r9, [rel ftrace_update_target]
| while (read_seqcount_retry(&ftrace_seq, seq))
        cmp     ecx, [rel ftrace_seq]
        jne     seq_begin
if STRATEGY == STRATEGY_SEQCOUNT
| if (!modifying) it is nobody's
        mov     edx, NOT_MODIFYING
        test    eax, eax
        jz      not_mine
endif
| if (regs->ip - 1 != ip) it is somebody else's
        mov     edx, ELSEWHERE
        cmp     rsi, r8
        jne     not_mine

else
; Installed for good: there is always an entry, the question is only which.
        lea     r8, [rel ftrace_update_func]
        mov     edx, ELSEWHERE
read_fields:
| if (ip == entry[0].ip) that is it
        cmp     rsi, [r8]
        je      found
if STRATEGY == STRATEGY_TWO_ENTRIES
| else if (ip == entry[1].ip) that is it: one is the current site, the other the one before
        add     r8, ENTRY_SIZE
        cmp     rsi, [r8]
endif
        jne     not_mine
found:
        window  IRQS_BEFORE
read_target:
| func = entry.target
        mov     r9, [r8 + 8]
endif

        window  IRQS_AFTER
claimed:
| int3_emulate_call(regs, ip, func)
        add     rsi, 5
        mov     rax, [rdi + PT_RSP]
        sub     rax, 8
        mov     [rdi + PT_RSP], rax
        mov     [rax], rsi
        mov     [rdi + PT_RIP], r9
        ret

not_mine:
if RECHECKED
look_again:
| if (*ip == INT3) die("int3")
        cmp     byte ptr [rsi], 0xcc
        je      oops
| somebody has taken it away: regs->ip = ip, run what is there now
        mov     [rdi + PT_RIP], rsi
        inc     dword ptr [rdi + PT_R13]
sent_back:
        ret
else
| die("int3")
        jmp     oops
sent_back:
endif
