/** Loads iced-x86 in Node, synchronously, from the installed package. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { loadIcedSync } from './iced.ts'

export function loadIcedNode(): void {
  loadIcedSync(readFileSync(createRequire(import.meta.url).resolve('iced-x86/iced_x86_bg.wasm')))
}
