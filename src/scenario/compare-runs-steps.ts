/** What the steps of a run did, in words that stay the same when the program is laid out otherwise: by functions and call sites, without offsets. */
import type { Disassemble } from '../decoder/disassemble.ts'
import { choiceCpu, type PackedChoice } from '../machine/choice.ts'
import type { MachineEvent } from '../machine/events.ts'
import { apply } from '../machine/step.ts'
import type { Instance } from './build.ts'
import type { ToldStep } from './compare-runs.ts'
import { describe } from './describe.ts'
import { indexOf, type SiteIndex } from './sites.ts'

/** Tells every step of a schedule that is known to be possible. `other`: the machine of the run to compare with; functions that only one of them has do not count. */
export function tellSteps(instance: Instance, disassemble: Disassemble, schedule: readonly PackedChoice[], other: Instance): ToldStep[] {
  const m = instance.machine()
  const teller = new Teller(instance, other)
  const before = m.w.slice()
  return schedule.map((choice) => {
    const events: MachineEvent[] = []
    before.set(m.w)
    m.listener = (event) => events.push(event)
    apply(m, choice)
    m.listener = null
    const { title, effect } = describe(instance, disassemble, m, before, choice, events)
    return { cpu: choiceCpu(choice), key: teller.key(events, title), sense: teller.plain(`${title}: ${effect}`), title, effect }
  })
}

class Teller {
  private readonly instance: Instance
  private readonly sites: SiteIndex
  private readonly own: ReadonlySet<string>
  private readonly others: ReadonlySet<string>
  /** One program: then offsets tell something. */
  private readonly exact: boolean

  constructor(instance: Instance, other: Instance) {
    this.instance = instance
    this.sites = indexOf(instance.sites)
    this.own = functionsOf(instance)
    this.others = functionsOf(other)
    this.exact = instance === other || (instance.scenario === other.scenario && sameParams(instance, other))
  }

  key(events: readonly MachineEvent[], title: string): string {
    const { program } = this.instance
    const executed = events.find((event) => event.kind === 'execute')
    if (executed !== undefined) {
      // Whatever it executes at a call site: that the bytes differ is what people want to see.
      const site = this.sites.at(executed.address)
      if (site !== null) return `${site.label}+${executed.address - site.address}`
      const func = program.func(executed.address)
      return `${func !== null && this.others.has(func) ? func : ''}: ${this.exact ? program.name(executed.address) : ''} ${this.plain(title)}`
    }
    const visible = events.find((event) => event.kind === 'visible')
    return visible === undefined ? this.plain(title) : `visible: ${this.plain(program.name(visible.address))}`
  }

  /** "jmp patcher+0x1c" → "jmp patcher": an instruction more in front of it makes it no other one. What lies at an offset of data stays another thing. */
  plain(text: string): string {
    if (this.exact) return text
    return text
      .replace(/([A-Za-z_]\w*)\+0x[0-9a-f]+/g, (whole, name: string) => (this.own.has(name) || this.others.has(name) ? name : whole))
      .replace(/0x[0-9a-f]{8,}/g, '0x…')
  }
}

function sameParams(a: Instance, b: Instance): boolean {
  return Object.entries(a.params).every(([name, value]) => b.params[name] === value)
}

function functionsOf({ program }: Instance): ReadonlySet<string> {
  return new Set(program.assembly.lines.flatMap(({ func }) => (func === null ? [] : [func])))
}
