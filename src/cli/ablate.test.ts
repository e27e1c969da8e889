import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { CliIo } from './io.ts'
import { main } from './main.ts'

const ROOT = join(import.meta.dirname, '../..')
const QUICK = ['ablate', 'text-poke', '--set', 'callers=1', '--fetch', 'coherent']

async function ablate(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' }
  const io: CliIo = {
    stdin: (async function* () {})(),
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
    readFile: () => {
      throw new Error('no files here')
    },
    writeFile: () => {},
  }
  return { code: await main(args, io), ...said }
}

test('prints a line for each removable thing, with a link to each race, and exits 1 since it found some', async () => {
  const { code, out } = await ablate(...QUICK, '--json')
  const table = JSON.parse(out)
  expect(code).toBe(1)
  expect(table.everything[0].verdict).toBe('exhausted')
  const sync3 = table.rows.find(({ removed }: { removed: string[] }) => removed[0] === 'sync3')
  expect(sync3.cells[0]).toMatchObject({ answer: 'needed', race: { property: 'no-oops', link: expect.stringContaining('p=sync3:off') } })
})

test('threads give the same table as one thread', () => {
  const cli = (...more: string[]) => {
    try {
      return execFileSync('node', ['scripts/cli.mjs', ...QUICK, ...more], { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' })
    } catch (error) {
      return (error as { stdout: string }).stdout
    }
  }
  const alone = cli('--workers', '1')
  expect(alone).toContain('not needed within this model')
  expect(cli('--workers', '3')).toBe(alone)
})

test.each([
  [['text-poke', '--fetch', 'psychic'], 'no fetch model "psychic"'],
  [['nowhere'], 'no scenario "nowhere"'],
  [['text-poke', '--workers', '1.5'], 'expected a whole number'],
])('refuses %j in one line', async (args, message) => {
  const { code, err } = await ablate('ablate', ...args)
  expect([code, err.trim().split('\n').length]).toEqual([2, 1])
  expect(err).toContain(message)
})
