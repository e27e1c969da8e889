/**
 * Build, development server and unit tests.
 *
 * The page must work on any static host, from any path and without headers, hence the relative base. It never needs shared memory, so no
 * COOP/COEP headers are sent (they would break handing a trace over to Perfetto).
 */

import { availableParallelism } from 'node:os'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { icedX86 } from './build/iced-esm.mjs'

export default defineConfig({
  base: './',
  plugins: [react(), icedX86()],
  // Workers are built apart from the page, with plugins of their own.
  worker: { format: 'es', plugins: () => [icedX86()] },
  build: {
    target: 'es2022',
    sourcemap: false,
    // The content security policy of scripts/serve-dist.mjs admits no data: URL but for images; every asset stays a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // The decoder changes only with its version: a chunk of its own stays cached. Views load it after the first paint.
        // All that the first view needs is one file: left to itself, the bundler shares some twenty small ones with later parts, which are compressed one by one.
        codeSplitting: {
          groups: [
            { name: 'iced', test: /[\\/]node_modules[\\/]iced-x86[\\/]/ },
            { name: 'first', test: /[\\/]src[\\/]main\.tsx$/, includeDependenciesRecursively: true },
          ],
        },
      },
    },
  },
  server: { port: 5173, strictPort: true },
  test: {
    environment: 'node',
    // One more than Vitest's own default: on two cores that leaves half of the machine idle.
    maxWorkers: availableParallelism(),
    include: ['src/**/*.test.{ts,tsx}', 'scripts/**/*.test.mjs'],
    setupFiles: ['src/decoder/vitest-setup.ts'],
    // Generous, since the machine may be shared: a test that hangs is found, a slow one is not punished.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Run the published CommonJS glue through the plugin above, so that tests see the same module as the page.
    server: { deps: { inline: ['iced-x86'] } },
  },
})
