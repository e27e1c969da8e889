/** `npm run -s cli -- VERB …`: runs src/cli/main.ts, bundled on first use. */
import { load } from './bundle.mjs'

try {
  const { main } = await load('src/cli/main.ts', 'cli')
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  // What reaches this point is our mistake, not the user's; still, one line is kinder than a stack.
  const debug = process.env.POKESCOPE_DEBUG === '1'
  process.stderr.write(`pokescope: ${debug && error instanceof Error ? error.stack : String(error?.message ?? error).split('\n')[0]}\n`)
  process.exitCode = 2
}
