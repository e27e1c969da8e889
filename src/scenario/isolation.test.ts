/**
 * What the search relies on when it cuts a state into components: a step of one CPU reads and writes its own part and the shared part, and nothing else.
 * Checked for every choice that is enabled along random walks.
 */
import { expect, test } from 'vitest'
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { Random } from '../lib/random.ts'
import { choiceCpu, formatSchedule, type PackedChoice } from '../machine/choice.ts'
import type { Machine } from '../machine/machine.ts'
import { apply, choices, choicesOf } from '../machine/step.ts'
import type { Scenario } from './format.ts'
import { randomChoice } from './scheduler.ts'
import { edited, mustBuild } from './toy.ts'

const textPoke = atlas.get('text-poke') as Scenario
const endless = edited(textPoke, 'text-poke.asm', 'mov     dword ptr [rel patch_done], 1', 'jmp patcher')
const decode = createDecode()

/** The words of one part: a CPU's, or the shared one. */
function part(m: Machine, index: number): Int32Array {
  const at = m.layout.parts[index] as number
  return m.w.subarray(at, at + (m.layout.widths[index] as number))
}

function equal(a: Int32Array, b: Int32Array): boolean {
  return a.every((word, i) => word === b[i])
}

test.each([
  [1, 4000, endless, {}],
  [2, 4000, endless, { site: 'inside' }],
  [3, 4000, endless, { batch: 'jump-label' }],
  [4, 1500, textPoke, { sync1: 'off', sync2: 'off', sync3: 'off' }],
  [5, 1500, textPoke, { sync3: 'off', fetch: 'coherent' }],
] as const)('a step touches its own part and the shared one only (seed %i, %i steps)', (seed, steps, scenario, params) => {
  const random = new Random(seed)
  const instance = mustBuild(scenario, params, decode)
  const m = instance.machine()
  const alone = instance.machine()
  const shared = m.layout.cpus
  for (let step = 0; step < steps; step++) {
    const enabled = choices(m)
    const choice = randomChoice(enabled, random)
    if (choice === null) break
    // Once all choices from here, and otherwise the one that the walk takes.
    for (const each of step % 40 === 0 ? enabled : [choice]) {
      const cpu = choiceCpu(each)
      const where = `seed ${seed}, step ${step}, ${formatSchedule([each])}`
      for (let i = 0; i < alone.w.length; i++) alone.w[i] = random.bits()
      part(alone, cpu).set(part(m, cpu))
      part(alone, shared).set(part(m, shared))
      const garbage = alone.w.slice()
      const list: PackedChoice[] = []
      choicesOf(alone, cpu, list)
      expect(list, where).toEqual(enabled.filter((candidate) => choiceCpu(candidate) === cpu))
      const before = m.w.slice()
      apply(m, each)
      apply(alone, each)
      expect(equal(part(m, cpu), part(alone, cpu)) && equal(part(m, shared), part(alone, shared)), `${where}: depends on another CPU's part`).toBe(
        true,
      )
      for (let other = 0; other < shared; other++) {
        if (other === cpu) continue
        const at = m.layout.parts[other] as number
        const kept = equal(part(m, other), before.subarray(at)) && equal(part(alone, other), garbage.subarray(at))
        expect(kept, `${where}: writes the part of CPU ${other}`).toBe(true)
      }
      m.w.set(before)
    }
    apply(m, choice)
  }
})
