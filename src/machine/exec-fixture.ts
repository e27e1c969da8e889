/** For tests of `exec`: one case with a stack, and what lies on it afterwards. */
import { createExecutor, type ExecResult } from './exec.ts'
import { parseCase } from './exec-case.ts'
import type { Decode } from './instruction.ts'

export const CODE = 0x1_0000
export const STACK = 0x2_0000
export const HANDLER = 0x3_0000

type Regs = Record<string, string | number>

/** A function that runs 64-bit code at 0x10000 with a page of stack at 0x20000, in use from 0x20800 down. */
export function createExec(decode: Decode): (code: string, more?: Record<string, unknown>) => ExecResult {
  const execute = createExecutor(decode)
  return (code, more = {}) => {
    const { regs, mem, ...rest } = more
    const stack = (more.bits ?? 64) === 64 ? 'rsp' : 'esp'
    const spec = parseCase({
      bits: 64,
      code: code.replaceAll(' ', ''),
      rip: CODE,
      regs: { [stack]: STACK + 0x800, ...(regs as Regs) },
      mem: [{ addr: STACK, hex: '00'.repeat(4096) }, ...((mem as unknown[]) ?? [])],
      ...rest,
    })
    if (!spec.ok) throw new Error(spec.error)
    return execute(spec.value)
  }
}

export const at = (address: number, code: string) => ({ addr: address, hex: code.replaceAll(' ', '') })

/** The words of the stack from `address` on, as hexadecimal numbers. */
export function words(result: ExecResult, address: number, count: number, size = 8): string[] {
  const hex = (result.mem[0] as { hex: string }).hex.slice((address - STACK) * 2)
  return Array.from({ length: count }, (_, i) => {
    const bytes = hex.slice(i * size * 2, (i + 1) * size * 2).match(/../g) as string[]
    return `0x${bytes
      .reverse()
      .join('')
      .replace(/^0+(?=.)/, '')}`
  })
}
