/** What one pointer does on the lanes (scrub.ts tells of it): seek and select, pick out an area, explain. */
import { useRef } from 'react'
import type { Hit } from '../../timeline/hit.ts'
import { areaSelection, hitSelection } from '../../timeline/selection.ts'
import { stepAt } from '../../timeline/viewport.ts'
import type { Scrubbed } from './scrub.ts'
import type { Acted } from './use-acting.tsx'

export function useScrubbing(
  { data, selectedCpu, onSeek, onSelectCpu, lanes, picture, selection, select, setHit }: Acted,
  onPressed: () => void,
  hitAt: (x: number, y: number) => Hit | null,
): Omit<Scrubbed, 'menu'> {
  const dragged = useRef<number | null>(null)
  const sought = useRef(false)
  const { layout, control } = picture
  const { view } = control

  /** Header and axis stay in sight where lanes are scrolled: what lies behind them is not meant. */
  const meant = (y: number) => {
    const { current } = lanes
    if (current === null) return y
    if (y > current.scrollTop + current.clientHeight - layout.metrics.axis) return layout.bottom + 1
    return y < current.scrollTop + layout.metrics.header ? 0 : y
  }

  return {
    isArea: (y) => meant(y) > layout.bottom,
    at(x, y, pressed) {
      const there = hitAt(x, meant(y))
      const mark = pressed && there?.target?.kind === 'mark' ? there.target.mark : null
      const step = Math.min(data.steps, Math.max(0, mark === null ? Math.round(stepAt(view, x)) : mark.to))
      if (pressed && there !== null) {
        setHit(there)
        onPressed()
        const pressedOn = hitSelection(data, there)
        if (pressedOn !== null || selection?.kind !== 'bytes') select(pressedOn)
        if (there.cpu !== null && there.cpu !== selectedCpu) onSelectCpu(there.cpu)
        // An arrow is no moment: it is selected, and who drags goes on to move in time.
        if (pressedOn?.kind === 'arrow') {
          dragged.current = step
          return
        }
      }
      if (step === dragged.current) return
      dragged.current = step
      sought.current = true
      onSeek(step, false)
    },
    area(x0, x1) {
      const [a, b] = [Math.round(stepAt(view, x0)), Math.round(stepAt(view, x1))]
      if (a !== b) select(areaSelection(Math.max(0, Math.min(a, b)), Math.min(data.steps, Math.max(a, b))))
    },
    released() {
      if (dragged.current !== null && sought.current) onSeek(dragged.current, true)
      sought.current = false
      dragged.current = null
    },
    over: (point) => setHit(point === null ? null : hitAt(point.x, meant(point.y))),
  }
}
