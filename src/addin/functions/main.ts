import { languageFor } from '../../contract/languages.ts'
import { openItem } from '../outlook/item.ts'
import { notify } from '../outlook/notify.ts'
import { functionNames, type OutlookFunction } from './associate.ts'
import { notLoaded } from './not-loaded.ts'

/** Milliseconds that an event waits for the page's module. */
const deadline = 10_000

/** In every language at once: nothing more can be loaded then. */
const translated = import.meta.glob<{ notLoaded: string }>('../../languages/pages/*.json', {
  eager: true,
  import: 'functions',
})

/*
 * The functions that Outlook calls, as globals by their names in the manifest. Outlook may call one as soon as Office.js
 * has started. The page's module may still be loading then. Office.js would find no function, and Outlook would say that
 * it could not start the add-in. So this script runs before Office.js, and a call waits for the module.
 */
window.associated = {}
for (const name of functionNames) {
  const loaded = new Promise<OutlookFunction>((resolve) => {
    window.associated[name] = resolve
  })
  const late: OutlookFunction = name === 'addZoomMeeting' ? sayNotLoaded : letGo
  Object.assign(window, {
    [name]: (event: Office.MailboxEvent) => {
      const patience = new Promise<OutlookFunction>((resolve) => setTimeout(resolve, deadline, late))
      return Promise.race([loaded, patience]).then((act) => act(event))
    },
  })
}

/** If the module cannot be loaded, an invitation is sent as it is. */
function letGo(event: Office.MailboxEvent): void {
  event.completed({ allowEvent: true })
}

/** A press of the button ends with a sentence, whatever happens. */
async function sayNotLoaded(event: Office.MailboxEvent): Promise<void> {
  try {
    const file = `../../languages/pages/${languageFor(Office.context.displayLanguage)}.json`
    await notify(openItem(), 'failed', translated[file]?.notLoaded ?? notLoaded)
  } finally {
    event.completed()
  }
}
