/** All that a snapshot is made from. */
import type { Disassemble } from '../decoder/disassemble.ts'
import type { Machine } from '../machine/machine.ts'
import type { Instance } from './build.ts'
import type { Pass } from './pass-log.ts'
import type { Checker } from './properties.ts'
import type { Run, Taken } from './run.ts'
import type { Site } from './sites.ts'
import type { LineCopyView } from './snapshot.ts'
import type { StackLog } from './stack-log.ts'

export interface Inspection {
  readonly instance: Instance
  readonly checker: Checker
  readonly disassemble: Disassemble
  readonly run: Run
  readonly stackLog: StackLog
  /** A machine for previews: its state is overwritten. */
  readonly scratch: Machine
  /** The last step and the state before it; null at the start. */
  readonly last: { readonly taken: Taken; readonly before: Int32Array } | null
  /** Who holds which cache line, where somebody keeps account of it (timeline/mesi.ts). */
  readonly cacheLines?: CacheLines
  /** What each CPU executed at each site, where somebody keeps account of it (pass-log.ts). */
  readonly passes?: Passes
}

export interface Passes {
  last(cpu: number, site: Site): Pass | null
}

export interface CacheLines {
  /** The copies of the line at this address, by CPU. */
  line(address: bigint): readonly LineCopyView[]
}
