/** `npm run e2e [-- Playwright's arguments]`: finds a browser, builds the page if it is stale, runs the end-to-end tests. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { findBrowser } from '../e2e/support/find-browser.mjs'
import { buildIfStale } from './build.mjs'
import { ROOT } from './bundle.mjs'

const say = (text) => process.stderr.write(`e2e: ${text}\n`)

const browser = await findBrowser(say)
if (browser === null) {
  say('no Chromium found. Install one (Debian: apt-get install chromium) or name it in CHROMIUM_PATH.')
  process.exit(1)
}
say(`${browser.version}, ${browser.path} (${browser.from})`)

await buildIfStale()
const playwright = join(ROOT, 'node_modules/@playwright/test/cli.js')
const { status } = spawnSync(process.execPath, [playwright, 'test', ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: 'inherit',
  env: { ...process.env, POKESCOPE_CHROMIUM: browser.path },
})
process.exit(status ?? 1)
