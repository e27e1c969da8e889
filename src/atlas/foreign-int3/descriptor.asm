; text_poke of one site, and its int3 handler, in five versions: where the descriptor lies, and how the handler may still use it while the patcher is done
; with it. Everything else is the same in all five. An entry of the vector is that of lib/tp-loc-init.asm.
;
;   vec-before-nr, nr-before-vec, nr-then-sync   vec and nr_entries, global
;   descriptor-on-stack                          bp_desc points at {vec, nr_entries, refs} on the stack of whoever patches
;   static                                       {vec, nr_entries, refs}, global
;
; CPU 0 patches a site, does something else on the same stack, patches another site, and does something else again.
;
; Left out: the binary search (there is one entry), text_mutex (there is one patcher), the page-table work of poking.
; smp_wmb and smp_rmb order nothing that x86 could reorder: they have no instruction here.

NR_CPUS       equ 2
EMULATE_OTHER equ 1
POKE_BASE     equ 0x7734c8d12000
HAS_REFS      equ HANDLER == HANDLER_DESCRIPTOR_ON_STACK || HANDLER == HANDLER_STATIC

DESC_VEC      equ 0
DESC_NR       equ 8
DESC_REFS     equ 12

section .text.head at 0xffffffff81000000 exec
_stext:
        ud2

section .text.elsewhere at 0xffffffff81003010 exec
; Two traced functions that nobody runs here.
func nobody_runs_x
| tracer()
site_x:
        call    callee_a
|
        ret
        align   16
func nobody_runs_y
| tracer()
site_y:
        call    callee_a
|
        ret
section .text.callees at 0xffffffff81004440 exec
func callee_a
        ret
        align   8
func callee_b
        ret

section .rodata.requests at 0xffffffff81800100
request0:
if INT3 == INT3_POKED
; kprobe unoptimized: int3 and the tail of mov eax, 1. Whoever traps meanwhile does what the jmp does.
        dq      probed, POKE_BASE + (probed & 0xfff)
        dd      5, 0
new_k:  db      0xcc
        dd      1
        db      0, 0, 0
        db      0xe9
        dd      detour - (probed + 5)
        db      0, 0, 0
else
        dq      site_x, POKE_BASE + 0x1000 + (site_x & 0xfff)
        dd      5, 0
rept 2, n
new_x_{n}:
        db      0xe8
        dd      callee_b - (site_x + 5)
        db      0, 0, 0
endr
endif
request1:
        dq      site_y, POKE_BASE + 0x1000 + (site_y & 0xfff)
        dd      5, 0
rept 2, n
new_y_{n}:
        db      0xe8
        dd      callee_b - (site_y + 5)
        db      0, 0, 0
endr

section .data at 0xffffffff82000000 shared
; One entry.
tp_vec: dq      0, 0
if HANDLER == HANDLER_DESCRIPTOR_ON_STACK
bp_desc:
        dq      0
else
; vec, nr_entries, refs
bp_patching:
        dq      0
        dd      0
        dd      0
endif
        align   64
csd:    times NR_CPUS dd 0
patch_done:
        dd      0

; The stack of CPU 0. Its topmost frame is all that another CPU ever looks at; the frames below it are private, as if nobody could.
section .stack0 at 0xffffc90000010000 private=0 stack
        resb    256
section .stack0_frame at 0xffffc90000010100 shared
stack0_frame:
        resb    24
stack0_top:
section .stack1 at 0xffffc90000020000 private=1 stack
        resb    320
stack1_top:
        dq      0

section .rodata.percpu at 0xffffffff81800200
percpu0: dq     0
percpu1: dq     1

section .text.patcher at 0xffffffff81000100 exec

func patcher
rept 2, n
| text_poke_bp(addr, new, 5, emulate)
        lea     rbp, [rel request{n}]
        call    text_poke_bp_batch
| what this task does next
        call    next_in_line
endr
phase "done"
| patched
        mov     dword ptr [rel patch_done], 1
.rest:
        hlt
        jmp     .rest

; Something else, with two variables where text_poke_bp_batch had its descriptor.
func next_in_line
| count = 3; list = &head
        sub     rsp, 16
        mov     qword ptr [rsp], 3
        lea     rax, [rel head]
        mov     [rsp + 8], rax
| list->…
        mov     rax, [rsp + 8]
next_uses_list:
        add     rsp, 16
|
        ret

; rbp = the request.
func text_poke_bp_batch
phase "publish"
| room for the descriptor, whoever has it here
        sub     rsp, 16
| text_poke_loc_init(&vec[0], …)
        lea     r13, [rel tp_vec]
        call    text_poke_loc_init
if HANDLER == HANDLER_DESCRIPTOR_ON_STACK
| desc = { .vec = tp, .nr_entries = nr, .refs = 1 }; smp_store_release(&bp_desc, &desc)
        mov     [rsp + DESC_VEC], r13
        mov     dword ptr [rsp + DESC_NR], 1
        mov     dword ptr [rsp + DESC_REFS], 1
        mov     [rel bp_desc], rsp
elif HANDLER == HANDLER_STATIC
| bp_desc.vec = tp; bp_desc.nr_entries = nr; atomic_set_release(&bp_desc.refs, 1)
        mov     [rel bp_patching + DESC_VEC], r13
        mov     dword ptr [rel bp_patching + DESC_NR], 1
        mov     dword ptr [rel bp_patching + DESC_REFS], 1
else
| bp_patching.vec = tp; bp_patching.nr_entries = nr
        mov     [rel bp_patching + DESC_VEC], r13
        mov     dword ptr [rel bp_patching + DESC_NR], 1
endif
phase "int3"
| text_poke(addr, int3, 1)
        mov     rdi, [rbp + 8]
        mov     esi, 0xcc
        mov     edx, 1
        call    text_poke
phase "sync 1"
| text_poke_sync()
        call    smp_text_poke_sync_each_cpu
phase "tail"
| text_poke(addr + 1, new + 1, len - 1)
        mov     rdi, [rbp + 8]
        inc     rdi
        mov     esi, [rbp + 25]
        mov     edx, 4
        call    text_poke
phase "sync 2"
| text_poke_sync()
        call    smp_text_poke_sync_each_cpu
phase "first byte"
| if (new[0] != int3) text_poke(addr, new, 1)
        movzx   esi, byte ptr [rbp + 24]
        cmp     sil, 0xcc
        je      .finish
        mov     rdi, [rbp + 8]
        mov     edx, 1
        call    text_poke
phase "sync 3"
| text_poke_sync()
        call    smp_text_poke_sync_each_cpu
.finish:
phase "finish"
if HANDLER == HANDLER_VEC_BEFORE_NR
| bp_patching.vec = NULL; bp_patching.nr_entries = 0
        mov     qword ptr [rel bp_patching + DESC_VEC], 0
        mov     dword ptr [rel bp_patching + DESC_NR], 0
elif HANDLER == HANDLER_NR_BEFORE_VEC
| bp_patching.nr_entries = 0; bp_patching.vec = NULL
        mov     dword ptr [rel bp_patching + DESC_NR], 0
        mov     qword ptr [rel bp_patching + DESC_VEC], 0
elif HANDLER == HANDLER_NR_THEN_SYNC
| bp_patching.nr_entries = 0; text_poke_sync(); bp_patching.vec = NULL
        mov     dword ptr [rel bp_patching + DESC_NR], 0
        call    smp_text_poke_sync_each_cpu
        mov     qword ptr [rel bp_patching + DESC_VEC], 0
else
if HANDLER == HANDLER_DESCRIPTOR_ON_STACK
| WRITE_ONCE(bp_desc, NULL)
        mov     qword ptr [rel bp_desc], 0
        mov     rcx, rsp
else
        lea     rcx, [rel bp_patching]
endif
| if (!atomic_dec_and_test(&desc.refs)) wait until it is 0
        lock dec dword ptr [rcx + DESC_REFS]
if REFWAIT
        jz      .released
.wait:
        pause
        cmp     dword ptr [rcx + DESC_REFS], 0
        jne     .wait
.released:
endif
endif
phase ""
|
        add     rsp, 16
        ret

section .rodata.list at 0xffffffff81800300
head:   dq      head

section .text.handler at 0xffffffff81000800 exec

; rdi = pt_regs; eax = 1 where the int3 was text_poke's. Interrupts are off.
func poke_int3_handler
if HAS_REFS
if HANDLER == HANDLER_DESCRIPTOR_ON_STACK
| desc = READ_ONCE(bp_desc); if (!desc) return 0
        mov     r8, [rel bp_desc]
        test    r8, r8
        jz      .not_mine
else
| desc = &bp_desc
        lea     r8, [rel bp_patching]
endif
| if (!atomic_inc_not_zero(&desc->refs)) return 0
        mov     eax, [r8 + DESC_REFS]
.try:
        test    eax, eax
        jz      .not_mine
        lea     edx, [rax + 1]
        lock cmpxchg [r8 + DESC_REFS], edx
        jnz     .try
else
| if (!bp_patching.nr_entries) return 0
        lea     r8, [rel bp_patching]
        cmp     dword ptr [r8 + DESC_NR], 0
        je      .not_mine
endif
| ip = regs->ip - 1; tp = desc->vec; if (text_poke_addr(tp) != ip) not mine
        mov     rsi, [rdi + PT_RIP]
        dec     rsi
        mov     r11, [r8 + DESC_VEC]
        lea     r10, [rel _stext]
        movsxd  rdx, dword ptr [r11]
        add     rdx, r10
        cmp     rsi, rdx
        jne     .miss
| ip += len; switch (tp->opcode)
        movzx   eax, word ptr [r11 + 8]
        movsxd  rdx, dword ptr [r11 + 4]
        movzx   ecx, al
        add     rsi, rcx
        shr     eax, 8
        cmp     al, 0xe8
        jne     .jmp
| int3_emulate_call(): regs->sp -= 8; *(u64 *)regs->sp = next
        mov     rax, [rdi + PT_RSP]
        sub     rax, 8
        mov     [rdi + PT_RSP], rax
        mov     [rax], rsi
.jmp:
| regs->ip = next + tp->rel32
        add     rsi, rdx
        mov     [rdi + PT_RIP], rsi
| return 1
        mov     eax, 1
        jmp     .put
.miss:
| return 0
        xor     eax, eax
.put:
if HAS_REFS
| put_desc(desc)
        lock dec dword ptr [r8 + DESC_REFS]
endif
|
        ret
.not_mine:
| return 0
        xor     eax, eax
        ret
