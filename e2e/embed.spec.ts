import AxeBuilder from '@axe-core/playwright'
import { expect, test } from './support/page.ts'

const position = 'text=/^step \\d+ of \\d+$/'

test('the example page drives the embedded one: steps, back, seek, load, explore; what cannot be done is refused with a reason', async ({ page }) => {
  await page.goto('./embed-example.html')
  const said = page.locator('#said')
  const answer = page.locator('#answer')
  const frame = page.frameLocator('#scope')
  await expect(said).toHaveText(/^Step 0 of 0: nothing has happened yet\. State [0-9a-f]{16}\.$/)
  const start = await said.textContent()

  await page.getByRole('button', { name: 'Step back' }).click()
  await expect(answer).toHaveText('Refused: this is the start')
  await page.getByRole('button', { name: 'Step', exact: true }).click()
  await expect(frame.locator(position)).toHaveText('step 1 of 1')
  await expect(said).toHaveText(/^Step 1 of 1: CPU \d/)
  await expect(answer).toContainText('"scenario": "text-poke"')
  // What the user does inside is told outside.
  await frame.getByRole('button', { name: 'Step', exact: false }).filter({ hasText: 'Step' }).first().click()
  await expect(said).toHaveText(/^Step 2 of 2: /)
  await page.getByRole('button', { name: 'To the start' }).click()
  await expect(said).toHaveText((start as string).replace('0 of 0', '0 of 2'))

  await page.getByRole('button', { name: /^Search all interleavings/ }).click()
  await expect(answer).toContainText('"kind": "violated"', { timeout: 45_000 })
  await expect(frame.getByText('broken')).toBeVisible()
  const race = /"step": (\d+),\s+"steps": \1,/.exec((await answer.textContent()) as string)
  expect(Number(race?.[1])).toBeGreaterThan(10)

  await page.getByRole('button', { name: 'With the sync', exact: true }).click()
  await expect(frame.getByText('sync 1: off')).toBeHidden()
  await expect(frame.locator(position)).toHaveText('step 0 of 0')
  // Nothing of that is in the history of the page around it.
  expect(await page.evaluate(() => history.length)).toBeLessThanOrEqual(2)
})

test('what the Share dialog gives to embed shows that moment, has no serious fault of access, and opens in full where it stands', async ({
  page,
  context,
}) => {
  await page.goto('./')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  for (let i = 1; i <= 4; i++) {
    await page.keyboard.press(i === 2 ? '2' : 'ArrowRight')
    await expect(page.locator(position)).toHaveText(`step ${i} of ${i}`)
  }
  await page.getByRole('button', { name: 'Share' }).click()
  await page.getByRole('textbox', { name: /Note/ }).fill('Look at CPU 1.')
  const snippet = await page.getByRole('textbox', { name: 'To embed this moment in another page' }).inputValue()
  const source = /src="([^"]+)"/.exec(snippet)?.[1]?.replaceAll('&amp;', '&') as string
  await page.goto('about:blank')
  await page.setViewportSize({ width: 800, height: 450 })
  await page.goto(source)
  await expect(page.locator(position)).toHaveText('step 4 of 4')
  await expect(page.getByRole('img', { name: /^Verified/ })).toBeVisible()
  await expect(page.getByText('Look at CPU 1.')).toBeVisible()
  await expect(page.getByRole('table', { name: /Bytes of/ })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Timeline' })).toBeVisible()
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze()
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id }) => id)).toEqual([])

  await page.keyboard.press('ArrowLeft')
  await expect(page.locator(position)).toHaveText('step 3 of 4')
  // Keys of the whole page are the browser's here.
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog')).toBeHidden()
  // Its address can be copied, too.
  await expect(page.getByRole('link', { name: 'Open full' })).toHaveAttribute('href', /^http[^?]*#v=1&.*s=text-poke/)
  const [whole] = await Promise.all([context.waitForEvent('page'), page.getByRole('link', { name: 'Open full' }).click()])
  await expect(whole.locator(position)).toHaveText('step 3 of 4')
  await expect(whole.getByRole('button', { name: 'Share' })).toBeVisible()
  expect(new URL(whole.url()).search).toBe('')
})

test('at a race, all of it is in sight: in the height of the snippet, in less, and in a narrow frame nothing sticks out', async ({ page }) => {
  await page.goto('./#v=1&s=text-poke&p=sync1:off')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  await page.keyboard.press('r')
  await expect(page.getByRole('region', { name: 'Decisive moments' })).toContainText('Now it breaks')
  await page.keyboard.press('s')
  await page.getByRole('textbox', { name: 'Title (optional)' }).fill('A race')
  const snippet = await page.getByRole('textbox', { name: 'To embed this moment in another page' }).inputValue()
  expect(snippet).toContain('title="Pokescope: A race"')
  const source = /src="([^"]+)"/.exec(snippet)?.[1]?.replaceAll('&amp;', '&') as string
  for (const height of [Number(/height="(\d+)"/.exec(snippet)?.[1]), 450]) {
    await page.goto('about:blank')
    await page.setViewportSize({ width: 800, height })
    await page.goto(source)
    await expect(page.locator(position)).toHaveText(/^step \d+ of \d+$/)
    for (const cpu of [0, 1, 2]) await expect(page.locator('.tl-name', { hasText: `CPU ${cpu}` })).toBeInViewport({ ratio: 1 })
    await expect(page.locator('.caption')).toBeInViewport({ ratio: 1 })
    const lanes = page.locator('.tl-lanes')
    expect(await lanes.evaluate((each) => each.scrollHeight - each.clientHeight)).toBeLessThanOrEqual(1)
  }
  await page.setViewportSize({ width: 350, height: 560 })
  for (const button of await page.locator('.transport button:visible, .transport select:visible').all()) {
    const box = await button.boundingBox()
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(350)
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(350)
})

test('panels that the address names are shown in its order, what is none is said, and a phone shows all in one column', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 700 })
  await page.goto('./?embed=1&panels=choices,site,nonsense#v=1&s=text-poke')
  await expect(page.getByRole('heading', { level: 2 })).toHaveText(['Call site', 'What can happen next'])
  await expect(page.getByText('There is no panel “nonsense”')).toBeVisible()
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
})

test('a frame does not look as its visitor likes the whole page, and leaves nothing behind', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' })
  await page.goto('./')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  for (let i = 0; i < 2; i++) await page.getByRole('button', { name: /Colours/ }).click()
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
  await page.goto('./?embed#v=1&s=text-poke')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light')
  await page.keyboard.press('+')
  await page.goto('./')
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
  expect(await page.evaluate(() => localStorage.getItem('pokescope.speed'))).toBeNull()
})
