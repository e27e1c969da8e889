; The #BP handlers of the argument of May 2019: the int3 is ftrace's, for its address is that of a record and ftrace is modifying; but what does the CPU do
; instead of the instruction that is not there?
;
; Left out: the records are searched one by one, not by bsearch; whoever is asked after ftrace.

section .text.exc_int3 at 0xffffffff81000800 exec

; rdi = pt_regs.
func exc_int3
| if (!modifying_ftrace_code) die("int3")
        cmp     dword ptr [rel modifying_ftrace_code], 0
        je      oops
| ip = regs->ip - 1; rec = ftrace_location(ip)
        mov     rsi, [rdi + PT_RIP]
        dec     rsi
        lea     rax, [rel ftrace_pages]
        lea     rcx, [rel ftrace_pages_end]
.search:
        cmp     rax, rcx
        jae     oops
        cmp     rsi, [rax + REC_IP]
        je      found
        add     rax, DYN_FTRACE_SIZE
        jmp     .search

found:
if STRATEGY == STRATEGY_SKIP
| always a nop: regs->ip = ip + MCOUNT_INSN_SIZE
        jmp     jump_over

elif STRATEGY == STRATEGY_REGS_CALLER
| always ftrace_regs_caller
        lea     r9, [rel ftrace_regs_caller]

elif STRATEGY == STRATEGY_EXACT
| what is being written here: rec says
        mov     r9, [rax + REC_ADDR_NEW]
        cmp     dword ptr [rax + REC_UPDATE], FTRACE_UPDATE_MAKE_NOP
        je      jump_over

else
| what is being written, as one variable says
        mov     r9, [rel ftrace_update_target]
        test    r9, r9
        jz      jump_over
endif

        add     rsi, MCOUNT_INSN_SIZE
emulate_call:
if PUSH
| int3_emulate_call(): regs->sp -= 8; *(u64 *)regs->sp = ip + MCOUNT_INSN_SIZE
        mov     rax, [rdi + PT_RSP]
        sub     rax, 8
        mov     [rdi + PT_RSP], rax
        mov     [rax], rsi
endif
| regs->ip = func
        mov     [rdi + PT_RIP], r9
        ret

jump_over:
| int3_emulate_jmp(regs, ip + MCOUNT_INSN_SIZE)
        add     qword ptr [rdi + PT_RIP], MCOUNT_INSN_SIZE - 1
        ret
