/** Every way to step and to run, back and on, with its keys. */
import type { ReactNode } from 'react'
import { KEYS, nameOf } from '../../../store/keys.ts'
import type { Page } from '../../../store/page.ts'
import { shownCpu } from '../../../store/selectors.ts'
import { useFacts, usePage } from '../../page-context.ts'

interface Way {
  readonly words: string
  /** As in the key table, which has the keys. */
  readonly on: string
  readonly back: string | null
  readonly needsSelection?: boolean
}

const STEPS: readonly Way[] = [
  { words: 'one step', on: 'Step', back: 'Step back' },
  { words: 'instruction', on: 'Step by an instruction', back: 'Back by an instruction' },
  { words: 'line, into', on: 'Step into: to the next line', back: 'Back into: to the line before' },
  { words: 'line, over', on: 'Step over calls and handlers', back: 'Back over calls and handlers' },
  { words: 'out', on: 'Step out of the call or handler', back: 'Back out, to before it was entered' },
]
const RUNS: readonly Way[] = [
  { words: 'choice', on: 'Run to where there is a choice', back: 'Back to where there was a choice' },
  { words: 'breakpoint', on: 'Run to a breakpoint or watchpoint', back: 'Back to a breakpoint or watchpoint' },
  {
    words: 'selection',
    on: 'Run to the selected code, or to a change of the selected bytes',
    back: 'Back to the selected code, or to a change of the selected bytes',
    needsSelection: true,
  },
  { words: 'int3', on: 'Run to the next int3', back: 'Back to the last int3' },
  { words: 'violation', on: 'Run until something breaks', back: null },
  { words: 'all is done', on: 'Run until all is done', back: 'To the start' },
]

export function Walks(): ReactNode {
  const cpu = useFacts(shownCpu)
  return (
    <section aria-label="Steps">
      <h3>Step CPU {cpu}</h3>
      <Ways ways={STEPS} />
      <h3>Run to</h3>
      <Ways ways={RUNS} />
    </section>
  )
}

function Ways({ ways }: { ways: readonly Way[] }): ReactNode {
  const page = usePage()
  const atStart = useFacts((state) => (state.view?.cursor ?? 0) === 0)
  const running = useFacts((state) => state.running)
  const nothing = useFacts((state) => state.selection?.kind !== 'bytes')
  return (
    <div className="walks">
      {ways.map(({ words, on, back, needsSelection }) => {
        const idle = running || (needsSelection === true && nothing)
        return (
          <div key={words}>
            {back !== null && (
              <button type="button" disabled={atStart || idle} title={withKeys(back)} aria-label={back} onClick={() => act(page, back)}>
                ◀
              </button>
            )}
            <button type="button" className="on" disabled={idle} title={withKeys(on)} aria-label={on} onClick={() => act(page, on)}>
              <span>{words} ▶</span>
              <kbd>{firstKey(on)}</kbd>
            </button>
          </div>
        )
      })}
    </div>
  )
}

const bindingOf = (title: string) => KEYS.find((binding) => binding.title === title)

function act(page: Page, title: string): void {
  const binding = bindingOf(title)
  const stroke = binding?.keys[0]
  if (binding !== undefined && stroke !== undefined) binding.run(page, stroke)
}

function firstKey(title: string): string {
  const stroke = bindingOf(title)?.keys[0]
  return stroke === undefined ? '' : nameOf(stroke).join(' ')
}

function withKeys(title: string): string {
  const keys = bindingOf(title)?.keys.filter(({ presenting }) => presenting !== true) ?? []
  return `${title} (${keys.map((stroke) => nameOf(stroke).join(' ')).join(', ')})`
}
