import { expect, test } from './support/page.ts'

test('a scenario about frames shows the stack at first sight; a word of the frame that is overwritten is marked, with who did it', async ({
  page,
}) => {
  await page.goto('./#v=1&s=frame-32&p=frame:in-place&t=0s43')
  const stack = page.locator('#panel-stack')
  await expect(stack.getByRole('heading', { name: 'Stack' })).toBeVisible()
  await expect(stack.locator('[data-overwritten="true"]')).toHaveCount(1)
  await expect(stack.locator('[data-overwritten="true"]')).toContainText('eflags → site0_end ← overwritten by int3_emulate_push')
  await page.goto('./#v=1&s=text-poke')
  await expect(page.getByRole('table', { name: /Bytes of/ })).toBeVisible()
  await expect(stack).toHaveCount(0)
})
