import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { writeOfflineWorker } from '../build/offline.mjs'
import { serve } from '../scripts/static-server.mjs'
import { expect, test } from './support/page.ts'

const position = 'text=/^step \\d+ of \\d+$/'

test.use({ serviceWorkers: 'allow' })

/** Resolves when the worker is installed and answers what this page asks for. */
async function inCharge(page: Page): Promise<void> {
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        if (navigator.serviceWorker.controller !== null) resolve()
        else navigator.serviceWorker.addEventListener('controllerchange', () => resolve())
      }),
  )
}

test('works offline after the first load: reload, another scenario, the hazard matrix, an edited copy, a link', async ({ page, context }) => {
  await page.goto('./')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  await page.keyboard.press('ArrowRight')
  await expect(page.locator(position)).toHaveText('step 1 of 1')
  await inCharge(page)
  await context.setOffline(true)
  await page.reload()
  await expect(page.locator(position)).toHaveText('step 1 of 1')

  await page.keyboard.press('o')
  const list = page.getByRole('dialog', { name: 'Scenarios' })
  await list
    .getByRole('button', { name: /static call/i })
    .first()
    .click()
  await expect(list).toBeHidden()
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  await page.keyboard.press('ArrowRight')
  await expect(page.locator(position)).toHaveText('step 1 of 1')
  expect(await page.evaluate(async () => Object.keys(await (await fetch('hazards.json')).json()).length)).toBeGreaterThan(0)
  await page.keyboard.press('Shift+E')
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeVisible()

  const other = await context.newPage()
  await other.goto('./?embed#v=1&s=text-poke&t=0s4')
  await expect(other.locator(position)).toHaveText('step 4 of 4')
  expect(await other.evaluate(() => fetch('./not-of-the-build').catch(() => 'gone'))).toBe('gone')
})

test('where a service worker is forbidden, the page works as it does without', async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(navigator, 'serviceWorker', {
      get() {
        document.documentElement.dataset.asked = 'yes'
        throw new Error('forbidden here')
      },
    })
  })
  await page.goto('./')
  await expect(page.locator('html')).toHaveAttribute('data-asked', 'yes')
  await page.keyboard.press('ArrowRight')
  await expect(page.locator(position)).toHaveText('step 1 of 1')
})

test('a new build comes with the next load, an older one never mixes with it, and half a build is not kept', async ({ context }) => {
  const parent = mkdtempSync(join(tmpdir(), 'pokescope-offline-'))
  const folder = join(parent, 'some', 'path')
  /** A page that says which build it is, and which build its script is. */
  const deploy = (build: number) => {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(join(folder, 'assets'), { recursive: true })
    writeFileSync(join(folder, 'index.html'), `<p>page ${build}</p><script type="module" src="./assets/a-0000000${build}.js"></script>`)
    const script = `document.querySelector('p').append(', script ${build}'); navigator.serviceWorker.register('offline-worker.js')`
    writeFileSync(join(folder, `assets/a-0000000${build}.js`), script)
    writeOfflineWorker(folder)
  }
  deploy(1)
  const { server, address } = await serve(parent, { port: 0, host: '127.0.0.1' })
  const home = `${address}some/path/`
  try {
    const first = await context.newPage()
    await first.goto(home)
    await expect(first.locator('p')).toHaveText('page 1, script 1')
    await inCharge(first)
    deploy(2)
    await first.reload()
    await expect(first.locator('p')).toHaveText('page 2, script 2')
    await first.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready
      await registration.update()
    })
    await expect.poll(() => first.evaluate(async () => (await navigator.serviceWorker.ready).waiting !== null)).toBe(true)
    await context.setOffline(true)
    await first.reload()
    // The old build is kept, whole, as long as a page of it may be open.
    await expect(first.locator('p')).toHaveText('page 1, script 1')
    await first.close()
    await expect
      .poll(async () => {
        const page = await context.newPage()
        await page.goto(home)
        await expect(page.locator('p')).toHaveText(/script/)
        const text = await page.locator('p').textContent()
        await page.close()
        return text
      })
      .toBe('page 2, script 2')

    await context.setOffline(false)
    deploy(3)
    writeFileSync(join(folder, 'index.html'), '<p>half of build 4</p>')
    const second = await context.newPage()
    await second.goto(home)
    await expect(second.locator('p')).toHaveText('half of build 4')
    const failed = await second.evaluate(async () => {
      const registration = (await navigator.serviceWorker.getRegistration()) as ServiceWorkerRegistration
      await registration.update()
      const worker = registration.installing
      if (worker === null) return 'redundant'
      return new Promise((resolve) => worker.addEventListener('statechange', () => resolve(worker.state)))
    })
    expect(failed).toBe('redundant')
    await context.setOffline(true)
    await second.reload()
    await expect(second.locator('p')).toHaveText('page 2, script 2')
  } finally {
    server.closeAllConnections()
    server.close()
    rmSync(parent, { recursive: true })
  }
})
