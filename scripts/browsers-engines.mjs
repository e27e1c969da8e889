/**
 * The engines that `npm run browsers` can drive. Each entry says where it looks, how to get it, and opens it: `start()` answers `{ version, visit, run, complaints, close }`.
 * Chromium and Firefox are driven by Playwright (Firefox by WebDriver BiDi, which it speaks itself), WebKit by WebKitGTK's own driver over plain HTTP (browsers-webkit.mjs).
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chromium, firefox } from '@playwright/test'
import { findBrowser } from '../e2e/support/find-browser.mjs'
import { findWebkit, startWebkit } from './browsers-webkit.mjs'

const FIREFOXES = [process.env.FIREFOX_PATH, '/usr/bin/firefox-esr', '/usr/bin/firefox', '/Applications/Firefox.app/Contents/MacOS/firefox']

export const ENGINES = [
  {
    name: 'chromium',
    toGet: 'apt-get install chromium, or name it in CHROMIUM_PATH',
    async find() {
      const found = await findBrowser(() => {})
      return found === null
        ? null
        : () => startPlaywright(chromium, { executablePath: found.path, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] })
    },
  },
  {
    name: 'firefox',
    toGet: 'apt-get install firefox-esr, or name it in FIREFOX_PATH',
    async find() {
      const path = FIREFOXES.find((each) => each !== undefined && existsSync(each) && spawnSync(each, ['--version']).status === 0)
      return path === undefined ? null : () => startPlaywright(firefox, { executablePath: path, channel: 'moz-firefox' })
    },
  },
  {
    name: 'webkit',
    toGet: 'apt-get install webkit2gtk-driver xvfb (WebKitGTK, which stands for Safari here)',
    async find() {
      const found = findWebkit()
      return found === null ? null : () => startWebkit(found)
    },
  },
]

async function startPlaywright(type, options) {
  const browser = await type.launch(options)
  const complaints = []
  let context = null
  let page = null
  return {
    version: browser.version(),
    /** Goes to an address with nothing kept from before. Resolves once the document has begun. */
    async visit(address) {
      await context?.close()
      context = await browser.newContext({ viewport: { width: 1280, height: 720 } })
      page = await context.newPage()
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(`console: ${message.text()}`)
      })
      page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`))
      await page.goto(address, { waitUntil: 'commit' })
    },
    /** What this function, which must stand for itself, answers in the page. */
    run: (inPage, given) => page.evaluate(inPage, given),
    /** Takes what the page has complained of since. */
    complaints: async () => complaints.splice(0),
    screenshot: (path) => page.screenshot({ path }),
    close: () => browser.close(),
  }
}
