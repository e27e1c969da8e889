import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const CSS = readFileSync(new URL('theme.css', import.meta.url), 'utf8')
const ROLES = ['text', 'muted', 'old', 'new', 'int3', 'kernel', 'violation', 'attention', 'neutral'] as const

function colours(selector: string): Map<string, string> {
  const block = CSS.slice(CSS.indexOf(`${selector} {`)).split('}')[0] as string
  return new Map([...block.matchAll(/--([a-z0-9-]+): (#[0-9a-f]{6});/g)].map((match) => [match[1] as string, match[2] as string]))
}

/** Relative luminance and contrast as WCAG 2 defines them. */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return channel <= 0.03928 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

test.each([
  ['light', ':root', 4.5],
  ['dark', ':root[data-theme="dark"]', 4.5],
  ['high-contrast', ':root[data-theme="contrast"]', 7],
  ['projector', ':root[data-theme="projector"]', 7],
])('in the %s theme every text colour can be read on every ground that it may stand on', (_, selector, least) => {
  const table = colours(selector)
  const colour = (name: string) => table.get(name) as string
  const weak: string[] = []
  for (const role of ROLES) {
    for (const ground of ['page', 'surface', 'lane', ...(table.has(`${role}-bg`) ? [`${role}-bg`] : [])]) {
      const ratio = contrast(colour(role), colour(ground))
      if (ratio < least) weak.push(`${role} on ${ground}: ${ratio.toFixed(2)}`)
    }
  }
  for (const ground of ['attention-bg', 'neutral-bg', 'violation-bg', 'old-bg', 'new-bg', 'int3-bg', 'kernel-bg']) {
    for (const role of ['text', 'muted']) {
      const ratio = contrast(colour(role), colour(ground))
      if (ratio < least) weak.push(`${role} on ${ground}: ${ratio.toFixed(2)}`)
    }
  }
  if (contrast(colour('accent'), colour('on-accent')) < least) weak.push('on-accent')
  for (const name of ['line-strong', 'focus']) if (contrast(colour(name), colour('page')) < 3) weak.push(`${name} on page`)
  expect(weak).toEqual([])
})
