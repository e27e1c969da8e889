/**
 * The signature picture as an SVG file of its own: the bytes of a call site as memory holds them and as each CPU may fetch them, what each would execute, and below
 * the stack of one CPU. Light theme, of a size that follows from the site; a letter on each byte says where it comes from, and hatching that it is stale, so it reads without colour.
 */
import type { SiteMeaning, SiteView, Snapshot, StackView } from '../scenario/snapshot.ts'

export interface PictureOptions {
  readonly site: number
  /** Whose stack is drawn; null for nobody's. */
  readonly cpu: number | null
  /** Above the picture, with a sentence on the last step; neither where left out. */
  readonly title?: string
}

type From = SiteView['memory'][number]['from']

const FILLS: Readonly<Record<From, readonly [ground: string, ink: string, letter: string]>> = {
  old: ['#dfeaf8', '#1d5aa6', 'o'],
  new: ['#d9f0e2', '#14694a', 'n'],
  int3: ['#fce4d6', '#ad3a0b', '3'],
  both: ['#ebe8df', '#55544f', ''],
  between: ['#fdf0c8', '#7a5600', 'b'],
  other: ['#fbdfec', '#ad0f5b', '?'],
}
const INKS: Readonly<Record<SiteMeaning, string>> = { old: '#1d5aa6', new: '#14694a', int3: '#ad3a0b', torn: '#ad0f5b' }
const [TEXT, MUTED, LINE, PAGE] = ['#1c1d21', '#62615c', '#8f8b80', '#fffefb']
const MONO = 'ui-monospace, Menlo, Consolas, &quot;DejaVu Sans Mono&quot;, monospace'
const SANS = '&quot;Segoe UI&quot;, Roboto, &quot;Liberation Sans&quot;, Arial, sans-serif'

const [LEFT, NAME, CELL, ROW, TOP] = [24, 150, 46, 44, 84] as const
/** Words of the stack that are drawn at most, from the top of the stack down. */
const MOST_WORDS = 34
const WORD = 18
/** Of a picture of a call, whose bytes are five. */
const [WIDTH, CALL] = [960, 5] as const
/** Left out at the top where nothing is said there. */
const UNTITLED = 52

export function pictureSvg(snapshot: Snapshot, { site: index, cpu, title }: PictureOptions): string {
  const above = title === undefined ? UNTITLED : 0
  const site = snapshot.sites[index]
  // As much room for words beside a long slot as beside a call.
  const width = WIDTH + Math.max(0, (site?.length ?? 0) - CALL) * CELL
  const rows = site === undefined ? 0 : site.cpus.length + 1
  const stack = cpu === null ? undefined : snapshot.cpus[cpu]?.stack
  const words = stack?.words.slice(-MOST_WORDS) ?? []
  const stackTop = TOP + rows * ROW + 40
  const height = words.length > 0 ? stackTop + 40 + words.length * WORD : TOP + rows * ROW + 8
  const parts = [
    ...(title === undefined
      ? []
      : [text(LEFT, 30, title, { weight: 700, size: 16 }), text(LEFT, 50, snapshot.said ?? 'At the start.', { ink: MUTED, size: 12 })]),
    ...(site === undefined ? [] : siteParts(site, snapshot)),
    ...(stack === undefined ? [] : stackParts(stack, words, stackTop, `CPU ${cpu}: ${stack.name}`)),
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height - above}" viewBox="0 ${above} ${width} ${height - above}" font-family="${SANS}">
<title>${escaped(title ?? 'Bytes of the call site, in memory and as each CPU may fetch them')}</title>
<defs><pattern id="stale" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V6" stroke="${TEXT}" stroke-opacity="0.4" stroke-width="2"/></pattern></defs>
<rect y="${above}" width="${width}" height="${height - above}" fill="${PAGE}"/>
${parts.join('\n')}
</svg>
`
}

function siteParts(site: SiteView, snapshot: Snapshot): string[] {
  const parts: string[] = []
  const bytesLeft = LEFT + NAME
  const wordsLeft = bytesLeft + site.length * CELL + 24
  for (let i = 0; i < site.length; i++)
    parts.push(text(bytesLeft + i * CELL + CELL / 2 - 3, TOP - 10, `+${i}`, { ink: MUTED, size: 11, middle: true }))
  const line = (y: number, name: string, role: string) => {
    parts.push(text(LEFT, y + 24, name, { weight: 700 }), text(LEFT + 62, y + 24, role, { ink: MUTED }))
  }
  line(TOP, 'Memory', '')
  site.memory.forEach(({ value, from }, i) => void parts.push(byte(bytesLeft + i * CELL, TOP, CELL - 6, value, from, false)))
  const torn = site.memoryMeaning === 'torn' ? 'neither old nor new: ' : ''
  parts.push(text(wordsLeft, TOP + 24, torn + shortened(site.memoryText), { ink: INKS[site.memoryMeaning] }))
  site.cpus.forEach(({ cpu, bytes, variants, pass }, row) => {
    const y = TOP + (row + 1) * ROW
    line(y, `CPU ${cpu}`, snapshot.cpus[cpu]?.role ?? '')
    bytes.forEach(({ values, stale }, i) => {
      const ran = pass?.now === true ? (pass.values[i] ?? null) : null
      if (ran !== null) {
        parts.push(byte(bytesLeft + i * CELL, y, CELL - 6, ran.value, ran.from, ran.value !== site.memory[i]?.value), ring(bytesLeft + i * CELL, y))
        return
      }
      // Several values that it may fetch stand side by side; the first is that of memory where it is among them.
      const width = (CELL - 6) / values.length
      values.forEach(({ value, from }, at) => {
        parts.push(byte(bytesLeft + i * CELL + at * width, y, width, value, from, stale && value !== site.memory[i]?.value))
      })
    })
    let x = wordsLeft
    if (pass?.now === true) {
      const words = `ran ${shortened(pass.text)}${pass.meaning === 'torn' ? ' (neither old nor new)' : pass.stale ? ' (stale)' : ''}`
      parts.push(text(x, y + 24, words, { ink: INKS[pass.meaning], weight: 700, size: 12 }))
      return
    }
    for (const [i, variant] of variants.slice(0, 3).entries()) {
      const words = `${i > 0 ? 'or ' : ''}${shortened(variant.text)}${variant.meaning === 'torn' ? ' (neither old nor new)' : ''}`
      parts.push(text(x, y + 24, words, { ink: INKS[variant.meaning], weight: variant.meaning === 'torn' ? 700 : 400, size: 12 }))
      x += words.length * 7 + 12
    }
  })
  if (site.lineBreak !== null) {
    const x = bytesLeft + site.lineBreak * CELL - 3
    parts.push(`<path d="M${x} ${TOP - 6}V${TOP + (site.cpus.length + 1) * ROW - 4}" stroke="${LINE}" stroke-width="2" stroke-dasharray="2 3"/>`)
  }
  return parts
}

/** Of long addresses the end, as on the page: a slot with several instructions has a long text. */
function shortened(words: string): string {
  return words.replace(/0x[0-9a-f]{8,}/g, (address) => `…${address.slice(-4)}`)
}

function byte(x: number, y: number, width: number, value: string, from: From, stale: boolean): string {
  const [ground, ink, letter] = FILLS[from]
  const box = `x="${round(x)}" y="${y}" width="${round(width)}" height="34" rx="4"`
  return [
    `<rect ${box} fill="${ground}" stroke="${ink}"/>`,
    stale ? `<rect ${box} fill="url(#stale)"/>` : '',
    `<text x="${round(x + width / 2)}" y="${y + 22}" text-anchor="middle" font-family="${MONO}" font-size="14" fill="${ink}">${escaped(value)}</text>`,
    letter === '' ? '' : `<text x="${round(x + width - 3)}" y="${y + 10}" text-anchor="end" font-size="9" fill="${ink}">${letter}</text>`,
  ].join('')
}

/** Around what the last step executed. */
function ring(x: number, y: number): string {
  return `<rect x="${round(x + 1)}" y="${y + 1}" width="${CELL - 8}" height="32" rx="3" fill="none" stroke="${TEXT}" stroke-width="2.5"/>`
}

function stackParts({ words: all }: StackView, words: StackView['words'], top: number, title: string): string[] {
  const parts = [text(LEFT, top, all.length > words.length ? `${title} (the ${words.length} lowest of ${all.length} words)` : title, { weight: 700 })]
  words.forEach((word, i) => {
    const y = top + 10 + (i + 1) * WORD
    const ink = word.altered !== null ? INKS.torn : word.kind === 'gap' ? MUTED : TEXT
    if (word.altered !== null) parts.push(`<rect x="${LEFT - 6}" y="${y - 13}" width="760" height="${WORD}" fill="#fbdfec"/>`)
    const sign = word.top ? '→' : ''
    parts.push(
      `<text y="${y}" font-family="${MONO}" font-size="12" fill="${ink}"><tspan x="${LEFT - 6}">${sign}</tspan><tspan x="${LEFT + 14}">…${escaped(word.address.slice(-4))}</tspan><tspan x="${LEFT + 74}">${escaped(word.value)}</tspan></text>`,
      text(LEFT + 250, y, `${word.label}${word.altered === null ? '' : ` — ${word.altered}`}`, { ink, size: 12 }),
    )
  })
  return parts
}

interface Style {
  readonly ink?: string
  readonly weight?: number
  readonly size?: number
  readonly middle?: boolean
}

function text(x: number, y: number, content: string, { ink = TEXT, weight = 400, size = 14, middle = false }: Style = {}): string {
  return `<text x="${round(x)}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${ink}"${middle ? ' text-anchor="middle"' : ''}>${escaped(content)}</text>`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

export function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
