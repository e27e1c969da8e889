/** Which share of a long run goes into handlers, over time: what an update costs those who call meanwhile. The lanes below it have the same steps at the same places. */
import { type ReactNode, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { type CostBin, costOf, costPicture, USES, type Use } from '../../../timeline/cost.ts'
import type { TimelineData } from '../../../timeline/model.ts'

/** Pixels. */
const HEIGHT = 72
const AXIS = 16
/** Parts that the run is cut into: the picture is seldom wider than twice as many pixels. */
const BINS = 200

const WORDS: Readonly<Record<Use, string>> = {
  int3: 'int3 handlers',
  interrupt: 'interrupt handlers',
  patcher: 'the patcher',
  caller: 'the callers themselves',
}

export function CostOverTime({ data }: { data: TimelineData }): ReactNode {
  const plot = useRef<HTMLDivElement>(null)
  const width = useWidth(plot)
  const cost = useMemo(() => costOf(data, BINS), [data])
  const { areas, across, up } = useMemo(() => costPicture(cost, width, HEIGHT), [cost, width])
  const shares = USES.map((use) => ({ use, percent: percentOf(cost.bins, use) }))
  return (
    <figure className="cost">
      <div ref={plot} className="cost-plot">
        <svg
          width={width}
          height={HEIGHT + AXIS}
          role="img"
          aria-label={`Share of all steps: ${shares.map(({ use, percent }) => `${WORDS[use]} ${percent}`).join(', ')}.`}
        >
          <Stripes />
          {areas.map(({ use, path }) => (
            <path key={use} className="cost-area" data-use={use} d={path} />
          ))}
          {up.map(({ at, text }) => (
            <g key={at}>
              <line x1={0} x2={width} y1={at + 0.5} y2={at + 0.5} />
              <text x={width - 2} y={at + 10} textAnchor="end">
                {at < HEIGHT && text}
              </text>
            </g>
          ))}
          {across.map(({ at, text }) => (
            <text key={at} x={at} y={HEIGHT + AXIS - 4} textAnchor={at === 0 ? 'start' : 'middle'}>
              {text}
            </text>
          ))}
        </svg>
      </div>
      <figcaption>
        {shares.map(({ use, percent }) => (
          <span key={use}>
            {areas.some((each) => each.use === use) && (
              <svg width="14" height="10" aria-hidden="true">
                <rect className="cost-area" data-use={use} width="14" height="10" />
              </svg>
            )}
            {WORDS[use]} <b>{percent}</b>
          </span>
        ))}
      </figcaption>
    </figure>
  )
}

/** So that the two are not told apart by colour alone. */
function Stripes(): ReactNode {
  return (
    <defs>
      <pattern id="cost-int3" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect className="cost-ground" width="5" height="5" />
        <rect className="cost-stripe" width="2" height="5" />
      </pattern>
    </defs>
  )
}

/** Of all steps. All bins but the last are of one size. */
function percentOf(bins: readonly CostBin[], use: Use): string {
  const share = bins.reduce((sum, bin) => sum + bin[use], 0) / Math.max(1, bins.length)
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`
}

function useWidth(element: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const { current } = element
    if (current === null) return
    const observer = new ResizeObserver(() => setWidth(Math.floor(current.clientWidth)))
    observer.observe(current)
    return () => observer.disconnect()
  }, [element])
  return width
}
