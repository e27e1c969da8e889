/**
 * The `test` that end-to-end tests import: it fails a test whose page logs an error, throws, or asks another host for anything.
 */
import { test as base, expect } from '@playwright/test'

export { expect }

export const test = base.extend<{ quietPage: undefined }>({
  quietPage: [
    async ({ page, baseURL }, use) => {
      const complaints: string[] = []
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(`console: ${message.text()}`)
      })
      page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`))
      page.on('request', (request) => {
        const { origin, protocol } = new URL(request.url())
        if (protocol.startsWith('http') && origin !== new URL(baseURL as string).origin) complaints.push(`request to ${request.url()}`)
      })
      await use(undefined)
      expect(complaints, 'the page must be quiet').toEqual([])
    },
    { auto: true },
  ],
})
