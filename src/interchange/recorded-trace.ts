/** A recorded batch in the words of the timeline. */
import { bytesToHex } from '../lib/bytes.ts'
import { hex } from '../lib/u64.ts'
import type { KernelEvent, KernelTrace } from '../timeline/kernel.ts'
import type { RecordedBatch, RecordedEvent } from './recording.ts'

const WRITES = { 'write int3': 'int3', 'write tail': 'tail', 'write first byte': 'first byte' } as const

export function traceOfBatch({ events, patcher, sites }: RecordedBatch): KernelTrace {
  const cpus = events.reduce((most, event) => Math.max(most, event.cpu, 'mask' in event ? event.mask.toString(2).length - 1 : 0), 0) + 1
  return {
    cpus,
    patcher,
    events: events.map((event) =>
      kernelEvent(
        event,
        sites.map(({ address }) => address),
      ),
    ),
  }
}

function kernelEvent(event: RecordedEvent, sites: readonly bigint[]): KernelEvent {
  const plain = { cpu: event.cpu, phase: null, mask: null, emulated: null }
  const named = (address: bigint) => (sites.length > 1 ? `site ${sites.indexOf(address)}` : 'the site')
  switch (event.event) {
    case 'batch begin':
      return { ...plain, what: 'begin', label: `batch of ${event.sites.length}` }
    case 'batch end':
      return { ...plain, what: 'end', label: 'batch over' }
    case 'write int3':
    case 'write tail':
    case 'write first byte': {
      const label = `${bytesToHex(event.stored)} at ${named(event.site)} + ${event.offset}, which is ${bytesToHex(event.bytes)} now`
      return { ...plain, what: 'write', label, phase: WRITES[event.event] }
    }
    case 'sync begin':
    case 'sync done':
      return { ...plain, what: event.event, label: `sync ${event.sync}`, phase: `sync ${event.sync}` }
    case 'sync taken':
      return { ...plain, what: 'sync taken', label: 'sync_core' }
    case 'sync ipi sent':
      return { ...plain, what: 'ipi sent', label: `IPI of sync ${event.sync}`, mask: Number(event.mask & 0xffn) }
    case 'sync ipi taken':
      return { ...plain, what: 'ipi taken', label: `IPI of sync ${event.sync}, ${event.in_user ? 'in user mode' : 'in the kernel'}` }
    case 'int3 hit':
      return {
        ...plain,
        what: 'int3',
        label: `int3 at ${event.mine ? named(event.site) : hex(event.site)}, IF ${event.IF_before}, bytes ${bytesToHex(event.bytes)}`,
      }
    case 'int3 return': {
      const pushed = event.pushed === undefined ? '' : `, pushed ${event.pushed}`
      const emulated = event.handled_by === 'text_poke'
      return { ...plain, what: 'int3 return', label: emulated ? `goes on at ${event.resume}${pushed}` : `not mine: ${event.handled_by}`, emulated }
    }
  }
}
