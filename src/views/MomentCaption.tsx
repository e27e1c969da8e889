/** Where the run stands in a race: the decisive moment that was reached last, in a sentence, and the ways to the one before and the next. */
import type { ReactNode } from 'react'
import type { View } from '../worker/protocol.ts'
import { count, shortAddresses } from './format.ts'
import './moment-caption.css'
import { MOMENT_WORDS } from '../store/moment-words.ts'
import { useFacts, usePage } from './page-context.ts'

export function MomentCaption(): ReactNode {
  const page = usePage()
  const moments = useFacts((state) => state.view?.moments ?? NONE)
  const cursor = useFacts((state) => state.view?.cursor ?? 0)
  const playing = useFacts((state) => state.playing)
  // The card of the first minute tells the same.
  const guided = useFacts(({ guide }) => guide?.stage === 'finding' || guide?.stage === 'watching' || guide?.stage === 'told')
  if (moments.length === 0 || guided) return null
  const at = moments.findLastIndex(({ step }) => step <= cursor)
  const moment = moments[at]
  const next = moments[at + 1]
  return (
    <section className="moment-caption" data-kind={moment?.kind ?? 'ahead'} data-here={moment?.step === cursor} aria-label="Decisive moments">
      <span className="moment-ways">
        <button
          type="button"
          className="quiet icon"
          disabled={at < 0 || (at === 0 && moment?.step === cursor)}
          aria-label="To the decisive moment before"
          title="To the decisive moment before (Shift M)"
          onClick={() => page.nextMoment('back')}
        >
          ◀
        </button>
        <span className="moment-count">
          {at + 1} / {moments.length}
        </span>
        <button
          type="button"
          className="quiet icon"
          disabled={next === undefined}
          aria-label="To the next decisive moment"
          title="To the next decisive moment (M)"
          onClick={() => page.nextMoment('on')}
        >
          ▶
        </button>
      </span>
      <p aria-live={playing ? 'off' : 'polite'}>
        {moment === undefined ? (
          <>
            This run breaks at step {moments.at(-1)?.step}. Its first decisive moment is {count((next?.step ?? 0) - cursor, 'step')} ahead.
          </>
        ) : (
          <Told moment={moment} ago={cursor - moment.step} />
        )}
        {moment !== undefined && next !== undefined && (
          <span className="role moment-rest"> The next moment is {count(next.step - cursor, 'step')} ahead.</span>
        )}
      </p>
    </section>
  )
}

const NONE: View['moments'] = []

/** At the moment itself, the line below says what has just happened. */
function Told({ moment: { kind, text, meaning }, ago }: { moment: View['moments'][number]; ago: number }): ReactNode {
  return (
    <>
      <b>{MOMENT_WORDS[kind]}</b>
      {ago === 0 ? '.' : `, ${count(ago, 'step')} ago`}
      {/* A small frame has no room for it. */}
      <span className="moment-rest">
        {ago > 0 && `: ${shortAddresses(text)}`}
        {meaning.says !== null && ` ${meaning.says}`}
      </span>
    </>
  )
}
