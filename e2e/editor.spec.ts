/** The editor: a copy that is broken, mended, run, and sent to somebody else. */
import { expect, test } from './support/page.ts'

test('a copy is edited, broken, mended, run, and travels whole in its link', async ({ page, browser }) => {
  await page.goto('./#v=1&s=just-write-it')
  await expect(page.getByRole('heading', { name: 'Call site' })).toBeVisible()
  await page.keyboard.press('Shift+E')
  const text = page.getByRole('textbox', { name: /^Text of / })
  await expect(text).toBeVisible()
  await expect(page.getByText(/It can be run: 4 files, 2 CPUs, 1 site/)).toBeVisible()
  // Bytes stand beside the text.
  await expect(page.locator('.cm-bytes .cm-byte').first()).toHaveText(/^([0-9a-f]{2} ?)+/)

  // The text has the focus.
  await page.keyboard.press('Control+End')
  await page.keyboard.type('\nspare: mvo eax, 1')
  const problem = page.locator('.editor-problems').getByRole('button').first()
  await expect(problem).toHaveText(/\.asm:\d+:8 .*mvo/)
  await expect(page.locator('.cm-lintRange-error').first()).toBeVisible()
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeDisabled()
  // What runs is what ran before.
  await expect(page.getByRole('heading', { name: 'Call site' })).toBeVisible()

  await page.keyboard.press('Control+Home')
  await page.keyboard.press('F8')
  await expect(page.locator('.cm-activeLine')).toHaveText('spare: mvo eax, 1')
  await page.keyboard.press('End')
  for (let i = 0; i < 'spare: mvo eax, 1'.length; i++) await page.keyboard.press('Backspace')
  await page.keyboard.type('spare: dd 0x1234')
  await expect(page.getByText(/It can be run: 4 files, 2 CPUs, 1 site/)).toBeVisible()
  await page.getByRole('button', { name: 'Changes (1)' }).click()
  await expect(page.locator('.editor-changes .new')).toContainText('spare: dd 0x1234')
  await page.getByRole('button', { name: 'Changes (1)' }).click()
  await page.getByRole('button', { name: 'Find', exact: true }).click()
  await page.keyboard.type('call_site')
  await page.keyboard.press('Enter')
  await expect(page.locator('.cm-activeLine')).toHaveText('call_site:')

  await page.keyboard.press('Control+Shift+Enter')
  await expect.poll(() => page.evaluate(() => location.hash)).toContain('&x=')
  await expect(page.getByText(/Violated after \d+ steps: /)).toBeVisible()
  await page.getByRole('button', { name: 'Close editor' }).click()
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight')
  await expect.poll(() => page.evaluate(() => location.hash)).toMatch(/&d=[0-9a-f]{16}/)
  const address = page.url()

  const other = await (await browser.newContext()).newPage()
  await other.goto(address)
  await expect(other.getByText('Verified')).toBeVisible()
  await other.keyboard.press('Shift+E')
  await expect(other.getByRole('button', { name: 'Changes (1)' })).toBeVisible()
  await other.close()

  // The draft is there when the page comes back.
  await page.goto('./')
  await expect(page.getByRole('heading', { name: 'Call site' })).toBeVisible()
  await page.keyboard.press('o')
  await page
    .getByRole('region', { name: 'Your drafts' })
    .getByRole('button', { name: /edited from just-write-it/ })
    .click()
  await expect(page.getByRole('button', { name: 'Changes (1)' })).toBeVisible()

  // Deleted, and back.
  await page.getByRole('button', { name: 'Drafts (1)' }).click()
  await page.getByRole('button', { name: /^Delete / }).click()
  await expect(page.getByRole('button', { name: 'Drafts', exact: true })).toBeVisible()
  await page.getByRole('button', { name: /^Undo deleting / }).click()
  await expect(page.getByRole('button', { name: 'Drafts (1)' })).toBeVisible()
})

test('a link whose scenario cannot be built opens in the editor, beside the bundled one', async ({ page }) => {
  await page.goto('./#v=1&s=just-write-it')
  await expect(page.getByRole('heading', { name: 'Call site' })).toBeVisible()
  await page.keyboard.press('Shift+E')
  await page.getByRole('button', { name: 'scenario.json' }).click()
  const text = page.getByRole('textbox', { name: /^Text of scenario\.json/ })
  await text.click()
  await page.keyboard.press('Control+Home')
  await page.keyboard.type('x')
  await expect(page.locator('.editor-problems').getByRole('button').first()).toHaveText(/scenario\.json:1:1 /)
  await page.goto('about:blank')
  // "{}" as a source, and a damaged one.
  await page.goto('./#v=1&s=just-write-it&x=q64FAA')
  await expect(page.getByText('The edited scenario of this link cannot be built.')).toBeVisible()
  await expect(page.locator('.editor-problems').getByRole('button').first()).toBeVisible()
  await page.goto('about:blank')
  await page.goto('./#v=1&s=just-write-it&p=strategy:quadword&x=q64!')
  await expect(page.getByText('This link is damaged.')).toBeVisible()
  await expect(page.getByText(/Kept: the scenario, the parameters/)).toBeVisible()
})
