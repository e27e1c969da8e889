/**
 * `npm run expect -- [SCENARIO …] [--check [--large]] [--workers N]`: searches every combination of parameters and writes the verdicts into the scenario's file; with
 * --check it only says what differs, and exits 1 if anything does; with --large it checks only what the unit tests leave out, the large spaces. Needed whenever the machine, the program or the reduction changes what is reachable. A scenario is a
 * bundled id or the path of a file; all bundled ones and the examples where none is named.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { load, ROOT } from './bundle.mjs'

const args = process.argv.slice(2)
const check = args.includes('--check')
const large = args.includes('--large')
if (large && !check) {
  process.stderr.write('expect: --large needs --check\n')
  process.exit(2)
}
const workersAt = args.indexOf('--workers')
const workers = workersAt < 0 ? null : Number(args[workersAt + 1])
if (workers !== null && !(Number.isInteger(workers) && workers > 0)) {
  process.stderr.write(`expect: --workers ${args[workersAt + 1]}: expected a whole number above 0\n`)
  process.exit(2)
}
const { bundled, open, computedRows } = await load('src/cli/expectations.ts', 'expect')
const named = args.filter((arg, i) => arg !== '--check' && arg !== '--large' && (workersAt < 0 || (i !== workersAt && i !== workersAt + 1)))
let differences = 0
for (const name of named.length > 0 ? named : [...bundled, ...examples()]) {
  const scenario = open(name, (path) => readFileSync(path, 'utf8'))
  if (!scenario.ok) {
    process.stderr.write(`expect: ${scenario.error}\n`)
    process.exit(2)
  }
  differences += await refresh(name, scenario.value)
}
process.exitCode = check && differences > 0 ? 1 : 0

function examples() {
  return readdirSync(join(ROOT, 'examples'))
    .filter((file) => file.endsWith('.json'))
    .map((file) => join(ROOT, 'examples', file))
}

async function refresh(name, scenario) {
  const { id, expected } = scenario.file
  const start = performance.now()
  const rows = await computedRows(scenario, workers, large, (done, cases) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${id}: ${done} of ${cases} `)
  })
  const stated = new Map(expected.map((row) => [text(row.when), row]))
  const lines = rows.filter((row) => text(stated.get(text(row.when))) !== text(row)).map((row) => difference(row, stated.get(text(row.when))))
  const computed = new Set(rows.map((row) => text(row.when)))
  if (!large) for (const [when] of stated) if (!computed.has(when)) lines.push(`  ${when}: stands for no combination of its own`)
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  if (large && rows.length === 0) return 0
  process.stdout.write(`${id}: ${rows.length} rows in ${seconds} s, ${lines.length} of them ${check ? 'differ' : 'changed'}\n`)
  for (const line of lines) process.stdout.write(`${line}\n`)
  if (!check && lines.length > 0) write(bundled.includes(name) ? join(ROOT, 'src/atlas', name, 'scenario.json') : name, rows)
  return lines.length
}

function difference(row, before) {
  const words = (each) =>
    each === undefined
      ? 'not stated'
      : `${each.verdict}, ${each.states} states${each.violates.length > 0 ? `, violates ${each.violates.join(', ')}` : ''}`
  return `  ${Object.values(row.when).join(' ')}: ${words(before)} → ${words(row)}`
}

/** Replaces the last key of the file, which is "expected". */
function write(path, rows) {
  const file = readFileSync(path, 'utf8')
  if (Object.keys(JSON.parse(file)).at(-1) !== 'expected') throw new Error(`${path}: "expected" has to be the last key`)
  writeFileSync(path, `${file.slice(0, file.lastIndexOf('  "expected":'))}  "expected": [\n${rows.map(rowText).join(',\n')}\n  ]\n}\n`)
}

/** Laid out as the formatter lays it out. */
function rowText({ when, verdict, states, violates }) {
  const list = violates.length === 0 ? '' : `,\n      "violates": [${violates.map(text).join(', ')}]`
  const pairs = Object.entries(when).map(([name, value]) => `${text(name)}: ${text(value)}`)
  const line = `      "when": { ${pairs.join(', ')} },`
  const settings = line.length <= 150 ? line : `      "when": {\n        ${pairs.join(',\n        ')}\n      },`
  return `    {\n${settings}\n      "verdict": ${text(verdict)},\n      "states": ${states}${list}\n    }`
}

function text(value) {
  return JSON.stringify(value)
}
