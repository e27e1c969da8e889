; The #BP handler of 2012: ftrace is asked first, and only while it is modifying; "anything else may recurse". It claims an int3 on one of its records, or on the
; call inside of its trampoline, and makes the instruction a nop: what is there is skipped, whatever it was and whatever it becomes.
;
; A program that uses this has lib/entry64.asm (asm_exc_int3, whose name then was int3), lib/oops.asm, lib/ftrace-records.asm, the shared dword
; modifying_ftrace_code, and, where its trampoline has one, the label ftrace_call.
;
; Left out: the IST stack that #BP ran on until 2018; the records are searched one by one, not by bsearch; kgdb, kprobes and the notifiers, which are asked after ftrace.

exc_int3 equ do_int3

section .text.do_int3 at 0xffffffff81003600 exec

; rdi = pt_regs.
func do_int3
| if (modifying_ftrace_code && ftrace_int3_handler(regs)) return
        cmp     dword ptr [rel modifying_ftrace_code], 0
        je      .not_ftrace
        call    ftrace_int3_handler
        test    eax, eax
        jz      .not_ftrace
        ret
.not_ftrace:
| die("int3")
        jmp     oops

; rdi = pt_regs; eax = 1 where the int3 was ftrace's.
func ftrace_int3_handler
| ip = regs->ip - 1
        mov     rsi, [rdi + PT_RIP]
        dec     rsi
if defined(ftrace_call)
| if (is_ftrace_caller(ip)) it is ours
        lea     rax, [rel ftrace_call]
        cmp     rsi, rax
        je      .skip
endif
| if (ftrace_location(ip)) it is ours
        lea     rax, [rel ftrace_pages]
        lea     rcx, [rel ftrace_pages_end]
.search:
        cmp     rax, rcx
        jae     .foreign
        cmp     rsi, [rax + REC_IP]
        je      .skip
        add     rax, DYN_FTRACE_SIZE
        jmp     .search
.skip:
| regs->ip += MCOUNT_INSN_SIZE - 1: act as if it were a nop
        add     qword ptr [rdi + PT_RIP], MCOUNT_INSN_SIZE - 1
| return 1
        mov     eax, 1
        ret
.foreign:
| return 0
        xor     eax, eax
        ret
