/** Long runs: what goes on is seen, the next key ends it, and a link of one says how far it has been followed. */
import { expect, test } from './support/page.ts'

const LARGE = './#v=1&s=forty-thousand-sites&p=sites:40000,cpus:8'
const position = '.position output'
/** The numbers of “step 12,345 of 200,000”. */
const numbers = (text: string | null) => (text?.match(/[\d,]+/g) ?? []).map((digits) => Number(digits.replaceAll(',', '')))
const steps = (text: string | null) => numbers(text)[0] ?? Number.NaN

test('a run over 40,000 sites shows where it is; a key pressed meanwhile ends it and counts from there; Esc stops it', async ({ page }) => {
  await page.goto(LARGE)
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  const standing = page.locator('.standing')
  const at = async () => steps(await page.locator(position).textContent())
  await page.keyboard.press('e')
  await expect.poll(at).toBeGreaterThan(0)
  const first = await at()
  await expect.poll(at).toBeGreaterThan(first)
  await expect(standing).toHaveText('running')
  await page.keyboard.press('ArrowLeft')
  await expect(standing).toHaveText('paused')
  await expect(page.locator(position)).toHaveText(/^step ([\d,]+) of (?!\1$)[\d,]+$/)
  // A click on the slider, as well, counts while the run goes on: here, a quarter of the way.
  await page.keyboard.press('e')
  await expect(standing).toHaveText('running')
  const box = await page.getByRole('slider', { name: 'Step', exact: true }).boundingBox()
  await page.mouse.click((box?.x ?? 0) + (box?.width ?? 0) / 4, (box?.y ?? 0) + (box?.height ?? 0) / 2)
  await expect(standing).toHaveText('paused')
  const share = ([cursor = Number.NaN, length = Number.NaN]: number[]) => cursor / length
  await expect.poll(async () => share(numbers(await page.locator(position).textContent()))).toBeLessThan(0.5)
  await page.keyboard.press('e')
  await expect(standing).toHaveText('running')
  await page.keyboard.press('Escape')
  await expect(page.locator('.caption')).toContainText('Stopped.')
  await page.keyboard.press('Home')
  await expect(page.locator(position)).toHaveText(/^step 0 of \d{1,3}(,\d{3})+$/)
})

test('who reloads while a long run goes on is told how much of it the address held; at its end the address holds all of it', async ({ page }) => {
  await page.goto(LARGE)
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  await page.keyboard.press('e')
  await expect.poll(() => page.evaluate(() => /&u=(\d+)/.exec(location.hash)?.[1])).toBeDefined()
  await page.reload()
  await expect(page.getByText(/^This address was still being written: it holds the first [\d,]+ of [\d,]+ steps or more\.$/).first()).toBeVisible()
  await expect(page.getByText('Verified', { exact: true })).toHaveCount(0)
  await page.keyboard.press('e')
  await expect(page.locator(position)).toHaveText(/^step 2\d\d,?\d00 of/)
  await expect(page.locator('.standing')).not.toHaveText('running')
  const at = (await page.locator(position).textContent()) ?? ''
  await expect.poll(() => page.evaluate(() => /&u=/.test(location.hash))).toBe(false)
  await page.reload()
  await expect(page.locator(position)).toHaveText(at)
})

test('so many instructions that were typed are one walk, which Esc ends', async ({ page }) => {
  await page.goto(LARGE)
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  await page.keyboard.press('Control+Shift+P')
  await expect(page.getByRole('combobox', { name: 'Find a command' })).toBeFocused()
  await page.keyboard.type('si 1000')
  await page.keyboard.press('Enter')
  await expect.poll(async () => steps(await page.locator(position).textContent())).toBeGreaterThanOrEqual(1000)
  await page.keyboard.press('Escape')
  await page.keyboard.press('Home')
  await expect(page.locator(position)).toHaveText(/^step 0 of \d{1,3}(,\d{3})+$/)
})

test('in the past, playing follows the run; another scheduler leaves it, and the run stays as a branch', async ({ page }) => {
  await page.goto('./#v=1&s=stop-machine')
  await expect(page.locator(position)).toHaveText('step 0 of 0')
  await page.keyboard.press('Shift+R')
  await expect(page.locator('.caption')).toContainText('Both CPUs have halted; only an NMI can come.')
  const length = steps(await page.locator(position).textContent())
  await page.keyboard.press('Home')
  const who = page.getByLabel('Who moves when playing')
  await expect(who).toHaveValue('this-run')
  await page.getByLabel('Speed').selectOption('1000')
  await page.keyboard.press('Space')
  // It goes on behind its end; the environment may act there, so what comes then is another matter.
  await expect.poll(async () => steps(await page.locator(position).textContent())).toBeGreaterThanOrEqual(length)
  await expect(page.locator('.standing')).toHaveText('all done')
  await page.keyboard.press('Home')
  await expect(page.locator('.standing')).toHaveText('paused')
  await who.selectOption('random')
  await page.keyboard.press('Space')
  await expect(page.locator('.standing')).toHaveText('all done')
  await page.keyboard.press('d')
  await page.getByRole('tab', { name: 'Branches' }).click()
  await expect(page.getByText('branch 1', { exact: false }).first()).toBeVisible()
  await page.reload()
  await expect(page.getByLabel('Speed')).toHaveValue('1000')
  await page.keyboard.press('End')
  await expect(who).toHaveValue('random')
})
