/**
 * For tests of bundled scenarios: the shortest race of a property, retold in its decisive events, so that a test can hold the story that a scenario
 * tells and not only its length.
 */

import { createDisassemble } from '../decoder/disassemble.ts'
import { choiceCpu, parseSchedule } from '../machine/choice.ts'
import type { MachineEvent } from '../machine/events.ts'
import type { Decode } from '../machine/instruction.ts'
import { describe } from './describe.ts'
import type { Scenario } from './format.ts'
import type { Params } from './params.ts'
import { Checker } from './properties.ts'
import { Run } from './run.ts'
import { mustBuild, search } from './toy.ts'

export interface Race {
  readonly property: string
  readonly steps: number
  readonly switches: number
  /** What happened to the site, and who was trapped or interrupted, in order: "0 writes cc → site", "1 executes call b", "1 #BP", "1 IRET". */
  readonly story: readonly string[]
  /** What the last step says. */
  readonly end: string
}

/**
 * The shortest races of all violated properties; none where every state was visited and nothing is violated. Throws where a limit came first. The story also tells
 * who reads and writes the labelled `words`: "0 writes 1 → counter", "1 reads counter = 0".
 */
export function races(scenario: Scenario, params: Params, decode: Decode, words: readonly string[] = []): Race[] {
  const disassemble = createDisassemble()
  const instance = mustBuild(scenario, params, decode)
  const result = search(instance)
  if (!result.complete) throw new Error('not every state was visited')
  return result.violations.map(({ property, steps, switches, schedule }) => {
    const checker = Checker.create(instance)
    if (!checker.ok) throw new Error(checker.error.join('\n'))
    const run = new Run(instance, checker.value)
    const story: string[] = []
    let end = ''
    for (const choice of parseSchedule(schedule).schedule) {
      const before = run.machine.w.slice()
      const events = run.take(choice)?.events ?? []
      const { title, detail } = describe(instance, disassemble, run.machine, before, choice, events)
      end = `CPU ${choiceCpu(choice)} ${title}${detail === null ? '' : `: ${detail}`}`
      for (const event of events) {
        const said = tell(event, instance.program.name.bind(instance.program), instance.gateNames, title, words)
        if (said !== null) story.push(said)
      }
    }
    return { property, steps, switches, story, end }
  })
}

function tell(
  event: MachineEvent,
  name: (address: bigint) => string,
  gates: ReadonlyMap<number, string>,
  title: string,
  words: readonly string[],
): string | null {
  const value = (bytes: bigint, size: number) => bytes.toString(16).padStart(2 * size, '0')
  // What is no address of the program is a number.
  const named = (bytes: bigint) => (/^0x/.test(name(bytes)) ? bytes.toString(16) : name(bytes))
  switch (event.kind) {
    case 'visible':
      if (words.includes(name(event.address))) return `${event.cpu} writes ${named(event.value)} → ${name(event.address)}`
      return event.hot ? `${event.cpu} writes ${value(event.value, event.size)} → ${name(event.address)}` : null
    case 'load':
      return words.includes(name(event.address)) ? `${event.cpu} reads ${name(event.address)} = ${named(event.value)}` : null
    case 'execute':
      return event.hot ? `${event.cpu} ${title}${event.stale ? ', stale' : ''}` : null
    case 'deliver':
      return `${event.cpu} ${gates.get(event.vector) ?? `vector ${event.vector}`}`
    case 'iret':
      return `${event.cpu} IRET`
    case 'prefetch':
      return `${event.cpu} prefetches`
    default:
      return null
  }
}
