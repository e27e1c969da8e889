import { expect, test } from './support/page.ts'

const position = 'text=/^step \\d+ of \\d+$/'

test('a link opened in another browser stands at the same state, verified by its digest', async ({ page, browser }) => {
  await page.goto('./')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  for (let i = 1; i <= 5; i++) {
    await page.keyboard.press(i === 3 ? '2' : 'ArrowRight')
    await expect(page.locator(position)).toHaveText(`step ${i} of ${i}`)
  }
  await page.keyboard.press('ArrowLeft')
  await expect(page.locator(position)).toHaveText('step 4 of 5')
  await page.getByRole('button', { name: 'Share' }).click()
  const note = page.getByRole('textbox', { name: /Note/ })
  await note.fill('😀'.repeat(240))
  await expect(page.getByText(/^This link has [23],\d{3} characters\. Browsers take that/)).toBeVisible()
  await note.fill('Look at CPU 1.')
  await expect(page.getByText(/^This link has/)).toBeHidden()
  await page.getByRole('textbox', { name: /Title/ }).fill('Half & half')
  const link = await page.getByRole('textbox', { name: 'Link to this moment' }).inputValue()
  const said = await page.locator('.caption').textContent()

  const context = await browser.newContext()
  const other = await context.newPage()
  await other.goto(link)
  await expect(other.locator(position)).toHaveText('step 4 of 5')
  await expect(other.getByText('Verified')).toBeVisible()
  await expect(other.getByText('Look at CPU 1.')).toBeVisible()
  await expect(other.getByText('Half & half')).toBeVisible()
  await expect(other.locator('.caption')).toHaveText(said as string)
  await context.close()
})

test('the address bar equals the view: reload and Back restore it', async ({ page }) => {
  await page.goto('./')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await expect(page.locator(position)).toHaveText('step 2 of 2')
  // Writes are spaced out: the first step may stand there alone for a moment.
  await expect.poll(() => new URL(page.url()).hash).toMatch(/t=0s2&/)
  await page.reload()
  await expect(page.locator(position)).toHaveText('step 2 of 2')
  await page.getByRole('switch').first().click()
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  await page.goBack()
  await expect(page.locator(position)).toHaveText('step 2 of 2')
  await expect(page.getByRole('switch').first()).toBeChecked()
})

test('undo takes back steps and the race that was loaded, one by one, and never leaves the page', async ({ page }) => {
  await page.goto('about:blank')
  await page.goto('./#v=1&s=text-poke&p=sync1:off')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  for (let i = 1; i <= 3; i++) {
    await page.keyboard.press('ArrowRight')
    await expect(page.locator(position)).toHaveText(`step ${i} of ${i}`)
  }
  await page.keyboard.press('r')
  await expect(page.getByText('broken', { exact: true })).toBeVisible()
  const race = await page.locator(position).textContent()
  for (const step of [3, 2, 1, 0]) {
    await page.keyboard.press('u')
    await expect(page.locator(position)).toHaveText(new RegExp(`^step ${step} of`))
  }
  await page.keyboard.press('Control+z')
  await expect(page.getByText('Nothing to undo.')).toBeVisible()
  expect(new URL(page.url()).hash).toContain('s=text-poke')
  for (const step of [1, 2, 3]) {
    await page.keyboard.press('Shift+U')
    await expect(page.locator(position)).toHaveText(new RegExp(`^step ${step} of`))
  }
  await expect(page.getByText('Nothing to undo.')).toBeHidden()
  await page.keyboard.press('Control+Shift+Z')
  await expect(page.locator(position)).toHaveText(race as string)
  await page.goBack()
  await expect(page.locator(position)).toHaveText(/^step 3 of/)
  await page.goForward()
  await expect(page.locator(position)).toHaveText(race as string)
  // The entries are still the page's own after a reload.
  await page.reload()
  await expect(page.locator(position)).toHaveText(race as string)
  await page.keyboard.press('u')
  await expect(page.locator(position)).toHaveText(/^step 3 of/)
})

test('title and note survive a reload as long as they are shown; what was verified is not said again', async ({ page }) => {
  await page.goto('./#v=1&s=text-poke&t=0s4&d=0000000000000000&n=Half%20way&m=Look%20here.')
  await expect(page.getByText('Not the state that the link was made from.')).toBeVisible()
  await page.keyboard.press('ArrowRight')
  await expect(page.locator(position)).toHaveText('step 5 of 5')
  await expect.poll(() => new URL(page.url()).hash).toMatch(/t=0s5&.*&n=Half%20way&m=Look%20here\./)
  await page.reload()
  await expect(page.locator(position)).toHaveText('step 5 of 5')
  await expect(page.getByText('Look here.')).toBeVisible()
  await expect(page.getByText('Verified')).toBeHidden()
  await page.locator('.note', { hasText: 'Half way' }).getByRole('button', { name: 'Dismiss this message' }).click()
  await expect.poll(() => new URL(page.url()).hash).not.toContain('n=')
  await page.reload()
  await expect(page.locator(position)).toHaveText('step 5 of 5')
  await expect(page.getByText('Look here.')).toBeHidden()
})

test('a damaged link says which part is wrong, and keeps the rest', async ({ page }) => {
  await page.goto('./')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  await page.keyboard.press('ArrowRight')
  await expect(page.locator(position)).toHaveText('step 1 of 1')
  await expect.poll(() => new URL(page.url()).hash).toMatch(/t=0s/)
  const damaged = new URL(page.url()).hash.replace(/t=[^&]*/, 't=%25%25')
  await page.goto('about:blank')
  await page.goto(`./${damaged}`)
  await expect(page.getByText('This link is damaged.')).toBeVisible()
  await expect(page.getByText(/^The schedule .* is damaged/)).toBeVisible()
  await expect(page.getByText(/^Kept: the scenario/)).toBeVisible()
  await expect(page.locator(position)).toHaveText('step 0 of 0')
})

test('a link of a newer version says so, shows what it can, and is still there after a reload', async ({ page }) => {
  await page.goto('./#v=99&s=text-poke&t=0s4&z=new')
  await expect(page.getByText('This link is of a newer Pokescope.')).toBeVisible()
  await expect(page.locator(position)).toHaveText('step 4 of 4')
  await page.reload()
  await expect(page.getByText('This link is of a newer Pokescope.')).toBeVisible()
  await page.keyboard.press('ArrowRight')
  await expect.poll(() => new URL(page.url()).hash).toMatch(/^#v=1&/)
})

for (const fragment of ['#%%%', '#v=1&s=', `#${'x'.repeat(5000)}`, '#&&&==', '#v=1&s=text-poke&t=9z9z&c=-4&d=zz&p=a:b,:']) {
  test(`nonsense in the address never leaves a blank page: ${fragment.slice(0, 40)}`, async ({ page }) => {
    await page.goto(`./${fragment}`)
    await expect(page.getByRole('table', { name: /Bytes of/, includeHidden: true })).toBeVisible()
    await expect(page.getByText('This link is damaged.').first()).toBeVisible()
  })
}

test('an unknown scenario shows the list, and what was asked for', async ({ page }) => {
  await page.goto('./#v=1&s=no-such-thing')
  const list = page.getByRole('dialog', { name: 'Scenarios' })
  await expect(list).toBeVisible()
  await expect(list.getByText(/There is no scenario “no-such-thing”/)).toBeVisible()
  await list
    .getByRole('button', { name: /text_poke/ })
    .first()
    .click()
  await expect(list).toBeHidden()
  await expect(page.getByRole('table', { name: /Bytes of/ })).toBeVisible()
})
