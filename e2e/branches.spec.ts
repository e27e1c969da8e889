import type { Page } from '@playwright/test'
import { expect, test } from './support/page.ts'

const position = 'text=/^step \\d+ of \\d+$/'
const names = (page: Page) => page.locator('.branches .name')

/** Stands at the end of the shortest race without sync 1, as a branch beside an earlier try; the branches in front. */
async function twoBranches(page: Page): Promise<void> {
  await page.goto('./#v=1&s=text-poke&p=sync1:off')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  await page.keyboard.press('2')
  await expect(page.locator(position)).toHaveText('step 1 of 1')
  await page.keyboard.press('r')
  await expect(page.locator(position)).toHaveText(/^step [1-9]\d+ of/)
  await page.getByRole('tab', { name: 'Branches' }).click()
  await expect(names(page)).toHaveText(['main', 'branch 1'])
}

test('branches are named, kept over a reload, dropped and brought back; a block of one is moved by keys and makes another', async ({ page }) => {
  await twoBranches(page)
  await page.locator('.branches .checkout').nth(1).focus()
  await page.keyboard.press('F2')
  await page.keyboard.type('the race')
  await page.keyboard.press('Enter')
  await expect(names(page)).toHaveText(['main', 'the race'])
  const kept = () =>
    page.evaluate(() => Object.entries(localStorage).some(([key, text]) => key.startsWith('pokescope.branches ') && text.includes('the race')))
  await expect.poll(kept).toBe(true)
  await page.reload()
  await page.getByRole('tab', { name: 'Branches' }).click()
  await expect(names(page)).toHaveText(['main', 'the race'])
  await expect(page.locator('.branches [aria-current]')).toContainText('the race')

  await page.locator('.branches .checkout').first().focus()
  await page.keyboard.press('Delete')
  await expect(names(page)).toHaveText(['the race'])
  await page.getByRole('button', { name: 'Bring it back' }).click()
  await expect(names(page)).toHaveText(['the race', 'main'])

  const strip = page.getByRole('region', { name: 'Blocks of this run' })
  await strip.locator('.block').last().focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('ArrowLeft')
  await expect(strip.locator('.strip-said')).toContainText(/at the start: possible; .*state/)
  await page.keyboard.press('Enter')
  await expect(names(page)).toHaveCount(3)
})

test('two branches side by side: where they part is said, and both are walked in lockstep; then the same choices with other parameters', async ({
  page,
}) => {
  await twoBranches(page)
  await page.getByRole('button', { name: 'Compare two runs …' }).click()
  const dialog = page.getByRole('dialog', { name: 'Compare two runs' })
  await expect(dialog.locator('.summary')).toContainText('They part at the very first step')
  await expect(dialog.locator('.summary')).toContainText('A breaks “')
  await expect(dialog.getByRole('slider', { name: 'Steps' })).toHaveCount(2)
  const where = dialog.locator('.walk output')
  await page.keyboard.press('End')
  const before = await where.textContent()
  await page.keyboard.press('ArrowUp')
  await expect(where).not.toHaveText(before as string)

  await dialog.locator('.setup select').nth(1).selectOption('carried')
  await expect(dialog.locator('.summary')).toContainText('; kept the')
  await expect(dialog.locator('[data-kind="a"]').first()).toBeVisible()
  await expect(dialog.locator('.differences')).toContainText('CPU 0')
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
})
