/**
 * A patcher (CPU 0) and an executor (CPU 1), for tests of fetch models: what the executor can fetch at each moment, and all that it can compute.
 * The patcher writes the page of the site through an alias at 0x7000, as the kernel's text_poke does.
 */
import { bytesToHex } from '../lib/bytes.ts'
import { highHalf, lowHalf } from '../lib/u64.ts'
import type { FetchModel } from './fetch.ts'
import { fetchVariants } from './fetch.ts'
import type { Decode } from './instruction.ts'
import { Lab, type LabProgram } from './lab.ts'

export const PAGE = 0xffffffff81000000n
export const ALIAS = 0x7000n

export interface PatchProgram {
  /** What CPU 0 does; POKE + offset in the page is where it may write. */
  readonly patcher: string
  /** What CPU 1 does, from `executor` on; `site` is somewhere in it. It stands at the start of the page. */
  readonly executor: string
  /** Hot bytes of the page: offset and length. */
  readonly hot: readonly (readonly [offset: number, length: number])[]
  readonly fetch: FetchModel
}

/** Text for the assembler. */
export function patchText({ patcher, executor }: Pick<PatchProgram, 'patcher' | 'executor'>): string {
  return `POKE equ ${ALIAS}
section .text at ${PAGE} exec
executor:
${executor}
 hlt
section .patcher at ${PAGE + 0x2000n} exec
patcher:
${patcher}
 hlt
handler: mov edi, 1
 hlt
back: iretq
section .data at 0xffffffff82000000 shared
flag: dq 0
section .stack0 at 0xffffc90000010000 private=0
 resb 256
stack0:
section .stack1 at 0xffffc90000020000 private=1
 resb 256
stack1:
`
}

export class PatchLab extends Lab {
  constructor(program: LabProgram, { hot, fetch }: Pick<PatchProgram, 'hot' | 'fetch'>, decode: Decode) {
    super({
      decode,
      program,
      fetch,
      hot: hot.map(([offset, length]) => [PAGE + BigInt(offset), length] as const),
      aliases: [{ of: '.text', at: ALIAS }],
      gates: {
        3: { handler: 'handler' },
        6: { handler: 'handler' },
        13: { handler: 'handler' },
        14: { handler: 'handler' },
        64: { handler: 'back' },
      },
      cpus: [
        { entry: 'patcher', registers: { rsp: 'stack0' }, flags: 2 },
        { entry: 'executor', registers: { rsp: 'stack1' }, flags: 2 },
      ],
    })
  }

  /** The byte strings that a CPU may fetch at an address, in the order of the variants. */
  variants(at: string | bigint, cpu = 1): string[] {
    this.m.select(cpu)
    const address = this.address(at)
    return fetchVariants(this.m, lowHalf(address), highHalf(address)).map(({ bytes }) => bytesToHex(bytes))
  }
}
