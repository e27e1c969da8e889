import { expect, test } from './support/page.ts'

const start = './#v=1&s=text-poke&p=callers:1'

test('the table of what is needed fills, and its races can be looked at', async ({ page }) => {
  await page.goto(start)
  await page.getByRole('tab', { name: 'Needed?' }).click()
  const panel = page.getByRole('tabpanel', { name: 'Needed?' })
  await panel.getByRole('button', { name: 'What is needed?' }).click()
  await expect(panel.getByRole('button', { name: 'Ask again' })).toBeVisible({ timeout: 50_000 })
  // A removed thing is named in a row of its own, above its cells.
  const row = panel.getByRole('row', { name: /sync 3/ }).last()
  await expect(row.getByText('✕ needed').first()).toBeVisible()
  await expect(
    panel
      .getByRole('row', { name: /reference wait/ })
      .last()
      .getByText('✓ not needed')
      .first(),
  ).toBeVisible()
  await row
    .getByRole('button', { name: /\d+ steps/ })
    .first()
    .click()
  await expect(page.locator('text=/^step [1-9]\\d* of \\d+$/')).toBeVisible()
  await expect(page.getByText('broken', { exact: true })).toBeVisible()
})

test('looking ahead says of every choice whether a race is still to come', async ({ page }) => {
  await page.goto(`${start},sync3:off`)
  const choices = page.getByRole('region', { name: 'What can happen next' })
  await choices.getByRole('checkbox').check()
  await expect(choices.getByText(/^race in \d+ steps$/).first()).toBeVisible({ timeout: 50_000 })
})
