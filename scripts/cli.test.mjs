import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from './bundle.mjs'

function cli(...args) {
  return spawnSync(process.execPath, [join(ROOT, 'scripts/cli.mjs'), ...args], { encoding: 'utf8' })
}

test('the command line works without a build step', () => {
  expect(cli('help')).toMatchObject({ status: 0, stderr: '', stdout: expect.stringMatching(/^Usage/) })
})

test('bad input: one line, exit 2, nothing on standard output', () => {
  expect(cli('fly')).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(/^[^\n]+\n$/) })
})
