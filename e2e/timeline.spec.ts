import type { Page } from '@playwright/test'
import { expect, test } from './support/page.ts'

const position = 'text=/^step \\d+ of \\d+$/'
const slider = (page: Page) => page.getByRole('slider', { name: 'Steps' })
const cursor = async (page: Page) => Number(await slider(page).getAttribute('aria-valuenow'))
const details = (page: Page) => page.getByRole('region', { name: 'What is selected' })

/** Stands at the end of the shortest race without sync 1. */
async function atRace(page: Page): Promise<void> {
  await page.goto('./#v=1&s=text-poke&p=sync1:off')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  await page.keyboard.press('r')
  await expect(page.locator(position)).toHaveText(/^step [1-9]\d+ of/)
  await expect.poll(() => cursor(page)).toBeGreaterThan(10)
}

test('events are searched and gone through by keyboard', async ({ page }) => {
  await page.goto('./')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  await page.keyboard.press('e')
  await expect.poll(async () => Number(await slider(page).getAttribute('aria-valuemax'))).toBeGreaterThan(100)
  await page.keyboard.press('/')
  const search = page.getByRole('search')
  await expect(search.getByRole('searchbox', { name: 'Search the events' })).toBeFocused()
  await page.keyboard.type('sync cpu:1')
  await expect(search.locator('output')).toHaveText(/^\d+$/)
  const count = Number(await search.locator('output').textContent())
  expect(count).toBeGreaterThan(1)
  // A wedge for each of them, above the lanes where nothing covers it.
  await expect(page.locator('.tl-head path')).not.toHaveCount(0)
  // Lanes make room for the box.
  await expect.poll(() => page.locator('#panel-timeline .tl-lanes').evaluate((lanes) => lanes.scrollHeight - lanes.clientHeight)).toBe(0)
  await page.keyboard.press('Enter')
  await expect(search.locator('output')).toHaveText(new RegExp(`^\\d+ of ${count}$`))
  await expect(details(page)).toContainText(/^CPU 1, step \d+/)
  const first = await cursor(page)
  await page.keyboard.press('Shift+Enter')
  await expect.poll(() => cursor(page)).not.toBe(first)
  await page.keyboard.press('Enter')
  await expect.poll(() => cursor(page)).toBe(first)
  await page.keyboard.press('Escape')
  await expect(search).toBeHidden()
  await expect(slider(page)).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(details(page)).toBeHidden()
})

test('what is typed right behind the slash is searched for, and no letter of it is a command', async ({ page }) => {
  // Whatever else has to be fetched for it comes late.
  await page.route(/(hands|Search)[^/]*\.js$/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1500))
    await route.continue()
  })
  await page.goto('./')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  for (const key of '/int3') await page.keyboard.press(key)
  await expect(page.getByRole('searchbox', { name: 'Search the events' })).toHaveValue('int3')
  await expect(page.getByRole('search').locator('output')).toHaveText('nothing found')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
})

test('what is typed for the list of commands before that has come stands in it, and no letter of it is a command', async ({ page }) => {
  await page.route(/Palette[^/]*\.js$/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1500))
    await route.continue()
  })
  await page.goto('./')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  await page.keyboard.press('Control+Shift+P')
  for (const key of 'wider') await page.keyboard.press(key)
  await expect(page.getByRole('dialog').getByRole('combobox')).toHaveValue('wider')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
})

test('from a stale fetch back along its arrow to the store that it missed, and there again', async ({ page }) => {
  await atRace(page)
  const race = await cursor(page)
  await slider(page).focus()
  await page.keyboard.press('[')
  await expect(details(page)).toContainText('store visible to all')
  await expect(details(page)).toContainText('missed by')
  await expect.poll(() => cursor(page)).toBeLessThan(race)
  await page.keyboard.press(']')
  await expect.poll(() => cursor(page)).toBe(race)
  await expect(details(page)).toContainText('neither old nor new')
  await details(page)
    .getByRole('button', { name: /visible since CPU 0/ })
    .click()
  await expect.poll(() => cursor(page)).toBeLessThan(race)
})

test('a byte of the site says who wrote it and who has executed it; other places that show it mark it', async ({ page }) => {
  await atRace(page)
  const bytes = page
    .getByRole('table', { name: /Bytes of/ })
    .getByRole('row', { name: /^CPU 1/ })
    .getByRole('button')
  await bytes.first().click()
  await expect(details(page)).toContainText(
    /^Byte cc or e8 at .*as CPU 1 has it.*in memory.*may still fetch.*CPU 1 \(cc or e8\).*written by.*CPU 0.*fetched and executed by.*CPU 1/s,
  )
  await expect(page.locator('.site button[aria-pressed="true"]')).toHaveCount(4)
  await page.keyboard.press('ArrowRight')
  await expect(bytes.nth(1)).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(bytes.nth(1)).toHaveAttribute('aria-pressed', 'true')
  await expect(bytes.first()).toHaveAttribute('aria-pressed', 'false')
})

test('lanes are folded, moved and pinned by key, and stand so after a reload', async ({ page }) => {
  await page.goto('./')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  const lanes = page.locator('.tl-label')
  const order = () => lanes.evaluateAll((all) => all.map((each) => (each as HTMLElement).dataset.cpu))
  expect(await order()).toEqual(['0', '1', '2'])
  await page.getByRole('button', { name: 'CPU 2 caller' }).first().focus()
  await page.keyboard.press('Alt+ArrowUp')
  await expect.poll(order).toEqual(['0', '2', '1'])
  await page.getByRole('button', { name: 'CPU 0 patcher' }).first().focus()
  await page.keyboard.press('Shift+C')
  await expect(lanes.first()).toHaveAttribute('data-collapsed', 'true')
  await page.locator('.tl-label[data-cpu="1"] .tl-name').focus()
  await page.keyboard.press('Shift+P')
  await expect.poll(order).toEqual(['1', '0', '2'])
  await page.reload()
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  await expect.poll(order).toEqual(['1', '0', '2'])
  await expect(page.locator('.tl-label[data-cpu="0"]')).toHaveAttribute('data-collapsed', 'true')
  await expect(page.locator('.tl-label[data-cpu="1"]')).toHaveAttribute('data-pinned', 'true')
})
