; smp_text_poke_int3_handler (kernel v6.16): text_poke's part of #BP, in our own words as assembly. It goes by the descriptors in tp_vec, of which there
; are tp_nr, and holds a reference of its CPU in tp_refs while it reads them.
; The program that uses this has _stext, tp_vec, tp_nr, tp_refs, and each CPU's number where its gs points. Include it before the patcher, which
; gives its own reference back with put_ref.
; A program that defines HANDLER_HOOKS brings two macros: before_reference and before_lookup stand where their names say, for what must not stand there.
; A program that defines EMULATE_RET has instructions that become ret, one that defines EMULATE_JCC conditional jumps; others do without these cases.
;
; smp_rmb orders nothing that x86 could reorder: it has no instruction here.

; A descriptor entry: +0 site - _stext (4), +4 displacement (4), +8 length (1), +9 opcode to emulate (1).
ENTRY_SIZE  equ 16

; A program that wants to know what the lock prefix is for may define it as 0.
if !defined(LOCKED)
LOCKED_REFS equ 1
else
LOCKED_REFS equ LOCKED
endif

; Drops a reference.
macro put_ref at
if LOCKED_REFS
        lock dec dword ptr at
else
        dec     dword ptr at
endif
endm

section .text.handler at 0xffffffff81000800 exec

; rdi = pt_regs. Runs with interrupts off from start to end; eax = 1 where the int3 was ours.
func smp_text_poke_int3_handler
if defined(HANDLER_HOOKS)
        before_reference
endif
| if (!get_text_poke_ref(this_cpu)) return 0: nothing is being patched
        mov     ecx, gs:[0]
        lea     r8, [rel tp_refs]
        lea     r8, [r8 + rcx*4]
        mov     eax, [r8]
.try:
        test    eax, eax
        jz      .not_mine
        lea     edx, [rax + 1]
if LOCKED_REFS
        lock cmpxchg [r8], edx
else
        cmpxchg [r8], edx
endif
        jnz     .try
if defined(HANDLER_HOOKS)
        before_lookup
endif
| ip = regs->ip - 1
        mov     rsi, [rdi + PT_RIP]
        dec     rsi
| if (nr_entries <= 1) tp = &vec[0], which must be the one
        mov     ecx, [rel tp_nr]
        lea     r10, [rel _stext]
        lea     r11, [rel tp_vec]
        cmp     ecx, 1
        ja      .many
        movsxd  rdx, dword ptr [r11]
        add     rdx, r10
        cmp     rsi, rdx
        je      .found
        jmp     .miss
.many:
| else tp = bsearch(ip, vec, nr_entries)
        xor     r9d, r9d
.search:
        cmp     r9d, ecx
        jae     .miss
        lea     eax, [r9 + rcx]
        shr     eax, 1
        mov     r11d, eax
        shl     r11d, 4
        lea     rdx, [rel tp_vec]
        add     r11, rdx
        movsxd  rdx, dword ptr [r11]
        add     rdx, r10
        cmp     rsi, rdx
        je      .found
        jb      .left
        lea     r9d, [rax + 1]
        jmp     .search
.left:
        mov     ecx, eax
        jmp     .search
.found:
| next = ip + tp->len; switch (tp->opcode)
        movzx   eax, word ptr [r11 + 8]
        movsxd  rdx, dword ptr [r11 + 4]
        movzx   ecx, al
        add     rsi, rcx
        shr     eax, 8
        cmp     al, 0xe8
        je      .call
        cmp     al, 0xe9
        je      .jmp
        cmp     al, 0xeb
        je      .jmp
if defined(EMULATE_RET)
        cmp     al, 0xc3
        je      .ret
endif
if defined(EMULATE_JCC)
        mov     ecx, eax
        and     ecx, 0xf0
        cmp     ecx, 0x70
        je      .jcc
endif
| BUG(): no instruction that this handler emulates
        ud2
.call:
| int3_emulate_call(): regs->sp -= 8; *(u64 *)regs->sp = next
        mov     rax, [rdi + PT_RSP]
        sub     rax, 8
        mov     [rdi + PT_RSP], rax
        mov     [rax], rsi
.jmp:
| regs->ip = next + tp->disp
        add     rsi, rdx
        mov     [rdi + PT_RIP], rsi
| put_text_poke_ref(): done with the descriptor
        put_ref [r8]
        mov     eax, 1
        ret
if defined(EMULATE_RET)
.ret:
| int3_emulate_ret(): regs->ip = *(u64 *)regs->sp; regs->sp += 8
        mov     rax, [rdi + PT_RSP]
        mov     rsi, [rax]
        add     rax, 8
        mov     [rdi + PT_RSP], rax
        xor     edx, edx
        jmp     .jmp
endif
if defined(EMULATE_JCC)
.jcc:
| int3_emulate_jcc(): cc = opcode & 15; flags = regs->flags
        mov     ecx, eax
        and     ecx, 15
        mov     r9d, [rdi + PT_RSP - 8]
        cmp     ecx, 12
        jae     .signed
| o, b, e, be, s, p: match = flags & jcc_mask[cc >> 1]
        mov     eax, ecx
        shr     eax, 1
        lea     r10, [rel jcc_mask]
        test    r9d, [r10 + rax*4]
        setnz   al
        jmp     .matched
.signed:
| l, le: match = SF != OF; le: or ZF
        mov     eax, r9d
        shr     eax, 4
        xor     eax, r9d
        shr     eax, 7
        and     eax, 1
        cmp     ecx, 14
        jb      .matched
        mov     r10d, r9d
        shr     r10d, 6
        and     r10d, 1
        or      eax, r10d
.matched:
| odd conditions are negated: if (match != (cc & 1)) take the jump, else go on behind it
        xor     eax, ecx
        test    al, 1
        jnz     .jmp
        xor     edx, edx
        jmp     .jmp
endif
.miss:
| no entry for this address
        put_ref [r8]
.not_mine:
| return 0
        xor     eax, eax
        ret

if defined(EMULATE_JCC)
section .rodata.jcc_mask at 0xffffffff81800800
jcc_mask:
        dd      0x800, 0x001, 0x040, 0x041, 0x080, 0x004
endif
