/**
 * Finds a Chromium to drive, in this order: CHROMIUM_PATH, the usual paths, what Playwright has downloaded, Debian's package (installed if we
 * are root), and the copy that comes with the npm package @sparticuz/chromium. A candidate counts only once it has said its version: a file
 * that exists but lacks libraries is no browser.
 *
 * POKESCOPE_NO_APT=1 keeps the search from installing anything.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const USUAL = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/usr/lib/chromium/chromium',
  '/snap/bin/chromium',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** `{ path, version, from }` of the first browser that answers, or null. `log` is told about every failed attempt worth knowing. */
export async function findBrowser(log) {
  for (const [from, way] of WAYS) {
    for (const path of await way(log)) {
      const version = versionOf(path)
      if (version !== null) return { path, version, from }
      if (existsSync(path)) log(`${path} does not start, or is no Chromium`)
      else if (from === 'CHROMIUM_PATH') log(`CHROMIUM_PATH names ${path}, which does not exist`)
    }
  }
  return null
}

const WAYS = [
  ['CHROMIUM_PATH', () => (process.env.CHROMIUM_PATH ? [process.env.CHROMIUM_PATH] : [])],
  ['installed', () => USUAL],
  ['Playwright', downloadedByPlaywright],
  ['apt-get', installedByApt],
  ['@sparticuz/chromium', unpackedFromNpm],
]

async function downloadedByPlaywright() {
  const { chromium } = await import('@playwright/test')
  const cache = process.env.PLAYWRIGHT_BROWSERS_PATH || join(homedir(), '.cache/ms-playwright')
  const others = existsSync(cache) ? readdirSync(cache).filter((name) => name.startsWith('chromium')) : []
  const inside = [
    'chrome-linux/chrome',
    'chrome-linux64/chrome',
    'chrome-linux/headless_shell',
    'chrome-headless-shell-linux64/chrome-headless-shell',
  ]
  return [chromium.executablePath(), ...others.flatMap((name) => inside.map((path) => join(cache, name, path)))]
}

function installedByApt(log) {
  if (process.env.POKESCOPE_NO_APT === '1' || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return []
  log('no browser found: installing the package chromium (POKESCOPE_NO_APT=1 prevents this)')
  const apt = (...args) =>
    spawnSync('apt-get', ['-q', '-y', ...args], {
      stdio: 'ignore',
      timeout: 240_000,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0
  if (!apt('install', 'chromium') && !(apt('update') && apt('install', 'chromium'))) log('apt-get could not install chromium')
  return ['/usr/bin/chromium']
}

async function unpackedFromNpm(log) {
  // Set before the import: the package then brings the libraries that a bare machine lacks, and sets LD_LIBRARY_PATH for them.
  process.env.AWS_LAMBDA_JS_RUNTIME ??= 'nodejs22.x'
  try {
    const { default: packed } = await import('@sparticuz/chromium')
    return [await packed.executablePath()]
  } catch (error) {
    log(`@sparticuz/chromium cannot be used: ${error.message}`)
    return []
  }
}

function versionOf(path) {
  if (!existsSync(path)) return null
  const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 30_000 })
  return status === 0 && /chrom/i.test(stdout) ? stdout.trim() : null
}
