import { Button } from '@fluentui/react-components'
import { Component, type ComponentType, lazy } from 'react'
import { notLoaded } from '../functions/not-loaded.ts'
import { i18n } from '../texts/i18n.ts'
import { paneTexts } from '../texts/pane.ts'

const functionTexts = i18n('functions', { notLoaded })

/** A part of the pane that loads when it is shown. Where it does not load it says so, and the rest of the pane stays. */
export function loadedLater<Props extends object>(load: () => Promise<{ default: ComponentType<Props> }>) {
  const Part = lazy(load)

  return class LoadedLater extends Component<Props, { failed: boolean }> {
    override state = { failed: false }

    static getDerivedStateFromError = () => ({ failed: true })

    override render() {
      if (!this.state.failed) return <Part {...this.props} />
      return (
        <div role="alert">
          <p>{functionTexts.get().notLoaded}</p>
          <Button size="small" onClick={loadPaneAgain}>
            {paneTexts.get().tryAgain}
          </Button>
        </div>
      )
    }
  }
}

/**
 * A browser does not load again what has failed. And since an upgrade, the service may have the files of a newer pane
 * only. While the service cannot be reached, this pane is better than none.
 */
async function loadPaneAgain(): Promise<void> {
  const { ok } = await fetch(location.href).catch(() => Response.error())
  if (ok) location.reload()
}
