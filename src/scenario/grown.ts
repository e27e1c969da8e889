/** For benches: bundled scenarios with one more caller, or with NMIs that may come at any moment. What they add to a program is here, and nothing else knows of it. */
import type { Scenario, ScenarioFile } from './format.ts'

/** With the parameter value `callers=N`, where the last caller that the scenario has is copied for the new one; `text` gives it a stack, and what else it has for itself. */
export function withCaller(scenario: Scenario, callers: number, own: Partial<ScenarioFile['cpus'][number]>, text: string): Scenario {
  const { file, sources } = scenario
  const last = file.cpus[file.cpus.length - 1] as ScenarioFile['cpus'][number]
  const cpus = file.cpus.map((cpu, i) => (cpu.when === undefined ? cpu : { ...cpu, when: `callers >= ${i}` }))
  const params = file.params.map((param) => (param.name === 'callers' ? { ...param, values: [...param.values, String(callers)] } : param))
  return {
    ...scenario,
    file: { ...file, cpus: [...cpus, { ...last, ...own, when: `callers >= ${callers}` }], params },
    sources: [...sources, { name: `caller-${callers}.asm`, text }],
  }
}

/** At most so many NMIs in a run, each on any of these CPUs; the handler does nothing. */
export function withNmis(scenario: Scenario, most: number, cpus: readonly number[]): Scenario {
  const { file, sources } = scenario
  const idt = [...file.idt, { vector: 2, handler: 'on_nmi', type: 'interrupt' as const, ist: 0, dpl: 0, name: 'NMI' }]
  const machine = { ...file.machine, environment: { nmi: { most, cpus: [...cpus] } } }
  const text = 'section .text.nmi at 0xffffffff81700000 exec\non_nmi: iretq\n'
  return { ...scenario, file: { ...file, idt, machine }, sources: [...sources, { name: 'nmi.asm', text }] }
}
