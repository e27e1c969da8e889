/** Short names for the parts of a snapshot, as it crosses the worker boundary. */
import type { View } from '../worker/protocol.ts'

export type Snapshot = View['snapshot']
export type CpuView = Snapshot['cpus'][number]
export type SiteView = Snapshot['sites'][number]
export type SiteCpuView = SiteView['cpus'][number]
export type PassView = NonNullable<SiteCpuView['pass']>
export type ChoiceView = Snapshot['choices'][number]
export type CodeLine = CpuView['code'][number]
export type RegisterView = CpuView['registers'][number]
export type StackWord = CpuView['stack']['words'][number]
export type Meaning = SiteView['memoryMeaning']
/** Which version a byte belongs to. */
export type SiteByte = SiteView['memory'][number]
export type Origin = SiteByte['from']
/** A CPU's copy of a cache line, and the letter for how it holds it. */
export type LineCopy = SiteCpuView['lines'][number]
export type CacheState = LineCopy['state']
