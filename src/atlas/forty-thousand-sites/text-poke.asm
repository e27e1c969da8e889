; ftrace since v5.6: text_poke batches. A vector of 256 descriptors is filled and patched, then filled again; or, to see what that is for, one site at a time.

if STRATEGY != STRATEGY_FTRACE
if STRATEGY == STRATEGY_BATCH
VECTOR  equ 256
else
VECTOR  equ 1
endif
; Of a descriptor: its new bytes.
TEXT    equ 10

section .text.queue at 0xffffffff81003000 exec
func ftrace_queue_all
| for_ftrace_rec_iter(iter)
        xor     ebx, ebx
        xor     r13d, r13d
.next:
phase "queue"
| ftrace_test_record(): FTRACE_UPDATE_IGNORE?
        lea     rbp, [rel records]
        cmp     dword ptr [rbp + rbx*8 + 4], IGNORE
        je      .skip
| text_poke_queue(ip, new, 5)
        call    text_poke_loc_init
        inc     r13d
| the vector is full: text_poke_finish()
        cmp     r13d, VECTOR
        jb      .skip
        call    smp_text_poke_batch_finish
.skip:
        inc     ebx
        cmp     ebx, RECORDS
        jb      .next
| text_poke_finish()
        test    r13d, r13d
        jz      .done
        call    smp_text_poke_batch_finish
.done:
|
        ret

; Fills entry r13 for record rbx.
func text_poke_loc_init
| tp->rel_addr = ip - _stext
        mov     eax, [rbp + rbx*8]
        add     eax, functions - _stext
        mov     ecx, r13d
        shl     ecx, 4
        lea     rdx, [rel tp_vec]
        add     rcx, rdx
        mov     [rcx], eax
| tp->text = new
        lea     rdx, [rel new_bytes]
        mov     rax, [rdx + rbx*8]
        mov     [rcx + TEXT], eax
        mov     rdx, rax
        shr     rdx, 32
        mov     [rcx + TEXT + 4], dl
| switch (new[0]): a nop is a jump to the next instruction; tp->disp, tp->len, tp->opcode
        mov     edx, 0xe905
        xor     esi, esi
        cmp     al, 0xe8
        jne     .nop
        shr     rax, 8
        mov     esi, eax
        mov     edx, 0xe805
.nop:
        mov     [rcx + 4], esi
        mov     [rcx + 8], dx
| ftrace_update_record(rec, enable)
        or      dword ptr [rbp + rbx*8 + 4], ENABLED
        ret

; Patches the r13 sites of the vector, and empties it.
func smp_text_poke_batch_finish
phase "publish"
| vec.nr_entries = nr; for_each_possible_cpu(cpu) refs[cpu] = 1
        mov     dword ptr [rel tp_nr], r13d
        lea     rdx, [rel tp_refs]
        mov     ecx, NR_CPUS - 1
.refs:
        mov     dword ptr [rdx + rcx*4], 1
        dec     ecx
        jns     .refs

phase "int3"
| for each site: text_poke(addr, int3, 1)
        xor     r14d, r14d
        lea     r15, [rel tp_vec]
.int3:
        mov     eax, [r15]
        mov     rdi, ALIAS - (functions - _stext)
        add     rdi, rax
        mov     esi, 0xcc
        mov     edx, 1
        call    text_poke
        add     r15, ENTRY_SIZE
        inc     r14d
        cmp     r14d, r13d
        jb      .int3
phase "sync 1"
| smp_text_poke_sync_each_cpu()
        call    run_sync

phase "tail"
| for each site: text_poke(addr + 1, new + 1, 4)
        xor     r14d, r14d
        lea     r15, [rel tp_vec]
.tail:
        mov     eax, [r15]
        mov     rdi, ALIAS - (functions - _stext) + 1
        add     rdi, rax
        mov     esi, [r15 + TEXT + 1]
        mov     edx, 4
        call    text_poke
        add     r15, ENTRY_SIZE
        inc     r14d
        cmp     r14d, r13d
        jb      .tail
phase "sync 2"
| smp_text_poke_sync_each_cpu()
        call    run_sync

phase "first byte"
| for each site: text_poke(addr, new, 1)
        xor     r14d, r14d
        lea     r15, [rel tp_vec]
.first:
        mov     eax, [r15]
        mov     rdi, ALIAS - (functions - _stext)
        add     rdi, rax
        movzx   esi, byte ptr [r15 + TEXT]
        mov     edx, 1
        call    text_poke
        add     r15, ENTRY_SIZE
        inc     r14d
        cmp     r14d, r13d
        jb      .first
phase "sync 3"
| smp_text_poke_sync_each_cpu()
        call    run_sync

phase "reference wait"
| for_each_possible_cpu(cpu) { if (--refs[cpu] != 0) wait until it is 0 }
        lea     rdx, [rel tp_refs]
        mov     ecx, NR_CPUS - 1
.drop:
        put_ref [rdx + rcx*4]
        jz      .dropped
.wait:
        pause
        cmp     dword ptr [rdx + rcx*4], 0
        jne     .wait
.dropped:
        dec     ecx
        jns     .drop
| vec.nr_entries = 0
        mov     dword ptr [rel tp_nr], 0
        xor     r13d, r13d
|
        ret
endif
