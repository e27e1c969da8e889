import { expect, test } from 'vitest'
import { createDecode } from '../decoder/decode.ts'
import { type Fields, mustBuild, search, toy } from './toy.ts'

const decode = createDecode()

/** Arrives at `here` with IF and CF set. */
function holds(condition: string): boolean {
  const properties: Fields = { properties: [{ kind: 'assert', id: 'asked', title: 'asked', at: 'here', holds: condition }] }
  const result = search(mustBuild(toy('start:\n  stc\nhere: cli\n  hlt', ['start'], properties), {}, decode))
  return result.violations.length === 0
}

test.each(['(rflags >> 9 & 1) == 1', '(rflags & 1) == 1', 'eflags == rflags', 'rflags == 0x203'])(
  'a property may ask for the flags: %s',
  (condition) => {
    expect(holds(condition)).toBe(true)
    expect(holds(`!(${condition})`)).toBe(false)
  },
)
