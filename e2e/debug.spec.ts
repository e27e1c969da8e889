/** Debugging by keyboard alone: no test here touches the mouse. */
import type { Page } from '@playwright/test'
import { expect, test } from './support/page.ts'

const position = 'text=/^step \\d+ of \\d+$/'
const cursor = async (page: Page) => Number(await page.getByRole('slider', { name: 'Steps' }).getAttribute('aria-valuenow'))

async function openPalette(page: Page, stroke: string): Promise<void> {
  await page.keyboard.press(stroke)
  await expect(page.getByRole('combobox', { name: 'Find a command' })).toBeFocused()
}

/** Types into the palette, and presses Enter. */
async function command(page: Page, text: string): Promise<void> {
  await page.keyboard.type(text)
  await page.keyboard.press('Enter')
}

test('a breakpoint in the gutter stops a run, and a run back', async ({ page }) => {
  await page.goto('./')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  await page.keyboard.press('d')
  const gutter = page.getByRole('article', { name: /^CPU 1/ }).getByRole('button', { name: /^Breakpoint at/ })
  // The caller's code is one stop of the Tab key; the arrows go from line to line.
  await gutter.first().focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(gutter.nth(1)).toHaveAttribute('aria-pressed', 'true')
  await page.keyboard.press('g')
  await expect(page.getByText(/^Breakpoint 1: /)).toBeVisible()
  await expect.poll(() => cursor(page)).toBeGreaterThan(0)
  const first = await cursor(page)
  await page.keyboard.press('F5')
  await expect.poll(() => cursor(page)).toBeGreaterThan(first)
  const second = await cursor(page)
  await page.keyboard.press('Shift+G')
  await expect.poll(() => cursor(page)).toBe(first)
  await page.keyboard.press('g')
  await expect.poll(() => cursor(page)).toBe(second)
  await page.reload()
  await expect(page.locator(position)).toHaveText(/^step [1-9]/)
  await page.keyboard.press('Shift+G')
  await expect.poll(() => cursor(page)).toBe(first)
})

test('gdb’s letters in the palette: a breakpoint, continue, reverse-continue, memory; Enter alone repeats', async ({ page }) => {
  await page.goto('./#v=1&s=text-poke&p=sync1:off')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  await openPalette(page, 'Control+Shift+P')
  const said = page.getByRole('dialog').getByRole('log')
  await command(page, 'b site0 if cpu == 1')
  await expect(said).toContainText('1: 0xffffffff')
  await command(page, 'c')
  await expect.poll(() => cursor(page)).toBeGreaterThan(0)
  const first = await cursor(page)
  await page.keyboard.press('Enter')
  await expect.poll(() => cursor(page)).toBeGreaterThan(first)
  await command(page, 'rc')
  await expect.poll(() => cursor(page)).toBe(first)
  await command(page, 'x/5xb site0')
  await expect(said).toContainText(/site0: ([0-9a-f]{2} ?){5}/)
  await command(page, 'p nothing_at_all')
  await expect(said).toContainText('at character 3')
})

test('a command of the palette by name', async ({ page }) => {
  await page.goto('./')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  await openPalette(page, '>')
  await page.keyboard.type('until all is done')
  await expect(page.getByRole('dialog').getByRole('option').first()).toContainText('Run until all is done')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog')).toBeHidden()
  await expect(page.getByText('all done')).toBeVisible()
})

test('choices are undone and redone; a race is gone through by its decisive moments, as a clicker does for a room', async ({ page }) => {
  await page.goto('./#v=1&s=text-poke&p=sync1:off')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  await page.keyboard.press('1')
  await expect(page.locator(position)).toHaveText('step 1 of 1')
  await page.keyboard.press('2')
  await expect(page.locator(position)).toHaveText('step 2 of 2')
  await page.keyboard.press('Control+z')
  await expect(page.locator(position)).toHaveText('step 1 of 2')
  await page.keyboard.press('Control+Shift+Z')
  await expect(page.locator(position)).toHaveText('step 2 of 2')
  await page.keyboard.press('r')
  const moments = page.getByRole('region', { name: 'Decisive moments' })
  await expect(moments).toContainText('Now it breaks')
  const broken = await cursor(page)
  await page.keyboard.press('z')
  await expect(page.getByRole('button', { name: 'Leave the presentation' })).toBeVisible()
  await page.keyboard.press('PageUp')
  await expect(moments).toContainText('Memory changes under a CPU')
  await expect.poll(() => cursor(page)).toBeLessThan(broken)
  await page.keyboard.press('PageDown')
  await expect.poll(() => cursor(page)).toBe(broken)
  await page.keyboard.press('Escape')
  await expect(page.getByRole('button', { name: 'Leave the presentation' })).toBeHidden()
})
