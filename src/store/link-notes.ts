/** What is said of a link that could not be opened as it is: which parts are wrong, and what of it was kept. */
import type { DecodedLink } from '../interchange/link.ts'
import type { Note } from './state.ts'

/** What of a link can be kept where another part is damaged. */
const PARTS: readonly { readonly part: string; readonly words: string; readonly holds: (link: DecodedLink['link']) => boolean }[] = [
  { part: 'scenario', words: 'the scenario', holds: () => true },
  { part: 'params', words: 'the parameters', holds: ({ params = {} }) => Object.keys(params).length > 0 },
  { part: 'schedule', words: 'the steps', holds: ({ schedule = '' }) => schedule !== '' },
  { part: 'cursor', words: 'the position', holds: ({ cursor = 0 }) => cursor > 0 },
]

/** null where there is nothing to say. `known`: the scenario exists. `refused`: why its parameters were, so that it opened with its own. */
export function linkNote({ link, problems, newer }: DecodedLink, known: boolean, refused: readonly string[] = []): Omit<Note, 'key'> | null {
  const unknown = link.scenario !== undefined && !known
  const lines = [...problems.map(({ message }) => `${message.charAt(0).toUpperCase()}${message.slice(1)}.`), ...refused]
  if (unknown) lines.unshift(`There is no scenario “${link.scenario}”: choose one of the list.`)
  if (lines.length === 0) return null
  const lost = new Set(problems.map(({ part }) => part))
  const isBehind = lost.size === 1 && lost.has('unfinished') && !unknown && refused.length === 0
  if (isBehind) return { tone: 'attention', title: 'This address was not complete.', lines, report: null }
  const kept = PARTS.filter(({ part, holds }) => !lost.has(part) && holds(link) && (refused.length === 0 || part === 'scenario')).map(
    ({ words }) => words,
  )
  lines.push(!known || kept.length === 0 ? 'Nothing of it could be kept.' : `Kept: ${kept.join(', ')}.`)
  if (newer !== undefined) lines.push('The address stays as it is until you move on: reload it when this page has become newer.')
  return { tone: 'attention', title: titleOf(lost, unknown, newer), lines, report: null }
}

function titleOf(lost: ReadonlySet<string>, unknown: boolean, newer: number | undefined): string {
  if (newer !== undefined) return 'This link is of a newer Pokescope.'
  if (lost.has('length')) return 'This link is too long.'
  if (unknown) return 'This link is of another version.'
  return lost.size === 0 ? 'This link cannot be opened as it is.' : 'This link is damaged.'
}
