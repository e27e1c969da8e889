; ftrace_replace_code: the three stages, each done to all records before the next begins, so that three broadcasts do for 40,000 sites.
;
; A program that uses this has lib/ftrace-stages.asm, and between the labels ftrace_pages and ftrace_pages_end one struct dyn_ftrace for each site, in memory
; that nobody writes: four quadwords, which say where it is, whom it calls now and whom afterwards, and what is to be done. FTRACE_ERRORS (1 or 0) says
; whether stages that fail are looked after; SYNC_REMOVED and SYNC_FAILED (1 or 0) whether a run_sync ends the way back from there, and whether one begins it.
;
; Left out: the flags of a record, from which the kernel works out what is to be done and who is to be called (they stand in the record), and their update in
; the last stage; the report of an error. In the last stage writing cannot fail here.

FTRACE_UPDATE_IGNORE      equ 0
FTRACE_UPDATE_MAKE_CALL   equ 1
FTRACE_UPDATE_MODIFY_CALL equ 2
FTRACE_UPDATE_MAKE_NOP    equ 3

DYN_FTRACE_SIZE equ 32
REC_IP          equ 0
REC_ADDR_CURR   equ 8
REC_ADDR_NEW    equ 16
REC_UPDATE      equ 24

; Runs `stage` for every record in rbx.
macro for_ftrace_rec_iter stage, failed
| for_ftrace_rec_iter(iter) if ({stage}(rec)) goto remove_breakpoints
        lea     rbx, [rel ftrace_pages]
%%each:
        call    stage
if FTRACE_ERRORS
        test    eax, eax
        jnz     failed
endif
        add     rbx, DYN_FTRACE_SIZE
        lea     rax, [rel ftrace_pages_end]
        cmp     rbx, rax
        jb      %%each
endm

section .text.ftrace_replace_code at 0xffffffff81003200 exec

func ftrace_replace_code
phase "int3"
        for_ftrace_rec_iter add_breakpoints, .remove_breakpoints
if SYNC1
phase "sync 1"
| run_sync(): nobody holds an old first byte any more
        call    run_sync
endif
phase "tail"
        for_ftrace_rec_iter add_update, .remove_breakpoints
if SYNC2
phase "sync 2"
| run_sync(): a new first byte never meets an old tail
        call    run_sync
endif
phase "first byte"
        for_ftrace_rec_iter finish_update, .remove_breakpoints
if SYNC3
phase "sync 3"
| run_sync(): everybody runs the new code, no handler is left
        call    run_sync
endif
phase "done"
|
        ret

if FTRACE_ERRORS
.remove_breakpoints:
phase "remove breakpoints"
if SYNC_FAILED
| run_sync()
        call    run_sync
endif
| for_ftrace_rec_iter(iter) remove_breakpoint(rec)
        lea     rbx, [rel ftrace_pages]
.remove:
        call    remove_breakpoint
        add     rbx, DYN_FTRACE_SIZE
        lea     rax, [rel ftrace_pages_end]
        cmp     rbx, rax
        jb      .remove
if SYNC_REMOVED
| run_sync()
        call    run_sync
endif
phase "done"
|
        ret
endif

; What follows is called in several phases, and belongs to none.
phase ""
; rsi = what record rbx holds now, rdi = where.
func ftrace_old_code
| ip = rec->ip; addr = ftrace_get_addr_curr(rec)
        mov     rdi, [rbx + REC_IP]
        mov     rsi, [rbx + REC_ADDR_CURR]
| old = make call ? ftrace_nop_replace() : ftrace_call_replace(ip, addr)
        cmp     dword ptr [rbx + REC_UPDATE], FTRACE_UPDATE_MAKE_CALL
        je      .nop
        call    ftrace_call_replace
        ret
.nop:
        mov     esi, IDEAL_NOP
        ret

; rsi = what record rbx is to hold, rdi = where.
func ftrace_new_code
| ip = rec->ip; addr = ftrace_get_addr_new(rec)
        mov     rdi, [rbx + REC_IP]
        mov     rsi, [rbx + REC_ADDR_NEW]
| new = make nop ? ftrace_nop_replace() : ftrace_call_replace(ip, addr)
        cmp     dword ptr [rbx + REC_UPDATE], FTRACE_UPDATE_MAKE_NOP
        je      .nop
        call    ftrace_call_replace
        ret
.nop:
        mov     esi, IDEAL_NOP
        ret

func add_breakpoints
| if (ftrace_test_record(rec) == FTRACE_UPDATE_IGNORE) return 0
        xor     eax, eax
        cmp     dword ptr [rbx + REC_UPDATE], FTRACE_UPDATE_IGNORE
        je      .ignore
| make call: add_brk_on_nop(rec); modify call, make nop: add_brk_on_call(rec, addr)
        call    ftrace_old_code
        call    add_break
.ignore:
|
        ret

func add_update
| if (ftrace_test_record(rec) == FTRACE_UPDATE_IGNORE) return 0
        xor     eax, eax
        cmp     dword ptr [rbx + REC_UPDATE], FTRACE_UPDATE_IGNORE
        je      .ignore
| make nop: add_update_nop(rec); make call, modify call: add_update_call(rec, addr)
        call    ftrace_new_code
        call    add_update_code
.ignore:
|
        ret

func finish_update
| if (ftrace_update_record(rec) == FTRACE_UPDATE_IGNORE) return 0
        xor     eax, eax
        cmp     dword ptr [rbx + REC_UPDATE], FTRACE_UPDATE_IGNORE
        je      .ignore
| make nop: finish_update_nop(rec); make call, modify call: finish_update_call(rec, addr)
        call    ftrace_new_code
        mov     edx, 1
        call    ftrace_write
.ignore:
|
        ret

if FTRACE_ERRORS
; Takes an int3 away again, whatever stage the record has reached: the four bytes behind it say what it was, or what it has become.
func remove_breakpoint
| if (ftrace_test_record(rec) == FTRACE_UPDATE_IGNORE) return 0
        cmp     dword ptr [rbx + REC_UPDATE], FTRACE_UPDATE_IGNORE
        je      .done
| probe_kernel_read(ins, ip, 5); if (ins[0] != brk) return 0
        mov     rdi, [rbx + REC_IP]
        call    ftrace_read
        cmp     al, BREAKPOINT
        jne     .done
        mov     r8, rax
        shr     r8, 8
| if (ins[1..4] is the tail of the nop or of the new call or of the old one) ftrace_write(ip, its first byte, 1)
        call    ftrace_new_code
        mov     rdx, rsi
        shr     rdx, 8
        cmp     r8, rdx
        je      .update
        call    ftrace_old_code
        mov     rdx, rsi
        shr     rdx, 8
        cmp     r8, rdx
        jne     .done
.update:
        mov     edx, 1
        call    ftrace_write
.done:
|
        ret
endif
