/** What of a CPU is worth a reader's eyes. */
import type { CodeLine, CpuView, RegisterView } from '../../snapshot.ts'

export interface Status {
  readonly text: string
  readonly tone: 'plain' | 'int3' | 'kernel' | 'attention' | 'violation'
}

/** The few words beside the CPU's name: what is wrong, what it waits for, which handler it is in, and IF. */
export function statusOf(cpu: CpuView): Status {
  if (cpu.state === 'stopped') return { text: cpu.stopReason ?? 'stopped', tone: 'violation' }
  const interrupts = cpu.flags.if ? 'IF=1' : 'IF=0'
  if (cpu.state === 'halted') return { text: 'done, halted', tone: 'plain' }
  if (cpu.waitsFor !== null) return { text: cpu.waitsFor, tone: 'attention' }
  if (cpu.nesting.length > 0) return { text: `in ${cpu.nesting.join(' › ')} · ${interrupts}`, tone: cpu.nesting.at(-1) === '#BP' ? 'int3' : 'kernel' }
  return { text: interrupts, tone: 'plain' }
}

/** The lines around the present one: some before, more after. */
export function codeWindow(lines: readonly CodeLine[], most = 6): readonly CodeLine[] {
  const at = lines.findIndex(({ current }) => current)
  const from = Math.max(0, Math.min(at - 2, lines.length - most))
  return lines.slice(from, from + most)
}

/** The stack pointer, what changed, what points somewhere, then what is not zero; rip stands in the code already. */
export function tellingRegisters(registers: readonly RegisterView[], most = 8): readonly RegisterView[] {
  const rank = ({ name, changed, symbol, value }: RegisterView): number => {
    if (changed) return 0
    if (/^[re]sp$/.test(name)) return 1
    if (symbol !== null) return 2
    return /[1-9a-f]/.test(value.replace(/^0x/, '')) ? 3 : 4
  }
  const telling = registers.filter((register) => !/^[re]ip$/.test(register.name) && rank(register) < 4)
  const kept = new Set([...telling].sort((a, b) => rank(a) - rank(b)).slice(0, most))
  return telling.filter((register) => kept.has(register))
}

const FLAGS = ['cf', 'pf', 'af', 'zf', 'sf', 'df', 'of', 'if'] as const

export function flagList(flags: CpuView['flags']): readonly { readonly name: string; readonly set: boolean }[] {
  return FLAGS.map((name) => ({ name: name.toUpperCase(), set: flags[name] }))
}
