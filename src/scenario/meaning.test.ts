import { expect, test } from 'vitest'
import { createDecode } from '../decoder/decode.ts'
import type { MachineEvent } from '../machine/events.ts'
import { apply, choices } from '../machine/step.ts'
import { meaningOf, noteAt } from './meaning.ts'
import { mustBuild, toy } from './toy.ts'

const decode = createDecode()

const PROGRAM = `func a
  nop
marked:
  nop
  mov eax, 1
  cpuid
  mfence
  hlt
func b
  nop
  hlt`

/** What each step of CPU 0 rests on, until it halts. */
function meanings(notes: readonly { at: string; says: string; basis?: 'folklore' }[]) {
  const instance = mustBuild(toy(PROGRAM, ['a', 'b'], { notes }), {}, decode)
  const m = instance.machine()
  const list: string[] = []
  for (;;) {
    const choice = choices(m).find((each) => (each & 7) === 0)
    if (choice === undefined) return { list, instance }
    const events: MachineEvent[] = []
    m.listener = (event) => events.push(event)
    apply(m, choice)
    const { basis, says } = meaningOf(instance, choice, events)
    list.push(`${basis}: ${says?.slice(0, 10) ?? ''}`)
  }
}

test('what a step rests on follows from its kind, where no note speaks of it', () => {
  expect(meanings([]).list).toEqual([
    'architecture: ',
    'architecture: ',
    'architecture: ',
    'architecture: Serialises',
    'architecture: ',
    'architecture: ',
  ])
})

test('a note holds from its label to the end of its function', () => {
  const { list, instance } = meanings([{ at: 'marked', says: 'Here it is.', basis: 'folklore' }])
  expect(list.slice(0, 3)).toEqual(['architecture: ', 'folklore: Here it is', 'folklore: Here it is'])
  expect(noteAt(instance, instance.program.symbol('b') as bigint)).toBeNull()
})

test('a note without a basis of its own leaves that of the step', () => {
  expect(meanings([{ at: 'a', says: 'All of it.' }]).list[3]).toBe('architecture: All of it.')
})
