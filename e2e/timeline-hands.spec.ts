import type { Page } from '@playwright/test'
import { expect, test } from './support/page.ts'

const position = 'text=/^step \\d+ of \\d+$/'
const slider = (page: Page) => page.getByRole('slider', { name: 'Steps' })
const cursor = async (page: Page) => Number(await slider(page).getAttribute('aria-valuenow'))
const menu = (page: Page) => page.getByRole('menu')

/** The numbers along the axis. */
const axis = async (page: Page) =>
  (await page.locator('#panel-timeline .tl-axis text').allTextContents()).map((text) => Number(text.replace(/,/g, '')))

/** A run to its end, some hundred steps long; answers with the box of the lanes. */
async function atEnd(page: Page): Promise<{ x: number; y: number; width: number; height: number }> {
  await page.goto('./#v=1&s=text-poke')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  await page.keyboard.press('e')
  await expect.poll(async () => Number(await slider(page).getAttribute('aria-valuemax'))).toBeGreaterThan(100)
  const box = await slider(page).boundingBox()
  if (box === null) throw new Error('no lanes')
  return box
}

test('the wheel with Ctrl zooms at the pointer, Shift-drag and a sideways wheel pan, a double click zooms', async ({ page }) => {
  const box = await atEnd(page)
  const all = page.getByRole('button', { name: 'all', exact: true })
  await expect(all).toBeDisabled()
  const span = async () => {
    const numbers = await axis(page)
    return { from: numbers[0] as number, size: (numbers.at(-1) as number) - (numbers[0] as number) }
  }
  const whole = await span()
  expect(whole.from).toBe(0)
  await page.mouse.move(box.x + box.width / 2, box.y + 60)
  await page.keyboard.down('Control')
  for (let i = 0; i < 6; i++) await page.mouse.wheel(0, -120)
  await page.keyboard.up('Control')
  await expect(all).toBeEnabled()
  const near = await span()
  expect(near.size).toBeLessThan(whole.size / 4)
  // What lay under the pointer still does: half of what is in view lies before it.
  const middle = whole.size / 2
  expect(near.from).toBeGreaterThan(middle * 0.7)
  expect(near.from).toBeLessThan(middle * 1.3)

  const before = await cursor(page)
  await page.keyboard.down('Shift')
  await page.mouse.down()
  await page.mouse.move(box.x + box.width / 2 + 300, box.y + 60, { steps: 5 })
  await page.mouse.up()
  await page.keyboard.up('Shift')
  await expect.poll(async () => (await span()).from).toBeLessThan(near.from)
  expect(await cursor(page)).toBe(before)
  const panned = await span()
  await page.mouse.wheel(400, 0)
  await expect.poll(async () => (await span()).from).toBeGreaterThan(panned.from)

  await all.click()
  // The glide there has ended: what is pressed while the view moves is another matter.
  await expect(all).toBeDisabled()
  await expect.poll(async () => (await span()).size).toBe(whole.size)
  await page.mouse.dblclick(box.x + 200, box.y + 60)
  await expect(all).toBeEnabled()
  await expect.poll(async () => (await span()).size).toBeLessThan(whole.size * 0.7)
})

test('the menu of a place goes there, runs there, follows arrows, copies a link; by pointer and by key', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await atEnd(page)
  const end = await cursor(page)
  await slider(page).click({ position: { x: 200, y: 60 }, button: 'right' })
  await expect(menu(page)).toBeVisible()
  expect(await cursor(page)).toBe(end)
  await menu(page)
    .getByRole('menuitem', { name: /^Go to step/ })
    .click()
  await expect(menu(page)).toBeHidden()
  await expect.poll(() => cursor(page)).toBeLessThan(end)
  const there = await cursor(page)
  await expect(slider(page)).toBeFocused()

  await page.keyboard.press('Shift+F10')
  await expect(menu(page)).toBeVisible()
  await expect(menu(page).getByRole('menuitem').first()).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(menu(page)).toBeHidden()
  await expect(slider(page)).toBeFocused()
  expect(await cursor(page)).toBe(there)

  await page.keyboard.press('Shift+F10')
  await page.keyboard.press('End')
  await expect(menu(page).getByRole('menuitem', { name: /^Fold CPU/ })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.locator('.tl-label[data-collapsed="true"]')).toHaveCount(1)

  await slider(page).click({ position: { x: 120, y: 60 }, button: 'right' })
  const copies = menu(page).getByRole('menuitem', { name: /^Copy link to step/ })
  const step = Number(/\d+/.exec((await copies.textContent()) ?? '')?.[0])
  await copies.click()
  await expect(page.getByText('The link is copied.').first()).toBeAttached()
  await expect.poll(() => cursor(page)).toBe(step)
  const link = await page.evaluate(() => navigator.clipboard.readText())
  await page.goto('about:blank')
  await page.goto(link)
  await expect.poll(() => cursor(page)).toBe(step)
})

test('what is pressed before the code for hands has come happens when it has', async ({ page }) => {
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  await page.route(/hands-.*\.js$/, async (route) => {
    await held
    await route.continue()
  })
  const box = await atEnd(page)
  const end = await cursor(page)
  await page.mouse.click(box.x + 200, box.y + 33)
  await slider(page).focus()
  await page.keyboard.press('Shift+C')
  expect(await cursor(page)).toBe(end)
  release()
  await expect.poll(() => cursor(page)).toBeLessThan(end)
  await expect(page.locator('.tl-label[data-collapsed="true"]')).toHaveCount(1)
})

test('at 1280 by 720 with the first steps open, lanes, axis, overview and tools are in sight', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 720 })
  await page.goto('./')
  await expect(page.getByText('Each step that a CPU takes appears in its lane.')).toBeVisible()
  await page.keyboard.press('e')
  await expect(page.getByText('Each step that a CPU takes appears in its lane.')).toBeHidden()
  const seen = await page.locator('#panel-timeline .panel-body').evaluate((body) => ({
    height: body.clientHeight,
    needs: body.scrollHeight,
    lanes: (body.querySelector('.tl-lanes') as HTMLElement).clientHeight,
    lanesNeed: (body.querySelector('.tl-lanes') as HTMLElement).scrollHeight,
    bottom: body.getBoundingClientRect().bottom,
    tools: (body.querySelector('.tl-tools') as HTMLElement).getBoundingClientRect().bottom,
  }))
  expect(seen.needs).toBe(seen.height)
  expect(seen.lanesNeed).toBe(seen.lanes)
  expect(seen.tools).toBeLessThanOrEqual(seen.bottom)
})

test('at 1280 by 720 with a frame below the call site, the line under the lanes is in sight, and no lane is out of it', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 720 })
  await page.goto('./#v=1&s=text-poke&p=sync3:off')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  await page.keyboard.press('r')
  await expect(page.getByText(/in #BP: its stack grows/)).toBeVisible()
  const column = page.locator('.main-column')
  await expect.poll(() => column.evaluate((element) => element.scrollHeight - element.clientHeight)).toBe(0)
  const bottoms = await column.evaluate((element) =>
    [element, element.querySelector('.tl-foot') as Element].map((each) => each.getBoundingClientRect().bottom),
  )
  expect(bottoms[1]).toBeLessThanOrEqual(bottoms[0] as number)
  await expect(page.locator('.tl-more button')).toHaveCount(0)
})

test('eight CPUs in a low window: how many lanes lie beyond is said where they lie, and a press goes to them', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 720 })
  await page.goto('./#v=1&s=forty-thousand-sites&p=cpus:8')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  await expect(page.locator('.tl-label')).toHaveCount(8)
  const below = page.locator('.tl-more.is-below button')
  await expect(below).toHaveText(/^[1-7] more ↓$/)
  const count = Number.parseInt((await below.textContent()) ?? '', 10)
  await expect(page.locator('.tl-label').nth(7 - count)).toBeInViewport()
  // Who is counted is not named there as well, below the number; all others are.
  const shown = () => page.locator('.tl-label').evaluateAll((labels) => labels.filter((label) => getComputedStyle(label).opacity === '1').length)
  expect(await shown()).toBe(8 - count)
  await slider(page).focus()
  await page.keyboard.press('/')
  await expect(page.getByRole('button', { name: 'find', exact: true })).toHaveAttribute('aria-expanded', 'true')
  await expect.poll(async () => (await shown()) + Number.parseInt((await below.textContent()) ?? '', 10)).toBe(8)
  await page.keyboard.press('Escape')
  await expect(below).toHaveText(`${count} more ↓`)
  await below.click()
  const above = page.locator('.tl-more.is-above button')
  await expect(above).toHaveText(/^[1-7] more ↑$/)
  await expect(page.locator('.tl-label').nth(7).locator('strong')).toBeInViewport()
  await expect(below).toHaveCount(0)
  await above.click()
  await expect(below).toHaveText(`${count} more ↓`)
  // The column that all of it stands in goes on, too, and says so until its end.
  const column = page.locator('.main-column')
  await column.evaluate((element) => element.scrollTo(0, 0))
  await expect(column).toHaveAttribute('data-more', 'true')
  await column.evaluate((element) => element.scrollTo(0, element.scrollHeight))
  await expect(column).toHaveAttribute('data-more', 'false')
})

for (const height of [720, 900]) {
  test(`the legend opens over the page, wholly in sight, and closes by key, by press, and by its button (${height} high)`, async ({ page }) => {
    await page.setViewportSize({ width: 1280, height })
    await page.goto('./')
    await expect(page.locator(position)).toHaveText('step 0 of 0')
    const button = page.getByRole('button', { name: 'legend', exact: true })
    const legend = page.getByRole('region', { name: 'Legend' })
    await button.click()
    await expect(legend.getByText('breakpoint taken')).toBeInViewport({ ratio: 1 })
    await expect(legend).toBeInViewport({ ratio: 1 })
    await page.keyboard.press('Escape')
    await expect(legend).toBeHidden()
    await button.click()
    await expect(legend).toBeVisible()
    await button.click()
    await expect(legend).toBeHidden()
    await button.click()
    await page.getByRole('heading', { name: 'Timeline' }).click({ position: { x: 2, y: 2 } })
    await expect(legend).toBeHidden()
    await expect(page.locator(position)).toHaveText('step 0 of 0')
  })
}

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })

  test('a finger held on the lanes opens the menu, and lifted does nothing, wherever it lay; a tap on an item is meant', async ({
    page,
    context,
  }) => {
    await page.goto('./#v=1&s=text-poke')
    await expect(page.locator(position)).toHaveText('step 0 of 0')
    await page.keyboard.press('e')
    await expect.poll(async () => Number(await slider(page).getAttribute('aria-valuemax'))).toBeGreaterThan(100)
    await expect(page.locator('.standing')).not.toHaveText('running')
    await slider(page).scrollIntoViewIfNeeded()
    const end = await cursor(page)
    const touch = await context.newCDPSession(page)
    for (const part of [0.3, 0.5, 0.8]) {
      const box = await slider(page).boundingBox()
      if (box === null) throw new Error('no lanes')
      await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: box.x + box.width * part, y: box.y + 60 }] })
      await expect(menu(page)).toBeVisible()
      await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
      // What the browser makes of the finger comes before what the page is asked next.
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
      await expect(menu(page)).toBeVisible()
      expect(await cursor(page)).toBe(end)
      await page.keyboard.press('Escape')
      await expect(menu(page)).toBeHidden()
    }
    const box = await slider(page).boundingBox()
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: (box?.x ?? 0) + 150, y: (box?.y ?? 0) + 60 }] })
    await expect(menu(page)).toBeVisible()
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
    await menu(page)
      .getByRole('menuitem', { name: /^Go to step/ })
      .tap()
    await expect(menu(page)).toBeHidden()
    await expect.poll(() => cursor(page)).toBeLessThan(end)
  })
})
