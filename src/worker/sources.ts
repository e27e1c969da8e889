/** Finds the scenario of a request: a bundled one, or the text that comes with it, read once. */
import { atlas, bundledRecording, libraryText } from '../atlas/index.ts'
import { fail, ok, type Result } from '../lib/result.ts'
import type { Scenario } from '../scenario/format.ts'
import { type Bundled, readScenarioText } from '../scenario/scenario-text.ts'

export interface Wanted {
  readonly scenario: string
  readonly source?: string
}

export interface Refusal {
  readonly message: string
  readonly detail: readonly string[]
}

export const BUNDLED: Bundled = { library: libraryText, recording: bundledRecording }

/** An edited scenario is called ORIGIN~HASH (store/edited.ts). */
export function originOf(name: string): string {
  return name.replace(/~.*$/, '')
}

/** The last texts: whoever steps and searches asks again and again for the same. */
const KEPT = 4
const read: Scenario[] = []

export function scenarioFor({ scenario: name, source }: Wanted): Result<Scenario, Refusal> {
  if (source === undefined) {
    const bundled = atlas.get(name)
    return bundled === undefined ? fail({ message: `There is no scenario "${name}".`, detail: [...atlas.keys()] }) : ok(bundled)
  }
  const known = read.find(({ edited }) => edited?.id === name && edited.source === source)
  if (known !== undefined) return ok(known)
  const parsed = readScenarioText(source, BUNDLED)
  if (!parsed.ok) return fail({ message: 'The edited scenario cannot be read.', detail: parsed.error })
  const scenario: Scenario = { ...parsed.value, edited: { id: name, origin: originOf(name), source } }
  read.unshift(scenario)
  read.length = Math.min(read.length, KEPT)
  return ok(scenario)
}
