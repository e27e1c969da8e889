import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, test } from './support/page.ts'

const position = 'text=/^step \\d+ of \\d+$/'

/** axe leaves out what WCAG 2.2 adds (targets of 24 pixels) unless it is named. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

async function serious(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`))
}

for (const theme of ['light', 'dark', 'contrast', 'projector'] as const) {
  test(`nothing on the page keeps anybody out, ${theme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme === 'dark' ? 'dark' : 'light', contrast: theme === 'contrast' ? 'more' : 'no-preference' })
    await page.goto('./')
    await expect(page.locator(position)).toHaveText('step 0 of 0')
    if (theme === 'projector') for (let i = 0; i < 4; i++) await page.getByRole('button', { name: /Colours/ }).click()
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme)
    expect(await serious(page)).toEqual([])
    await page.keyboard.press('d')
    for (let i = 0; i < 4; i++) await page.keyboard.press('n')
    await page.getByRole('tab', { name: 'Verdict' }).click()
    expect(await serious(page)).toEqual([])
    for (const key of ['?', 's', 'o']) {
      await page.locator('body').press(key)
      await expect(page.getByRole('dialog')).toBeVisible()
      expect(await serious(page)).toEqual([])
      await page.keyboard.press('Escape')
      await expect(page.getByRole('dialog')).toBeHidden()
    }
  })
}

test('mistakes in the editor can be read and pressed in every theme', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' })
  await page.goto('./#v=1&s=just-write-it')
  await expect(page.getByRole('heading', { name: 'Call site' })).toBeVisible()
  await page.keyboard.press('Shift+E')
  await expect(page.getByText(/^It can be run: /)).toBeVisible()
  await page.keyboard.press('Control+End')
  await page.keyboard.type('\nspare: mvo eax, 1\nsecond: mvo eax, 1')
  const problems = page.locator('.editor-problems').getByRole('button')
  await expect(problems).toHaveCount(2)
  for (const theme of ['light', 'dark', 'contrast', 'projector']) {
    await page.getByRole('button', { name: /Colours/ }).click()
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme)
    expect(await serious(page)).toEqual([])
  }
})

test('the theme is chosen by hand and remembered', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.goto('./')
  await page.getByRole('button', { name: /Colours/ }).click()
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light')
  await page.reload()
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light')
})

test('all of the page can be reached and used without a mouse', async ({ page }) => {
  await page.goto('./')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  const names = new Set<string>()
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab')
    names.add(await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? ''))
  }
  for (const name of ['Share', 'More detail', 'Story', 'Step ▶', 'Run to']) expect([...names].join('|')).toContain(name)
  await page.locator('.choice').first().focus()
  await page.keyboard.press('Enter')
  await expect(page.locator(position)).toHaveText('step 1 of 1')
})

test.describe('a phone, upright', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })

  test('one column, nothing sticks out, and the transport stays at hand', async ({ page }) => {
    await page.goto('./')
    const step = page.getByRole('button', { name: 'Step', exact: true })
    await expect(page.locator(position)).toHaveText('step 0 of 0')
    await step.tap()
    await expect(page.locator(position)).toHaveText('step 1 of 1')
    await page.getByRole('button', { name: 'More' }).tap()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight))
    await expect(step).toBeInViewport()
    // A finger needs 24 pixels: axe forgives less where there is room around.
    for (const small of [page.locator('.chip select').first(), page.locator('.look-ahead'), page.getByRole('button', { name: 'Fold CPU 0' })])
      expect((await small.boundingBox())?.height).toBeGreaterThanOrEqual(24)
    const site = await page.getByRole('table', { name: /Bytes of/ }).boundingBox()
    expect((site?.x ?? 0) + (site?.width ?? 0)).toBeLessThanOrEqual(390)
    expect(await serious(page)).toEqual([])
  })
})

for (const [width, height] of [
  [1440, 900],
  [1280, 720],
] as const) {
  test(`at ${width} × ${height} the page itself does not scroll`, async ({ page }) => {
    await page.setViewportSize({ width, height })
    await page.goto('./')
    await expect(page.locator(position)).toHaveText('step 0 of 0')
    await page.keyboard.press('d')
    expect(await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight])).toEqual([width, height])
  })
}

for (const [width, height] of [
  [640, 360],
  [1280, 450],
] as const) {
  test(`a low window, ${width} × ${height}, as with text at 200 %: a race shows its bytes, one row of buttons stays, the page scrolls as one`, async ({
    page,
  }) => {
    await page.goto('./#v=1&s=text-poke&p=sync1:off')
    await expect(page.locator(position)).toHaveText('step 0 of 0')
    await page.keyboard.press('r')
    await expect(page.getByRole('region', { name: 'Decisive moments' })).toContainText('Now it breaks')
    await page.setViewportSize({ width, height })
    await expect(page.getByRole('row', { name: /^Memory/ })).toBeInViewport({ ratio: 1 })
    await expect(page.getByRole('region', { name: 'Decisive moments' })).toBeInViewport({ ratio: 1 })
    const row = page.locator('.transport-row')
    expect((await row.boundingBox())?.height).toBeLessThan(60)
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight))
    await expect(page.getByRole('region', { name: 'Decisive moments' })).not.toBeInViewport()
    await expect(row).toBeInViewport({ ratio: 1 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
    expect(await serious(page)).toEqual([])
  })
}
