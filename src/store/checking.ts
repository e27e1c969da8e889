/**
 * What is wrong with the text that is being edited. A helper worker checks every change, so that neither stepping nor typing waits for it; a check that takes too
 * long ends with that worker.
 */
import { MAX_SOURCE } from '../interchange/link.ts'
import type { CheckedParts } from '../worker/protocol.ts'
import type { OpenDraft } from './editing.ts'
import type { Desk } from './page.ts'
import type { Helper } from './ports.ts'

const CHECK_AFTER_MS = 250
/** A check takes some milliseconds, and a worker some seconds to start on a slow machine. */
const CHECK_TAKES_MS = 20_000

export interface Checking {
  /** After the last of several changes. */
  soon(): void
  /** The check of the present parts; null where it did not come, or has been overtaken. */
  now(): Promise<CheckedParts | null>
  /** For other questions about texts. */
  helper(): Helper
  end(): void
}

export function createChecking({ store, ports }: Desk): Checking {
  let worker: Helper | null = null
  let stopTimer: (() => void) | null = null
  let asked = 0

  function change(update: Partial<OpenDraft>): void {
    const { editing } = store.getState()
    if (editing !== null) store.setState({ editing: { ...editing, ...update } })
  }

  function helper(): Helper {
    worker ??= ports.help()
    return worker
  }

  function endHelper(): void {
    worker?.dispose()
    worker = null
  }

  async function now(): Promise<CheckedParts | null> {
    stopTimer?.()
    stopTimer = null
    const { editing, view } = store.getState()
    if (editing === null) return null
    const own = ++asked
    change({ checking: true })
    const late = ports.timer.after(CHECK_TAKES_MS, () => {
      if (own !== asked) return
      endHelper()
      change({ checking: false, checked: onlyProblem('this text takes too long to be read: what repeats here?', null) })
    })
    const reply = await helper().request({ kind: 'check', parts: editing.parts, params: view?.params ?? {} })
    late()
    if (own !== asked) return null
    const checked =
      reply.kind === 'checked' ? withinLimits(reply.checked) : onlyProblem('message' in reply ? reply.message : 'it cannot be checked', null)
    change({ checking: false, checked })
    return checked
  }

  return {
    soon() {
      stopTimer?.()
      stopTimer = ports.timer.after(CHECK_AFTER_MS, () => void now())
    },
    now,
    helper,
    end() {
      asked++
      stopTimer?.()
      stopTimer = null
      endHelper()
    },
  }
}

export function isError({ severity }: CheckedParts['problems'][number]): boolean {
  return severity === 'error'
}

function onlyProblem(message: string, source: string | null): CheckedParts {
  const problem = { file: 'scenario.json', line: 1, column: 1, length: 1, severity: 'error', message } as const
  return { problems: [problem], bytes: [], names: [], built: null, source, params: {} }
}

/** A link carries the whole text, and its reader takes so much of it. */
function withinLimits(checked: CheckedParts): CheckedParts {
  const { source } = checked
  const bytes = source === null ? 0 : new TextEncoder().encode(source).length
  if (bytes <= MAX_SOURCE) return checked
  const words = `the whole scenario has ${bytes.toLocaleString('en')} bytes, and what runs here must fit into a link: at most ${MAX_SOURCE.toLocaleString('en')}. Save it as a file: the command line takes any size`
  return onlyProblem(words, source)
}
