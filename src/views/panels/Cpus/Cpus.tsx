/** What each CPU stands at: code as it fetched it, source line, registers, flags, store buffer, what is pending. On a small screen, one CPU at a time. */
import type { ReactNode } from 'react'
import { shownCpu } from '../../../store/selectors.ts'
import { shortAddress, trimmedValue } from '../../format.ts'
import { useFacts, usePage, useView } from '../../page-context.ts'
import type { CpuView, RegisterView } from '../../snapshot.ts'
import { Code } from './Code.tsx'
import './cpus.css'
import { codeWindow, flagList, statusOf, tellingRegisters } from './words.ts'

export function Cpus(): ReactNode {
  const page = usePage()
  const { snapshot } = useView()
  const shown = useFacts(shownCpu)
  return (
    <>
      <div className="cpu-tabs" role="tablist" aria-label="CPU">
        {snapshot.cpus.map((cpu) => (
          <button
            type="button"
            role="tab"
            key={cpu.id}
            id={`cpu-tab-${cpu.id}`}
            aria-selected={cpu.id === shown}
            aria-controls={`cpu-${cpu.id}`}
            onClick={() => page.selectCpu(cpu.id)}
          >
            CPU {cpu.id} <span className="role">{cpu.role}</span>
          </button>
        ))}
      </div>
      <div className="cpus">
        {snapshot.cpus.map((cpu) => (
          <CpuColumn key={cpu.id} cpu={cpu} shown={cpu.id === shown} />
        ))}
      </div>
    </>
  )
}

function CpuColumn({ cpu, shown }: { cpu: CpuView; shown: boolean }): ReactNode {
  const page = usePage()
  const status = statusOf(cpu)
  return (
    <article className="cpu" id={`cpu-${cpu.id}`} data-shown={shown} aria-label={`CPU ${cpu.id}, ${cpu.role}`}>
      <header>
        <h3>
          <button type="button" className="cpu-name" aria-pressed={shown} onClick={() => page.selectCpu(cpu.id)} title="Look at this CPU">
            CPU {cpu.id} <span className="role">{cpu.role}</span>
          </button>
        </h3>
        <span className={`cpu-status is-${status.tone}`}>{status.text}</span>
      </header>
      <p className="cpu-line" title={cpu.source === null ? undefined : `${cpu.source.file}:${cpu.source.line}`}>
        {cpu.source?.text ?? cpu.symbol}
      </p>
      <Code lines={codeWindow(cpu.code)} cpu={cpu.id} />
      <Registers cpu={cpu} />
      <Flags cpu={cpu} />
      <Buffers cpu={cpu} />
    </article>
  )
}

function Registers({ cpu }: { cpu: CpuView }): ReactNode {
  const telling = tellingRegisters(cpu.registers)
  return (
    <dl className="registers">
      {telling.map((register) => (
        <div key={register.name} data-changed={register.changed} className={isLong(register) ? 'long' : undefined}>
          <dt>{register.name}</dt>
          <dd title={register.value}>
            {register.symbol === null ? trimmedValue(register.value) : shortAddress(register.value)}
            {register.symbol !== null && <span className="symbol"> {register.symbol}</span>}
            {register.changed && <span className="unseen">, changed</span>}
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** Takes the width of two. A symbol says more than the digits before the last four. */
function isLong({ value, symbol }: RegisterView): boolean {
  return symbol === null ? trimmedValue(value).length > 14 : symbol.length > 8
}

function Flags({ cpu }: { cpu: CpuView }): ReactNode {
  return (
    <p className="flags">
      {flagList(cpu.flags).map(({ name, set }) => (
        <span key={name} data-set={set}>
          {name}
          <span className="unseen">{set ? ' set' : ' clear'}</span>
        </span>
      ))}
      {cpu.shadow !== null && <span className="is-attention">{cpu.shadow} shadow</span>}
      {cpu.nmiBlocked && <span className="is-attention">NMI blocked</span>}
    </p>
  )
}

function Buffers({ cpu }: { cpu: CpuView }): ReactNode {
  const lines = [...cpu.pending.map((each) => `pending: ${each}`), ...cpu.inService.map((each) => `in service: ${each}`)]
  if (cpu.stores.length === 0 && lines.length === 0) return <p className="buffers role">Store buffer empty, nothing pending.</p>
  return (
    <ul className="buffers">
      {cpu.stores.map((store, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a queue; the position is its identity
        <li key={i} data-hot={store.hot}>
          <span className="role">{i === 0 ? 'next to leave:' : 'then:'}</span> {store.symbol} ← {trimmedValue(store.value)}
        </li>
      ))}
      {lines.map((line) => (
        <li key={line} className="is-kernel">
          {line}
        </li>
      ))}
    </ul>
  )
}
