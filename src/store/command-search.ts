/** Finding commands by what is typed. */
import type { Command } from './commands.ts'

/** Letters that are scattered over a title are a guess: it is made only where nothing holds the words themselves. */
const GUESS = 10

/**
 * Those that hold every word of the text: words that begin something first, then those used last. Where there is none, those that hold the letters of each
 * word in order and close together ("stpbck"), or begin with them word by word ("rt" finds "run to"). `recent`: ids, the latest first.
 */
export function find(commands: readonly Command[], text: string, recent: readonly string[]): readonly Command[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const ranked: { readonly command: Command; readonly cost: number; readonly guessed: boolean }[] = []
  for (const command of commands) {
    const hay = `${command.group} ${command.title}`.toLowerCase()
    const costs = words.map((word) => costOf(hay, word))
    if (!costs.every((cost) => cost !== null)) continue
    const used = recent.indexOf(command.id)
    const cost = costs.reduce((sum, each) => sum + each, 0) + (used < 0 ? 1 : used / 100)
    ranked.push({ command, cost, guessed: costs.some((each) => each >= GUESS) })
  }
  const sure = ranked.filter(({ guessed }) => !guessed)
  // The order of the list decides among equals.
  return (sure.length > 0 ? sure : ranked).sort((a, b) => a.cost - b.cost).map(({ command }) => command)
}

/** 0: begins a word. 2: somewhere. From GUESS: scattered, with so many letters between. null: not there. */
function costOf(hay: string, word: string): number | null {
  const at = hay.indexOf(word)
  if (at >= 0) return beginsWord(hay, at) || beginsWord(hay, hay.indexOf(` ${word}`) + 1) ? 0 : 2
  const initials = hay
    .split(/[^a-z0-9]+/)
    .map((each) => each[0] ?? '')
    .join('')
  if (word.length > 1 && initials.includes(word)) return GUESS
  let best: number | null = null
  for (let start = hay.indexOf(word[0] as string); start >= 0; start = hay.indexOf(word[0] as string, start + 1)) {
    const gaps = beginsWord(hay, start) ? gapsFrom(hay, start, word) : null
    if (gaps !== null && gaps <= word.length / 2 && (best === null || gaps < best)) best = gaps
  }
  return best === null ? null : GUESS + best
}

function beginsWord(hay: string, at: number): boolean {
  return at === 0 || /[^a-z0-9]/.test(hay[at - 1] as string)
}

/** Letters passed over on the way through the word; null where it does not go on. */
function gapsFrom(hay: string, start: number, word: string): number | null {
  let at = start
  for (const letter of word.slice(1)) {
    at = hay.indexOf(letter, at + 1)
    if (at < 0) return null
  }
  return at - start + 1 - word.length
}
