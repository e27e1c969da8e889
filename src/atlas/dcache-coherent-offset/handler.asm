; The #BP handler that takes the call's target from the instruction itself: the four bytes behind the int3, read as data. x86 promises next to nothing about when
; a store is seen by fetch, and all one could wish about when it is seen by a load.
;
; A locked read is a read-modify-write, so it needs a writable mapping of the text: the direct map, through which the text is written, too. (READS_THROUGH text
; tries the mapping that is executed.) What it reads it also writes back, so to everybody else's fetch it is one more store.
;
; Left out: the search of ftrace's records, of which there is one; whoever is asked after ftrace.

section .text.exc_int3 at 0xffffffff81000800 exec

; rdi = pt_regs.
func exc_int3
| ip = regs->ip - 1; if (!ftrace_location(ip)) die("int3")
        mov     rsi, [rdi + PT_RIP]
        dec     rsi
        lea     rax, [rel call_site]
        cmp     rsi, rax
        jne     oops

if STRATEGY == STRATEGY_SITE_KINDS
ask_kind:
| if (ftrace_test_record(rec) != FTRACE_UPDATE_MODIFY_CALL) before or after, there is a nop
        cmp     dword ptr [rel rec_update], FTRACE_UPDATE_MODIFY_CALL
        jne     jump_over
elif STRATEGY == STRATEGY_TWO_FLAGS
ask_kind:
| if (nopping_calls) before or after, there is a nop
        cmp     dword ptr [rel nopping_calls], 0
        jne     jump_over
| if (!updating_calls) die("int3")
        cmp     dword ptr [rel updating_calls], 0
        je      oops
endif

read_offset:
if READS_THROUGH == READS_THROUGH_ALIAS
        mov     rdx, TEXT_TO_DIRECT_MAP
        add     rdx, rsi
else
        mov     rdx, rsi
endif
        xor     eax, eax
if LOCKED_READ
| offset = cmpxchg(ip + 1, 0, 0): all four bytes of one moment
        xor     ecx, ecx
        lock cmpxchg [rdx + 1], ecx
else
| offset = *(u32 *)(ip + 1)
        mov     eax, [rdx + 1]
endif
offset_read:
        cdqe
| int3_emulate_call(): regs->sp -= 8; *(u64 *)regs->sp = ip + 5
        add     rsi, 5
        mov     rdx, [rdi + PT_RSP]
        sub     rdx, 8
        mov     [rdi + PT_RSP], rdx
        mov     [rdx], rsi
| regs->ip = ip + 5 + offset
        add     rsi, rax
        mov     [rdi + PT_RIP], rsi
        ret

jump_over:
| int3_emulate_jmp(regs, ip + 5)
        add     qword ptr [rdi + PT_RIP], 4
        ret
