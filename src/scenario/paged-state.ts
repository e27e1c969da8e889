/**
 * States of one run that are kept side by side: each shares with the one before it every page that has not changed, so that a state of a megabyte costs what
 * changed in it.
 */

/** Words of a page. */
export const PAGE = 1024

export type PagedState = readonly Int32Array[]

/** A copy of `w`; `before`: the state that was kept last. */
export function pagesOf(w: Int32Array, before?: PagedState): PagedState {
  const pages: Int32Array[] = []
  for (let at = 0, i = 0; at < w.length; at += PAGE, i++) {
    const known = before?.[i]
    pages.push(known !== undefined && same(w, at, known) ? known : w.slice(at, at + PAGE))
  }
  return pages
}

/** Writes it into `w`, which has its length. */
export function restorePages(w: Int32Array, state: PagedState): void {
  for (let i = 0; i < state.length; i++) w.set(state[i] as Int32Array, i * PAGE)
}

function same(w: Int32Array, at: number, page: Int32Array): boolean {
  for (let i = 0; i < page.length; i++) if (w[at + i] !== page[i]) return false
  return true
}
