/** What the page says when its worker does not come. These tests provoke errors, so they do without the fixture that forbids them. */
import { expect, test } from '@playwright/test'

test('a worker that cannot be loaded leaves a page that says what to try', async ({ page }) => {
  const first = page.waitForEvent('worker')
  await page.goto('./')
  const script = new URL((await first).url()).pathname
  await page.context().route(`**${script}`, (route) => route.fulfill({ status: 404, body: '' }))
  await page.reload()
  await expect(page.getByRole('alert')).toContainText('The emulator does not answer.')
  await expect(page.getByRole('alert').getByRole('button', { name: 'Copy report' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Help and keys' })).toBeVisible()
})
