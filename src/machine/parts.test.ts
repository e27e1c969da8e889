/** What the search builds on: a step of a CPU reads and writes that CPU's part of the state and the shared part, and nothing but the state and the choice. */
import { describe, expect, test } from 'vitest'
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { Random } from '../lib/random.ts'
import type { Scenario } from '../scenario/format.ts'
import { mustBuild, toy } from '../scenario/toy.ts'
import { choiceCpu, type PackedChoice } from './choice.ts'
import type { Machine } from './machine.ts'
import { apply, choices, choicesOf } from './step.ts'

const decode = createDecode()
const STEPS = 3000

/** Shared stacks, torn accesses, string stores, faults with stores buffered, NMIs and timers: what text-poke does not do. */
const busy = toy(
  `a: lea rdi, [rel x]
 mov ecx, 3
 mov al, 7
 rep stosb
 mov rbx, across
 mov rax, [rbx]
 mov qword ptr [rbx], -1
 lea rsi, [rel x]
 lea rdi, [rel y]
 cmpsd
 mov dword ptr [rel z], 1
 xor edx, edx
 mov eax, 1
 div dword ptr [rel y]
 jmp a
h: inc ecx
 mov dword ptr [rel y], 1
 iretq
b: mov dword ptr [rel y], 0
 mov rbx, across
 mov qword ptr [rbx], 5
 lock inc dword ptr [rel z]
 push rax
 popfq
 mov rax, [rbx]
 sti
 jmp b
section .more at 0xffffffff8300003c shared
across: dq 0
section .shared_stack at 0xffffffff84000000 shared
 resb 512
shared_top:
 resb 64`,
  ['a', 'b'],
  {
    idt: [0, 2, 0x20].map((vector) => ({ vector, handler: 'h', type: 'interrupt' })),
    cpus: [
      { role: 'a', entry: 'a', registers: { rsp: 'shared_top' } },
      { role: 'b', entry: 'b', registers: { rsp: 'stack1_top' } },
    ],
  },
)

function machines(): [string, Machine][] {
  const textPoke = (fetch: string) => mustBuild(atlas.get('text-poke') as Scenario, { fetch, sync1: 'off', callers: '2' }, decode).machine()
  const models = ['worst', 'amd', 'snoop-keep', 'snoop-nuke', 'coherent'].map((fetch): [string, Machine] => [`text-poke, ${fetch}`, textPoke(fetch)])
  return [...models, ['a busy toy', mustBuild(busy, {}, decode).machine()]]
}

/** A walk of random choices, begun anew at its ends; `visit` gets the state before each. */
function walk(m: Machine, seed: number, visit: (choice: PackedChoice, before: Int32Array) => void): void {
  const random = new Random(seed)
  const start = m.w.slice()
  for (let i = 0; i < STEPS; i++) {
    const list = choices(m)
    const before = m.w.slice()
    if (list.length === 0) {
      m.w.set(start)
      continue
    }
    const choice = random.pick(list)
    visit(choice, before)
    m.w.set(before)
    apply(m, choice)
  }
}

describe('a step of one CPU', () => {
  test.each(machines())('neither reads nor writes the parts of others: %s (seed 5)', (_, m) => {
    const garbage = new Random(17)
    walk(m, 5, (choice, before) => {
      const cpu = choiceCpu(choice)
      m.w.set(before)
      apply(m, choice)
      const expected = m.w.slice()
      m.w.set(before)
      const { parts, widths } = m.layout
      for (let other = 0; other < m.layout.cpus; other++) {
        if (other === cpu) continue
        const from = parts[other] as number
        for (let i = 0; i < (widths[other] as number); i++) m.w[from + i] = expected[from + i] = garbage.bits()
      }
      const list: PackedChoice[] = []
      choicesOf(m, cpu, list)
      expect(list).toContain(choice)
      apply(m, choice)
      if (m.w.some((word, i) => word !== expected[i])) throw new Error(`a step of CPU ${cpu} looked at another CPU's part`)
    })
  })

  test.each(machines())('depends on nothing but the state and the choice, with or without a listener: %s (seed 6)', (_, m) => {
    walk(m, 6, (choice, before) => {
      m.w.set(before)
      const kind = apply(m, choice).kind
      const after = m.w.slice()
      const visible = m.visible
      m.w.set(before)
      m.listener = () => {}
      expect([apply(m, choice).kind, m.visible]).toEqual([kind, visible])
      m.listener = null
      if (m.w.some((word, i) => word !== after[i])) throw new Error('the same choice led elsewhere')
    })
  })
})
