/** Who moves when the run plays by itself: the seed of chance, and a schedule to follow. */
import { type ReactNode, useState } from 'react'
import { useFacts, usePage } from '../../page-context.ts'

export function Playing(): ReactNode {
  const page = usePage()
  const scheduler = useFacts((state) => state.play.scheduler)
  const scenario = useFacts((state) => state.view?.scenario.id ?? null)
  const params = useFacts((state) => state.view?.params ?? null)
  const [text, setText] = useState('')
  const follow = () => {
    if (scenario === null || params === null) return
    page.open({ scenario, params, schedule: text, cursor: 0, digest: null }, 'jump', ({ length, remarks }) => {
      if (length > 0 && remarks.length === 0) page.play()
    })
  }
  return (
    <section aria-label="Playing">
      <h3>Playing</h3>
      <div className="playing">
        <label>
          <input
            type="checkbox"
            checked={scheduler.kind === 'random'}
            onChange={({ target }) => page.setScheduler(target.checked ? { kind: 'random', seed: 1 } : { kind: 'same-cpu' })}
          />{' '}
          at random
        </label>
        {scheduler.kind === 'random' && (
          <label>
            seed{' '}
            <input
              type="number"
              min={0}
              max={0xffff_ffff}
              value={scheduler.seed}
              onChange={({ target }) => page.setScheduler({ kind: 'random', seed: Math.max(0, Math.trunc(Number(target.value))) >>> 0 })}
            />
          </label>
        )}
      </div>
      <textarea rows={2} aria-label="A schedule to follow" placeholder="0s 1s 1s.2 …" value={text} onChange={({ target }) => setText(target.value)} />
      <button type="button" disabled={text.trim() === ''} onClick={follow}>
        Follow this schedule
      </button>
    </section>
  )
}
