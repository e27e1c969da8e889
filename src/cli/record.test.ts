import { expect, test } from 'vitest'
import { main } from './main.ts'

async function call(...args: string[]) {
  const texts = { out: '', err: '' }
  const code = await main(['record', ...args], {
    stdin: (async function* () {})(),
    out: (text) => {
      texts.out += text
    },
    err: (text) => {
      texts.err += text
    },
    readFile: (path) => {
      if (path === 'own.json') return BROKEN
      throw Object.assign(new Error(path), { code: 'ENOENT' })
    },
    writeFile: () => {},
  })
  return { code, ...texts }
}

const SCALE = ['forty-thousand-sites', '--set', 'sites=256', '--set', 'cpus=8']

test('record counts what a run cost: three broadcasts to seven CPUs for a batch of 256', async () => {
  const { code, out, err } = await call(...SCALE, '--json')
  expect([code, err]).toEqual([0, ''])
  const { counts, violated, ended, params } = JSON.parse(out)
  expect([violated, ended, params.strategy]).toEqual([null, true, 'batch'])
  expect(counts).toMatchObject({ broadcasts: 3, ipis: 21, pokes: 768 })
  expect(counts.cpus).toHaveLength(8)
})

test('the same as a table; the same seed gives the same run', async () => {
  const first = await call(...SCALE, '--strategy', 'ftrace', '--seed', '5')
  const second = await call(...SCALE, '--strategy', 'ftrace', '--seed', '5')
  expect(first.out).toBe(second.out)
  expect(first.out).toMatch(
    /^forty-thousand-sites, seed 5: [\d,]+ steps\n {2}broadcasts 3, IPIs 21, writes to text 768, int3 \d+, instructions in their handlers [\d,]+\n/,
  )
  expect(first.out.split('\n').filter((line) => / (patcher|caller) /.test(line))).toHaveLength(8)
})

/** Two CPUs meet at a label that nobody may reach. */
const BROKEN = JSON.stringify({
  format: 1,
  id: 'own',
  title: 'own',
  program: [{ name: 'own.asm', text: 'section .text at 0x401000 exec\nstart:\n mov ecx, 5\n.again:\n dec ecx\n jnz .again\nbad:\n hlt' }],
  cpus: [{ role: 'only', entry: 'start' }],
  properties: [{ kind: 'never', id: 'not-there', title: 'nobody comes here', at: ['bad'] }],
})

test('a run that violates something ends there, with exit 1', async () => {
  const { code, out } = await call('own.json', '--json')
  expect(code).toBe(1)
  expect(JSON.parse(out)).toMatchObject({ steps: 11, violated: { step: 11, cpu: 0, properties: ['not-there'] } })
})

test.each([
  [[], /name a scenario/],
  [['forty-thousand-sites', '--seed', 'x'], /--seed x: expected a whole number/],
  [['forty-thousand-sites', '--set', 'sites=7'], /sites=7: expected one of 2, 256, 1024, 40000/],
  [['nothing'], /there is no scenario "nothing"/],
])('bad input %# is one line and exit 2', async (args, message) => {
  const { code, out, err } = await call(...args)
  expect([code, out, err.split('\n').length]).toEqual([2, '', 2])
  expect(err).toMatch(message)
})
