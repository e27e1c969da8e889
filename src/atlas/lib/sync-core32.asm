; sync_core of a 32-bit kernel: IRET to the next instruction, of three words (sync-core.asm is the 64-bit one).

section .text.sync_core at KERNEL_TEXT + 0x400 exec

func sync_core
| push a frame that returns right here, and IRET through it
        pushfd
        push    cs
        push    dword .here
        iretd
.here:
|
        ret
