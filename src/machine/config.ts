/** What a machine is made with, and what never changes while it runs. */
import type { Environment } from './environment.ts'
import type { FetchModel } from './fetch-model.ts'
import type { Decode } from './instruction.ts'
import type { Layout } from './layout.ts'
import type { MemoryMap } from './memory-map.ts'

export interface Gate {
  readonly handlerLo: number
  readonly handlerHi: number
  readonly type: 'interrupt' | 'trap'
  /** 0 = stay on the stack; 1..7 = this CPU's IST entry (64-bit only). */
  readonly ist: number
  readonly dpl: number
}

export interface MachineConfig {
  readonly bits: 64 | 32
  readonly layout: Layout
  readonly map: MemoryMap
  /** By vector. A vector without an entry stops the CPU that needs it. */
  readonly gates: readonly (Gate | undefined)[]
  /** Stack tops IST1..IST7 of each CPU, as halves; and RSP0/ESP0 for a change to CPL 0. */
  readonly ist: readonly (readonly (readonly [number, number] | undefined)[])[]
  readonly rsp0: readonly (readonly [number, number] | undefined)[]
  readonly kernelCs: number
  readonly kernelSs: number
  /** Further selectors of flat data segments for CPL 0 (a 32-bit kernel's per-CPU segment); those with RPL 3 are always known. */
  readonly dataSelectors?: readonly number[]
  readonly fetch: FetchModel
  readonly decode: Decode
  /**
   * Which plain accesses of up to 8 bytes are one access: those inside a 64-byte line ('intel', the default: SDM 3A 8.1.1), or those that are
   * aligned, or smaller than 8 bytes and inside an aligned quadword ('amd': APM 2 7.3.2).
   */
  readonly tearing?: 'intel' | 'amd'
  /** A locked access that crosses a line: done all the same (the default), or #AC as with TEST_CTRL bit 29. */
  readonly splitLock?: 'allowed' | 'fault'
  readonly environment?: Environment
}
