/**
 * `npm run bench [-- PART…]`: runs every src/**\/*.bench.ts (or those whose path holds PART) and writes the table of docs/benchmarks.md.
 * A bench file exports `bench()`, which answers with rows `{ name, value, unit, note? }`.
 *
 * Each runs in a process of its own: code that V8 has optimised for one benchmark's shapes would slow the next one down.
 */
import { fork } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { buildIfStale, DIST } from './build.mjs'
import { bundle, load, ROOT } from './bundle.mjs'

const REPORT = join(ROOT, 'docs/benchmarks.md')
const BEGIN = '<!-- bench:begin -->'
const END = '<!-- bench:end -->'

if (process.env.POKESCOPE_BENCH !== undefined) await child(process.env.POKESCOPE_BENCH)
else await parent(process.argv.slice(2))

async function parent(wanted) {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true })
    .filter((path) => path.endsWith('.bench.ts') && wanted.every((part) => path.includes(part)))
    .sort()
  const groups = []
  for (const path of files) groups.push({ title: path.replace(/\.bench\.ts$/, ''), rows: await run(`src/${path}`) })
  if (wanted.length === 0) groups.push({ title: 'page', rows: await pageRows() })

  const table = markdown(groups)
  process.stdout.write(`\n${table}\n`)
  if (wanted.length === 0) write(table)
  else process.stderr.write('bench: a part only, docs/benchmarks.md stays as it is\n')
  if (groups.some(({ rows }) => rows.some((row) => row.error))) process.exitCode = 1
}

/** The rows of one bench file; a failure becomes a row, so that the others still run. */
async function run(entry) {
  process.stderr.write(`bench: ${entry}\n`)
  await bundle(entry, nameOf(entry))
  return new Promise((resolve) => {
    let rows = [{ name: 'failed', value: Number.NaN, unit: '', note: 'see the messages above', error: true }]
    fork(join(ROOT, 'scripts/bench.mjs'), { env: { ...process.env, POKESCOPE_BENCH: entry } })
      .on('message', (message) => {
        rows = message
      })
      .on('exit', () => resolve(rows))
  })
}

async function child(entry) {
  const { bench } = await load(entry, nameOf(entry))
  process.send(await bench())
}

function nameOf(entry) {
  return `bench-${basename(entry, '.bench.ts')}`
}

/** What a browser must have before it can show anything: the scripts and styles that index.html names. */
async function pageRows() {
  await buildIfStale()
  const page = readFileSync(join(DIST, 'index.html'), 'utf8')
  const named = [...page.matchAll(/(?:src|href)="\.\/([^"]+\.(?:js|css))"/g)].map((match) => match[1])
  const size = (suffix) =>
    named.filter((path) => path.endsWith(suffix)).reduce((sum, path) => sum + gzipSync(readFileSync(join(DIST, path)), { level: 9 }).length, 0)
  const kilobytes = (bytes) => Math.round(bytes / 100) / 10
  return [
    { name: 'script for the first view, gzip', value: kilobytes(size('.js')), unit: 'kB', note: 'goal: 150 or less' },
    { name: 'styles for the first view, gzip', value: kilobytes(size('.css')), unit: 'kB' },
  ]
}

function markdown(groups) {
  const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} logical CPUs, ${Math.round(totalmem() / 2 ** 30)} GiB`
  const lines = [`${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${machine}`, '']
  lines.push('| what | value | unit | note |', '|---|---:|---|---|')
  for (const { title, rows } of groups) {
    for (const row of rows) lines.push(`| ${title}: ${row.name} | ${readable(row.value)} | ${row.unit} | ${row.note ?? ''} |`)
  }
  return lines.join('\n')
}

/** Three digits are all that a shared machine is good for, but whole numbers are counts and stay exact. */
function readable(value) {
  if (Number.isNaN(value)) return '–'
  return (Number.isInteger(value) ? value : Number(value.toPrecision(3))).toLocaleString('en-US', { maximumFractionDigits: 6 })
}

function write(table) {
  let text
  try {
    text = readFileSync(REPORT, 'utf8')
  } catch {
    text = `# Benchmarks\n\n\`npm run bench\` writes this table.\n\n${BEGIN}\n${END}\n`
  }
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`docs/benchmarks.md has no ${BEGIN} … ${END}`)
  mkdirSync(join(ROOT, 'docs'), { recursive: true })
  writeFileSync(REPORT, `${text.slice(0, begin)}${BEGIN}\n${table}\n${text.slice(end)}`)
}
