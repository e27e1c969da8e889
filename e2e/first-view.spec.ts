import { gzipSync } from 'node:zlib'
import { expect, test } from './support/page.ts'

const position = 'text=/^step \\d+ of \\d+$/'

test('the first view stands at the start of a scenario, and says what to do', async ({ page }) => {
  await page.goto('./')
  await expect(page.getByRole('table', { name: /Bytes of/ })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Take the first step' })).toBeVisible()
  await expect(page.getByText('paused')).toBeVisible()
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  expect(new URL(page.url()).hash).toContain('s=')
})

test('the scripts of the first view weigh at most 150 kB, and the decoder is not among them', async ({ page }) => {
  const urls: string[] = []
  // The page's own scripts; the worker's are of a realm of their own.
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script') urls.push(response.url())
  })
  await page.goto('./')
  await expect(page.locator('#root')).not.toBeEmpty()
  // As it was served: the page itself adds what it fetches ahead once it stands there.
  const html = await (await page.request.get('./')).text()
  // Weighed by asking for them once more: the page may be gone before a body that it has received can be read.
  const own = await Promise.all(
    urls
      .filter((url) => html.includes(url.split('/').at(-1) as string))
      .map(async (url) => ({ url, size: gzipSync(await (await page.request.get(url)).body(), { level: 9 }).length })),
  )
  expect(own.length).toBeGreaterThan(0)
  expect(own.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(150_000)
  expect(own.filter(({ url }) => url.includes('iced'))).toEqual([])
})

test('keys step, step back, go to both ends and take choices; what happened is said', async ({ page }) => {
  await page.goto('./')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  for (let i = 1; i <= 3; i++) {
    await page.keyboard.press('ArrowRight')
    await expect(page.locator(position)).toHaveText(`step ${i} of ${i}`)
  }
  await expect(page.locator('[aria-live="polite"]', { hasText: /^CPU 0 / })).toBeVisible()
  await page.keyboard.press('ArrowLeft')
  await expect(page.locator(position)).toHaveText('step 2 of 3')
  await page.keyboard.press('Home')
  await expect(page.locator(position)).toHaveText('step 0 of 3')
  await page.keyboard.press('End')
  await expect(page.locator(position)).toHaveText('step 3 of 3')
  await page.keyboard.press('2')
  await expect(page.locator(position)).toHaveText('step 4 of 4')
  await expect(page.locator('[aria-live="polite"]', { hasText: /^CPU 1 / })).toBeVisible()
})

test('going back and choosing differently makes a branch, and both stay', async ({ page }) => {
  await page.goto('./')
  await page.getByRole('button', { name: 'Take the first step' }).click()
  await expect(page.locator(position)).toHaveText('step 1 of 1')
  await page.keyboard.press('ArrowLeft')
  await expect(page.locator(position)).toHaveText('step 0 of 1')
  await page.locator('.choice', { hasText: 'CPU 1' }).first().click()
  await expect(page.locator(position)).toHaveText('step 1 of 1')
  await page.getByRole('tab', { name: 'Branches' }).click()
  const branches = page.locator('#tab-body .branches .checkout')
  await expect(branches).toHaveCount(2)
  await page.locator('#tab-body .branches .checkout:not([aria-current])').click()
  await expect(page.locator('[aria-live="polite"]', { hasText: /^CPU 0 / })).toBeVisible()
})

test('the position is dragged with the keyboard and with the pointer', async ({ page }) => {
  await page.goto('./')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  await page.keyboard.press('e')
  // A thousand steps and more.
  const reached = page.locator('.position output')
  await expect(reached).toHaveText(/^step [1-9],\d{3} of [1-9],\d{3}$/)
  const slider = page.getByRole('slider', { name: 'Step', exact: true })
  await slider.focus()
  await page.keyboard.press('ArrowLeft')
  const length = Number(await slider.getAttribute('max'))
  await expect(reached).toHaveText(`step ${(length - 1).toLocaleString('en-US')} of ${length.toLocaleString('en-US')}`)
  const box = await slider.boundingBox()
  if (box === null) throw new Error('the slider is not shown')
  await page.mouse.move(box.x + box.width - 4, box.y + box.height / 2)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 12 })
  await page.mouse.up()
  await expect.poll(async () => Math.abs(Number(await slider.inputValue()) / length - 0.5)).toBeLessThan(0.1)
  const middle = await reached.textContent()
  await page.keyboard.press('Control+z')
  await expect(reached).not.toHaveText(middle as string)
})

test('a press on the timeline goes to that step', async ({ page }) => {
  await page.goto('./')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  await page.keyboard.press('e')
  const timeline = page.getByRole('slider', { name: 'Steps' })
  await expect.poll(async () => Number(await timeline.getAttribute('aria-valuemax'))).toBeGreaterThan(100)
  // On the patcher's spans: lower down there may be an arrow, which is selected and is no moment.
  await timeline.click({ position: { x: 200, y: 33 } })
  await expect(page.getByText('all done')).toBeHidden()
  await expect.poll(async () => Number(await timeline.getAttribute('aria-valuenow'))).toBeGreaterThan(0)
})

test('playing moves by itself, says so, and pauses', async ({ page }) => {
  await page.goto('./')
  await page.getByRole('combobox', { name: 'Speed' }).selectOption('30')
  await page.getByRole('button', { name: 'Play' }).click()
  await expect(page.getByText('playing')).toBeVisible()
  await expect(page.locator(position)).toHaveText(/^step \d\d+ of/)
  await page.keyboard.press('Escape')
  await expect(page.getByText('paused')).toBeVisible()
})

test('more detail shows code and stack, and is remembered', async ({ page }) => {
  await page.goto('./')
  await page.getByRole('button', { name: /^More/ }).click()
  await expect(page.getByRole('article', { name: /CPU 0/ })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Stack' })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('article', { name: /CPU 0/ })).toBeVisible()
})

test('the first minute: the flagship race is watched in plain words, then the sync is switched on and the card says that no race is left', async ({
  page,
}) => {
  await page.goto('./')
  const guide = page.getByRole('region', { name: 'First steps' })
  // Among the first for whoever comes by keyboard.
  await expect(guide.getByRole('button', { name: 'Watch it go wrong' })).toBeVisible()
  await page.keyboard.press('Tab')
  await expect(guide.getByRole('button', { name: 'Watch it go wrong' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(guide).toContainText(
    'CPU 0 writes a breakpoint (cc) over the first byte of the call. CPU 1 may still hold the old byte e8, which it fetched before.',
  )
  await guide.getByRole('button', { name: 'Next moment' }).click()
  await expect(guide).toContainText('CPU 0 writes 05 over the second byte of the call')
  await guide.getByRole('button', { name: 'Next moment' }).click()
  await expect(guide).toContainText('CPU 1 executes e8 05 01 00 00, some bytes old and some new')
  await guide.getByRole('button', { name: 'What went wrong?' }).click()
  // On a phone a verdict comes far below; the card has it where one looks.
  await page.setViewportSize({ width: 390, height: 844 })
  await guide.getByRole('button', { name: 'Switch sync 1 on, and search again' }).click()
  await expect(page.getByRole('switch', { name: 'sync 1' })).toBeChecked()
  const found = page.locator('#tab-body .finding')
  await expect(found).toContainText('Exhausted')
  const states = /every one of ([\d,]+) states/.exec((await found.textContent()) ?? '')?.[1]
  await expect(guide).toContainText(`No race: all ${states} states were visited.`)
  await expect(guide.getByText(/^No race/)).toBeInViewport()
  await expect(guide.getByRole('button', { name: 'Take the tour' })).toBeVisible()
  await guide.getByRole('button', { name: 'And without sync 2?' }).click()
  await expect(guide).toContainText('There is a race')
  await expect(page.getByRole('switch', { name: 'sync 2' })).not.toBeChecked()
})

test('who steps by hand from the first card is told that nothing has changed yet, and gets to the first change at once', async ({ page }) => {
  await page.goto('./')
  const guide = page.getByRole('region', { name: 'First steps' })
  await guide.getByRole('button', { name: 'Step it yourself' }).click()
  await expect(page.locator(position)).toHaveText('step 1 of 1')
  await expect(guide).toContainText('After this step the call is still as it was')
  await page.keyboard.press('ArrowRight')
  await expect(guide).toContainText('After 2 steps')
  await guide.getByRole('button', { name: 'Run until a byte changes' }).click()
  await expect(guide).toContainText('Memory holds cc bd 01 00 00 now.')
  const site = page.getByRole('table', { name: /Bytes of/ })
  await expect(site.getByRole('row', { name: /^Memory/ })).toContainText('int3')
})

test('a challenge is done by who chose the steps; a race that was loaded is shown, not found', async ({ page }) => {
  await page.goto('./#v=1&s=text-poke&p=sync1:off')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  await page.keyboard.press('r')
  await expect(page.locator(position)).toHaveText(/^step [1-9]\d* of \d+$/)
  await page.getByRole('tab', { name: 'Story' }).click()
  await expect(page.getByRole('region', { name: 'Challenge' })).toContainText('shown, not found by you')
  await expect(page.getByRole('region', { name: 'Challenge' })).not.toContainText('✓')
})

test('where the scenario claims nothing, a race is looked for, not found', async ({ page }) => {
  await page.goto('./#v=1&s=forty-thousand-sites&p=sites:40000,cpus:8')
  await expect(page.getByRole('button', { name: 'Look for a race' })).toBeVisible({ timeout: 30_000 })
})

test('what was fetched ahead opens in the next frame', async ({ page }) => {
  await page.goto('./')
  await expect(page.getByText('step 0 of 0')).toBeVisible()
  const fetched = () => page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name.replace(/^.*\//, '')))
  for (const part of ['Help', 'Share', 'Palette', 'Presenter'])
    await expect.poll(async () => (await fetched()).some((name) => name.startsWith(`${part}-`))).toBe(true)
  for (const [key, part] of [
    ['?', 'dialog'],
    ['s', 'dialog'],
    ['>', 'dialog'],
    ['z', '.presenter'],
  ] as const) {
    const there = await page.evaluate(
      async ([key, part]) => {
        dispatchEvent(new KeyboardEvent('keydown', { key }))
        await new Promise(requestAnimationFrame)
        return document.querySelector(part) !== null
      },
      [key, part] as const,
    )
    expect(there, key).toBe(true)
    await page.keyboard.press('Escape')
    await expect(page.locator(part)).toHaveCount(0)
  }
})
