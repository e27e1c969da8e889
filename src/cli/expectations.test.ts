import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')

/** Two CPUs that count; `start` makes enough combinations for threads to be worth while. */
const SCENARIO = {
  format: 1,
  id: 'count',
  title: 'two CPUs count',
  params: [
    { name: 'lock', title: 'lock', values: ['on', 'off'], default: 'on' },
    { name: 'start', title: 'start', values: ['1', '2', '3', '4', '5'], default: '1' },
  ],
  program: [
    {
      name: 'count.asm',
      text: [
        'section .text at 0x401000 exec',
        'count:',
        'if LOCK',
        ' lock inc dword ptr [rel x]',
        'else',
        ' inc dword ptr [rel x]',
        'endif',
        ' lock inc dword ptr [rel done]',
        '.wait: cmp dword ptr [rel done], 2',
        ' jne .wait',
        'both: hlt',
        'section .data at 0x402000 shared',
        'x: dd START',
        'done: dd 0',
      ],
    },
  ],
  cpus: [
    { role: 'counter', entry: 'count' },
    { role: 'counter', entry: 'count' },
  ],
  properties: [{ kind: 'assert', id: 'kept', title: 'kept', at: 'both', holds: 'u32[x] == START + 2' }],
  outcome: ['u32[x]'],
  expected: [],
}

test('threads write the rows that one thread writes, in their order', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pokescope-expect-'))
  try {
    const path = join(folder, 'count.json')
    const written = ['1', '2'].map((workers) => {
      writeFileSync(path, JSON.stringify(SCENARIO, null, 2))
      execFileSync('node', ['scripts/expect.mjs', path, '--workers', workers], { cwd: ROOT, stdio: 'pipe' })
      return JSON.parse(readFileSync(path, 'utf8')).expected
    })
    expect(written[0]).toHaveLength(10)
    expect(written[0].map(({ verdict }: { verdict: string }) => verdict)).toContain('violated')
    expect(written[1]).toEqual(written[0])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
