/**
 * Pictures that somebody has looked at and found right: a change that is not seen here is no change of the look. They are compared only where letters are drawn
 * as they were when the pictures were taken (e2e/looks/letters.json); elsewhere the tests say that they are skipped.
 *
 * After a change that is meant: `npm run e2e -- looks --update-snapshots`, then open e2e/looks/*.png and look at them.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import { expect, test } from './support/page.ts'

const LETTERS = fileURLToPath(new URL('looks/letters.json', import.meta.url))

interface Scene {
  readonly name: string
  readonly width: number
  readonly height: number
  readonly theme: 'light' | 'dark' | 'projector'
  readonly link: string
  readonly show?: (page: Page) => Promise<void>
}

/** To the end of the shortest race. */
const race = async (page: Page) => {
  await page.keyboard.press('r')
  await expect(page.getByText('broken', { exact: true })).toBeVisible()
  // Told by a part that is loaded when there is something to tell.
  await expect(page.getByText('Now it breaks')).toBeVisible()
}

const SCENES: readonly Scene[] = [
  { name: 'first-view', width: 1280, height: 720, theme: 'light', link: '' },
  { name: 'torn-call', width: 1280, height: 720, theme: 'dark', link: '#v=1&s=text-poke&p=sync1:off', show: race },
  { name: 'frame-without-gap', width: 1440, height: 900, theme: 'light', link: '#v=1&s=frame-64&p=frame:no-gap', show: race },
  { name: 'phone', width: 390, height: 844, theme: 'light', link: '#v=1&s=text-poke&p=sync1:off', show: race },
  { name: 'half-page', width: 640, height: 720, theme: 'light', link: '#v=1&s=text-poke&p=sync1:off', show: race },
  { name: 'projector', width: 1280, height: 720, theme: 'projector', link: '#v=1&s=text-poke&p=sync1:off', show: race },
]

for (const { name, width, height, theme, link, show } of SCENES) {
  test(`looks as it was found right: ${name}`, async ({ page }, info) => {
    await page.setViewportSize({ width, height })
    await page.emulateMedia({ colorScheme: theme === 'dark' ? 'dark' : 'light', reducedMotion: 'reduce' })
    await page.goto(`./${link}`)
    await expect(page.getByText(/^step 0 of 0$/)).toBeVisible()
    const here = await letters(page)
    if (info.config.updateSnapshots === 'all') writeFileSync(LETTERS, `${JSON.stringify(here, null, 2)}\n`)
    test.skip(!same(here), `letters are drawn otherwise here (${JSON.stringify(here)})`)
    if (theme === 'projector') for (let i = 0; i < 4; i++) await page.getByRole('button', { name: /Colours/ }).click()
    await show?.(page)
    await page.mouse.move(0, 0)
    await expect(page).toHaveScreenshot([`${name}.png`], {
      maxDiffPixelRatio: 0.02,
      animations: 'disabled',
      // Times differ from run to run.
      mask: [page.locator('.search-figures, .verdict small')],
    })
  })
}

/** Widths of two samples, and the browser that drew them. */
async function letters(page: Page): Promise<Readonly<Record<string, number | string>>> {
  const widths = await page.evaluate(() => {
    const pen = document.createElement('canvas').getContext('2d') as CanvasRenderingContext2D
    const style = getComputedStyle(document.documentElement)
    const width = (family: string) => {
      pen.font = `16px ${style.getPropertyValue(family)}`
      return Math.round(pen.measureText('What would run here: e8 bd 01 00 → call_a ▾ ✓').width * 100) / 100
    }
    return { sans: width('--sans'), mono: width('--mono') }
  })
  return { ...widths, chromium: page.context().browser()?.version().split('.')[0] ?? '' }
}

function same(here: Readonly<Record<string, number | string>>): boolean {
  try {
    return JSON.stringify(JSON.parse(readFileSync(LETTERS, 'utf8'))) === JSON.stringify(here)
  } catch {
    return false
  }
}
