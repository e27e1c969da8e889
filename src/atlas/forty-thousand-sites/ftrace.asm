; ftrace until v5.5, with the emulation of v5.2: every int3 of the whole update at once, three syncs in all, one handler for all sites.

if STRATEGY == STRATEGY_FTRACE
VECTOR  equ 1

section .text.ftrace at 0xffffffff81003000 exec
func ftrace_replace_code
phase "int3"
| modifying_ftrace_code++
        lock inc dword ptr [rel modifying_ftrace_code]
| for_ftrace_rec_iter(iter): add_breakpoints(rec, enable)
        xor     ebx, ebx
        lea     rbp, [rel records]
.add:
| ftrace_test_record(): FTRACE_UPDATE_IGNORE?
        mov     ecx, [rbp + 4]
        test    ecx, ecx
        jz      .add_next
| add_brk_on_nop() or add_brk_on_call(): is what stands there what the record says?
        mov     eax, [rbp]
        lea     r8, [rel functions]
        movzx   edx, byte ptr [r8 + rax]
        mov     esi, 0x0f
        mov     edi, 0xe8
        cmp     ecx, MODIFY_CALL
        cmovae  esi, edi
        cmp     edx, esi
        jne     ftrace_bug
| ftrace_write(ip, &brk, 1)
        mov     rdi, ALIAS
        add     rdi, rax
        mov     esi, 0xcc
        mov     edx, 1
        call    text_poke
.add_next:
        add     rbp, 8
        inc     ebx
        cmp     ebx, RECORDS
        jb      .add
phase "sync 1"
| run_sync()
        call    run_sync

phase "tail"
| for_ftrace_rec_iter(iter): add_update(rec, enable)
        xor     ebx, ebx
        lea     rbp, [rel records]
.update:
        cmp     dword ptr [rbp + 4], IGNORE
        je      .update_next
| ftrace_write(ip + 1, &new[1], 4)
        mov     eax, [rbp]
        mov     rdi, ALIAS + 1
        add     rdi, rax
        lea     r8, [rel new_bytes]
        mov     esi, [r8 + rbx*8 + 1]
        mov     edx, 4
        call    text_poke
.update_next:
        add     rbp, 8
        inc     ebx
        cmp     ebx, RECORDS
        jb      .update
phase "sync 2"
| run_sync()
        call    run_sync

phase "first byte"
| for_ftrace_rec_iter(iter): finish_update(rec, enable)
        xor     ebx, ebx
        lea     rbp, [rel records]
.finish:
        cmp     dword ptr [rbp + 4], IGNORE
        je      .finish_next
| ftrace_update_record(rec, enable)
        or      dword ptr [rbp + 4], ENABLED
| ftrace_write(ip, new, 1)
        mov     eax, [rbp]
        mov     rdi, ALIAS
        add     rdi, rax
        lea     r8, [rel new_bytes]
        movzx   esi, byte ptr [r8 + rbx*8]
        mov     edx, 1
        call    text_poke
.finish_next:
        add     rbp, 8
        inc     ebx
        cmp     ebx, RECORDS
        jb      .finish
phase "sync 3"
| run_sync(): nobody is in the handler any more
        call    run_sync
phase "done"
| modifying_ftrace_code--
        lock dec dword ptr [rel modifying_ftrace_code]
|
        ret

; The text is not what the record says.
func ftrace_bug
| ftrace_bug()
        jmp     oops

; Emulated for every int3, whatever is being written there: what it does for each function it looks up itself.
func ftrace_regs_caller
| rec = ftrace_location(return address - 5)
        mov     rax, [rsp]
        lea     rdx, [rel functions + SITE_LEN]
        sub     rax, rdx
        shr     rax, 4
| what the ops of this record want: the new tracer, or nothing
        lea     rdx, [rel site_kinds]
        movzx   eax, byte ptr [rdx + rax]
        lea     rdx, [rel news]
        movzx   eax, byte ptr [rdx + rax]
        ret

section .text.ftrace_handler at 0xffffffff81000b00 exec
; rdi = pt_regs. eax = 1 where the int3 was ftrace's.
func ftrace_int3_handler
| if (!modifying_ftrace_code) return 0
        cmp     dword ptr [rel modifying_ftrace_code], 0
        je      .not_mine
| if (!ftrace_location(ip)) return 0
        mov     rsi, [rdi + PT_RIP]
        dec     rsi
        lea     rdx, [rel functions]
        mov     rcx, rsi
        sub     rcx, rdx
        cmp     rcx, RECORDS * STRIDE
        jae     .not_mine
        test    cl, STRIDE - 1
        jnz     .not_mine
| int3_emulate_call(regs, ftrace_regs_caller)
        add     rsi, SITE_LEN
        mov     rax, [rdi + PT_RSP]
        sub     rax, 8
        mov     [rdi + PT_RSP], rax
        mov     [rax], rsi
        lea     rdx, [rel ftrace_regs_caller]
        mov     [rdi + PT_RIP], rdx
        mov     eax, 1
        ret
.not_mine:
| return 0
        xor     eax, eax
        ret
endif
