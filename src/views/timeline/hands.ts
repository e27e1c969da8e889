/** What only hands and keys need: loaded right after the first paint. use-hands.ts keeps what happens before. */
import { attachScrub, type Scrubbed } from './scrub.ts'
import { attachZoom, type Zoomed } from './zoom.ts'

export { describeHit } from '../../timeline/describe.ts'
export { hitTest } from '../../timeline/hit.ts'
export { actionOf, crossingHere } from './keys.ts'
export { menuOf, placeAt, placeOfCursor } from './menu.ts'
export { SearchHits } from './SearchHits.tsx'
export { TimelineMenu } from './TimelineMenu.tsx'

export type Held = Zoomed & Scrubbed

/** All gestures on the lanes, until the answer is called. */
export function attachHands(element: HTMLElement, live: { readonly current: Held }): () => void {
  const endings = [attachScrub(element, live), attachZoom(element, live)]
  return () => {
    for (const end of endings) end()
  }
}
