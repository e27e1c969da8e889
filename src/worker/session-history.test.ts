/** Whatever a session went through, what it shows is what a fresh session shows that was led to the same place. */

import { expect, test } from 'vitest'
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { createDisassemble } from '../decoder/disassemble.ts'
import { Random } from '../lib/random.ts'
import { formatSchedule } from '../machine/choice.ts'
import type { Scenario } from '../scenario/format.ts'
import { randomChoice } from '../scenario/scheduler.ts'
import { scenarioOf, toy } from '../scenario/toy.ts'
import type { TimelineData } from '../timeline/model.ts'
import { timelineAfter } from './client.ts'
import type { SentView } from './protocol.ts'
import { Session } from './session.ts'

const textPoke = atlas.get('text-poke') as Scenario
const decode = createDecode()
const disassemble = createDisassemble()

function open(scenario: Scenario, params: Readonly<Record<string, string>> = {}): Session {
  const opened = Session.open(scenario, params, decode, disassemble)
  if (!opened.ok) throw new Error(opened.error.join('\n'))
  return opened.value
}

/** A fresh session on the same schedule, at the same step. */
function led(scenario: Scenario, params: Readonly<Record<string, string>>, session: Session): Session {
  const fresh = open(scenario, params)
  expect(fresh.load(formatSchedule(session.run.branch.schedule), session.run.cursor)).toEqual([])
  return fresh
}

function walk(session: Session, random: Random, steps: number): void {
  for (let i = 0; i < steps; i++) {
    const choice = randomChoice(session.run.choices(), random)
    if (choice === null) return
    session.take(choice)
  }
}

test.each([
  [21, { sync1: 'off', sync2: 'off', sync3: 'off' }],
  [22, { batch: 'jump-label' }],
  [23, { sync3: 'off', fetch: 'coherent' }],
] as const)('after seeking, branching and checking out, words of the stack and timeline are as if freshly drawn (seed %i, %o)', (seed, params) => {
  const random = new Random(seed)
  const session = open(textPoke, params)
  let timeline: TimelineData | null = null
  const look = (): SentView => {
    const view = session.view([], null)
    timeline = timelineAfter(timeline, view)
    return view
  }
  for (let round = 0; round < 40; round++) {
    const action = random.below(4)
    const what = ['walk', 'walk', 'seek', 'checkout'][action] as string
    if (action < 2) walk(session, random, 1 + random.below(200))
    else if (action === 2) session.seek(random.below(session.run.length + 1))
    else session.checkout(random.below(session.run.branches.length))
    const where = `seed ${seed}, round ${round}: ${what} to step ${session.run.cursor} of branch ${session.run.branch.id}`
    const { snapshot } = look()
    const fresh = led(textPoke, params, session).view([], null)
    // After a step or a seek the last step is known; after a checkout alone it may not be, and then nothing is marked as changed.
    expect(
      snapshot.cpus.map(({ stack, nesting }) => ({ nesting, words: stack.words.map(({ changed: _, ...word }) => word) })),
      where,
    ).toEqual(fresh.snapshot.cpus.map(({ stack, nesting }) => ({ nesting, words: stack.words.map(({ changed: _, ...word }) => word) })))
    expect({ ...snapshot, cpus: [], data: [], said: null }, where).toEqual({ ...fresh.snapshot, cpus: [], data: [], said: null })
    if (action !== 3) expect(snapshot, where).toEqual(fresh.snapshot)
    expect(timeline, where).toEqual(timelineAfter(null, fresh))
  }
  expect(session.run.branches.length).toBeGreaterThan(3)
})

const THIRTY_TWO = scenarioOf({
  format: 1,
  id: 'thirty-two',
  title: 'a trap in 32-bit mode',
  bits: 32,
  program: [
    {
      name: 'a.asm',
      text: `
section .text at 0xc1000000 exec
func start
phase "trap"
  int3
  mov dword ptr [x], 1
  ud2
func handler
  pusha
  popa
  iretd
section .data at 0xc2000000 shared
x: dd 0
section .stack at 0xc3000000 private=0 stack
  resb 128
top:`,
    },
  ],
  cpus: [{ role: 'only', entry: 'start', registers: { esp: 'top' } }],
  idt: [{ vector: 3, handler: 'handler', name: '#BP' }],
  watch: [{ label: 'x', size: 4 }],
})

test.each([
  [31, textPoke, {}],
  [32, textPoke, { sync1: 'off', sync2: 'off', sync3: 'off', site: 'across' }],
  [33, textPoke, { batch: 'jump-label', sync1: 'off' }],
  [34, THIRTY_TWO, {}],
  [35, toy('a:\n mov eax, 0x12345678\n jmp rax', ['a']), {}],
  [36, toy('a:\n mov rsp, 8\n push rax', ['a']), {}],
  [37, toy('a:\n xor esp, esp\n pop rax', ['a']), {}],
] as const)('a view can be made of any state (seed %i, %#)', (seed, scenario, params) => {
  const random = new Random(seed)
  for (let again = 0; again < 3; again++) {
    const session = open(scenario, params)
    for (let step = 0; step < 1500; step++) {
      const choice = randomChoice(session.run.choices(), random)
      if (choice === null) break
      session.take(choice)
      if (step % 60 === 0 || scenario !== textPoke) expect(session.view([], null).cursor, `seed ${seed}`).toBe(step + 1)
    }
    expect(JSON.parse(JSON.stringify(session.view([], null))).cursor).toBe(session.run.cursor)
  }
})
