; The modern protocol (kernel v6.16, smp_text_poke_batch_finish), in our own words as assembly. Its int3 handler is lib/tp-int3-handler.asm.
;
; Left out: the page-table work of poking (the alias is mapped all the time), the perf event and the old first byte kept for it, cond_resched, the
; verification of each write, sites of other lengths than 2 and 5, and a new instruction that itself begins with int3.
; smp_wmb orders nothing that x86 could reorder: it has no instruction here.
; A tail of 4 bytes is one store, as the compiler makes it; the kernel promises no more than memcpy, and across a line it becomes visible in two pieces.

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
.sync1:
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
.sync2:
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
.sync3:
| smp_text_poke_sync_each_cpu(): everybody runs the new code, no handler is left
        call    smp_text_poke_sync_each_cpu
endif

phase "reference wait"
.drop:
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
