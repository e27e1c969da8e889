/** The card of the strategy that runs: who proposed it, why it was thought safe, what was said against it, what the search says, and what Linux did. */
import type { ReactNode } from 'react'
import { comparingOf } from '../../../store/comparing.ts'
import type { StrategyCard } from '../../../worker/protocol.ts'
import { usePage, useView } from '../../page-context.ts'
import { InlineMarkdown } from '../../parts/Markdown.tsx'
import { searchSays } from './words.ts'
import './strategy.css'

export function Strategy(): ReactNode {
  const page = usePage()
  const { scenario, params, branch } = useView()
  const { strategies } = scenario
  const chosen = strategies === undefined ? undefined : cardOf(strategies, params)
  if (strategies === undefined || chosen === undefined) return <p className="empty">This scenario compares no strategies.</p>
  const { param, cards } = strategies
  return (
    <div className="strategy">
      {param !== null && (
        <label className="which">
          <span className="role">One of {cards.length}</span>{' '}
          <select value={chosen.id} onChange={(event) => page.setParam(param, event.target.value)}>
            {cards.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        </label>
      )}
      {param !== null && (
        <button
          type="button"
          className="quiet"
          onClick={() => {
            const other = cards.find(({ id }) => id !== chosen.id)?.id ?? chosen.id
            comparingOf(page).compare(branch, { kind: 'carried', params: { ...params, [param]: other } })
            page.openDialog('compare')
          }}
        >
          Compare with another …
        </button>
      )}
      <h3>{chosen.title}</h3>
      <p className="role">
        {chosen.who}, {chosen.date}. {chosen.where}
      </p>
      <dl>
        <Part title="Why it was thought safe" text={chosen.idea} />
        <Part title="The objection" text={chosen.objection} />
        <Part title="What the search says" text={searchSays(scenario, chosen.id)} />
        <Part title="What Linux did" text={chosen.linux} />
      </dl>
      {chosen.sources.length > 0 && (
        <ul className="sources">
          {chosen.sources.map(({ kind, title, ref }) => (
            <li key={`${kind}${ref}`}>
              <span className="source-kind">{kind}</span> {title} <span className="source-ref">{ref}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function cardOf(
  { param, cards }: { readonly param: string | null; readonly cards: readonly StrategyCard[] },
  params: Readonly<Record<string, string>>,
): StrategyCard | undefined {
  return param === null ? cards[0] : cards.find(({ id }) => id === params[param])
}

function Part({ title, text }: { title: string; text: string }): ReactNode {
  return (
    <div>
      <dt>{title}</dt>
      <dd>
        <InlineMarkdown source={text} />
      </dd>
    </div>
  )
}
