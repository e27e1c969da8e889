/** What a run came to, as text: where each CPU stands, what was violated, and the link that leads there. */
import { joinHalves } from '../lib/u64.ts'
import { RIP } from '../machine/layout.ts'
import { isAtRest } from '../scenario/at-rest.ts'
import { OutcomeNames } from '../scenario/outcomes.ts'
import type { Run } from '../scenario/run.ts'
import { stopReason } from '../scenario/stop-reason.ts'

/** `end`: how the run ended, in words. */
export function summaryOf(run: Run, end: string, link: string): string {
  const { instance, machine: m, checker, branch } = run
  const lines = [`${instance.scenario.file.id}: ${end}`]
  let final = true
  for (const [cpu, { role }] of instance.cpus.entries()) {
    m.select(cpu)
    const atRest = isAtRest(m)
    final &&= atRest
    const place = instance.program.name(joinHalves(m.w[m.c + RIP] as number, m.w[m.c + RIP + 1] as number))
    const buffered = m.storeCount === 0 ? '' : `, ${m.storeCount} stores not visible yet`
    lines.push(`  CPU ${cpu} (${role}): ${stopReason(m, cpu) ?? `${atRest ? 'at rest' : 'not done'} at ${place}${buffered}`}`)
  }
  const names = OutcomeNames.create(instance)
  const outcome = final && names.ok ? names.value.of(m) : ''
  if (outcome !== '') lines.push(`  outcome ${outcome}`)
  const { violated } = branch
  for (const [bit, { id, title }] of checker.properties.entries()) {
    if (violated !== null && (violated.mask & (1 << bit)) !== 0)
      lines.push(`  violated by CPU ${violated.cpu} at step ${violated.step}: ${id}: ${title}`)
  }
  lines.push(`  digest ${run.digest}`, `  #${link}`)
  return `${lines.join('\n')}\n`
}
