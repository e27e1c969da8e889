/** Loads iced-x86 in a page or a worker: the bundler turns the import into the address of the .wasm file. */
import wasmUrl from 'iced-x86/iced_x86_bg.wasm?url'
import { loadIced } from './iced.ts'

export function loadIcedBrowser(): Promise<void> {
  return loadIced(wasmUrl)
}
