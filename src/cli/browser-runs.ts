/**
 * For `npm run browsers`: seeded runs of every bundled scenario as links, with the digest of the state in which Node ends, and what a search finds in Node. A browser that
 * opens such a link has to show the same state, and its search has to count the same.
 */
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { loadIcedNode } from '../decoder/iced-node.ts'
import { encodeLink } from '../interchange/link.ts'
import { Random } from '../lib/random.ts'
import { build } from '../scenario/build.ts'
import { explore } from '../scenario/expectation.ts'
import type { Scenario } from '../scenario/format.ts'
import { combinations, type Params } from '../scenario/params.ts'
import { Checker } from '../scenario/properties.ts'
import { Run } from '../scenario/run.ts'
import { randomChoice } from '../scenario/scheduler.ts'
import { replayOf } from './replay-link.ts'
import { findScenario } from './scenarios.ts'

export interface BrowserRun {
  readonly name: string
  readonly bits: number
  /** What stands behind "#". It holds the digest too, which the page compares by itself. */
  readonly link: string
  readonly steps: number
  /** 16 hexadecimal digits. */
  readonly digest: string
}

export interface RunsWanted {
  readonly seed: number
  /** Most steps of a run; it is shorter where nothing can happen any more. */
  readonly steps: number
  /** Steps of the long run. */
  readonly long: number
  /** Texts of scenario files that are not bundled, by path: each goes along in its link. */
  readonly files: Readonly<Record<string, string>>
}

/** Each bundled scenario at its defaults and, where it has parameters, at other values; the files; and a long run. */
export function browserRuns({ seed, steps, long, files }: RunsWanted): BrowserRun[] {
  loadIcedNode()
  const random = new Random(seed)
  const runs = [...atlas.values()].flatMap((scenario) => {
    const others = combinations(scenario.file).filter((params) => scenario.file.params.some(({ name, default: usual }) => params[name] !== usual))
    const chosen = others.length === 0 ? [{}] : [{}, random.pick(others)]
    return chosen.map((params) => randomRun(scenario, params, steps, random))
  })
  for (const [path, text] of Object.entries(files)) runs.push(randomRun(fromFile(path, text), {}, steps, random))
  runs.push(randomRun(atlas.get('forty-thousand-sites') as Scenario, { sites: '1024' }, long, random))
  return runs
}

function randomRun(scenario: Scenario, params: Params, steps: number, random: Random): BrowserRun {
  const built = build(scenario, params, createDecode())
  if (!built.ok) throw new Error(built.error.join('; '))
  const checker = Checker.create(built.value)
  if (!checker.ok) throw new Error(checker.error.join('; '))
  const run = new Run(built.value, checker.value)
  while (run.length < steps) {
    const choice = randomChoice(run.choices(), random)
    if (choice === null) break
    run.take(choice)
  }
  const replay = replayOf(run)
  const chosen = Object.entries(replay.params).map((pair) => pair.join('='))
  return {
    name: [scenario.edited === undefined ? scenario.file.id : `${scenario.file.id} (edited)`, ...chosen].join(' '),
    bits: scenario.file.bits,
    link: encodeLink(replay),
    steps: run.length,
    digest: run.digest,
  }
}

function fromFile(path: string, text: string): Scenario {
  const scenario = findScenario(path, {
    readFile(asked) {
      if (asked !== path) throw new Error(`${path} names ${asked}, which is not given`)
      return text
    },
    writeFile: () => {},
    out: () => {},
    err: () => {},
    stdin: (async function* () {})(),
  })
  if (!scenario.ok) throw new Error(scenario.error)
  return scenario.value
}

export interface BrowserSearch {
  readonly link: string
  /** `{ kind, states, transitions, races: "property, steps, switches, schedule" }`, as an embedded page answers it. */
  readonly verdict: string
}

/** A search to its end. */
export function browserSearch(id: string, params: Params): BrowserSearch {
  loadIcedNode()
  const found = explore(atlas.get(id) as Scenario, params, createDecode())
  if (!found.ok) throw new Error(found.error.join('; '))
  return { link: encodeLink({ version: 1, scenario: id, params }), verdict: verdictText({ ...found.value, races: found.value.violations }) }
}

interface Verdict {
  readonly kind: string
  readonly states: number
  readonly transitions: number
  readonly races: readonly { readonly property: string; readonly steps: number; readonly switches: number; readonly schedule: string }[]
}

/** What has to be equal everywhere. */
export function verdictText({ kind, states, transitions, races }: Verdict): string {
  const shortest = races.map(({ property, steps, switches, schedule }) => `${property} after ${steps} steps, ${switches} switches: ${schedule}`)
  return [`${kind}, ${states} states, ${transitions} transitions`, ...shortest].join('; ')
}
