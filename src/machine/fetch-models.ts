/** The fetch models by name. What each claims to represent: docs/fetch-models.md. */
import { fail, ok, type Result } from '../lib/result.ts'
import { amd } from './fetch-amd.ts'
import { type FetchModel, memoryOf } from './fetch-model.ts'
import { snoop } from './fetch-snoop.ts'
import { worst } from './fetch-worst.ts'
import { STORE_COUNT } from './layout.ts'
import { overlayOwnStores } from './store-buffer.ts'

/** No staleness at all: every fetch sees what a load of this CPU would see. Shows which hazards remain even then. */
export const coherent: FetchModel = {
  name: 'coherent',
  unitSize: 64,
  words: () => 0,
  refresh: () => {},
  commit: () => {},
  options(m, unit) {
    const bytes = memoryOf(m, unit)
    if (m.w[m.c + STORE_COUNT] !== 0) overlayOwnStores(m, unit.first, bytes)
    return [{ bytes, token: 0 }]
  },
  dependsOn: (m) => (m.storeCount === 0 ? [0, 0] : null),
  showsMemory: (m) => m.storeCount === 0,
  consume: () => {},
}

export const FETCH_MODELS = ['worst', 'amd', 'snoop-keep', 'snoop-nuke', 'coherent'] as const
export type FetchModelName = (typeof FETCH_MODELS)[number]

const UNIT_SIZES = [1, 8, 16, 32, 64]
/** The unit that a model stands for where nobody asks for another one. */
const OWN_UNIT: Readonly<Record<FetchModelName, number>> = { worst: 1, amd: 8, 'snoop-keep': 32, 'snoop-nuke': 32, coherent: 64 }

/** A model by name. `unit`: bytes that are fetched whole; 1 stands for the model's own unit, since only `worst` can fetch single bytes. */
export function createFetchModel(name: string, unit: number): Result<FetchModel> {
  const known = FETCH_MODELS.find((candidate) => candidate === name)
  if (known === undefined) return fail(`there is no fetch model "${name}"; there are ${FETCH_MODELS.join(', ')}`)
  if (!UNIT_SIZES.includes(unit)) return fail(`a fetch unit of ${unit} bytes; there are ${UNIT_SIZES.join(', ')}`)
  const size = unit === 1 ? OWN_UNIT[known] : unit
  if (known === 'coherent') return ok(coherent)
  if (known === 'amd') return ok(amd(size))
  return ok(known === 'worst' ? worst(size) : snoop(size, known === 'snoop-keep' ? 'keep' : 'nuke'))
}
