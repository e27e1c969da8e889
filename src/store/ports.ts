/** What the store needs of the world around it. The browser's own are in browser.ts; tests bring theirs, and run in plain Node. */
import type { DecodedLink } from '../interchange/link.ts'
import type { Ahead, OnTheWay, Reply, Request, SearchProgress } from '../worker/protocol.ts'
import type { ExportFile, SaveAs } from './exporting.ts'

/** One worker, as worker/client.ts offers it. */
export interface Client {
  request(request: Request): Promise<Reply>
  onProgress: ((progress: SearchProgress) => void) | null
  onAhead: ((answers: readonly Ahead[]) => void) | null
  onTheWay: ((news: OnTheWay) => void) | null
}

/** A worker for one piece of work; ending it ends its work at once. */
export interface Helper extends Client {
  dispose(): void
}

/** The address bar and the browser's history: fragments, without "#". */
export interface AddressBar {
  read(): string
  /** All of the address but the fragment. */
  base(): string
  replace(fragment: string): void
  push(fragment: string): void
  /** Which entry of the history this is. The page numbers those that it makes, from 0; a reload keeps the numbers. */
  entry(): number
  /** Has the page written this entry, perhaps before a reload? Else somebody has followed a link, or typed. */
  own(): boolean
  /** So many entries on, or back (negative). */
  go(by: number): void
  /** The user moved in the history, or edited the address. */
  listen(onJump: () => void): void
}

export interface Timer {
  now(): number
  /** Calls once, after so many milliseconds; returns what takes it back. */
  after(milliseconds: number, call: () => void): () => void
}

/** Small settings that outlive the page. */
export interface Memory {
  get(key: string): string | null
  set(key: string, value: string): void
}

export interface Ports {
  /** Milliseconds since 1970: tells when a draft was kept, and nothing else. */
  readonly date?: () => number
  /** The page stands inside another one, and has no editor there. */
  readonly framed?: boolean
  readonly stepper: Client
  readonly searcher: Client
  readonly help: () => Helper
  /** Helpers that are worth having at once. */
  readonly helpers: number
  readonly address: AddressBar
  /** Loads what reads links; rejects where that cannot be had. */
  readonly linkReader: () => Promise<(fragment: string) => DecodedLink>
  readonly timer: Timer
  readonly memory: Memory
  /** Lets the user choose a file; null where none was chosen. */
  readonly pickFile: () => Promise<{ readonly name: string; readonly text: string } | null>
  /** Gives a file to the user. Rejects with a sentence where the browser does not let it. */
  readonly save: (file: ExportFile, as: SaveAs) => Promise<void>
  /** Resolves to false where the browser does not allow it. */
  readonly copy: (text: string) => Promise<boolean>
}
