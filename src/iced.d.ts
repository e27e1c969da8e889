/**
 * What build/iced-esm.mjs adds to iced-x86. The types are spelled without the DOM library's names, because the decoder is compiled
 * without it too.
 */
import 'iced-x86'

declare module 'iced-x86' {
  /** An address to fetch, a fetch Response (or a promise of one), the bytes of the .wasm file, or a compiled WebAssembly.Module. */
  type IcedSource = string | ArrayBuffer | ArrayBufferView | object

  export function init(source: IcedSource): Promise<void>
  export function initSync(source: ArrayBuffer | ArrayBufferView | object): void
  export function isReady(): boolean
  export function wasmMemoryBytes(): number
}
