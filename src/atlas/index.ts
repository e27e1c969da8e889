/**
 * The bundled scenarios: every folder here that holds a scenario.json. They are ordinary files in the documented format (docs/scenario-format.md); nothing else
 * of the product knows their names. Files named `lib/…` are shared between scenarios.
 */
import { parseScenario, type Scenario } from '../scenario/format.ts'
import { partsOf, type ScenarioParts } from '../scenario/scenario-text.ts'

const files = import.meta.glob('./*/scenario.json', { eager: true, import: 'default' }) as Record<string, unknown>
const texts = import.meta.glob(['./*/*.asm', './*/*.md'], { eager: true, query: '?raw', import: 'default' }) as Record<string, string>
const recordings = import.meta.glob('./recordings/*.json', { eager: true, import: 'default' }) as Record<string, unknown>

/** The text of a file that a bundled scenario names: beside it, or in the shared library. */
function textOf(folder: string, name: string): string | null {
  return texts[name.startsWith('lib/') ? `./${name}` : `./${folder}/${name}`] ?? null
}

function load(path: string, data: unknown): Scenario {
  const folder = path.split('/')[1] as string
  const parsed = parseScenario(data)
  if (!parsed.ok) throw new Error(`bundled scenario ${folder}: ${parsed.error.join('; ')}`)
  const file = parsed.value
  const sources = file.program.map((entry) => {
    if (typeof entry !== 'string') return entry
    const text = textOf(folder, entry)
    if (text === null) throw new Error(`bundled scenario ${folder}: there is no file ${entry}`)
    return { name: entry, text }
  })
  return {
    file: { ...file, story: textOf(folder, file.story) ?? file.story },
    sources,
    recording: file.recording === undefined ? null : (recordings[`./recordings/${file.recording.file}`] ?? null),
  }
}

/** In the order in which the story goes; a family that is not named here comes last. */
const FAMILIES = [
  'just write it',
  'breakpoint first',
  'who claims the int3',
  'what to emulate',
  'the frame',
  'static calls',
  'rules of the game',
  'a real kernel',
  'at scale',
  'later bugs',
]

function rank({ file }: Scenario): number {
  const at = FAMILIES.indexOf(file.family)
  return at < 0 ? FAMILIES.length : at
}

/** All bundled scenarios, by id: family by family, and alphabetically in each. */
export const atlas: ReadonlyMap<string, Scenario> = new Map(
  Object.entries(files)
    .map(([path, data]) => load(path, data))
    .sort((a, b) => rank(a) - rank(b) || (a.file.id < b.file.id ? -1 : 1))
    .map((scenario) => [scenario.file.id, scenario]),
)

/** Files of the shared library, for scenarios that a user keeps elsewhere. */
export function libraryText(name: string): string | null {
  return name.startsWith('lib/') ? (texts[`./${name}`] ?? null) : null
}

export function bundledRecording(name: string): unknown {
  return recordings[`./recordings/${name}`] ?? null
}

/** A bundled scenario as the parts that people edit; null where there is none of that id. */
export function bundledParts(id: string): ScenarioParts | null {
  const found = Object.entries(files).find(([, data]) => (data as { readonly id?: unknown }).id === id)
  if (found === undefined) return null
  const folder = found[0].split('/')[1] as string
  return partsOf(found[1], (name) => textOf(folder, name))
}
