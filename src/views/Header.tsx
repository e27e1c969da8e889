/** Where we are: the scenario, what is switched off, and the actions on the whole. */
import type { ReactNode } from 'react'
import { draftOver } from '../store/drafts.ts'
import { paramValue } from '../store/selectors.ts'
import type { Theme } from '../store/state.ts'
import type { ScenarioInfo } from '../worker/protocol.ts'
import './header.css'
import { useFacts, usePage } from './page-context.ts'

export function Header(): ReactNode {
  const page = usePage()
  const scenario = useFacts((state) => state.view?.scenario ?? null)
  return (
    <header className="header">
      <div className="header-row">
        <h1 className="brand">
          poke<b>scope</b>
        </h1>
        <button type="button" className="scenario" onClick={() => page.openDialog('catalog')} aria-haspopup="dialog">
          {scenario === null ? (
            'Scenarios'
          ) : (
            <>
              <span className="family">{scenario.family}</span>
              <b>{scenario.title}</b>
              {scenario.editedFrom !== undefined && <i className="edited">edited</i>}
            </>
          )}
          <span aria-hidden="true"> ▾</span>
        </button>
        {scenario !== null && <Params scenario={scenario} />}
        <Tools />
      </div>
    </header>
  )
}

function Params({ scenario }: { scenario: ScenarioInfo }): ReactNode {
  const detail = useFacts((state) => state.detail)
  const params = useFacts((state) => state.view?.params ?? null)
  const shown = ({ name, alone, default: standard }: ScenarioInfo['params'][number]) =>
    !alone || detail || (params !== null && params[name] !== standard)
  const many = scenario.params.filter(shown).length > 7
  return (
    <div className="params" data-many={many} role="toolbar" aria-label="Parameters">
      {scenario.params.filter(shown).map((param) => (
        <Param key={param.name} scenario={scenario} param={param} />
      ))}
    </div>
  )
}

/** Two values: a switch. More: a list. What differs from the default looks different, so that what was switched off is seen at once. */
function Param({ scenario, param }: { scenario: ScenarioInfo; param: ScenarioInfo['params'][number] }): ReactNode {
  const page = usePage()
  const value = useFacts((state) => (state.view === null ? param.default : (paramValue(scenario, state.view.params, param.name) ?? param.default)))
  const help = param.help ?? undefined
  const changed = value !== param.default
  const isSwitch = param.values.length === 2 && param.values.includes('on') && param.values.includes('off')
  if (isSwitch) {
    return (
      <button
        type="button"
        className="chip"
        role="switch"
        aria-checked={value === 'on'}
        data-changed={changed}
        data-off={value === 'off'}
        title={help}
        onClick={() => page.setParam(param.name, value === 'on' ? 'off' : 'on')}
      >
        <span className="chip-name">{param.title}</span>
        {value === 'off' && <span className="chip-off"> off</span>}
      </button>
    )
  }
  return (
    <label className="chip" data-changed={changed} title={help}>
      {param.title}:{' '}
      <select value={value} onChange={(event) => page.setParam(param.name, event.target.value)}>
        {param.values.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
    </label>
  )
}

const THEME_WORDS: Readonly<Record<Theme, { readonly sign: string; readonly words: string }>> = {
  system: { sign: '◐', words: 'as the system' },
  light: { sign: '○', words: 'light' },
  dark: { sign: '●', words: 'dark' },
  contrast: { sign: '◑', words: 'high contrast' },
  projector: { sign: '▣', words: 'projector, everything larger' },
}

function Tools(): ReactNode {
  const page = usePage()
  const theme = useFacts((state) => state.theme)
  const detail = useFacts((state) => state.detail)
  const ready = useFacts((state) => state.view !== null)
  const editing = useFacts((state) => state.editing !== null)
  const draft = useFacts(({ view, drafts }) => (view === null ? undefined : draftOver(drafts, view.scenario.id)))
  return (
    <div className="tools">
      <button type="button" className="quiet" aria-pressed={detail} onClick={() => page.setDetail(!detail)}>
        {detail ? 'Less' : 'More'}
        <span className="wide"> detail</span>
      </button>
      <button
        type="button"
        className="quiet icon"
        onClick={() => page.cycleTheme()}
        aria-label={`Colours: ${THEME_WORDS[theme].words}`}
        title={`Colours: ${THEME_WORDS[theme].words}`}
      >
        {THEME_WORDS[theme].sign}
      </button>
      <button type="button" className="quiet icon" onClick={() => page.openDialog('help')} aria-label="Help and keys" title="Help and keys">
        ?
      </button>
      <button
        type="button"
        className="quiet"
        disabled={!ready}
        aria-pressed={editing}
        title={
          draft === undefined || editing ? undefined : `Continue your draft “${draft.name}”${draft.at === undefined ? '' : ` of ${time(draft.at)}`}`
        }
        onClick={() => (editing ? page.closeEditor() : page.editCopy())}
      >
        {draft === undefined || editing ? (
          <>
            Edit<span className="wide"> a copy</span>
          </>
        ) : (
          <>
            Edit draft<span className="wide">{draft.at === undefined ? '' : ` of ${time(draft.at)}`}</span>
          </>
        )}
      </button>
      <button type="button" className="primary" disabled={!ready} onClick={() => page.openDialog('share')}>
        Share
      </button>
    </div>
  )
}

/** "17:02" of today, "19 Nov" of another day. */
function time(at: number): string {
  const date = new Date(at)
  const isToday = date.toDateString() === new Date().toDateString()
  return isToday
    ? date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
    : date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
}
