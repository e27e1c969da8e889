/** A panel that fails to draw must not take the page with it: it says so, and offers what a report needs. */
import { Component, type ReactNode, Suspense } from 'react'
import type { Page } from '../store/page.ts'
import { PageContext } from './page-context.ts'

interface Props {
  readonly of: string
  readonly children: ReactNode
}

interface State {
  readonly error: Error | null
}

export class Boundary extends Component<Props, State> {
  static override contextType = PageContext
  declare context: Page
  override state: State = { error: null }
  private stop: (() => void) | null = null

  static getDerivedStateFromError(error: Error): State {
    return { error }
  }

  override componentDidMount(): void {
    // Another view may be drawn again.
    this.stop = this.context.store.subscribe(({ view }, before) => {
      if (view !== before.view && this.state.error !== null) this.setState({ error: null })
    })
  }

  override componentWillUnmount(): void {
    this.stop?.()
  }

  override render(): ReactNode {
    const { error } = this.state
    // A part that is still on its way (later.tsx) leaves its place empty.
    if (error === null) return <Suspense>{this.props.children}</Suspense>
    const { context: page, props } = this
    const report = `Pokescope: ${props.of} could not be drawn: ${error.message}\n${page.momentLink('', '')}`
    return (
      <p className="empty">
        {props.of} could not be drawn at this moment. This is a defect of Pokescope.{' '}
        <button type="button" className="link" onClick={() => void page.copy(report)}>
          Copy a report
        </button>
      </p>
    )
  }
}
