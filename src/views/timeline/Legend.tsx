/** Which box, shape and line means what. */
import type { ReactNode } from 'react'
import { markShape } from '../../timeline/drawing.ts'
import { MARK_LOOKS, SPAN_LOOKS } from '../../timeline/looks.ts'
import { Shapes } from './Shapes.tsx'

const LINES = [
  { className: 'is-ipi', title: 'interrupt, until it is taken' },
  { className: 'is-ack', title: 'acknowledgement, until it is seen; store in the buffer' },
  { className: 'is-missed', title: 'store that a stale fetch missed' },
  { className: 'is-moved', title: 'the CPU moved here' },
  { className: 'is-masked', title: 'interrupts off (IF=0)' },
  { className: 'is-nmi-blocked', title: 'NMIs blocked' },
  { className: 'is-shadow', title: 'interrupts wait one instruction more (shadow)' },
] as const

export default function Legend(): ReactNode {
  return (
    <>
      <ul>
        {SPAN_LOOKS.map(({ name, tone, title }) => (
          <li key={name}>
            <span className={`tl-swatch is-${name}`} style={{ borderColor: `var(--${tone})`, background: `var(--${tone}-bg)` }} />
            {title}
          </li>
        ))}
      </ul>
      <ul>
        {MARK_LOOKS.map((look) => (
          <li key={look.kind}>
            <svg width="14" height="14" aria-hidden="true" focusable="false">
              <Shapes shapes={[markShape(look, 7, 7)]} hatch="" />
            </svg>
            {look.title}
          </li>
        ))}
      </ul>
      <ul>
        {LINES.map(({ className, title }) => (
          <li key={className}>
            <span className={`tl-line ${className}`} />
            {title}
          </li>
        ))}
      </ul>
      <p>
        Press or drag to move in time, <kbd>Ctrl</kbd>+wheel to zoom, <kbd>Shift</kbd>+drag to pan; a drag along the numbers of the steps picks out an
        area. A lane is dragged by its name. Keys are listed under <kbd>?</kbd>.
      </p>
    </>
  )
}
