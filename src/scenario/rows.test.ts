/** Rows of sites at equal distances: which bytes are theirs, and that nobody may write what lies between them. */
import { expect, test } from 'vitest'
import { createDecode } from '../decoder/decode.ts'
import { STOP, STOP_COLD_TEXT } from '../machine/layout.ts'
import { build } from './build.ts'
import { Checker } from './properties.ts'
import { Run } from './run.ts'
import { roundRobin } from './scheduler.ts'
import { mustBuild, scenarioOf } from './toy.ts'

const decode = createDecode()

function scenario(at: string, repeat: Record<string, unknown> = { count: 3, stride: 8, newStride: 5 }) {
  return scenarioOf({
    format: 1,
    id: 'own',
    title: 'own',
    program: [
      {
        name: 'own.asm',
        text: `section .text at 0xffffffff81000000 exec
start:
  mov rdi, ${at}
  mov dword ptr [rdi], 0x90909090
  hlt
section .row at 0xffffffff81001000 exec
row:
times 3 dq 0xccccc300441f0f
section .new at 0xffffffff81002000
fresh: times 15 db 0x90`,
      },
    ],
    cpus: [{ role: 'only', entry: 'start' }],
    sites: [{ label: 'row', length: 5, new: 'fresh', repeat }],
    aliases: [{ name: 'poking', of: '.row', at: 0x7000 }],
  })
}

/** Reason for which the CPU stopped, 0 where it did not. */
function stopAfterWriting(at: string): number {
  const instance = mustBuild(scenario(at), {}, decode)
  const checker = Checker.create(instance)
  if (!checker.ok) throw new Error(checker.error.join('; '))
  const run = new Run(instance, checker.value)
  for (;;) {
    const choice = roundRobin(run.machine, run.choices(), 0)
    if (choice === null) break
    run.take(choice)
  }
  run.machine.select(0)
  return (run.machine.w[run.machine.c + STOP] as number) & 0xff
}

test('each site of a row has a name, a place and its bytes', () => {
  const { sites } = mustBuild(scenario('0x7000'), {}, decode)
  expect(sites.map(({ label, address, length }) => [label, Number(address & 0xffffn), length])).toEqual([
    ['row[0]', 0x1000, 5],
    ['row[1]', 0x1008, 5],
    ['row[2]', 0x1010, 5],
  ])
})

test.each([
  ['0x7000', 0],
  ['0x7009', 0],
  ['0x7002', STOP_COLD_TEXT],
  ['0x7005', STOP_COLD_TEXT],
  ['0x700e', STOP_COLD_TEXT],
  ['0x7012', STOP_COLD_TEXT],
])('a store of 4 bytes at %s: only inside a site', (at, reason) => {
  expect(stopAfterWriting(at)).toBe(reason)
})

test.each([
  [{ count: 4, stride: 8, newStride: 5 }, /^sites\.0\.label: row \(number 3\) is no place/],
  [{ count: 3, stride: 4, newStride: 5 }, /^sites\.0\.repeat\.stride: /],
  [{ count: 0, stride: 8, newStride: 5 }, /^sites\.0\.repeat\.count: /],
])('a row that cannot be is told with its place (%#)', (repeat, message) => {
  const built = build(scenario('0x7000', repeat), {}, decode)
  expect(built.ok ? [] : built.error).toContainEqual(expect.stringMatching(message))
})
