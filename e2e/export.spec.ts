import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { expect, test } from './support/page.ts'

const RACE = './#v=1&s=text-poke&p=sync1:off,callers:1'

/** What a button of the share dialog hands over. */
async function saved(page: Page, button: string): Promise<{ readonly name: string; readonly bytes: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button, exact: true }).click()])
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) }
}

test('what is seen is saved: pictures, a storyboard of the race, traces for other tools', async ({ page }) => {
  await page.goto(RACE)
  await expect(page.getByRole('table', { name: /Bytes of/ })).toBeVisible()
  await page.keyboard.press('r')
  await expect(page.getByText('broken', { exact: true })).toBeVisible()
  await page.keyboard.press('Shift+S')
  if (!(await page.getByRole('dialog').isVisible())) await page.getByRole('button', { name: 'Share' }).click()

  const timeline = await saved(page, 'Save: Timeline')
  expect(timeline.name).toMatch(/^text-poke-step-\d+-timeline\.svg$/)
  expect(timeline.bytes.toString()).toContain('whole-instruction violated')
  const picture = await saved(page, 'Save: Call site and stack')
  expect(picture.bytes.toString()).toContain('(neither old nor new)')
  const png = await saved(page, 'Save as PNG: Call site and stack')
  expect(png.name).toMatch(/\.png$/)
  expect([...png.bytes.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47])
  const trace = JSON.parse((await saved(page, 'Save: Perfetto or Chrome trace')).bytes.toString()) as { traceEvents: unknown[] }
  expect(trace.traceEvents.length).toBeGreaterThan(10)
  expect((await saved(page, 'Save: ftrace text')).bytes.toString()).toMatch(/^# tracer: nop/)

  const board = await saved(page, 'Save: Storyboard')
  expect(board.name).toBe('text-poke-storyboard.html')
  // A page of its own: this one's content security policy is none of it.
  const paper = await page.context().newPage()
  await paper.setContent(board.bytes.toString())
  await expect(paper.getByRole('heading', { level: 2 })).toHaveText([/At the start/, /Memory changes/, /Memory changes/, /Now it breaks/])
  await expect(paper.locator('svg')).toHaveCount(4)
  await expect(paper.locator('a')).toHaveAttribute('href', /#v=1.*s=text-poke/)
})
