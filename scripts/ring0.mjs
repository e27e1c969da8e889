/** `npm run ring0`: our ring 0 beside a second emulator's, where there is one; never part of the tests. */
import { load } from './bundle.mjs'

const { main } = await load('src/cli/ring0/main.ts', 'ring0')
process.exitCode = main()
