/**
 * `npm test`: type check (twice), lint, unit tests, 40,000 sites, expected verdicts of large spaces, build, end-to-end tests. Everything runs even if something before it failed, and the
 * last line is always `N passed, N failed`: unit and end-to-end tests, with one failed for each other part that fails.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from './bundle.mjs'

const reports = mkdtempSync(join(tmpdir(), 'pokescope-test-'))
const total = { passed: 0, failed: 0 }

part('types', () => tool('typescript/bin/tsc', '-p', 'tsconfig.json'))
part('types of what must run without a DOM', () => tool('typescript/bin/tsc', '-p', 'tsconfig.pure.json'))
part('lint', () => tool('@biomejs/biome/bin/biome', 'check', '.'))
tests('unit tests', unitTests)
part('40,000 sites', () => node('scripts/at-scale.mjs'))
part('verdicts of large spaces', () => spawn([join(ROOT, 'scripts/expect.mjs'), '--check', '--large']))
const built = part('build', () => node('scripts/build.mjs'))
if (built) tests('end-to-end tests', endToEndTests)

rmSync(reports, { recursive: true, force: true })
process.exitCode = total.failed === 0 ? 0 : 1
process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`)

/** Something that succeeds or counts as one failed. */
function part(name, run) {
  const [status, time] = timed(name, run)
  if (status !== 0) total.failed++
  process.stdout.write(`${name}: ${status === 0 ? 'ok' : 'FAILED'} (${time})\n`)
  return status === 0
}

/** Something that counts its tests. A run that fails without a failed test (no browser, a file that does not load) counts as one failed. */
function tests(name, run) {
  const [{ status, passed, failed }, time] = timed(name, run)
  const failures = status !== 0 && failed === 0 ? 1 : failed
  total.passed += passed
  total.failed += failures
  process.stdout.write(`${name}: ${passed} passed, ${failures} failed (${time})\n`)
}

function unitTests() {
  const file = join(reports, 'unit.json')
  const status = tool('vitest/vitest.mjs', 'run', '--reporter=dot', '--reporter=json', `--outputFile.json=${file}`)
  const report = read(file)
  const unloadable = report?.testResults.filter((result) => result.status === 'failed' && result.assertionResults.length === 0).length
  return { status, passed: report?.numPassedTests ?? 0, failed: (report?.numFailedTests ?? 0) + (unloadable ?? 0) }
}

function endToEndTests() {
  const file = join(reports, 'e2e.json')
  const status = node('scripts/e2e.mjs', { POKESCOPE_E2E_REPORT: file })
  const stats = read(file)?.stats
  return { status, passed: (stats?.expected ?? 0) + (stats?.flaky ?? 0), failed: stats?.unexpected ?? 0 }
}

function timed(name, run) {
  process.stdout.write(`\n— ${name}\n`)
  const start = Date.now()
  const result = run()
  return [result, `${((Date.now() - start) / 1000).toFixed(1)} s`]
}

function tool(path, ...args) {
  return spawn([join(ROOT, 'node_modules', path), ...args])
}

function node(script, env = {}) {
  return spawn([join(ROOT, script)], env)
}

function spawn(args, env = {}) {
  return spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...env } }).status ?? 1
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}
