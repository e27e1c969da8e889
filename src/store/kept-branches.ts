/**
 * Branches in the browser's storage: an entry for each scenario with its parameters, and a list of all entries with their sizes, so that they take a bounded
 * part of the room. What another window has kept meanwhile stays.
 */
import type { BranchInfo, KeptBranch } from '../worker/protocol.ts'
import type { Memory } from './ports.ts'

/** Why something is not kept. `long`: these branches do not fit into the room of a tree; `full`: the browser has no more room. */
export interface Unkept {
  readonly why: 'long' | 'full'
  readonly names: readonly string[]
  /** Trees of other scenarios and parameters that take room. */
  readonly others: number
}

/** Characters of a tree, and of all trees: browsers give some 5 million to a page, and drafts want their part. */
export const TREE_ROOM = 250_000
export const ALL_ROOM = 2_000_000

const INDEX = 'branches'

export function readTree(memory: Memory, key: string): readonly KeptBranch[] {
  const found = parse(memory.get(nameOf(key)))
  return Array.isArray(found) ? found.filter(isKept) : []
}

/** False where there is no room. Then what was kept before stays. */
export function keepTree(memory: Memory, key: string, branches: readonly KeptBranch[]): boolean {
  const text = branches.length === 0 ? '' : JSON.stringify(branches)
  const index = readIndex(memory)
  const others = [...index].reduce((sum, [each, size]) => sum + (each === key ? 0 : size), 0)
  if (text !== '' && others + text.length > ALL_ROOM) return false
  const before = memory.get(nameOf(key)) ?? ''
  if (text === before) return true
  memory.set(nameOf(key), text)
  if (memory.get(nameOf(key)) !== text) return false
  index.delete(key)
  if (text !== '') index.set(key, text.length)
  memory.set(INDEX, JSON.stringify([...index]))
  return true
}

/** How many other trees are kept. */
export function keptElsewhere(memory: Memory, key: string): number {
  return [...readIndex(memory).keys()].filter((each) => each !== key).length
}

/** All but this one. */
export function forgetTrees(memory: Memory, key: string): void {
  const index = readIndex(memory)
  for (const each of index.keys()) if (each !== key) memory.set(nameOf(each), '')
  memory.set(INDEX, JSON.stringify([...index].filter(([each]) => each === key)))
}

/** A branch of the view, with its schedule; null where that is too long to be asked for. */
export type OwnBranch = Pick<BranchInfo, 'name' | 'named' | 'starred'> & { readonly schedule: string | null }

/**
 * What is kept: those of this page, in their order, and those that another window has kept. A branch that is the beginning of another one says nothing more, unless
 * it has a name or a star. Where the room is too small starred ones go first, then named ones, then the later ones.
 */
export function fitted(
  own: readonly OwnBranch[],
  kept: readonly KeptBranch[],
  gone: ReadonlySet<string>,
): { readonly kept: readonly KeptBranch[]; readonly tooLong: readonly string[] } {
  const schedules = own.flatMap(({ schedule }) => (schedule === null ? [] : [schedule]))
  const foreign = kept.filter(({ schedule }) => !gone.has(schedule) && !schedules.some((each) => leadsAlong(schedule, each)))
  const tooLong: string[] = own.filter(({ schedule }) => schedule === null).map(({ name }) => name)
  const telling = own.flatMap(({ name, named, starred, schedule }, i): KeptBranch[] => {
    const contained = own.some((other, j) => j !== i && leadsAlong(schedule ?? '', other.schedule ?? '') && (other.schedule !== schedule || j < i))
    return schedule === null || schedule === '' || (contained && !named && !starred) ? [] : [{ name, named, starred, schedule }]
  })
  const all = [...telling, ...foreign]
  const worth = ({ starred, named }: KeptBranch) => (starred ? 2 : 0) + (named ? 1 : 0)
  const ranked = all.map((branch, i) => ({ branch, i })).sort((a, b) => worth(b.branch) - worth(a.branch) || b.i - a.i)
  const chosen = new Set<KeptBranch>()
  let room = TREE_ROOM - 2
  for (const { branch } of ranked) {
    const size = JSON.stringify(branch).length + 1
    if (size > room) tooLong.push(branch.name)
    else {
      room -= size
      chosen.add(branch)
    }
  }
  return { kept: all.filter((branch) => chosen.has(branch)), tooLong }
}

/** Is the one schedule the beginning of the other, or the same? Runs of equal choices are counted: "0s*2" leads along "0s*3 1s". */
export function leadsAlong(short: string, long: string): boolean {
  if (short === '' || short === long) return true
  const runs = short.split(' ')
  const [what, count] = partsOf(runs.pop() as string)
  const before = runs.join(' ')
  if (!long.startsWith(before === '' ? '' : `${before} `)) return false
  const next = long.slice(before === '' ? 0 : before.length + 1).split(' ', 1)[0] as string
  const [other, times] = partsOf(next)
  return other === what && times >= count
}

function partsOf(run: string): readonly [what: string, count: number] {
  const [what = '', count = '1'] = run.split('*')
  return [what, Number(count)]
}

function nameOf(key: string): string {
  return `${INDEX} ${key}`
}

function readIndex(memory: Memory): Map<string, number> {
  const found = parse(memory.get(INDEX))
  const isEntry = (entry: unknown): entry is [string, number] =>
    Array.isArray(entry) && entry.length === 2 && typeof entry[0] === 'string' && typeof entry[1] === 'number'
  return new Map(Array.isArray(found) ? found.filter(isEntry) : [])
}

function parse(text: string | null): unknown {
  try {
    return JSON.parse(text || 'null')
  } catch {
    return null
  }
}

function isKept(value: unknown): value is KeptBranch {
  if (typeof value !== 'object' || value === null) return false
  const { name, named, starred, schedule } = value as Partial<Record<keyof KeptBranch, unknown>>
  return typeof name === 'string' && typeof schedule === 'string' && typeof named === 'boolean' && typeof starred === 'boolean'
}
