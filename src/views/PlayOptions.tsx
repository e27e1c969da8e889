/** Who moves when the run plays by itself, and how fast. */
import type { ReactNode } from 'react'
import { SPEEDS } from '../store/state.ts'
import type { Scheduler } from '../worker/protocol.ts'
import { useFacts, usePage } from './page-context.ts'

const SCHEDULERS: readonly { readonly words: string; readonly scheduler: Scheduler }[] = [
  { words: 'same CPU', scheduler: { kind: 'same-cpu' } },
  { words: 'in turn', scheduler: { kind: 'round-robin' } },
  { words: 'at random', scheduler: { kind: 'random', seed: 1 } },
  { words: 'few switches', scheduler: { kind: 'fewest-switches' } },
]

export function PlayOptions(): ReactNode {
  const page = usePage()
  const play = useFacts((state) => state.play)
  return (
    <span className="play-options">
      <select
        aria-label="Who moves when playing"
        value={play.scheduler.kind}
        onChange={({ target }) => {
          const chosen = SCHEDULERS.find(({ scheduler }) => scheduler.kind === target.value)
          if (chosen !== undefined) page.setScheduler(chosen.scheduler)
        }}
      >
        {SCHEDULERS.map(({ words, scheduler }) => (
          <option key={scheduler.kind} value={scheduler.kind}>
            {words}
          </option>
        ))}
      </select>
      {play.scheduler.kind === 'random' && (
        <input
          className="seed"
          type="number"
          aria-label="Seed"
          title="Seed of chance: the same seed moves the same CPUs"
          min={0}
          max={0xffff_ffff}
          value={play.scheduler.seed}
          onChange={({ target }) => page.setScheduler({ kind: 'random', seed: Math.max(0, Math.trunc(Number(target.value))) >>> 0 })}
        />
      )}
      <select aria-label="Speed" value={play.stepsPerSecond} onChange={({ target }) => page.setSpeed(Number(target.value))}>
        {SPEEDS.map((speed) => (
          <option key={speed} value={speed}>
            {speed < 1 ? `1 in ${1 / speed} s` : `${speed} / s`}
          </option>
        ))}
      </select>
    </span>
  )
}
