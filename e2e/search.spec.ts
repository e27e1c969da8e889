import { expect, test } from './support/page.ts'

const position = 'text=/^step \\d+ of \\d+$/'
const start = './#v=1&s=text-poke'

test('with a sync switched off the search finds the race, and stands where it breaks', async ({ page }) => {
  await page.goto(start)
  const sync = page.getByRole('switch', { name: /sync 1/ })
  await expect(sync).toBeChecked()
  await sync.click()
  await expect(sync).not.toBeChecked()
  await page.keyboard.press('r')
  const verdict = page.getByRole('tabpanel', { name: 'Verdict' })
  await expect(verdict.getByText('Violated')).toBeVisible({ timeout: 50_000 })
  await expect(page.locator(position)).toHaveText(/^step [1-9]\d* of \d+$/)
  await expect(page.getByText('broken', { exact: true })).toBeVisible()
  await expect(verdict.getByRole('region', { name: 'Why this breaks' })).toBeVisible()
  await expect(verdict.getByText('Exhausted')).toHaveCount(0)

  // The race comes back with one button, and its moments are places to stand at.
  const there = await page.locator(position).textContent()
  await page.keyboard.press('Home')
  await expect(page.locator(position)).toHaveText(/^step 0 of/)
  await verdict.getByRole('button', { name: 'Show me the race' }).first().click()
  await expect(page.locator(position)).toHaveText(there as string)
  await page.getByRole('tab', { name: 'Story' }).click()
  await expect(page.getByRole('region', { name: 'Challenge' }).getByText(/shown, not found by you/)).toBeVisible()
  await page.keyboard.press('m')
  await expect(page.locator(position)).not.toHaveText(there as string)
})

test('the page steps while a search runs, and the search is cancelled at once', async ({ page }) => {
  await page.goto(start)
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  await page.keyboard.press('f')
  await expect(page.getByRole('button', { name: 'Cancel' })).toBeVisible()
  await page.keyboard.press('ArrowRight')
  await expect(page.locator(position)).toHaveText('step 1 of 1')
  if (await page.getByRole('button', { name: 'Cancel' }).isVisible()) await page.keyboard.press('Escape')
  await expect(page.getByRole('button', { name: /Search/ }).first()).toBeVisible({ timeout: 50_000 })
})
