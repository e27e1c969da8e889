/**
 * End-to-end tests against the built page in a real Chromium. `npm run e2e` finds the browser and passes its path in POKESCOPE_CHROMIUM;
 * the server takes any free port and says which.
 */
import { defineConfig } from '@playwright/test'

const executablePath = process.env.POKESCOPE_CHROMIUM

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  snapshotPathTemplate: 'e2e/looks/{arg}{ext}',
  fullyParallel: true,
  workers: 2,
  // Generous, since the machine may be shared: a test that hangs is found, a slow one is not punished.
  timeout: 60_000,
  expect: { timeout: 15_000 },
  forbidOnly: process.env.CI !== undefined,
  reporter: process.env.POKESCOPE_E2E_REPORT ? [['line'], ['json', { outputFile: process.env.POKESCOPE_E2E_REPORT }]] : 'line',
  use: {
    baseURL: `http://localhost:${process.env.POKESCOPE_PORT ?? 4173}/`,
    viewport: { width: 1280, height: 800 },
    screenshot: 'only-on-failure',
    // Each test is a first visit, which would fetch everything again to keep it; e2e/offline.spec.ts allows it.
    serviceWorkers: 'block',
    launchOptions: {
      ...(executablePath === undefined ? {} : { executablePath }),
      // Software raster of its own, never SwiftShader's GL, which draws a canvas eight times slower; and no traffic of the browser's own.
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-dev-shm-usage',
        '--disable-background-networking',
        '--disable-component-update',
        '--no-first-run',
      ],
    },
  },
  projects: [{ name: 'chromium', use: { browserName: 'chromium' } }],
  webServer: {
    command: 'node scripts/start.mjs',
    env: { PORT: '0', HOST: '127.0.0.1' },
    // The group's name becomes the environment variable that baseURL reads in the workers.
    wait: { stdout: /http:\/\/localhost:(?<pokescope_port>\d+)\// },
    timeout: 120_000,
  },
})
