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
] as const

export function Legend({ id }: { id: string }): ReactNode {
  return (
    <div className="tl-legend" id={id}>
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
        Press or drag to move in time, <kbd>Ctrl</kbd>+wheel to zoom, <kbd>Shift</kbd>+drag to pan. With the focus here: <kbd>W</kbd> <kbd>S</kbd>{' '}
        zoom, <kbd>A</kbd> <kbd>D</kbd> pan, <kbd>F</kbd> all or around the cursor, <kbd>←</kbd> <kbd>→</kbd> steps, <kbd>↑</kbd> <kbd>↓</kbd> CPU,{' '}
        <kbd>.</kbd> <kbd>,</kbd> next and previous mark, <kbd>]</kbd> <kbd>[</kbd> along an arrow and back.
      </p>
    </div>
  )
}
