/**
 * `npm run browsers [-- ENGINE…] [--seed N] [--steps N] [--long N]`: same link, same final digest, in every engine that is installed here. Opens seeded runs of every
 * bundled scenario as links in Chromium, Firefox and WebKit and compares the state that the page shows with Node's; does the same with two searches; and clocks each engine.
 *
 * Exit 1 where anything differs or an engine complains. An engine that is not installed is no failure, unless it was asked for by name.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ENGINES } from './browsers-engines.mjs'
import { memoryBelow } from './browsers-memory.mjs'
import * as inPage from './browsers-page.mjs'
import { buildIfStale, DIST } from './build.mjs'
import { load, ROOT } from './bundle.mjs'
import { serve } from './static-server.mjs'

const SEARCHES = [
  ['text-poke', { sync1: 'off' }],
  ['text-poke', {}],
]
const EXAMPLES = ['examples/just-write-it.json', 'examples/counted-acks.json']
/** Visits with nothing kept, and seeks in the long run, of which the median and the 95th percentile are told. */
const VISITS = 5
const SEEKS = 100

const say = (text) => process.stdout.write(`${text}\n`)
const options = read(process.argv.slice(2))
if (typeof options === 'string') {
  process.stderr.write(`browsers: ${options}\n`)
  process.exit(2)
}

await buildIfStale()
const { browserRuns, browserSearch, verdictText } = await load('src/cli/browser-runs.ts', 'browsers')
const files = Object.fromEntries(EXAMPLES.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]))
const runs = browserRuns({ ...options, files })
const searches = SEARCHES.map(([id, params]) => browserSearch(id, params))
const steps = runs.reduce((sum, run) => sum + run.steps, 0)
say(`Node ${process.versions.node}: ${runs.length} runs with ${steps} steps, seed ${options.seed}; ${searches.length} searches`)

const { server, address } = await serve(DIST, { port: 0, host: '127.0.0.1' })
const rows = []
let failures = 0
for (const engine of ENGINES) {
  const named = options.engines.includes(engine.name)
  if (options.engines.length > 0 && !named) continue
  const start = await engine.find()
  if (start === null) {
    say(`${engine.name}: not installed here (${engine.toGet})`)
    if (named) failures++
    continue
  }
  rows.push(await check(engine.name, await start()))
}
server.close()
if (rows.length > 0) table(rows)
process.exitCode = failures > 0 ? 1 : 0

async function check(name, browser) {
  const wrong = (text) => {
    failures++
    say(`${name}: ${text}`)
  }
  try {
    const row = { engine: `${name} ${browser.version}` }
    row['first view, ms'] = Math.round(median(await visits(browser)))
    Object.assign(row, await allRuns(browser, wrong))
    Object.assign(row, await allSearches(browser, wrong))
    for (const complaint of await browser.complaints()) wrong(complaint)
    return row
  } catch (error) {
    wrong(error.message)
    return { engine: `${name} ${browser.version}` }
  } finally {
    await browser.close()
  }
}

async function visits(browser) {
  const times = []
  for (let i = 0; i < VISITS; i++) {
    await browser.visit(address)
    times.push(await browser.run(inPage.firstView))
  }
  return times
}

/** Every link in a frame of its own. The last one is the long run, in which we then seek. */
async function allRuns(browser, wrong) {
  await browser.visit(`${address}embed-example.js`)
  await browser.run(inPage.host, { driver: `${address}embed-example.js` })
  // A page that is no page of ours asks for favicon.ico.
  for (const complaint of await browser.complaints()) if (!complaint.includes('404')) wrong(complaint)
  let same = 0
  for (const run of runs) {
    const { digest, step, verified, complaints } = await browser.run(inPage.open, { link: run.link })
    for (const complaint of complaints) wrong(`${run.name}: ${complaint}`)
    if (digest === run.digest && step === run.steps && verified) same++
    else
      wrong(`${run.name}: ${digest} after ${step}${verified ? '' : ', not verified'}; Node has ${run.digest} after ${run.steps}. ${told(run.link)}`)
  }
  const { length } = runs
  const long = runs[length - 1].steps
  const places = Array.from({ length: SEEKS }, (_, i) => Math.trunc(((i * 0.618034) % 1) * long))
  const times = (await browser.run(inPage.seek, { steps: places })).sort((a, b) => a - b)
  return { 'same digest': `${same} of ${length}`, [`seek in ${long} steps, ms (95 %)`]: Math.round(times[Math.trunc(SEEKS * 0.95)]) }
}

async function allSearches(browser, wrong) {
  const row = {}
  let same = 0
  for (const { link, verdict: expected } of searches) {
    await browser.run(inPage.open, { link })
    const before = memoryBelow(process.pid)
    const { verdict, seconds } = await browser.run(inPage.search)
    const after = memoryBelow(process.pid)
    const text = verdictText(verdict)
    if (text === expected) same++
    else wrong(`a search differs: ${text}; Node: ${expected}`)
    row['transitions/s'] = Math.round(verdict.transitions / seconds / 1000) * 1000
    if (after !== null) row['browser, MB (by the search)'] = `${Math.round(after / 1e6)} (+${Math.round((after - before) / 1e6)})`
  }
  row['same search'] = `${same} of ${searches.length}`
  return row
}

function table(rows) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  say(`\n| ${columns.join(' | ')} |\n|${columns.map(() => '---').join('|')}|`)
  for (const row of rows) say(`| ${columns.map((column) => String(row[column] ?? '–')).join(' | ')} |`)
}

function median(numbers) {
  return numbers.sort((a, b) => a - b)[Math.trunc(numbers.length / 2)]
}

/** Longer links are made again from the seed. */
function told(link) {
  return link.length <= 2000 ? `#${link}` : `(${link.length} characters)`
}

function usage(numbers) {
  return Object.keys(numbers)
    .map((each) => `--${each} N`)
    .join(', ')
}

/** What was asked for, or what is wrong with it. */
function read(args) {
  const numbers = { seed: 20261121, steps: 400, long: 200_000 }
  const engines = []
  const known = ENGINES.map(({ name }) => name)
  for (let i = 0; i < args.length; i++) {
    const flag = args[i].replace(/^--/, '')
    if (known.includes(args[i])) engines.push(args[i])
    else if (args[i].startsWith('--') && flag in numbers) {
      const value = args[++i]
      if (!/^\d+$/.test(value ?? '')) return `--${flag} needs a whole number`
      numbers[flag] = Number(value)
    } else return `"${args[i]}" is neither an engine (${known.join(', ')}) nor an option (${usage(numbers)})`
  }
  return { ...numbers, engines }
}
