/** All panels, in the order in which they stand. To add one: its folder, and a line here. */
import { later } from '../later.tsx'
import { CallSite, CallSiteHint } from './CallSite/CallSite.tsx'
import { MANY } from './CallSite/SitePicture.tsx'
import { Choices, ChoicesHint } from './Choices/Choices.tsx'
import type { Panel } from './panel.ts'
import { Story } from './Story/Story.tsx'
import { TimelineHint, TimelinePanel } from './Timeline/TimelinePanel.tsx'

/** Panels that share one place need what one of them needs. */
const SHARED = () => 13

export const PANELS: readonly Panel[] = [
  {
    id: 'site',
    title: 'Call site',
    region: 'main',
    level: 'first',
    snug: true,
    room: ({ cpus, sites, asking, framed, large }) =>
      5.5 + (cpus > MANY ? 1.55 : large ? 2.55 : 2.4) * (cpus + 1) + (sites > 1 ? 2.5 : 0) + (asking ? 6 : 0) + (framed ? 3.9 : 0),
    Body: CallSite,
    Hint: CallSiteHint,
  },
  {
    id: 'timeline',
    title: 'Timeline',
    region: 'main',
    level: 'first',
    room: ({ cpus }) => 8.8 + 2.25 * Math.min(cpus, 4),
    Body: TimelinePanel,
    Hint: TimelineHint,
  },
  {
    id: 'recording',
    title: 'A real kernel beside the model',
    region: 'main',
    level: 'asked',
    room: () => 24,
    Body: later(() => import('./Recording/Recording.tsx'), 'Recording'),
  },
  {
    id: 'counts',
    title: 'A long run, and what it cost',
    region: 'main',
    level: 'asked',
    room: () => 24,
    Body: later(() => import('./Counts/Counts.tsx'), 'Counts'),
  },
  { id: 'cpus', title: 'CPUs', region: 'main', level: 'detail', room: () => 16, Body: later(() => import('./Cpus/Cpus.tsx'), 'Cpus') },
  { id: 'story', title: 'Story', region: 'tabs', level: 'first', room: SHARED, Body: Story },
  {
    id: 'strategy',
    title: 'Strategy',
    region: 'tabs',
    level: 'first',
    room: SHARED,
    Body: later(() => import('./Strategy/Strategy.tsx'), 'Strategy'),
  },
  { id: 'verdict', title: 'Verdict', region: 'tabs', level: 'first', room: SHARED, Body: later(() => import('./Verdict/Verdict.tsx'), 'Verdict') },
  {
    id: 'ablation',
    title: 'Needed?',
    region: 'tabs',
    level: 'first',
    room: SHARED,
    Body: later(() => import('./Ablation/Ablation.tsx'), 'Ablation'),
  },
  {
    id: 'branches',
    title: 'Branches',
    region: 'tabs',
    level: 'first',
    room: SHARED,
    Body: later(() => import('./Branches/Branches.tsx'), 'Branches'),
  },
  { id: 'debug', title: 'Debug', region: 'tabs', level: 'detail', room: SHARED, Body: later(() => import('./Debug/Debug.tsx'), 'Debug') },
  { id: 'data', title: 'Data', region: 'tabs', level: 'detail', room: SHARED, Body: later(() => import('./Data/Data.tsx'), 'Data') },
  { id: 'choices', title: 'What can happen next', region: 'side', level: 'first', room: () => 9.5, Body: Choices, Hint: ChoicesHint },
  {
    id: 'stack',
    title: 'Stack',
    region: 'side',
    level: 'detail',
    room: () => 12,
    Body: later(() => import('./Stack/Stack.tsx'), 'Stack'),
    Hint: later(() => import('./Stack/Stack.tsx'), 'StackHint'),
  },
]
