import { expect, test } from './support/page.ts'

test('the page answers under its name', async ({ page }) => {
  const response = await page.goto('./')
  expect(response?.status()).toBe(200)
  await expect(page).toHaveTitle(/Pokescope/)
  await expect(page.locator('#root')).not.toBeEmpty()
})

test('the server keeps hashed assets for ever, the rest not, and hides what is no page', async ({ request }) => {
  const page = await request.get('./')
  expect(page.headers()['cache-control']).toBe('no-cache')
  expect(page.headers()['content-security-policy']).toContain("script-src 'self' 'wasm-unsafe-eval'")
  expect(page.headers()['cross-origin-opener-policy']).toBeUndefined()
  const script = /src="\.\/(assets\/[^"]+\.js)"/.exec(await page.text())?.[1] as string
  expect((await request.get(script)).headers()['cache-control']).toContain('immutable')
  for (const path of ['..%2fpackage.json', '.inputs', 'assets', 'nothing.js', '%00', '%']) expect((await request.get(path)).status()).toBe(404)
})
