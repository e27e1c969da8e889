/** Moving a block of the run to another place: what would become of it while it is held, and dropping it. Loaded with the panel that offers it. */
import type { BlockMove, MoveOutcome } from '../worker/protocol.ts'
import type { Page } from './page.ts'

/** null where it cannot be said: the run is too long, or has changed. */
export async function previewMove({ desk }: Page, move: BlockMove): Promise<MoveOutcome | null> {
  // Past the queue: nothing moves yet.
  const reply = await desk.ports.stepper.request({ kind: 'preview-move', ...move })
  return reply.kind === 'preview-move' ? reply.outcome : null
}

/** Makes a branch of it, and goes there. */
export function dropMove({ desk, pause }: Page, move: BlockMove): void {
  pause()
  const { view } = desk.store.getState()
  desk.ask({
    arrival: 'jump',
    // Only of the run that was in view when the block was taken.
    request: (state) => (state.view?.branch !== view?.branch || state.view?.length !== view?.length ? null : { kind: 'move', ...move }),
  })
}
