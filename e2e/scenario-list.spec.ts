/** The list of scenarios by keyboard, and lists that follow the run without taking the page along. */
import { expect, test } from './support/page.ts'

test('typing narrows the list down under a box that stays where it is; Enter opens the first, arrows walk, letters go on narrowing', async ({
  page,
}) => {
  await page.setViewportSize({ width: 1280, height: 720 })
  await page.goto('./')
  await expect(page.locator('.position output')).toHaveText('step 0 of 0')
  await page.keyboard.press('o')
  const box = page.getByRole('searchbox', { name: 'Find a scenario' })
  await expect(box).toBeFocused()
  const top = async () => (await page.getByRole('dialog', { name: 'Scenarios' }).boundingBox())?.y
  const before = await top()
  await page.keyboard.type('frame')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  const second = page.locator('.catalog-list button').nth(1)
  await expect(second).toBeFocused()
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('ArrowUp')
  await expect(box).toBeFocused()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.type('-32')
  await expect(box).toBeFocused()
  await expect(box).toHaveValue('frame-32')
  await expect(page.getByText(/^1 scenario\. Enter opens/)).toHaveCount(1)
  expect(await top()).toBe(before)
  await page.keyboard.press('Enter')
  await expect(box).toHaveCount(0)
  await expect.poll(() => new URL(page.url()).hash).toContain('s=frame-32')
  // A list that nobody has narrowed down has no first hit.
  await page.keyboard.press('o')
  await expect(box).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(box).toBeVisible()
  await page.keyboard.type('multi-instruction-slot')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect.poll(() => new URL(page.url()).hash).toContain('s=multi-instruction-slot')
})

test('the decisive moment where the run stands is in sight in its panel, and the page does not scroll', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 720 })
  await page.goto('./#v=1&s=text-poke&p=sync3:off')
  await expect(page.locator('.position output')).toHaveText('step 0 of 0')
  await page.keyboard.press('r')
  const present = page.getByRole('region', { name: 'Why this breaks' }).locator('[aria-current="step"]')
  await expect(present).toBeInViewport({ ratio: 0.95, timeout: 50_000 })
  for (const key of ['Shift+M', 'Shift+M', 'm']) {
    const before = await present.textContent()
    await page.keyboard.press(key)
    await expect(present).not.toHaveText(before as string)
    await expect(present).toBeInViewport({ ratio: 0.95 })
  }
  expect(await page.evaluate(() => scrollY)).toBe(0)
})
