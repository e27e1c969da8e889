/**
 * How wide a text is, without a screen to measure it on: widths of characters in parts of the font size, a little more than those of the common sans-serif
 * faces, so that a label that is said to fit does.
 */

const NARROW = new Set("iIjlt.,:;|!'()[] f/·-")
const WIDE = new Set('mwMW@%→…')

export function textWidth(text: string, size: number): number {
  let ems = 0
  for (const character of text) {
    if (NARROW.has(character)) ems += 0.34
    else if (WIDE.has(character)) ems += 0.92
    else if (character >= 'A' && character <= 'Z') ems += 0.7
    else ems += 0.58
  }
  return ems * size
}

/** The text, or as much of its beginning as fits before an ellipsis; null where less than three characters would be left. */
export function fitText(text: string, width: number, size: number): string | null {
  if (textWidth(text, size) <= width) return text
  const room = width - textWidth('…', size)
  let used = 0
  let kept = 0
  for (const character of text) {
    used += textWidth(character, size)
    if (used > room) break
    kept += character.length
  }
  return kept < 3 ? null : `${text.slice(0, kept).trimEnd()}…`
}
