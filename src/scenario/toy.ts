/** Scenarios in a few lines, for tests: one program text, one section a CPU's stack, everything else as the test says. */
import type { Decode } from '../machine/instruction.ts'
import { build, type Instance } from './build.ts'
import { Exploration, type ExploreResult } from './explore.ts'
import { parseScenario, type Scenario } from './format.ts'

export type Fields = Readonly<Record<string, unknown>>

const MEMORY = `
section .data at 0xffffffff82000000 shared
x:      dd 0
y:      dd 0
z:      dd 0
        align 64
lock_a: dd 0
lock_b: dd 0
`

/** Text at 0xffffffff81000000; shared dwords x, y, z, lock_a, lock_b; a private stack for each of the CPUs, which start at the labels given. */
export function toy(program: string, entries: readonly string[], fields: Fields = {}): Scenario {
  const stacks = entries.map((_, cpu) => `section .stack${cpu} at 0xffffc900000${cpu + 1}0000 private=${cpu} stack\n  resb 256\nstack${cpu}_top:\n`)
  const text = `section .text at 0xffffffff81000000 exec\n${program}\n${MEMORY}${stacks.join('')}`
  const cpus = entries.map((entry, cpu) => ({ role: `cpu${cpu}`, entry, registers: { rsp: `stack${cpu}_top` } }))
  return scenarioOf({ format: 1, id: 'toy', title: 'toy', program: [{ name: 'toy.asm', text }], cpus, ...fields })
}

/** A scenario from an object as its file would hold it; throws where it is none. */
export function scenarioOf(data: Fields): Scenario {
  const parsed = parseScenario(data)
  if (!parsed.ok) throw new Error(parsed.error.join('\n'))
  const sources = parsed.value.program.map((entry) => (typeof entry === 'string' ? { name: entry, text: '' } : entry))
  return { file: parsed.value, sources, recording: null }
}

/** The scenario with one stretch of one of its texts replaced; it has to be there exactly once. */
export function edited(scenario: Scenario, file: string, from: string, to: string): Scenario {
  const source = scenario.sources.find(({ name }) => name === file)
  const parts = source?.text.split(from) ?? []
  if (parts.length !== 2) throw new Error(`${file} holds ${parts.length - 1} times: ${from}`)
  return { ...scenario, sources: scenario.sources.map((each) => (each === source ? { name: file, text: parts.join(to) } : each)) }
}

export function mustBuild(scenario: Scenario, params: Readonly<Record<string, string>>, decode: Decode): Instance {
  const built = build(scenario, params, decode)
  if (!built.ok) throw new Error(built.error.join('\n'))
  return built.value
}

/** Everything reachable, with or without reduction. */
export function search(instance: Instance, options: { readonly reduce?: boolean; readonly maxStates?: number } = {}): ExploreResult {
  const created = Exploration.create(instance, { maxStates: options.maxStates ?? 5_000_000, maxBytes: 2e9, reduce: options.reduce ?? true })
  if (!created.ok) throw new Error(created.error.join('\n'))
  while (created.value.run(1_000_000));
  return created.value.result()
}
