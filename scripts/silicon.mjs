/** `npm run silicon -- --cases N --seed S`: src/cli/silicon.ts, bundled on first use. */
import { load, ROOT } from './bundle.mjs'

const { run } = await load('src/cli/silicon.ts', 'silicon')
process.exitCode = run(process.argv.slice(2), ROOT, (line) => process.stdout.write(`${line}\n`))
