/** How fast the machine steps: one choice at a time, as the search, the page and a recorded run use it. (One CPU alone, untraced: exec.bench.ts.) */
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { loadIcedNode } from '../decoder/iced-node.ts'
import { Random } from '../lib/random.ts'
import type { Scenario } from '../scenario/format.ts'
import { mustBuild } from '../scenario/toy.ts'
import { choiceKind, type PackedChoice, STEP } from './choice.ts'
import type { Machine } from './machine.ts'
import { apply, choices } from './step.ts'

interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly note?: string
}

const STEPS = 400_000

export function bench(): Row[] {
  loadIcedNode()
  const decode = createDecode()
  const instance = mustBuild(atlas.get('text-poke') as Scenario, {}, decode)
  const machine = instance.machine()
  const start = machine.w.slice()
  const random = new Random(1)
  const schedule: PackedChoice[] = []
  // A random run, begun anew whenever it comes to its end.
  const record = (m: Machine) => {
    m.w.set(start)
    while (schedule.length < STEPS) {
      const list = choices(m)
      if (list.length === 0) {
        m.w.set(start)
        schedule.push(-1)
        continue
      }
      const choice = random.pick(list)
      schedule.push(choice)
      apply(m, choice)
    }
  }
  const replay = (m: Machine) => {
    m.w.set(start)
    for (const choice of schedule) {
      if (choice === -1) m.w.set(start)
      else apply(m, choice)
    }
  }
  const rate = (run: () => void) => {
    const times = Array.from({ length: 5 }, () => {
      const begun = performance.now()
      run()
      return performance.now() - begun
    }).sort((a, b) => a - b)
    return STEPS / (times[2] as number) / 1000
  }
  record(machine)
  const steps = schedule.filter((choice) => choice >= 0 && choiceKind(choice) === STEP).length
  const listing = rate(() => {
    schedule.length = 0
    record(machine)
  })
  const replaying = rate(() => replay(machine))
  machine.listener = () => {}
  const telling = rate(() => replay(machine))
  const note = `text-poke, 3 CPUs; ${Math.round((100 * steps) / STEPS)} % instructions`
  return [
    { name: 'listing the choices and taking one', value: listing, unit: 'M steps/s', note },
    { name: 'replaying a schedule', value: replaying, unit: 'M steps/s', note },
    { name: 'replaying and telling what happened', value: telling, unit: 'M steps/s', note },
  ]
}
