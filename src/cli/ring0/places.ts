/** Where things lie in the test image, for both modes; addresses are physical and linear at once. */
export const IMAGE = 0x10_0000
export const DRIVER = 0x11_0000
export const GDT = 0x12_0000
export const IDT = 0x12_1000
export const TSS = 0x12_3000
export const POINTERS = 0x12_4000
export const STUBS = 0x12_8000
export const STUB_BYTES = 16
export const PAGES = 0x13_0000
export const CASES = 0x14_0000
export const CASE_BYTES = 128
export const SNIPPETS = 0x20_0000
export const SNIPPET_BYTES = 0x100
/** The stack of a case, in use from STACK + STACK_BYTES / 2 down; the stacks of IST 1 and of ring 0. */
export const STACK = 0x30_0000
export const IST = 0x31_0000
export const RING0 = 0x32_0000
export const STACK_BYTES = 0x1000
/** What the stacks are filled with before each case. */
export const FILLING = 0xa5
export const SAVED = 0x34_0000
export const END = 0x35_0000
/** The local APIC (memory-mapped, since the second opinion has no x2APIC). */
export const ICR = 0xfee0_0300
export const EOI = 0xfee0_00b0

/** Selectors, as the machine's defaults have them. */
export const SELECTORS = {
  64: { code: 0x10, data: 0x18, userCode: 0x33, userData: 0x2b },
  32: { code: 0x60, data: 0x68, userCode: 0x23, userData: 0x2b },
} as const

export type Bits = 32 | 64

/** Gates that are not interrupt gates of DPL 0 on the present stack. */
export const GATES: Readonly<Record<number, { readonly type?: 'trap'; readonly dpl?: 3; readonly ist?: 1 }>> = {
  3: { dpl: 3 },
  8: { ist: 1 },
  12: { ist: 1 },
  65: { type: 'trap', dpl: 3 },
  67: { dpl: 3, ist: 1 },
}
