/** The text of docs/atlas.md: which scenario shows which hazard and what cures it, and what the expected verdicts say of each strategy. */
import type { Scenario, ScenarioFile } from '../scenario/format.ts'
import type { Params } from '../scenario/params.ts'
import type { FieldHazard } from './field-hazards.ts'

export interface SearchedHazard {
  readonly hazard: FieldHazard
  /** Of the shortest race. */
  readonly steps: number
  readonly switches: number
  /** Of the cure, all of them visited. */
  readonly states: number
}

const settings = (params: Params) =>
  Object.entries(params)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')

/** Text in a table's cell. */
const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

function hazardRow({ hazard, steps, switches, states }: SearchedHazard): string {
  const { commit, scenario, params, property, cure, moments } = hazard
  const name = commit === undefined ? hazard.hazard : `${hazard.hazard} (${commit})`
  const race = moments.map((moment) => `\`${moment}\``).join(' · ')
  const cells = [name, `\`${scenario} ${settings(params)}\``, property, `${steps} / ${switches}`, race, `\`${settings(cure)}\`: ${states}`]
  return `| ${cells.map(cell).join(' | ')} |`
}

/** What the expected verdicts say of the combinations in which this strategy is chosen. */
function verdicts({ expected }: ScenarioFile, param: string | undefined, id: string): string {
  const rows = param === undefined ? expected : expected.filter(({ when }) => (when[param] ?? id) === id)
  const violated = rows.filter(({ verdict }) => verdict === 'violated')
  const properties = [...new Set(violated.flatMap(({ violates }) => violates))]
  const clean = `${rows.length - violated.length} exhausted`
  return violated.length === 0 ? clean : `${clean}, ${violated.length} violated: ${properties.join(', ')}`
}

function strategyRows({ file }: Scenario): string[] {
  const { cards = [], param } = file.strategies ?? {}
  return cards.map(
    ({ id, title, who, date }) => `| ${[`\`${file.id}\``, title, `${who}, ${date}`, verdicts(file, param, id)].map(cell).join(' | ')} |`,
  )
}

/** What is known to have gone wrong and is not here, and why. */
const LEFT_OUT = `- \`b23e5844dfe7\`, the int3 stub of Xen PV without a gap: a hypervisor delivers the exception there. The missing gap itself is \`frame-64 frame=no-gap\`.
- \`40ad2199580e\`, \`4c4fd55d3d59\` and the repair of 32-bit Xen PV: an IRET that faults on its way to user mode, segments with a base, a kernel in ring 1. The machine is flat, and everything here runs in ring 0.
- \`9350a629e839\`, a soft lockup: nothing is violated, it only takes long. \`forty-thousand-sites\` counts what takes so long.
- \`fd3dc56253ac\`, diagnostics that were lost: no interleaving.
- IPMODIFY: a second ftrace_ops that would change where a function goes on is refused when it registers, before anything is patched: no interleaving.
- \`59566b0b622e\` and the call-depth thunks, patched at boot while nobody else runs: \`early-static-call\` shows what such a patch rests on.`

/** Its numbers are held by `npm run at-scale`, which `npm test` runs: it looks for its own rows in the page. */
const AT_SCALE = `\`forty-thousand-sites\` with 40,000 sites and 8 CPUs, as \`npm run at-scale\` records it (seed 1): one CPU patches, the others call one function after another. What each int3 costs, and how many there are, depends on the schedule; broadcasts and writes do not. One site at a time takes half a minute to record, the others some seconds.

| strategy | broadcasts | IPIs | writes | int3 | instructions in their handlers | steps |
|---|---|---|---|---|---|---|
| ftrace | 3 | 21 | 120000 | 20052 | 1343484 | 5686986 |
| batch | 471 | 3297 | 120000 | 285 | 51704 | 7252665 |
| single | 120000 | 840000 | 120000 | 27 | 2221 | 68330248 |`

/** The whole page. */
export function atlasPage(hazards: readonly SearchedHazard[], scenarios: readonly Scenario[]): string {
  const differing = hazards.flatMap(({ hazard: { hazard, differs } }) => (differs === undefined ? [] : [`- *${hazard}*: ${differs}.`]))
  return `# What the atlas shows

Written by \`src/atlas/field-hazards.test.ts\` from the scenario files and from searches of both sides of every row; the test fails where this page and the search differ. Change \`src/atlas/field-hazards.ts\`, not this page.

## Hazards of the field, and their cures

*Scenario* is what \`npm run -s cli -- explore\` takes, with \`--set\` before each setting; other parameters have their default. *Steps / switches* are those of the shortest race: steps of all CPUs together, and changes from one CPU to another. *The race* lists its decisive moments, each begun by the number of its CPU; CPU 0 patches. *Cure* is set besides, and then every reachable state was visited, as many as it says, and nothing is violated.

| hazard | scenario | violates | steps / switches | the race | cure: states |
|---|---|---|---|---|---|
${hazards.map(hazardRow).join('\n')}

## Where the shortest race is not the one that people tell

${differing.join('\n')}

## Every strategy, and what the search says of it

All combinations of parameters that a scenario states, those with something left out among them. The hazard matrix of the page says under which circumstances.

| scenario | strategy | who, when | combinations |
|---|---|---|---|
${scenarios.flatMap(strategyRows).join('\n')}

## What 40,000 sites cost

${AT_SCALE}

## Not in the atlas

${LEFT_OUT}
`
}
