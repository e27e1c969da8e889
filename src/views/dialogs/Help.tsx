/** What the page is, how to read it, and every key, from the table that the keys are read from. */
import type { ReactNode } from 'react'
import { KEYS, type KeyBinding, nameOf } from '../../store/keys.ts'
import { usePage } from '../page-context.ts'
import { TIMELINE_KEYS } from '../timeline/keys.ts'
import { Dialog } from './Dialog.tsx'

const GROUPS: readonly KeyBinding['group'][] = ['Move', 'Debug', 'Choose', 'Run', 'Search', 'Page']

export function Help(): ReactNode {
  const page = usePage()
  return (
    <Dialog title="How to read this page">
      <p>
        Several emulated x86 CPUs execute real machine code, and one of them rewrites a call that the others are executing. The <b>call site</b> shows
        its bytes as memory holds them and as each CPU has fetched them: hatched bytes are stale. Nothing moves by itself. You take one <b>choice</b>{' '}
        after the other, go back, choose differently, or let the <b>search</b> try every order.
      </p>
      <p>
        <button
          type="button"
          onClick={() => {
            page.closeDialog()
            page.offerGuide(true)
          }}
        >
          Show the first steps again
        </button>
      </p>
      <p>
        <kbd>Ctrl</kbd> <kbd>Shift</kbd> <kbd>P</kbd> lists every command by name. There, and in the console of the Debug panel, gdb’s letters work,
        too: <code>b site0 if cpu == 1</code>, <code>c</code>, <code>rc</code>, <code>x/8xb site0</code>; <code>help</code> lists them.
      </p>
      <div className="key-table">
        {GROUPS.map((group) => (
          <section key={group} aria-label={group}>
            <h3>{group}</h3>
            <dl>
              {KEYS.filter((binding) => binding.group === group).map((binding) => (
                <div key={binding.title}>
                  <dt>{binding.title}</dt>
                  <dd>
                    <Strokes binding={binding} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <section aria-label="Timeline">
          <h3>On the timeline</h3>
          <dl>
            {TIMELINE_KEYS.map(({ title, strokes }) => (
              <div key={title}>
                <dt>{title}</dt>
                <dd>
                  {strokes.map((stroke) => (
                    <span className="stroke" key={stroke.join(' ')}>
                      {stroke.map((key) => (
                        <kbd key={key}>{key}</kbd>
                      ))}
                    </span>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Dialog>
  )
}

function Strokes({ binding }: { binding: KeyBinding }): ReactNode {
  const [first, last] = [binding.keys[0], binding.keys.at(-1)]
  // A run of digits is shown by its ends.
  if (binding.group === 'Choose' && binding.keys.length > 3 && first !== undefined && last !== undefined) {
    return (
      <span className="stroke">
        <kbd>{nameOf(first)}</kbd> … <kbd>{nameOf(last)}</kbd>
      </span>
    )
  }
  return binding.keys.map((stroke) => (
    <span className="stroke" key={nameOf(stroke).join(' ')}>
      {stroke.presenting === true && <span className="role">presenting </span>}
      {nameOf(stroke).map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  ))
}
