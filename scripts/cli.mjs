/** `npm run -s cli -- VERB …`: runs src/cli/main.ts, bundled on first use. */
import { BundleError, load } from './bundle.mjs'

process.on('uncaughtException', (error) => {
  fail(error)
  process.exit()
})

try {
  const { main } = await load('src/cli/main.ts', 'cli')
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  fail(error)
}

/** What reaches this point is our mistake, not the user's; still, one line is kinder than a stack. */
function fail(error) {
  process.stderr.write(`pokescope: ${describe(error)}\n`)
  process.exitCode = 2
}

function describe(error) {
  if (!(error instanceof Error)) return String(error)
  if (process.env.POKESCOPE_DEBUG === '1') return error.stack
  return error instanceof BundleError ? error.message : error.message.split('\n')[0]
}
