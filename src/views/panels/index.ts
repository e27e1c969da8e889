/** All panels, in the order in which they stand. To add one: its folder, and a line here. */
import { Ablation } from './Ablation/Ablation.tsx'
import { Branches } from './Branches/Branches.tsx'
import { CallSite, CallSiteHint } from './CallSite/CallSite.tsx'
import { Choices, ChoicesHint } from './Choices/Choices.tsx'
import { Cpus } from './Cpus/Cpus.tsx'
import { Data } from './Data/Data.tsx'
import type { Panel } from './panel.ts'
import { Stack, StackHint } from './Stack/Stack.tsx'
import { Story } from './Story/Story.tsx'
import { Strategy } from './Strategy/Strategy.tsx'
import { TimelineHint, TimelinePanel } from './Timeline/TimelinePanel.tsx'
import { Verdict } from './Verdict/Verdict.tsx'

export const PANELS: readonly Panel[] = [
  { id: 'site', title: 'Call site', region: 'main', level: 'first', Body: CallSite, Hint: CallSiteHint },
  { id: 'timeline', title: 'Timeline', region: 'main', level: 'first', Body: TimelinePanel, Hint: TimelineHint },
  { id: 'cpus', title: 'CPUs', region: 'main', level: 'detail', Body: Cpus },
  { id: 'story', title: 'Story', region: 'tabs', level: 'first', Body: Story },
  { id: 'strategy', title: 'Strategy', region: 'tabs', level: 'first', Body: Strategy },
  { id: 'verdict', title: 'Verdict', region: 'tabs', level: 'first', Body: Verdict },
  { id: 'ablation', title: 'Needed?', region: 'tabs', level: 'first', Body: Ablation },
  { id: 'branches', title: 'Branches', region: 'tabs', level: 'first', Body: Branches },
  { id: 'data', title: 'Data', region: 'tabs', level: 'detail', Body: Data },
  { id: 'choices', title: 'What can happen next', region: 'side', level: 'first', Body: Choices, Hint: ChoicesHint },
  { id: 'stack', title: 'Stack', region: 'side', level: 'detail', Body: Stack, Hint: StackHint },
]
