; The handler of the ftrace of v5.2 (9e298e860408), reduced to two sites: it emulates a call of ftrace_regs_caller, whatever call stands at the site. What is
; exc_int3 today was do_int3 then. The trampolines are those of 30 April 2019; their order of steps is the mail's, the words are ours.
;
; Left out: the counter that says whether anybody patches, the search among all sites, text_poke, kgdb, kprobes and the notifiers; the three trampolines for the
; call inside of ftrace's own trampoline.

GAP equ FRAME == FRAME_GAP

section .text.handler at 0xffffffff81000800 exec

func exc_int3
| if (!ftrace_int3_handler(regs)) die("int3")
        call    ftrace_int3_handler
        test    eax, eax
        jz      oops
|
        ret

; rdi = pt_regs; eax = 1 where the int3 was ours. Its frame is the one that the entry code has built: it knows nothing of gaps.
func ftrace_int3_handler
| ip = regs->ip - 1; if (!ftrace_location(ip)) return 0
        mov     rsi, [rdi + PT_RIP]
        dec     rsi
        lea     rax, [rel site0]
        cmp     rsi, rax
        je      .ours
if NMI == NMI_TRACED
        lea     rax, [rel site_nmi]
        cmp     rsi, rax
        je      .ours
endif
        xor     eax, eax
        ret
.ours:
        lea     rdx, [rel ftrace_regs_caller]
        add     rsi, 5
if FRAME == FRAME_TRAMPOLINES
| in an NMI? it has a slot and a trampoline of its own
if SLOT
        cmp     dword ptr [rel this_cpu_in_nmi], 0
        jne     .in_nmi
endif
| this_cpu_write(ftrace_bp_call_return, ip + 5)
        mov     [rel this_cpu_ftrace_bp_call_return], rsi
| interrupts on? not before the trampoline has read the slot
        lea     rax, [rel ftrace_emulate_call_irqon]
        test    dword ptr [rdi + PT_FLAGS], FLAG_IF
        jz      .go
        and     dword ptr [rdi + PT_FLAGS], ~FLAG_IF
        lea     rax, [rel ftrace_emulate_call_irqoff]
        jmp     .go
.in_nmi:
        mov     [rel this_cpu_ftrace_bp_call_nmi_return], rsi
        lea     rax, [rel ftrace_emulate_call_nmi]
.go:
| regs->ip = trampoline
        mov     [rdi + PT_RIP], rax
else
| int3_emulate_push(regs, ip + 5): regs->sp -= 8; *regs->sp = ip + 5
emulated_push:
        mov     rax, [rdi + PT_RSP]
        sub     rax, 8
        mov     [rdi + PT_RSP], rax
        mov     [rax], rsi
| int3_emulate_jmp(regs, ftrace_regs_caller)
        mov     [rdi + PT_RIP], rdx
endif
| return 1
        mov     eax, 1
        ret

if FRAME == FRAME_TRAMPOLINES
PT_FLAGS equ 0x90
FLAG_IF  equ 1 << 9

; The interrupted code does the push itself, on its own stack, after the IRET. Each goes by what was on when the int3 was hit.
func ftrace_emulate_call_irqoff
| push the slot; interrupts on again, but not before the jump
        push    qword ptr [rel this_cpu_ftrace_bp_call_return]
        sti
        jmp     ftrace_regs_caller

func ftrace_emulate_call_irqon
| push the slot; interrupts stay off
        push    qword ptr [rel this_cpu_ftrace_bp_call_return]
        jmp     ftrace_regs_caller

func ftrace_emulate_call_nmi
| push the slot of NMIs
        push    qword ptr [rel this_cpu_ftrace_bp_call_nmi_return]
        jmp     ftrace_regs_caller
endif
