/**
 * `npm run at-scale`: 40,000 call sites patched on 8 CPUs in three ways, recorded, and counted: what the formulas of the field say has to come out of the runs.
 * Exit 1 where it does not, or where docs/atlas.md says otherwise. The unit tests do the same with up to 1,024 sites; this takes half a minute, most of it for one site at a time.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { load, ROOT } from './bundle.mjs'

const SITES = 40_000
const CPUS = 8
/** Sync after each of the three stages: of the whole update, of each batch of 256, of each site. */
const EXPECTED = [
  ['ftrace', 3],
  ['batch', 3 * Math.ceil(SITES / 256)],
  ['single', 3 * SITES],
]

const { main } = await load('src/cli/main.ts', 'cli')
const page = readFileSync(join(ROOT, 'docs/atlas.md'), 'utf8')
let wrong = 0
for (const [strategy, broadcasts] of EXPECTED) {
  const start = performance.now()
  const texts = { out: '', err: '' }
  const set = Object.entries({ strategy, sites: SITES, cpus: CPUS }).flatMap(([name, value]) => ['--set', `${name}=${value}`])
  const code = await main(['record', 'forty-thousand-sites', ...set, '--json'], {
    stdin: (async function* () {})(),
    readFile: () => {
      throw new Error('no file is read')
    },
    writeFile: () => {},
    out: (text) => {
      texts.out += text
    },
    err: (text) => {
      texts.err += text
    },
  })
  if (code !== 0) throw new Error(texts.err || texts.out)
  const { counts, steps, ended, violated } = JSON.parse(texts.out)
  const has = [ended, violated, counts.broadcasts, counts.ipis, counts.pokes, ...counts.cpus.slice(1).map(({ interrupts }) => interrupts)]
  const should = [true, null, broadcasts, (CPUS - 1) * broadcasts, 3 * SITES, ...Array.from({ length: CPUS - 1 }, () => broadcasts)]
  const { ipis, pokes, int3, int3Instructions } = counts
  const row = `| ${[strategy, counts.broadcasts, ipis, pokes, int3, int3Instructions, steps].join(' | ')} |`
  const right = JSON.stringify(has) === JSON.stringify(should) && page.includes(row)
  if (!right) wrong++
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  process.stdout.write(
    `${strategy}: ${counts.broadcasts} broadcasts, ${ipis} IPIs, ${pokes} writes, ${int3} int3 with ${int3Instructions} instructions in their handlers; ${steps} steps in ${seconds} s: ${right ? 'as the formula and docs/atlas.md say' : `WRONG, expected ${should.join(', ')}, and in docs/atlas.md ${row}`}\n`,
  )
}
process.exitCode = wrong === 0 ? 0 : 1
