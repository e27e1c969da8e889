/** The packed state as readonly objects with names: the only reader of it besides the machine. What each part means: snapshot.ts. */
import { hex, joinHalves } from '../lib/u64.ts'
import { CHOICE_KINDS, choiceCpu, choiceKind, formatSchedule, type PackedChoice } from '../machine/choice.ts'
import type { MachineEvent } from '../machine/events.ts'
import { RIP } from '../machine/layout.ts'
import type { Machine } from '../machine/machine.ts'
import { apply, choices } from '../machine/step.ts'
import { isAtRest } from './at-rest.ts'
import { describe, sentence } from './describe.ts'
import { inspectCpu } from './inspect-cpu.ts'
import { inspectSites } from './inspect-sites.ts'
import { stackOf } from './inspect-stack.ts'
import type { Inspection } from './inspection.ts'
import { meaningOf } from './meaning.ts'
import type { Checker } from './properties.ts'
import { readWord } from './scope.ts'
import type { ChoiceView, PropertyView, Snapshot } from './snapshot.ts'

export type { Inspection } from './inspection.ts'

export function inspect(view: Inspection): Snapshot {
  const { instance, run, last } = view
  const m = run.machine
  return {
    step: run.cursor,
    cpus: instance.cpus.map((_, cpu) => inspectCpu(view, cpu)),
    sites: inspectSites(view, m),
    data: inspectData(view),
    choices: choices(m).map((choice) => inspectChoice(view, choice)),
    properties: inspectProperties(view),
    final: isFinal(m),
    phase: phaseOf(view),
    said:
      last === null
        ? null
        : sentence(m.layout, last.taken.choice, describe(instance, view.disassemble, m, last.before, last.taken.choice, last.taken.events)),
    meaning: last === null ? null : meaningOf(instance, last.taken.choice, last.taken.events),
    digest: run.digest,
  }
}

function isFinal(m: Machine): boolean {
  for (let cpu = 0; cpu < m.layout.cpus; cpu++) {
    m.select(cpu)
    if (!isAtRest(m)) return false
  }
  return true
}

/** The phase of the first CPU whose program names one. */
function phaseOf(view: Inspection): string | null {
  const m = view.run.machine
  const { program } = view.instance
  const size = m.bits / 8
  for (let cpu = 0; cpu < m.layout.cpus; cpu++) {
    const c = m.layout.parts[cpu] as number
    const own = program.phase(joinHalves(m.w[c + RIP] as number, m.w[c + RIP + 1] as number))
    if (own !== null) return own
    // Inside a function that the phase calls: the call before a return address on its stack names it.
    const { top, sp } = stackOf(m, cpu)
    for (let at = sp; at < top && at < sp + 1024n; at += BigInt(size)) {
      const phase = program.phase(readWord(m, at, size) - 1n)
      if (phase !== null) return phase
    }
  }
  return null
}

function inspectData(view: Inspection): Snapshot['data'] {
  const { instance, last, scratch, run } = view
  if (last !== null) scratch.w.set(last.before)
  return instance.watch.map(({ title, address, size }) => {
    const value = readWord(run.machine, address, size)
    const changed = last !== null && readWord(scratch, address, size) !== value
    const lines = view.cacheLines?.line(address).map(({ state }) => state) ?? []
    return { label: title, address: hex(address), size, value: hex(value), changed, lines }
  })
}

function inspectChoice(view: Inspection, choice: PackedChoice): ChoiceView {
  const { instance, checker, scratch, run, disassemble } = view
  scratch.w.set(run.machine.w)
  const events: MachineEvent[] = []
  scratch.listener = (event) => events.push(event)
  const info = apply(scratch, choice)
  scratch.listener = null
  const mask = checker.after(scratch, info)
  const description = describe(instance, disassemble, scratch, run.machine.w, choice, events)
  return {
    choice,
    token: formatSchedule([choice]),
    cpu: choiceCpu(choice),
    kind: CHOICE_KINDS[choiceKind(choice)] as ChoiceView['kind'],
    ...description,
    violates: namesOf(checker, mask),
    visible: scratch.visible,
  }
}

function namesOf(checker: Checker, mask: number): string[] {
  return checker.properties.filter((_, bit) => (mask & (1 << bit)) !== 0).map((property) => property.id)
}

function inspectProperties(view: Inspection): readonly PropertyView[] {
  const { checker, run } = view
  const violated = run.branch.violated
  const here = violated !== null && violated.step <= run.cursor ? violated : null
  return checker.properties
    .map((property, bit) => {
      const broken = here !== null && (here.mask & (1 << bit)) !== 0
      return {
        id: property.id,
        title: property.title,
        violatedAt: broken ? here.step : null,
        detail: broken ? `by CPU ${here.cpu} at step ${here.step}` : null,
      }
    })
    .filter((property) => property.id !== 'within-model' || property.violatedAt !== null)
}
