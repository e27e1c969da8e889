/** What the signature picture says in words, and which version each fetched value belongs to. */
import { bytePairs, shortAddresses } from '../../format.ts'
import type { Meaning, Origin, PassView, SiteByte, SiteCpuView, SiteView } from '../../snapshot.ts'

/** What a mark in the corner of a byte stands for. `both`: the versions agree here. */
export const LETTERS: Readonly<Record<Origin, { readonly letter: string; readonly means: string }>> = {
  old: { letter: 'o', means: 'old' },
  new: { letter: 'n', means: 'new' },
  int3: { letter: '3', means: 'int3' },
  both: { letter: '', means: 'same in old and new' },
  between: { letter: 'b', means: 'of a version in between' },
  other: { letter: '?', means: 'neither old nor new' },
}

/**
 * What bytes at a site are, with the verdict on them before or behind: before, where a slot holds several instructions, whose text is long and may be cut off at its end.
 * `memory`: the bytes are memory's. Between two writes of such a slot memory is a mixture, which is no fault as long as nobody comes there.
 */
export function saying(
  meaning: Meaning,
  text: string,
  memory?: readonly SiteByte[],
): { readonly before: string; readonly text: string; readonly after: string } {
  const short = shortAddresses(text)
  if (meaning !== 'torn') return { before: '', text: short, after: '' }
  if (!text.includes('; ')) return { before: '', text: short, after: ' — neither old nor new' }
  const isMixture = memory?.every(({ from }) => from !== 'other') === true
  return { before: isMixture ? 'neither old nor new, a mixture: ' : 'neither old nor new: ', text: short, after: '' }
}

export interface Position {
  readonly parts: readonly SiteByte[]
  /** Memory holds something else than one of them. */
  readonly stale: boolean
  /** The last step executed it. */
  readonly taken: boolean
}

/** What a CPU's row shows: the bytes that it has just executed, were they in memory or not; where there are none, all that it may fetch. */
export function partsOf(site: SiteView, view: SiteCpuView): readonly Position[] {
  return view.bytes.map(({ values, stale }, at) => {
    const taken = view.pass?.now === true ? (view.pass.values[at] ?? null) : null
    return taken === null ? { parts: values, stale, taken: false } : { parts: [taken], stale: taken.value !== site.memory[at]?.value, taken: true }
  })
}

export interface Executes {
  readonly meaning: Meaning
  readonly text: string
  readonly stale: boolean
}

const MOST_NAMED = 3

/** What the CPU would execute at the site: each possibility once, the dangerous ones first, and how many are left out. */
export function executes(view: SiteCpuView): { readonly named: readonly Executes[]; readonly more: number } {
  const distinct = new Map<string, Executes>()
  for (const { text, meaning, stale } of view.variants) {
    const key = `${meaning} ${text}`
    if (!distinct.has(key)) distinct.set(key, { text, meaning, stale })
  }
  const all = [...distinct.values()].sort((a, b) => Number(b.meaning === 'torn') - Number(a.meaning === 'torn'))
  return { named: all.slice(0, MOST_NAMED), more: Math.max(0, all.length - MOST_NAMED) }
}

/** “call …1148, e8 05 01 00 00, in step 80: neither old nor new, stale”. */
export function passSentence({ text, bytes, step, meaning, stale }: PassView): string {
  return `${text}, ${bytePairs(bytes).join(' ')}, in step ${step}: ${meaning === 'torn' ? 'neither old nor new' : meaning}${stale ? ', stale' : ''}`
}

/** The sentence of a row for a screen reader, who does not see the colours. */
export function rowSentence(site: SiteView, view: SiteCpuView): string {
  const { named, more } = executes(view)
  const possibilities = named.map(
    ({ text, meaning, stale }) => `${text} (${meaning === 'torn' ? 'neither old nor new' : meaning}${stale ? ', stale' : ''})`,
  )
  if (more > 0) possibilities.push(`${more} more`)
  const { pass } = view
  const ran = pass === null ? '' : `${pass.now ? 'has just executed' : 'executed last'} ${passSentence(pass)}; `
  const verb = view.here ? 'executes next' : 'would execute'
  const what = possibilities.length === 0 ? 'nothing that is an instruction' : possibilities.join(', or ')
  return `CPU ${view.cpu} ${ran}${verb} at ${site.label}: ${what}`
}
