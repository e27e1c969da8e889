/**
 * Loading iced-x86, a WebAssembly module. Everything else in this folder works synchronously once one of these has succeeded; where
 * the bytes come from differs by place, hence `iced-browser.ts` (page and worker) and `iced-node.ts` (tests, command line).
 */
/// <reference path="../iced.d.ts" />
import { type IcedSource, init, initSync, isReady } from 'iced-x86'
import { assert } from '../lib/assert.ts'

/** Loads the module from an address, a fetch response or bytes. Calling it again is free. */
export async function loadIced(source: IcedSource): Promise<void> {
  if (!isReady()) await init(source)
}

/** The same from bytes, without waiting. */
export function loadIcedSync(bytes: Uint8Array): void {
  if (!isReady()) initSync(bytes)
}

export function assertLoaded(): void {
  assert(isReady(), 'iced-x86 is not loaded; await loadIcedBrowser() or call loadIcedNode() first')
}
