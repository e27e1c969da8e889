; text_poke_bp_batch as Linux 6.1 has it, in our own words as assembly: one global reference count, no reference for each CPU, no cond_resched. The newer
; form is the scenario text-poke; what both leave out is said there.
; The addresses in the user half at which text is written are our own; the recorded ones have the same page offset.

; A descriptor entry: +0 site - _stext (4), +4 displacement (4), +8 length (1), +9 opcode to emulate (1).
ENTRY_SIZE  equ 16
; A request: +0 site (8), +8 where text_poke may write it (8), +16 length (4), +24 new bytes (8).
REQUEST_SIZE equ 32
POKE_BASE   equ 0x7734c8d12000
POKE0       equ POKE_BASE + (SITE0_ADDR & 0xfff)
NR          equ NR_SITES
NR_CPUS     equ CALLERS + 1

section .text.head at 0xffffffff81000000 exec
_stext:
        ud2

section .rodata.requests at 0xffffffff81800100
requests:
        dq      SITE0_ADDR, POKE0
        dd      SITE0_LEN, 0
        dq      SITE0_NEW
if NR == 2
POKE1   equ POKE_BASE + 0x1000 + (SITE1_ADDR & 0xfff)
        dq      SITE1_ADDR, POKE1
        dd      SITE1_LEN, 0
        dq      SITE1_NEW
endif

; Where each CPU's gs points: its number, and the timer interrupts that it has taken, modulo 4.
section .percpu0 at 0xffffffff82100000 private=0
percpu0: dd     0, 0, 0
section .percpu1 at 0xffffffff82101000 private=1
percpu1: dd     1, 0, 0
section .percpu2 at 0xffffffff82102000 private=2
percpu2: dd     2, 0, 0
section .percpu3 at 0xffffffff82103000 private=3
percpu3: dd     3, 0, 0

section .data at 0xffffffff82000000 shared
tp_vec:
times NR db     0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
bp_nr:  dd      0
        align 64
bp_refs:
        dd      0
        align 64
csd:    times NR_CPUS dd 0
patch_done:
        dd      0

section .stack0 at 0xffffc90000010000 private=0 stack
        resb    512
stack0_top:
section .stack1 at 0xffffc90000020000 private=1 stack
        resb    640
stack1_top:
section .stack2 at 0xffffc90000030000 private=2 stack
        resb    640
stack2_top:
section .stack3 at 0xffffc90000040000 private=3 stack
        resb    640
stack3_top:

section .text.patcher at 0xffffffff81000100 exec
func patcher
phase "publish"
| for each request: text_poke_queue(addr, new, len)
        xor     ebx, ebx
        lea     rbp, [rel requests]
        lea     r13, [rel tp_vec]
.add:
        call    text_poke_loc_init
        add     rbp, REQUEST_SIZE
        add     r13, ENTRY_SIZE
        inc     ebx
        cmp     ebx, NR
        jb      .add
| text_poke_finish()
        call    text_poke_bp_batch
phase "done"
| everybody may rely on the new code now
        mov     dword ptr [rel patch_done], 1
.rest:
        hlt
        jmp     .rest

func text_poke_bp_batch
phase "publish"
| bp_desc.nr_entries = nr; atomic_set_release(&bp_desc.refs, 1)
        mov     dword ptr [rel bp_nr], NR
        mov     dword ptr [rel bp_refs], 1

phase "int3"
| for each site: text_poke(addr, int3, 1)
        xor     ebx, ebx
        lea     rbp, [rel requests]
.int3:
        mov     rdi, [rbp + 8]
        mov     esi, 0xcc
        mov     edx, 1
        call    text_poke
.int3_written:
        add     rbp, REQUEST_SIZE
        inc     ebx
        cmp     ebx, NR
        jb      .int3
phase "sync 1"
| text_poke_sync(): nobody holds the old first byte any more
        call    text_poke_sync
.synced_1:

phase "tail"
| for each site: text_poke(addr + 1, new + 1, len - 1)
        xor     ebx, ebx
        lea     rbp, [rel requests]
.tail:
        mov     rdi, [rbp + 8]
        inc     rdi
        mov     esi, [rbp + 25]
        mov     edx, [rbp + 16]
        dec     edx
        call    text_poke
.tail_written:
        add     rbp, REQUEST_SIZE
        inc     ebx
        cmp     ebx, NR
        jb      .tail
phase "sync 2"
| text_poke_sync(): the new first byte never meets the old tail
        call    text_poke_sync
.synced_2:

phase "first byte"
| for each site: text_poke(addr, new, 1)
        xor     ebx, ebx
        lea     rbp, [rel requests]
.first:
        mov     rdi, [rbp + 8]
        movzx   esi, byte ptr [rbp + 24]
        mov     edx, 1
        call    text_poke
.first_written:
        add     rbp, REQUEST_SIZE
        inc     ebx
        cmp     ebx, NR
        jb      .first
phase "sync 3"
| text_poke_sync(): everybody runs the new code, no handler is left
        call    text_poke_sync
.synced_3:

phase "reference wait"
| if (!atomic_dec_and_test(&bp_desc.refs)) wait until it is 0
        lock dec dword ptr [rel bp_refs]
        jz      .released
.wait:
        pause
        cmp     dword ptr [rel bp_refs], 0
        jne     .wait
.released:
|
        ret

; Fills entry r13 from request rbp: what to emulate is decided here, once.
func text_poke_loc_init
phase "publish"
| tp->rel_addr = addr - _stext
        mov     rdx, [rbp]
        lea     rcx, [rel _stext]
        sub     rdx, rcx
        mov     [r13], edx
| switch (new[0]): a nop is a jump to the next instruction
        movzx   eax, byte ptr [rbp + 24]
        xor     edx, edx
        cmp     al, 0x0f
        je      .nop5
        cmp     al, 0x66
        je      .nop2
        cmp     al, 0xeb
        je      .short
        mov     edx, [rbp + 25]
        jmp     .store
.nop5:
        mov     eax, 0xe9
        jmp     .store
.nop2:
        mov     eax, 0xeb
        jmp     .store
.short:
        movsx   edx, byte ptr [rbp + 25]
.store:
| tp->disp, tp->len, tp->opcode
        mov     [r13 + 4], edx
        shl     eax, 8
        or      al, [rbp + 16]
        mov     [r13 + 8], ax
|
        ret
phase ""

section .text.handler at 0xffffffff81000800 exec

; 6.1's name for the sync of lib/ipi.asm, and the newer name under which lib/exc-int3.asm calls the handler.
text_poke_sync equ smp_text_poke_sync_each_cpu
smp_text_poke_int3_handler equ poke_int3_handler

; rdi = pt_regs. Runs with interrupts off from start to end; eax = 1 where the int3 was ours.
func poke_int3_handler
| desc = try_get_desc(); if (!desc) return 0: nothing is being patched
        mov     eax, [rel bp_refs]
.try:
        test    eax, eax
        jz      .not_mine
        lea     edx, [rax + 1]
        lock cmpxchg [rel bp_refs], edx
        jnz     .try
| ip = regs->ip - 1
        mov     rsi, [rdi + PT_RIP]
        dec     rsi
| if (nr_entries == 1) tp = &vec[0], which must be the one
        mov     ecx, [rel bp_nr]
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
| put_desc(): done with the descriptor
        lock dec dword ptr [rel bp_refs]
        mov     eax, 1
.handled:
        ret
.miss:
| no entry for this address
        lock dec dword ptr [rel bp_refs]
.not_mine:
| return 0
        xor     eax, eax
.refused:
        ret
