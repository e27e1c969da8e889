; The modern protocol (kernel v6.16, smp_text_poke_batch_finish and its int3 handler), in our own words as assembly.
;
; Left out: the page-table work of poking (the alias is mapped all the time), the perf event and the old first byte kept for it, cond_resched, the
; verification of each write, sites of other lengths than 2 and 5, a new instruction that itself begins with int3, and emulating jcc and ret.
; smp_wmb and smp_rmb order nothing that x86 could reorder: they have no instruction here.
; A tail of 4 bytes is one store, as the compiler makes it; the kernel promises no more than memcpy, and across a line it becomes visible in two pieces.

; A descriptor entry: +0 site - _stext (4), +4 displacement (4), +8 length (1), +9 opcode to emulate (1).
ENTRY_SIZE  equ 16
; A request: +0 site (8), +8 where text_poke may write it (8), +16 length (4), +24 new bytes (8).
REQUEST_SIZE equ 32
; The kernel maps the page at a user-range address of a private mm; the recorded one is 0x7734c8d12000.
POKE_BASE   equ 0x7734c8d12000
POKE0       equ POKE_BASE + (SITE0_ADDR & 0xfff)

NR_CPUS     equ CALLERS + 1

section .text.head at 0xffffffff81000000 exec
_stext:
        ud2

section .rodata.requests at 0xffffffff81800100
requests:
        dq      SITE0_ADDR, POKE0
        dd      SITE0_LEN, 0
if NR_SITES == 0
        db      0xe8
        dd      callee_b - (SITE0_ADDR + 5)
        db      0, 0, 0
else
        dq      SITE0_NEW
endif
if NR == 2
POKE1   equ POKE_BASE + 0x1000 + (SITE1_ADDR & 0xfff)
        dq      SITE1_ADDR, POKE1
        dd      SITE1_LEN, 0
        dq      SITE1_NEW
endif

; Each CPU's gs base points at its number.
section .rodata.percpu at 0xffffffff81800200
percpu0: dq     0
percpu1: dq     1
percpu2: dq     2

section .data at 0xffffffff82000000 shared
; Three kinds of shared words on lines of their own: the descriptor, the references, and what the IPI is acknowledged with.
tp_vec:
times NR db     0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
tp_nr:  dd      0
        align 64
tp_refs:
        times NR_CPUS dd 0
        align 64
csd:    times NR_CPUS dd 0
patch_done:
        dd      0

section .stack0 at 0xffffc90000010000 private=0 stack
        resb    128
stack0_top:
section .stack1 at 0xffffc90000020000 private=1 stack
        resb    320
stack1_top:
        dq      0
section .stack2 at 0xffffc90000030000 private=2 stack
        resb    320
stack2_top:
        dq      0

section .text.patcher at 0xffffffff81000100 exec

; Drops a reference; a parameter takes the lock prefix away, to see what it is for.
macro put_ref at
if LOCKED
        lock dec dword ptr at
else
        dec     dword ptr at
endif
endm

; Publishing belongs before the first int3; a parameter puts it behind, to see why.
macro publish
phase "publish"
| for each request: smp_text_poke_batch_add(addr, new, len)
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
| vec.nr_entries = nr
        mov     dword ptr [rel tp_nr], NR
| for_each_possible_cpu(cpu) refs[cpu] = 1
rept NR_CPUS, n
        mov     dword ptr [rel tp_refs + 4*n], 1
endr
endm

func patcher
if PUBLISH == PUBLISH_FIRST
        publish
endif

phase "int3"
| for each site: text_poke(addr, int3, 1)
        xor     ebx, ebx
        lea     rbp, [rel requests]
.int3:
        mov     rdi, [rbp + 8]
        mov     esi, 0xcc
        mov     edx, 1
        call    text_poke
        add     rbp, REQUEST_SIZE
        inc     ebx
        cmp     ebx, NR
        jb      .int3
if PUBLISH == PUBLISH_LATE
        publish
endif
if SYNC1
phase "sync 1"
| smp_text_poke_sync_each_cpu(): nobody holds the old first byte any more
        call    smp_text_poke_sync_each_cpu
endif

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
        add     rbp, REQUEST_SIZE
        inc     ebx
        cmp     ebx, NR
        jb      .tail
if SYNC2
phase "sync 2"
| smp_text_poke_sync_each_cpu(): the new first byte never meets the old tail
        call    smp_text_poke_sync_each_cpu
endif

phase "first byte"
| for each site: text_poke(addr, new, 1)
        xor     ebx, ebx
        lea     rbp, [rel requests]
.first:
        mov     rdi, [rbp + 8]
        movzx   esi, byte ptr [rbp + 24]
        mov     edx, 1
        call    text_poke
        add     rbp, REQUEST_SIZE
        inc     ebx
        cmp     ebx, NR
        jb      .first
if SYNC3
phase "sync 3"
| smp_text_poke_sync_each_cpu(): everybody runs the new code, no handler is left
        call    smp_text_poke_sync_each_cpu
endif

phase "reference wait"
| for_each_possible_cpu(cpu) { if (--refs[cpu] != 0) wait until it is 0 }
rept NR_CPUS, n
        put_ref [rel tp_refs + 4*n]
if REFWAIT
        jz      %%released
%%wait:
        pause
        cmp     dword ptr [rel tp_refs + 4*n], 0
        jne     %%wait
%%released:
endif
endr
| vec.nr_entries = 0
        mov     dword ptr [rel tp_nr], 0
phase "done"
| return; everybody may rely on the new code now
        mov     dword ptr [rel patch_done], 1
.rest:
        hlt
        jmp     .rest

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

section .text.handler at 0xffffffff81000800 exec

; rdi = pt_regs. Runs with interrupts off from start to end; eax = 1 where the int3 was ours.
func smp_text_poke_int3_handler
| if (!get_text_poke_ref(this_cpu)) return 0: nothing is being patched
        mov     ecx, gs:[0]
        lea     r8, [rel tp_refs]
        lea     r8, [r8 + rcx*4]
        mov     eax, [r8]
.try:
        test    eax, eax
        jz      .not_mine
        lea     edx, [rax + 1]
if LOCKED
        lock cmpxchg [r8], edx
else
        cmpxchg [r8], edx
endif
        jnz     .try
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
.miss:
| no entry for this address
        put_ref [r8]
.not_mine:
| return 0
        xor     eax, eax
        ret
