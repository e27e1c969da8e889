import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { raceTimeline } from './fixtures/race.ts'
import { syntheticRun } from './fixtures/synthetic.ts'
import { LIGHT, timelineSvg } from './svg.ts'
import { fitText, textWidth } from './text.ts'

/** Opening and closing tags match, and attributes are quoted: enough to know that it is well formed. */
function wellFormed(text: string): boolean {
  const open: string[] = []
  for (const [, close, name, attributes, empty] of text.matchAll(/<(\/?)([a-zA-Z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g)) {
    if (close === '/') {
      if (open.pop() !== name) return false
    } else if (empty !== '/') open.push(name as string)
    if (attributes?.includes('NaN') || attributes?.includes('Infinity')) return false
  }
  return open.length === 0 && (text.match(/</g)?.length ?? 0) === [...text.matchAll(/<\/?[a-zA-Z]+(?:\s+[\w:-]+="[^"<]*")*\s*\/?>/g)].length
}

test('the export is a file of its own: well formed, with its colours, texts and legend', () => {
  const svg = timelineSvg(raceTimeline(), { title: 'a < b & "c"', cursor: 41 })
  expect(wellFormed(svg)).toBe(true)
  expect(svg).toContain('a &lt; b &amp; &quot;c&quot;')
  expect(svg).toContain('poke_int3_handler')
  expect(svg).toContain('whole-instruction violated')
  expect(svg).toContain('missed cc → site')
  expect(svg).toContain('breakpoint taken')
  expect(svg).not.toContain('var(')
})

test('a part of a long trace, without legend or cursor', () => {
  const data = syntheticRun(1, 8, 50_000)
  const part = timelineSvg(data, { from: 1000, to: 1100, legend: false, width: 900 })
  expect(wellFormed(part)).toBe(true)
  expect(part).toContain('width="900"')
  expect(part).not.toContain('breakpoint taken')
  const whole = timelineSvg(data)
  expect(wellFormed(whole)).toBe(true)
  expect(whole.length).toBeLessThan(3_000_000)
})

test('a title from outside cannot add elements, and control characters are dropped', () => {
  const svg = timelineSvg(raceTimeline(), { title: '</title><script>x</script>\u0000\u0007' })
  expect(svg).not.toContain('<script')
  expect([...svg].every((character) => character >= ' ' || character === '\n')).toBe(true)
})

test("the colours are the page's light theme", () => {
  const css = readFileSync(new URL('../views/theme.css', import.meta.url), 'utf8')
  const light = css.slice(css.indexOf(':root {'), css.indexOf('}'))
  for (const [name, value] of Object.entries(LIGHT)) expect(light, name).toContain(`--${name}: ${value};`)
})

test('texts are cut where they do not fit, and dropped where nothing would be left', () => {
  expect(fitText('poke_int3_handler', 200, 11)).toBe('poke_int3_handler')
  const cut = fitText('poke_int3_handler', 60, 11) as string
  expect(cut).toMatch(/^poke_.*…$/)
  expect(textWidth(cut, 11)).toBeLessThanOrEqual(60)
  expect(fitText('poke_int3_handler', 14, 11)).toBeNull()
})
