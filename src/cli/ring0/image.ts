/** The test image of one mode: boot code, tables, handlers and all cases, as one flat file that a multiboot loader puts at 1 MiB. */
import { assemble } from '../../assembler/assemble.ts'
import type { Ring0Case } from './cases.ts'
import { MIDDLE } from './cases.ts'
import { bootText, driverText, FIELDS, stubsText } from './driver.ts'
import {
  type Bits,
  CASE_BYTES,
  CASES,
  END,
  GATES,
  GDT,
  ICR,
  IDT,
  IMAGE,
  IST,
  PAGES,
  POINTERS,
  RING0,
  SELECTORS,
  SNIPPET_BYTES,
  SNIPPETS,
  STACK_BYTES,
  STUB_BYTES,
  STUBS,
  TSS,
} from './places.ts'

export interface Section {
  readonly name: string
  readonly address: bigint
  readonly bytes: Uint8Array
}

export function assembleText(bits: Bits, text: string): readonly Section[] {
  const { assembly, diagnostics } = assemble({ bits, files: [{ name: 'ring0', text }] })
  if (assembly === null) throw new Error(diagnostics.map(({ line, message }) => `${line}: ${message}: ${text.split('\n')[line - 1]}`).join('\n'))
  return assembly.sections
}

const snippetText = ({ code }: Ring0Case, index: number) => `section .case at ${SNIPPETS + index * SNIPPET_BYTES} exec\n${code}\n`

/** A case's program, alone at its place. */
export function snippet(given: Ring0Case, index: number): Section {
  return assembleText(given.bits, snippetText(given, index))[0] as Section
}

/** Where a case's NMIs go: to its own handler, or to the one that reports. */
export function nmiHandler(given: Ring0Case, index: number): bigint {
  if (given.nmi === undefined) return BigInt(STUBS + 2 * STUB_BYTES)
  const { assembly } = assemble({ bits: given.bits, files: [{ name: 'ring0', text: snippetText(given, index) }] })
  return assembly?.symbols.get(given.nmi) ?? 0n
}

/** What a case starts with. */
export function startOf(given: Ring0Case, index: number): Record<(typeof FIELDS)[number], bigint> {
  const { code, data, userCode, userData } = SELECTORS[given.bits]
  return {
    ip: BigInt(SNIPPETS + index * SNIPPET_BYTES),
    sp: given.sp ?? MIDDLE,
    flags: BigInt(given.flags ?? 2),
    cs: BigInt(given.user === true ? userCode : code),
    ss: BigInt(given.user === true ? userData : data),
    r14: BigInt((1 << 18) | (given.send ?? 0)),
    r15: BigInt(ICR),
    nmi: nmiHandler(given, index),
  }
}

export function buildImage(bits: Bits, cases: readonly Ring0Case[]): Uint8Array {
  const image = new Uint8Array(END - IMAGE)
  const view = new DataView(image.buffer)
  const put = (address: number, bytes: Uint8Array) => image.set(bytes, address - IMAGE)
  const put32 = (address: number, value: number) => view.setUint32(address - IMAGE, value >>> 0, true)
  const put64 = (address: number, value: bigint) => view.setBigUint64(address - IMAGE, BigInt.asUintN(64, value), true)
  const sections = [
    ...assembleText(32, bootText(bits, END)),
    ...assembleText(bits, `${stubsText(bits)}${driverText(bits)}`),
    ...cases.map((given, i) => snippet(given, i)),
  ]
  for (const section of sections) put(Number(section.address), section.bytes)
  descriptors(put64)
  gates(bits, put32, put64)
  taskState(bits, put32, put64)
  if (bits === 64) pages(put64)
  for (const [i, given] of cases.entries()) {
    const start = startOf(given, i)
    for (const [k, field] of FIELDS.entries()) put64(CASES + i * CASE_BYTES + 8 * k, start[field])
  }
  return image
}

type Put32 = (address: number, value: number) => void
type Put64 = (address: number, value: bigint) => void

/** Flat segments at the selectors that the machine uses in either mode; the task state segment at 0x38. */
function descriptors(put64: Put64): void {
  const flat = (access: number, flags: number) => 0xffffn | (BigInt(access) << 40n) | (BigInt(0xf | (flags << 4)) << 48n)
  const [long, wide] = [0xa, 0xc]
  const at = (selector: number) => GDT + (selector & ~7)
  put64(at(SELECTORS[64].code), flat(0x9b, long))
  put64(at(SELECTORS[64].data), flat(0x93, wide))
  put64(at(SELECTORS[32].userCode), flat(0xfb, wide))
  put64(at(SELECTORS[64].userData), flat(0xf3, wide))
  put64(at(SELECTORS[64].userCode), flat(0xfb, long))
  put64(at(SELECTORS[32].code), flat(0x9b, wide))
  put64(at(SELECTORS[32].data), flat(0x93, wide))
  put64(at(0x38), 0x67n | (BigInt(TSS & 0xff_ffff) << 16n) | (0x89n << 40n) | (BigInt(TSS >>> 24) << 56n))
}

function gates(bits: Bits, put32: Put32, put64: Put64): void {
  for (let vector = 0; vector < 256; vector++) {
    const handler = STUBS + vector * STUB_BYTES
    const { type, dpl = 0, ist = 0 } = GATES[vector] ?? {}
    const access = 0x80 | (dpl << 5) | (type === 'trap' ? 15 : 14)
    const at = IDT + vector * (bits === 64 ? 16 : 8)
    put32(at, (handler & 0xffff) | (SELECTORS[bits].code << 16))
    put32(at + 4, (handler & 0xffff_0000) | (access << 8) | (bits === 64 ? ist : 0))
  }
  put64(POINTERS, 0xffn | (BigInt(GDT) << 16n))
  put64(POINTERS + 16, BigInt(256 * (bits === 64 ? 16 : 8) - 1) | (BigInt(IDT) << 16n))
}

function taskState(bits: Bits, put32: Put32, put64: Put64): void {
  if (bits === 64) {
    put64(TSS + 4, BigInt(RING0 + STACK_BYTES))
    put64(TSS + 36, BigInt(IST + STACK_BYTES))
  } else {
    put32(TSS + 4, RING0 + STACK_BYTES)
    put32(TSS + 8, SELECTORS[32].data)
  }
}

/** The first GiB and the one with the local APIC, in pages of 2 MiB that CPL 3 may use too. */
function pages(put64: Put64): void {
  const table = 7n
  put64(PAGES, BigInt(PAGES + 0x1000) | table)
  for (const [i, gibibyte] of [0, 3].entries()) {
    const directory = PAGES + 0x2000 + i * 0x1000
    put64(PAGES + 0x1000 + 8 * gibibyte, BigInt(directory) | table)
    for (let page = 0; page < 512; page++) put64(directory + 8 * page, (BigInt(gibibyte) << 30n) | (BigInt(page) << 21n) | 0x87n)
  }
}
