/**
 * Timelines to look at, on the development server only (/src/views/timeline/gallery.html): a short race, and runs of any length. In the address:
 * ?run=race|synthetic, steps=100000, cpus=4, seed=1, theme=dark.
 */
import { type ReactNode, StrictMode, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { raceTimeline } from '../../timeline/fixtures/race.ts'
import { syntheticRun } from '../../timeline/fixtures/synthetic.ts'
import type { TimelineData } from '../../timeline/model.ts'
import '../theme.css'
import '../page.css'
import { Timeline } from './Timeline.tsx'

const asked = new URLSearchParams(location.search)
const number = (name: string, fallback: number) => Number(asked.get(name) ?? fallback)
document.documentElement.dataset.theme = asked.get('theme') ?? 'light'

const data = asked.get('run') === 'synthetic' ? syntheticRun(number('seed', 1), number('cpus', 4), number('steps', 1000), false) : raceTimeline()

function Gallery({ data }: { data: TimelineData }): ReactNode {
  const [cursor, setCursor] = useState(number('cursor', Math.min(data.steps, 41)))
  const [cpu, setCpu] = useState<number | null>(1)
  return (
    <main style={{ padding: 16, background: 'var(--surface)', minHeight: '100vh' }}>
      <Timeline data={data} cursor={cursor} selectedCpu={cpu} onSeek={setCursor} onSelectCpu={setCpu} />
    </main>
  )
}

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <Gallery data={data} />
  </StrictMode>,
)
