; text_poke's queue (kernel v6.16): smp_text_poke_batch_add keeps the vector of descriptors sorted and within its room by finishing what is queued first;
; smp_text_poke_single is one more request and an end. A parameter leaves out the check in the latter, as v6.16-rc1 did.
;
; Left out: what lib/tp-single.asm leaves out. The kernel keeps the new bytes in the descriptor itself; here `queued` says which request it was filled from.

NR_CPUS    equ 2
if ROOM == ROOM_ONE
TP_VEC_MAX equ 1
else
TP_VEC_MAX equ 2
endif
POKE_BASE  equ 0x7734c8d12000

section .text.head at 0xffffffff81000000 exec
_stext:
        ud2

section .rodata.requests at 0xffffffff81800100
request_low:
        dq      site0, POKE_BASE + (site0 & 0xfff)
        dd      5, 0
        db      0xe8
        dd      callee_b - (site0 + 5)
        db      0, 0, 0
request_high:
        dq      site1, POKE_BASE + (site1 & 0xfff)
        dd      5, 0
        db      0xe8
        dd      callee_d - (site1 + 5)
        db      0, 0, 0

section .data at 0xffffffff82000000 shared
; The array of the kernel: the entries, and their number right behind.
tp_vec: times 16 * TP_VEC_MAX db 0
tp_nr:  dd      0
        align 64
tp_refs:
        times NR_CPUS dd 0
        align 64
csd:    times NR_CPUS dd 0
patch_done:
        dd      0

section .queued at 0xffffffff83000000 private=0
queued: dq      0, 0

section .text.patcher at 0xffffffff81000100 exec

func patcher
if ORDER == ORDER_LOWER
        lea     rbp, [rel request_high]
else
        lea     rbp, [rel request_low]
endif
| smp_text_poke_batch_add(first, …)
        call    smp_text_poke_batch_add
if ORDER == ORDER_LOWER
        lea     rbp, [rel request_low]
else
        lea     rbp, [rel request_high]
endif
| smp_text_poke_single(second, …)
        call    smp_text_poke_single
phase "done"
| everybody may rely on the new code now
        mov     dword ptr [rel patch_done], 1
.rest:
        hlt
        jmp     .rest

; rbp = a request, here and below.
func smp_text_poke_batch_add
phase "queue"
| if (vec is full || addr is lower than the last one) smp_text_poke_batch_finish()
        mov     eax, [rel tp_nr]
        test    eax, eax
        jz      .room
        cmp     eax, TP_VEC_MAX
        je      .finish
        lea     rcx, [rel queued]
        mov     rcx, [rcx + rax*8 - 8]
        mov     rcx, [rcx]
        cmp     [rbp], rcx
        jae     .room
.finish:
        push    rbp
        call    smp_text_poke_batch_finish
        pop     rbp
.room:
| __smp_text_poke_batch_add(addr, …)
        jmp     __smp_text_poke_batch_add

func __smp_text_poke_batch_add
phase "queue"
| tp = &vec[nr_entries++]
        mov     eax, [rel tp_nr]
        lea     ecx, [rax + 1]
        mov     [rel tp_nr], ecx
        lea     rcx, [rel queued]
        mov     [rcx + rax*8], rbp
        shl     eax, 4
        lea     r13, [rel tp_vec]
        add     r13, rax
| text_poke_loc_init(tp, addr, …)
        jmp     text_poke_loc_init

func smp_text_poke_single
if SINGLE == SINGLE_CHECKED
| smp_text_poke_batch_add(addr, …)
        call    smp_text_poke_batch_add
else
| __smp_text_poke_batch_add(addr, …): nobody looks what is queued
        call    __smp_text_poke_batch_add
endif
| smp_text_poke_batch_finish()
        jmp     smp_text_poke_batch_finish

func smp_text_poke_batch_finish
phase "publish"
| for_each_possible_cpu(cpu) refs[cpu] = 1
rept NR_CPUS, n
        mov     dword ptr [rel tp_refs + 4*n], 1
endr
phase "int3"
| for each entry: text_poke(addr, int3, 1)
        xor     ebx, ebx
.int3:
        lea     rbp, [rel queued]
        mov     rbp, [rbp + rbx*8]
        mov     rdi, [rbp + 8]
        mov     esi, 0xcc
        mov     edx, 1
        call    text_poke
        inc     ebx
        cmp     ebx, [rel tp_nr]
        jb      .int3
phase "sync 1"
| smp_text_poke_sync_each_cpu()
        call    smp_text_poke_sync_each_cpu
phase "tail"
| for each entry: text_poke(addr + 1, new + 1, len - 1)
        xor     ebx, ebx
.tail:
        lea     rbp, [rel queued]
        mov     rbp, [rbp + rbx*8]
        mov     rdi, [rbp + 8]
        inc     rdi
        mov     esi, [rbp + 25]
        mov     edx, 4
        call    text_poke
        inc     ebx
        cmp     ebx, [rel tp_nr]
        jb      .tail
phase "sync 2"
| smp_text_poke_sync_each_cpu()
        call    smp_text_poke_sync_each_cpu
phase "first byte"
| for each entry: text_poke(addr, new, 1)
        xor     ebx, ebx
.first:
        lea     rbp, [rel queued]
        mov     rbp, [rbp + rbx*8]
        mov     rdi, [rbp + 8]
        movzx   esi, byte ptr [rbp + 24]
        mov     edx, 1
        call    text_poke
        inc     ebx
        cmp     ebx, [rel tp_nr]
        jb      .first
phase "sync 3"
| smp_text_poke_sync_each_cpu()
        call    smp_text_poke_sync_each_cpu
phase "reference wait"
| for_each_possible_cpu(cpu) { if (--refs[cpu] != 0) wait until it is 0 }
rept NR_CPUS, n
        put_ref [rel tp_refs + 4*n]
        jz      %%released
%%wait:
        pause
        cmp     dword ptr [rel tp_refs + 4*n], 0
        jne     %%wait
%%released:
endr
| vec.nr_entries = 0
        mov     dword ptr [rel tp_nr], 0
phase ""
|
        ret
