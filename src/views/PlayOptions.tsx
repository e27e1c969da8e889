/** Who moves when the run plays by itself, and how fast. */
import type { ReactNode } from 'react'
import { follows, hasFuture, SCHEDULERS, speedWords } from '../store/playing.ts'
import { SPEEDS } from '../store/state.ts'
import { useFacts, usePage } from './page-context.ts'

const THIS_RUN = 'this-run'

export function PlayOptions(): ReactNode {
  const page = usePage()
  const play = useFacts((state) => state.play)
  const following = useFacts(follows)
  const future = useFacts(hasFuture)
  const others = SCHEDULERS.map(({ words, scheduler }) => (
    <option key={scheduler.kind} value={scheduler.kind}>
      {words}
    </option>
  ))
  return (
    <span className="play-options">
      <select
        aria-label="Who moves when playing"
        title={
          future
            ? 'Playing follows this run and goes on behind its end; who else is chosen leaves it here: what it goes on to stays, as a branch'
            : 'Who moves when playing'
        }
        value={following ? THIS_RUN : play.scheduler.kind}
        onChange={({ target }) => {
          const chosen = SCHEDULERS.find(({ scheduler }) => scheduler.kind === target.value)
          if (chosen === undefined) page.followRun()
          else page.setScheduler(chosen.scheduler)
        }}
      >
        {future ? (
          <>
            <optgroup label="Follow">
              <option value={THIS_RUN}>this run</option>
            </optgroup>
            <optgroup label="Leave it here: a new branch">{others}</optgroup>
          </>
        ) : (
          others
        )}
      </select>
      {play.scheduler.kind === 'random' && !following && (
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
            {speedWords(speed)}
          </option>
        ))}
      </select>
    </span>
  )
}
