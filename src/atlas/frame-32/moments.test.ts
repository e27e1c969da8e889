/** Why a frame breaks, in its decisive moments: who overwrote the word that something went wrong on, also where that was private memory and nobody raced. */
import { expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import { createDisassemble } from '../../decoder/disassemble.ts'
import { parseSchedule } from '../../machine/choice.ts'
import type { Scenario } from '../../scenario/format.ts'
import { moments } from '../../scenario/moments.ts'
import type { Params } from '../../scenario/params.ts'
import { mustBuild, search } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()
const disassemble = createDisassemble()

function told(id: string, params: Params, property: string): string[] {
  const instance = mustBuild(atlas.get(id) as Scenario, params, decode)
  const violation = search(instance).violations.find((each) => each.property === property)
  if (violation === undefined) throw new Error(`${property} is not violated`)
  const { schedule } = parseSchedule(violation.schedule)
  return moments(instance, disassemble, schedule, { step: violation.steps, cpu: 0 }).map(({ step, kind, text }) => `${step} ${kind}: ${text}`)
}

test.each<[string, string, Params, string, RegExp[]]>([
  [
    'flags overwritten',
    'frame-32',
    { frame: 'in-place' },
    'as-called',
    [/^11 act: .* int3/, /^36 cause: .* mov dword ptr \[eax\+0x38\], edx/, /^57 violation: .* iretd/],
  ],
  [
    'a caller’s return address',
    'frame-32',
    { frame: 'naive' },
    'no-fault',
    [/^11 act: .* int3/, /^38 cause: .* mov dword ptr \[eax\+0x3c\], ecx/, /^39 violation/],
  ],
  [
    'an NMI over the frame',
    'frame-32',
    { exit: 'early', arrives: 'nmi' },
    'no-fault',
    [/^11 act: .* int3/, /^79 cause: .* an NMI arrives/, /^138 act: .* push dword ptr \[edx\+0xc\]/, /^144 violation: .* iretd/],
  ],
  [
    'SS overwritten',
    'frame-64',
    { frame: 'no-gap' },
    'no-fault',
    [/^18 act: .* int3/, /^48 cause: .* mov qword ptr \[rax\], rsi/, /^71 violation: .* iretq/],
  ],
  [
    'SS overwritten in part',
    'frame-64',
    { frame: 'no-gap', smod16: '1' },
    'no-fault',
    [/^18 act/, /^48 cause: .* mov qword ptr \[rax\], rsi/, /^71 violation/],
  ],
])('%s', (_, id, params, property, expected) => {
  const lines = told(id, params, property)
  expect(lines, lines.join('\n')).toHaveLength(expected.length)
  for (const [i, line] of lines.entries()) expect(line).toMatch(expected[i] as RegExp)
})
